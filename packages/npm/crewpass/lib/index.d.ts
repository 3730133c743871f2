/// <reference lib="esnext.disposable" />
/** A time: RFC 3339 in UTC, such as `2026-06-08T10:00:00Z`, or a Date. */
export type Time = string | Date;
/** A duration, such as `16m`, or milliseconds. A negative one goes back. */
export type Span = string | number;
/** A step of the API; `none` is an unknown path or a wrong method. */
export type Step = "me" | "vessels" | "fleet" | "list" | "link" | "file" | "none" | (string & {});

/** A rule that makes answers fail, by its fields or in the form of the control API. */
export interface Fault {
  name?: string;
  step?: Step;
  crew?: string;
  document?: string;
  method?: string;
  skip?: number;
  times?: number;
  every?: number;
  probability?: number;
  from?: string;
  for?: string;
  status?: number | Record<string, unknown>;
  redirect?: Record<string, unknown>;
  reset?: true;
  close?: true;
  stall?: true | { after: number };
  json?: { set?: Record<string, unknown>; remove?: string[] };
  link?: string | null;
  expire?: true;
  malformed?: true;
  truncated?: number;
  gzip?: "honoured" | "always";
  content_type?: string;
  range?: { earlier: number };
  other_version?: true;
  body?: "empty" | "html" | { text: string } | { base64: string };
  headers?: { set?: Record<string, string>; remove?: string[] };
  cut?: { after: number; how?: "reset"; chunked?: boolean };
  drip?: { bytes: number; every: string };
  chunked?: true;
  latency?: string | { from: string; to: string };
  match?: Record<string, unknown>;
  when?: Record<string, unknown>;
  then?: Record<string, unknown>;
}

/** A rule with its counts. */
export interface FaultCount {
  name: string;
  effect: string;
  times: number | null;
  matched: number;
  fired: number;
}

/** A request with its answer. Keys and tokens are masked. */
export interface Entry {
  kind: "exchange" | "change";
  seq: number;
  at: string;
  step?: Step;
  method?: string;
  target?: string;
  crew?: string | null;
  document?: string | null;
  key?: string | null;
  status?: number | null;
  clause?: { id: string; source: string; text: string };
  faults?: string[];
  leaks?: string[];
  bytes?: number;
  whole?: boolean;
  request_headers?: [string, string][];
  response_headers?: [string, string][] | null;
  change?: string;
  detail?: unknown;
  [field: string]: unknown;
}

/** Entries of a journal, and what is not among them. */
export interface Journal extends Array<Entry> {
  /** The number of older entries that the fake has deleted: the option `journal` keeps more. */
  readonly dropped: number;
  /** The number of requests that have no entry yet, since their response has not ended. */
  readonly open: number;
}

/** Selects entries of the journal. All conditions must hold. */
export interface JournalFilter {
  /** Requests (the default), or changes such as those of the clock. */
  kind?: "exchange" | "change";
  step?: Step;
  /** A status, or a class such as `4xx`. */
  status?: number | string;
  clause?: string;
  crew?: string;
  document?: string;
  /** The last four characters of the key. */
  key?: string;
  fault?: string;
  leaks?: boolean;
  change?: string;
  since?: number;
  limit?: number;
  /** Waits for the first entry that matches, at most this long. */
  wait?: Span;
}

/** The clock of a session. It decides when a link expires. */
export interface Clock {
  /** Returns the time that the session has. */
  now(): Promise<Date>;
  /** Stops the clock, at the time that it shows or at another one. */
  freeze(at?: Time): Promise<Date>;
  /** Sets the clock. A frozen clock stays frozen. */
  set(time: Time): Promise<Date>;
  /** Moves the clock by a duration, such as `16m`. */
  advance(span: Span): Promise<Date>;
  /** Lets the clock run on. */
  run(): Promise<Date>;
}

/** The steps at which the store is down, how often, or the document that it can't give. */
export interface StoreChange {
  at?: "link" | "file" | "both";
  document?: string;
  crew?: string;
}

/** The file store. While it is down, links or files are answered with 503. */
export interface Store {
  /** Takes the store down: at a step, for some requests, or for one document. */
  down(change?: StoreChange & { times?: number }): Promise<void>;
  /** Brings the store up again. */
  up(change?: StoreChange): Promise<void>;
  /** Returns the state of each step. */
  state(): Promise<Record<"link" | "file", "up" | "down" | { down_for: number }>>;
}

