// @ts-check
/**
 * Save every current document of a crew member.
 *
 *     BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… node crewpass-documents.mjs CREW_ID FOLDER
 *
 * Needs Node 20 or later and nothing else; its types are in comments, so it runs as it is and `tsc --checkJs` checks it.
 * Exits 0 only if everything is saved; 10: some; 20: denied; 21: not found; 22: unavailable; 23: an answer that breaks
 * the contract; 24: a fault on this machine.
 */
import { createHash } from "node:crypto";
import { readFileSync, realpathSync, unlinkSync } from "node:fs";
import { link as hardLink, lstat, mkdir, open, readFile, unlink } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { fileURLToPath } from "node:url";

const unset = ["BASE", "CPK_KEY"].find((name) => !process.env[name]);
if (unset) {
  console.error(`${unset} is not set`);
  process.exit(1);
}
const BASE = new URL(process.env.BASE ?? "");
export const ROOT = BASE.origin + BASE.pathname.replace(/\/+$/, "");
const KEY = process.env.CPK_KEY ?? "";
const CA = process.env.CPK_CA_FILE ? readFileSync(process.env.CPK_CA_FILE) : undefined; // trusted instead of the usual
// Files may come from BASE's host, and from those that CPK_LINK_HOSTS lists.
const HOSTS = new Set([place(BASE), ...(process.env.CPK_LINK_HOSTS ?? "").toLowerCase().split(",")]);
const END = Date.now() + 700 * Number(process.env.CPK_DEADLINE_S || 3600);
const PATIENCE = 4000; // milliseconds without an answer, and those that 1 KiB of a body may take
const [TRIES, LINKS, HOPS, LARGEST] = [5, 3, 5, 256 << 20];
const DENIED_FOR_ALL = ["scope_not_granted", "scope_not_consented", "api_not_enabled", "partner_mode_mismatch"];

/** A step that failed. Its text holds neither the key nor a link. */
export class Failure extends Error {
  /**
   * @param {number} exitCode
   * @param {string} text
   * @param {{status?: number, code?: string, again?: number, wait?: number}} [more] `again`: how many tries it is worth
   */
  constructor(exitCode, text, { status, code, again = 1, wait = 0 } = {}) {
    super(text);
    this.exitCode = exitCode;
    this.status = status;
    this.code = code;
    this.again = again;
    this.wait = wait;
    this.saved = 0; // documents that were saved all the same
  }
}

