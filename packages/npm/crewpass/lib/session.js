"use strict";
// A session: a world of its own for one test, with its handles.

const assert = require("node:assert");
const fs = require("node:fs/promises");
const { PATIENCE } = require("./control.js");
const { ControlError, CrewPassError, NeedsLever } = require("./errors.js");
const { fault } = require("./faults.js");
const { journalLine, journalText } = require("./report.js");

const timeText = (time) => (time instanceof Date ? time.toISOString() : time);
const spanText = (span) => (typeof span === "number" ? `${Math.trunc(span)}ms` : span);
const segment = encodeURIComponent;

/** The clock of a session. It decides when a link expires. */
class Clock {
  #control;

  constructor(control) {
    this.#control = control;
  }

  async now() {
    return new Date((await this.#control.request("GET", "/clock")).now);
  }

  freeze(at) {
    return this.#change({ freeze: true, ...(at === undefined ? {} : { set: timeText(at) }) });
  }

  set(time) {
    return this.#change({ set: timeText(time) });
  }

  advance(span) {
    return this.#change({ advance: spanText(span) });
  }

  run() {
    return this.#change({ run: true });
  }

  async #change(body) {
    return new Date((await this.#control.request("POST", "/clock", { body })).now);
  }
}

/** The file store. While it is down, links or files are answered with 503. */
class Store {
  #control;
  #crew;

  constructor(control, crew) {
    this.#control = control;
    this.#crew = crew;
  }

  async down({ at = "both", times, document, crew } = {}) {
    if (document !== undefined) return this.#changeDocument(document, crew, "down");
    await this.#control.request("POST", "/store", { body: { down: true, at, times } });
  }

  async up({ at = "both", document, crew } = {}) {
    if (document !== undefined) return this.#changeDocument(document, crew, "up");
    await this.#control.request("POST", "/store", { body: { down: false, at } });
  }

  state() {
    return this.#control.request("GET", "/store");
  }

  async #changeDocument(document, crew = this.#crew, store) {
    const path = `/crew/${segment(crew)}/documents/${segment(document)}`;
    await this.#control.request("POST", path, { body: { store } });
  }
}

/** The rules of a session that make answers fail. */
class Faults {
  #control;

  constructor(control) {
    this.#control = control;
  }

  async add(...rules) {
    await this.#control.request("POST", "/faults", { body: rules.map(fault) });
  }

  async counts() {
    return (await this.#control.request("GET", "/faults")).faults;
  }

  async verify() {
    try {
      await this.#control.request("GET", "/faults/verify");
    } catch (error) {
      if (error.code !== "faults_not_consumed") throw error;
      throw new assert.AssertionError({ message: error.message });
    }
  }

  async remove(name) {
    await this.#control.request("DELETE", `/faults/${segment(name)}`);
  }

  async clear() {
    await this.#control.request("DELETE", "/faults");
  }
}

/** What the fake does where the API's documentation is silent. */
class Policies {
  #control;

  constructor(control) {
    this.#control = control;
  }

  all() {
    return this.#control.request("GET", "/policies");
  }

  set(body) {
    return this.#control.request("POST", "/policies", { body });
  }
}

/** A world of its own on a fake, with its own keys, clock, store, faults and journal. */
class Session {
  #key;
  #crew;
  #caFile;
  #control;
  #missing;
  #isOpen = true;

  constructor({ base, key, crew, keys, control, caFile, contents = {}, missing }) {
    this.base = base;
    this.contents = contents;
    this.hasLevers = control !== undefined;
    this.#key = key ?? undefined;
    this.#crew = crew;
    this.#caFile = caFile;
    this.#control = control;
    this.#missing = missing;
    this.keys = keys ?? this.#realKeys();
  }

  get key() {
    if (this.#key === undefined) {
      throw new CrewPassError("the world of this session has no key: choose one of its partners");
    }
    return this.#key;
  }

  get crew() {
    if (this.#crew === undefined) {
      throw new CrewPassError("no crew member of this world lets the usual key download a document");
    }
    return this.#crew;
  }

  get env() {
    const env = { BASE: this.base, CPK_KEY: this.key, CREW_ID: this.crew };
    return this.#caFile ? { ...env, CPK_CA_FILE: this.#caFile } : env;
  }

  get clock() {
    return new Clock(this.control("the clock"));
  }

  get store() {
    return new Store(this.control("the store"), this.#crew ?? "");
  }

  get faults() {
    return new Faults(this.control("faults"));
  }

  get policies() {
    return new Policies(this.control("policies"));
  }

  /** Returns the session's control API, for what has no handle here. */
  control(lever = "the control API") {
    if (this.#control === undefined) this.#refuse(lever);
    return this.#control;
  }

  async journal({ kind, wait, ...filter } = {}) {
    const control = this.control("the journal");
    kind ??= filter.change === undefined ? "exchange" : "change";
    const query = { kind, ...filter, wait: wait === undefined ? undefined : spanText(wait) };
    // The fake limits a wait to five minutes.
    const patience = wait === undefined ? PATIENCE : PATIENCE + 300_000;
    return (await control.request("GET", "/journal", { query, patience })).entries;
  }

  /** Returns the journal as text, one line for each request. */
  async journalText() {
    return journalText(await this.journal());
  }

  async har() {
    return this.control("the journal").request("GET", "/journal.har");
  }

  async writeHar(path) {
    await fs.writeFile(path, JSON.stringify(await this.har(), null, 1));
  }

  async assertNoLeaks() {
    const leaks = await this.journal({ leaks: true });
    if (leaks.length > 0) {
      const lines = leaks.map((entry) => `\n  ${journalLine(entry)}`).join("");
      throw new assert.AssertionError({ message: `${leaks.length} requests leaked a secret:${lines}` });
    }
  }

  async upload(content, { crew, ...fields } = {}) {
    const control = this.control("an upload");
    const path = `/crew/${segment(crew ?? this.crew)}/documents`;
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    return (await control.request("POST", path, { query: fields, content: bytes })).document_id;
  }

  async reset() {
    await this.control("a reset").request("POST", "/reset");
  }

  async close() {
    if (this.#control === undefined || !this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#control.request("DELETE");
    } catch (error) {
      // The fake ends a session that nobody used for half an hour.
      if (!(error instanceof ControlError && error.status === 404)) throw error;
    }
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  #refuse(lever) {
    const error = new NeedsLever(lever, this.base);
    // A runner's own way to skip throws.
    this.#missing?.(error.message);
    throw error;
  }

  /** Returns the one key that is known; another one is a lever. */
  #realKeys() {
    const known = { full: this.#key };
    return new Proxy(known, {
      get: (keys, name) => {
        if (typeof name === "string" && !(name in keys)) this.#refuse(`the key ${name}`);
        return keys[name];
      },
    });
  }
}

module.exports = { Session, timeText };