/** The rules of a session that make answers fail. */
export interface Faults {
  /** Adds rules, such as `{ step: "link", times: 2, status: 503 }`: all or none. */
  add(...rules: Fault[]): Promise<void>;
  /** Returns each rule with how often it matched and fired. */
  counts(): Promise<FaultCount[]>;
  /** Fails with an AssertionError if a rule fired less often than it should, or never. */
  verify(): Promise<void>;
  /** Removes one rule. */
  remove(name: string): Promise<void>;
  /** Removes all rules. */
  clear(): Promise<void>;
}

/** What the fake does where the API's documentation is silent. */
export interface Policies {
  /** Returns every policy with its value. */
  all(): Promise<Record<string, string>>;
  /** Sets policies, such as `{ dead_link: "410" }`, and returns all. */
  set(policies: Record<string, string>): Promise<Record<string, string>>;
}

/** What is wrong with a delivery on purpose. The values are explained in docs/webhooks.md. */
export interface Alteration {
  signature?: "other_secret" | "missing" | "empty" | "one_digit" | "short" | "long" | "multibyte" | "body_alone";
  timestamp?: "missing" | "not_a_number" | "changed";
  age?: number;
  body?: "value" | "blanks";
  event_id?: string;
  event_type?: string;
  schema_version?: string;
  slow_headers?: string;
  chunked?: boolean;
}

/** An event that a test fires. Without `data` it tells the present state of the crew member. */
export interface FireOptions {
  crew?: string;
  document?: string;
  data?: Record<string, unknown>;
  partner?: string;
  url?: string;
  /** Also sends a type, a crew member or a document that does not exist. */
  unknown?: boolean;
  fields?: Record<string, unknown>;
  schema_version?: number;
  copies?: number;
  /** A wait on the session's clock. */
  after?: Span;
  alter?: Alteration;
}

/** A delivery with its attempts. */
export interface Delivery {
  delivery: number;
  event_id: string;
  event_type: string;
  url: string;
  state: "waiting" | "sending" | "delivered" | "refused" | "dead";
  due: string | null;
  attempts: { at: string; status?: number; retry_after?: number; error?: string }[];
  [field: string]: unknown;
}

/** Deliveries of events to callbacks on this machine. */
export interface Webhooks {
  /** Adds a callback, or replaces the one with the same URL. It gets all events if `events` is left out. */
  add(url: string, secret: string, options?: { events?: string[]; partner?: string; previous_secret?: string }): Promise<void>;
  /** Removes all callbacks. Deliveries that exist are still made. */
  clear(): Promise<void>;
  /** Makes deliveries by hand, and returns the id of the event. */
  fire(eventType: string, options?: FireOptions): Promise<string>;
  /** Alters the next deliveries, makes each several times, or late. */
  alter(alter?: Alteration, options?: { times?: number; copies?: number; after?: Span }): Promise<void>;
  /** Sends dead and refused deliveries again, or the named one, and returns how many. */
  redeliver(delivery?: number): Promise<number>;
  /** Fails with an AssertionError unless every delivery has arrived; waits some seconds for those that are due. */
  verify(): Promise<void>;
  /** Returns the deliveries, oldest first. */
  deliveries(): Promise<Delivery[]>;
  /** Returns the callbacks, the deliveries, and how many older ones were dropped. */
  list(): Promise<{ callbacks: Record<string, unknown>[]; deliveries: Delivery[]; dropped: number }>;
}

/** The fields of an upload that differ from those of the superseded version. */
export interface UploadFields {
  supersedes?: string;
  crew?: string;
  type?: string;
  category?: string;
  title?: string;
  issuer?: string;
  verification_status?: "verified" | "pending" | "rejected" | "expired";
  issue_date?: string;
  expiry_date?: string;
  document_number?: string;
  file_name?: string;
  content_type?: string;
}

/** The control API of a session, for what has no handle. */
export interface Control {
  readonly url: string;
  request(
    method: string,
    path?: string,
    options?: {
      body?: unknown;
      content?: Uint8Array;
      query?: Record<string, string | number | boolean | undefined>;
      patience?: number;
    },
  ): Promise<any>;
}

/** The size of a session's world, and its first people. */
export interface Contents {
  partners: number;
  vessels: number;
  crew: number;
  documents: number;
  people: { id: string; on_fleet: boolean; consent: string[]; documents: string[] }[];
}

/**
 * A world of its own on a fake, with its own keys, clock, store, faults and journal.
 *
 * Against a server without levers, only `base`, `key`, `crew` and `env` can be used; everything else
 * throws NeedsLever.
 */