/** Host and port. @param {URL} url */
function place(url) {
  return `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
}

/** An address that the key, or a file, may be sent to. @param {string | URL} text @param {boolean} withKey */
function checked(text, withKey) {
  if (!URL.canParse(String(text))) throw new Failure(23, "an address that can't be followed");
  const url = new URL(text);
  const rest = String(text).replace(/^[^:]*:\/\/[^/?#]*/, "").replace(/#.*$/s, "");
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || (rest || "/") !== url.pathname + url.search) {
    throw new Failure(23, "an address that can't be followed as it is");
  }
  if (withKey && url.origin !== BASE.origin) {
    throw new Failure(23, "a redirect to another origin, which must not see the key");
  }
  if (!HOSTS.has(place(url)) || (BASE.protocol === "https:" && url.protocol === "http:")) {
    throw new Failure(23, "a file that is not on a CrewPass host");
  }
  return url;
}

/**
 * The head of a response. This client can't use `fetch`, because `fetch` accepts a truncated chunked body.
 * @param {URL} url
 * @param {http.RequestOptions} options
 * @returns {Promise<http.IncomingMessage>}
 */
function send(url, options) {
  return new Promise((resolve, reject) => {
    const { get } = url.protocol === "https:" ? https : http;
    get(url, { ...options, ca: CA, agent: false }, resolve).on("error", reject);
  });
}

/**
 * A GET: gives the 200 answer's head and body to `use`, and gives up when nothing comes.
 * @template T
 * @param {string} address
 * @param {boolean} withKey
 * @param {(answer: http.IncomingMessage, body: AsyncGenerator<Buffer>) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function get(address, withKey, use) {
  const limit = new AbortController();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let [patience, since] = [PATIENCE, 0];
  const wait = () => {
    clearTimeout(timer);
    since = Date.now();
    timer = setTimeout(() => limit.abort(), Math.max(0, Math.min(patience, END - since)));
  };
  // A disk that is slow to take what came is not the server's fault.
  const stopWaiting = () => {
    clearTimeout(timer);
    patience -= Date.now() - since;
  };
  const trouble = () =>
    limit.signal.aborted
      ? new Failure(22, "no answer in time", { again: 2 })
      : new Failure(22, "the connection broke", { again: TRIES });
  /** @param {http.IncomingMessage} answer */
  async function* body(answer) {
    let fresh = 0;
    try {
      for await (const piece of answer) {
        stopWaiting();
        fresh += piece.length;
        if (fresh >= 1024) [fresh, patience] = [0, PATIENCE];
        yield piece;
        wait();
      }
      stopWaiting();
    } catch {
      throw trouble();
    }
    if (!answer.complete) throw trouble();
  }
  try {
    let url = checked(address, withKey);
    for (let hop = 0; ; hop++) {
      patience = PATIENCE;
      wait();
      const headers = { "Accept-Encoding": "identity", ...(withKey && { Authorization: `Bearer ${KEY}` }) };
      const answer = await send(url, { headers, signal: limit.signal }).catch(() => {
        throw trouble();
      });
      const { location } = answer.headers;
      if ([301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) && location !== undefined && hop < HOPS) {
        if (!URL.canParse(location, url)) throw new Failure(23, "a redirect to nowhere");
        answer.destroy();
        url = checked(new URL(location, url), withKey);
        continue;
      }
      if (answer.statusCode !== 200) throw await refused(answer, body(answer));
      return await use(answer, body(answer));
    }
  } finally {
    clearTimeout(timer);
    limit.abort();
  }
}

/** A body in memory. @param {AsyncGenerator<Buffer>} body @param {number} largest */
async function text(body, largest) {
  const pieces = [];
  let total = 0;
  for await (const piece of body) {
    if ((total += piece.length) > largest) throw new Failure(23, "the answer is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** What a refusal says; its body may be anything. @param {http.IncomingMessage} answer @param {AsyncGenerator<Buffer>} body */
async function refused(answer, body) {
  const error = await text(body, 1 << 16).then((found) => JSON.parse(found)?.error).catch(() => undefined);
  const code = typeof error?.code === "string" && /^[a-z_]{1,64}$/.test(error.code) ? error.code : undefined;
  const after = (answer.headers["retry-after"] ?? "").trim();
  const header = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  const wait = Math.max(0, header || 0, typeof error?.retry_after_seconds === "number" ? error.retry_after_seconds * 1000 : 0);
  const status = answer.statusCode ?? 0;
  const exitCode = { 401: 20, 403: 20, 404: 21, 410: 21, 429: 22 }[status] ?? (status >= 500 ? 22 : 23);
  const again = [429, 502, 503, 504].includes(status) ? TRIES : 1;
  return new Failure(exitCode, `HTTP ${status} ${code ?? ""}`, { status, code, again, wait });
}

/** Tries again what may pass: later each time, and never sooner than asked. @template T @param {() => Promise<T>} attempt */
async function retried(attempt) {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const pause = Math.max(failure.wait + 20, 250 * 2 ** number);
      if (number >= failure.again || Date.now() + pause > END) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** A JSON object. @param {string} address @param {(head: http.IncomingHttpHeaders) => void} [see] gets the response's head */
export async function getJson(address, see = () => {}) {
  const found = await retried(() =>
    get(address, true, (answer, body) => {
      see(answer.headers);
      return text(body, 16 << 20);
    }),
  );
  try {
    const value = JSON.parse(found);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
  } catch {}
  throw new Failure(23, "the response is not a JSON object");
}

/** An id as one segment of a path. @param {string} id */
function segment(id) {
  if (["", ".", ".."].includes(id)) throw new Failure(23, "an id that no path can hold");
  return encodeURIComponent(id);
}

/** A harmless name that no other document can have, since the id is in front. @param {string} id @param {unknown} name */
function safeName(id, name) {
  const mark = /^[a-z0-9_]{1,40}$/.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 16);
  const plain = (typeof name === "string" ? name : "").toWellFormed?.() ?? String(name ?? "");
  const harmless = plain.normalize("NFC").replace(/[/\\:*?"<>|\p{C}\u2028\u2029]/gu, "_");
  const { name: stem, ext } = path.posix.parse(harmless);
  const ending = Buffer.byteLength(ext) <= 12 ? ext : "";
  const short = new TextDecoder().decode(Buffer.from(stem).subarray(0, 150)).replace(/\ufffd+$/, "");
  return `${mark}-${short || "document"}${ending}`.replace(/[. ]+$/, "");
}

let part = ""; // the file that is being written
process.once("SIGTERM", () => {
  if (part) unlinkSync(part);
  process.exit(24);
});

/** Follows a link: the whole file under its final name, or nothing. @param {any} link @param {string} folder @param {string} id */
async function save(link, folder, id) {
  const name = safeName(id, link.file_name);
  return get(link.download_url, false, async (answer, body) => {
    const kind = (answer.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
    if (["text/html", "application/json"].includes(kind) && kind !== link.content_type) {
      throw new Failure(23, "a page instead of the file");
    }
    if (Number(answer.headers["content-length"]) > LARGEST) throw new Failure(23, "the file is too large");
    if (answer.headers["content-encoding"]) throw new Failure(23, "a content coding that was not asked for");
    const file = await open((part = path.join(folder, `download-${process.pid}.part`)), "wx");
    try {
      let total = 0;
      for await (const piece of body) {
        if ((total += piece.length) > LARGEST) throw new Failure(23, "the file is too large");
        await file.writeFile(piece);
      }
      if (total === 0) throw new Failure(23, "the file is empty");
      await file.sync();
      await keep(path.join(folder, name));
      return name;
    } finally {
      await file.close();
      await unlink(part);
      part = "";
    }
  });
}

/** Gives the part its name; replaces nothing and follows no symlink. @param {string} target */
async function keep(target) {
  try {
    await hardLink(part, target);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    const same = (await lstat(target)).isFile() && (await readFile(target)).equals(await readFile(part));
    if (!same) throw new Failure(24, "another file has the document's name");
  }
}

/** Link, then file; a dead link is replaced by a new one, a few times. @param {string} documents @param {string} id @param {string} folder */
async function saveDocument(documents, id, folder) {
  for (let number = 1; ; number++) {
    let sent = "";
    const link = await getJson(`${documents}/${segment(id)}/download`, ({ date = "" }) => (sent = date));
    if ((link.document_id ?? id) !== id) throw new Failure(23, "the link is another document's");
    if (typeof link.download_url !== "string") throw new Failure(23, "the answer has no download_url");
    // By the server's clock, the link had expired already when it was sent.
    if (number === 1 && Date.parse(link.expires_at) <= Date.parse(sent)) continue;
    try {
      return await retried(() => save(link, folder, id));
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const dead = [403, 404, 410].includes(failure.status ?? 0);
      if (dead) [failure.status, failure.code] = [undefined, undefined];
      if (!dead || number === LINKS) throw failure;
    }
  }
}

/** Refuses a BASE over which the key would travel in the open. */
function checkBase() {
  if (BASE.protocol !== "https:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(BASE.hostname)) {
    throw new Failure(24, "BASE is not https, and the key must not travel in the open");
  }
}

/** Saves every current document of a crew member; gives how many. @param {string} crewId @param {string} folder */
export async function person(crewId, folder) {
  const documents = `${ROOT}/api/v2/employers/me/crew/${segment(crewId)}/documents`;
  const list = await getJson(documents);
  if ((list.crew_unique_id ?? crewId) !== crewId || !Array.isArray(list.items)) {
    throw new Failure(23, "this is not the crew member's list");
  }
  /** @type {unknown[]} */
  const ids = list.items.map((/** @type {any} */ item) => item?.document_id);
  if (!ids.every((id) => typeof id === "string")) throw new Failure(23, "an item has no document_id");
  let [saved, first] = [0, /** @type {Failure | undefined} */ (undefined)];
  for (const id of new Set(/** @type {string[]} */ (ids))) {
    try {
      console.log("saved", await saveDocument(documents, id, folder));
      saved += 1;
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      first ??= failure;
      console.error(`document ${printable(id)}: ${failure.message}`);
      if (isForAll(failure)) {
        [first.status, first.code] = [failure.status, failure.code];
        break;
      }
    }
  }
  if (!first) return saved;
  const whole = new Failure(saved ? 10 : first.exitCode, `${saved} of ${ids.length} saved; first: ${first.message}`);
  whole.saved = saved;
  // Only what is about the key, and so about the person, is handed on.
  if (isForAll(first)) [whole.status, whole.code] = [first.status, first.code];
  throw whole;
}

/** Whether a refusal is about the key, not about this document. @param {Failure} failure */
export function isForAll(failure) {
  return failure.status === 401 || DENIED_FOR_ALL.includes(failure.code ?? "");
}

/** An id as a terminal may show it. @param {string} id */
export function printable(id) {
  return id.slice(0, 80).replace(/[^\x20-\x7e]/g, "?");
}

/** Runs a client and ends with its exit code. @param {string | undefined} folder @param {(folder: string) => Promise<unknown>} work */
export async function run(folder, work) {
  try {
    if (!folder) throw new Failure(24, "the folder to save into is missing");
    checkBase();
    await mkdir(folder, { recursive: true });
    await work(folder);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Failure ? error.message : /** @type {any} */ (error).code ?? "a fault on this machine");
    process.exit(error instanceof Failure ? error.exitCode : 24);
  }
}

// Started as a program, and not imported by another one.
if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  if (process.argv.length !== 4) {
    console.error("usage: crewpass-documents.mjs CREW_ID FOLDER");
    process.exit(1);
  }
  await run(process.argv[3], (folder) => person(process.argv[2], folder));
}