export interface Session extends AsyncDisposable {
  /** The base URL for the client under test. */
  readonly base: string;
  /** The usual key, which may do everything in the starter world. */
  readonly key: string;
  /** The keys by their names. The starter world has `full`, `no_download`, `revoked` and others. */
  readonly keys: Readonly<Record<string, string>>;
  /** The id of a crew member whose documents the usual key may list and download. */
  readonly crew: string;
  /** The environment of a client that is a program: BASE, CPK_KEY, CREW_ID and CPK_CA_FILE. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether there is a clock to move, a store to break, and a journal to read. */
  readonly hasLevers: boolean;
  /** The size of the world and its first people; empty without levers. */
  readonly contents: Partial<Contents>;
  readonly clock: Clock;
  readonly store: Store;
  readonly faults: Faults;
  readonly policies: Policies;
  readonly webhooks: Webhooks;
  /** Returns the requests that the fake saw, oldest first. */
  journal(filter?: JournalFilter): Promise<Journal>;
  /** Returns the requests as text, one line each. */
  journalText(): Promise<string>;
  /** Returns the journal as a HAR, which the network panel of a browser opens. */
  har(): Promise<{ log: Record<string, unknown> }>;
  /** Writes the journal to a file as a HAR. */
  writeHar(path: string): Promise<void>;
  /** Fails with an AssertionError if a key went to a file, or a key or token where it may not be, or if the journal can't tell. */
  assertNoLeaks(): Promise<void>;
  /** Uploads a version of a document, or a new one, and returns its id. */
  upload(content: Uint8Array | string, fields?: UploadFields): Promise<string>;
  /** Returns the control API, for what has no handle here. */
  control(): Control;
  /** Restores the start of the session. */
  reset(): Promise<void>;
  /** Ends the session. Its keys and links are unknown from then on. */
  close(): Promise<void>;
}

/** A world: the server's, the starter world, a generated one, or a whole one as in a file. */
export type World =
  | "served"
  | "starter"
  | { generate: { crew: number; documents: number; seed?: number; hostile?: boolean } }
  | Record<string, unknown>;

/** How a session starts. */
export interface SessionOptions {
  /** Freezes its clock at a time. */
  clock?: Time;
  policies?: Record<string, string>;
  world?: World;
  faults?: Fault[];
  seed?: number;
  /** The number of entries that its journal keeps. */
  journal?: number;
  /** Called with the reason if a lever is missing, such as `skip` of a vitest context. */
  skip?: (reason: string) => void;
}

/** A fake, or a server without levers, on which tests open sessions. */
export interface Server extends AsyncDisposable {
  /** The base URL. A session has the same one, and its own key. */
  readonly base: string;
  /** The certificate to trust over TLS, as a file. */
  readonly caFile?: string;
  /** Whether this is a fake with an open control API. */
  readonly hasLevers: boolean;
  /** The id of the process, if this one started it. */
  readonly pid?: number;
  /** Opens a session: a world of its own, which no other test sees. */
  session(options?: SessionOptions): Promise<Session>;
  /** Returns the ids of the open sessions. */
  sessions(): Promise<string[]>;
  /** Ends the process, if this one started it. */
  close(): Promise<void>;
}

/** How a fake starts. */
export interface ServeOptions {
  /** The path of a world. */
  world?: string;
  tls?: boolean;
  /** The number of entries that the journal of each session keeps. */
  journal?: number;
  /** Further arguments of `crewpass-mock serve`. */
  args?: string[];
}

/**
 * Uses the server that `CREWPASS_BASE` names, or starts a fake. So the same tests run against the fake,
 * and against a real test environment. If the base is a fake, options start another one beside it.
 */
export function startCrewPass(options?: ServeOptions): Promise<Server>;

/** Starts a fake on a free port of this machine. It ends with this process, also if that is killed. */
export function serveCrewPass(options?: ServeOptions): Promise<Server>;

/**
 * Uses a server that runs already: a fake, or a real test environment.
 *
 * A fake of another machine needs its token in `CREWPASS_MOCK_CONTROL_TOKEN`. A real environment needs
 * `CPK_KEY`, a test key, and `CREW_ID`; it has no levers. `CPK_CA_FILE` names the authority to trust.
 */
export function connectCrewPass(base: string): Promise<Server>;

/** Returns a rule in the form of the control API, from its fields. */
export function fault(fields: Fault): Record<string, unknown>;

/** Returns the path of a program. `CREWPASS_BINARY` names another `crewpass-mock`. */
export function findProgram(name?: "crewpass-mock" | "crewpass-contract"): string;

/** The fake could not be started or reached, or refused a command. */
export class CrewPassError extends Error {}

/** The fake refused a command. Its message says what to send instead. */
export class ControlError extends CrewPassError {
  constructor(status: number, code: string, message: string);
  readonly status: number;
  readonly code: string;
}

/** The test needs a lever of the fake, and runs against a server without levers. */
export class NeedsLever extends CrewPassError {
  constructor(lever: string, base: string);
  readonly lever: string;
}
