// @ts-check
/**
 * Receive CrewPass webhooks, and keep the current documents of the people that they name.
 *
 *     PORT=9000 WEBHOOK_PATH=/webhooks WEBHOOK_SECRET=whsec_… BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… \
 *         OUT_DIR=documents node crewpass-receiver.mjs
 *
 * Needs Node 20 or later, and the example client beside it. Events wait in a folder below HOME until their work is done,
 * so none is lost if this program ends. SIGTERM ends it.
 */
import { spawn } from "node:child_process";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, unlinkSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import http from "node:http";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("../../clients/typescript/crewpass-documents.mjs", import.meta.url));
const PATH = process.env.WEBHOOK_PATH || "/webhooks";
const SECRET = process.env.WEBHOOK_SECRET ?? "";
const OUT = process.env.OUT_DIR || "documents";
const STATE = path.join(homedir(), ".crewpass-receiver");
const [WAITING, DONE] = [path.join(STATE, "waiting"), path.join(STATE, "done")];
const DOCUMENT_EVENTS = ["crew.document.processed", "crew.document.updated"];
const WINDOW = 300; // seconds between the signed time and this machine's
const LARGEST = 2 << 20; // bytes of a body
const ATTEMPTS = 30; // of one event; the waits between them grow to 30 seconds

/** A header as the bytes that were sent. @param {http.IncomingMessage} request @param {string} name */
function header(request, name) {
  return Buffer.from(String(request.headers[name] ?? ""), "latin1");
}

/**
 * Compares the signature of the raw body in constant time. During a rotation there are two, after a comma.
 * @param {http.IncomingMessage} request @param {Buffer} body
 */
function isSigned(request, body) {
  const mac = createHmac("sha256", SECRET).update(header(request, "x-crewpass-timestamp")).update(".").update(body);
  const right = Buffer.from(`v1=${mac.digest("hex")}`);
  const given = header(request, "x-crewpass-signature").toString("latin1").split(",");
  const each = given.map((text) => Buffer.from(text.trim(), "latin1"));
  return each.some((text) => text.length === right.length && timingSafeEqual(text, right));
}

/** Refuses a delivery that was recorded long ago. @param {http.IncomingMessage} request */
function isFresh(request) {
  const timestamp = header(request, "x-crewpass-timestamp").toString("latin1");
  return /^[0-9]{1,12}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= WINDOW;
}

/** The events that wait, each with the time of its next attempt and the attempts so far. @type {Map<string, {at: number, attempts: number}>} */
const due = new Map();
/** The events that are being written. @type {Map<string, Promise<void>>} */
const writing = new Map();
let wake = () => {};

/** Keeps an event before it is answered; the same one only once. @param {string} eventId @param {string} person */
async function add(eventId, person) {
  const name = createHash("sha256").update(eventId).digest("hex");
  if (due.has(name) || existsSync(path.join(DONE, name))) return;
  // Nothing else runs between the look above and this line.
  const written = writing.get(name) ?? keep(name, person);
  writing.set(name, written);
  try {
    await written;
  } finally {
    writing.delete(name);
  }
}

/** @param {string} name @param {string} person */
async function keep(name, person) {
  const part = path.join(WAITING, `${name}.part`);
  const file = await open(part, "w");
  await file.writeFile(person);
  await file.sync();
  await file.close();
  await rename(part, path.join(WAITING, name));
  due.set(name, { at: 0, attempts: 0 });
  wake();
}

/** Handles one event after another. An id is done once its documents are saved, not before. */
async function work() {
  for (;;) {
    const [next] = [...due].sort(([, one], [, other]) => one.at - other.at);
    const wait = next ? next[1].at - Date.now() : Infinity;
    if (!next || wait > 0) {
      await new Promise((resolve) => {
        const timer = wait < Infinity ? setTimeout(resolve, wait) : undefined;
        wake = () => (clearTimeout(timer), resolve(undefined));
      });
      continue;
    }
    const [name, { attempts }] = next;
    const file = path.join(WAITING, name);
    if ((await bring(readFileSync(file, "utf8"))) || attempts + 1 >= ATTEMPTS) {
      renameSync(file, path.join(DONE, name));
      due.delete(name);
    } else {
      due.set(name, { at: Date.now() + Math.min(500 * 2 ** attempts, 30_000), attempts: attempts + 1 });
    }
  }
}

/** Saves a person's current documents. Returns false if it should be tried again. @param {string} person */
async function bring(person) {
  const client = spawn(process.execPath, [CLIENT, person, OUT], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(client, "exit");
  return [0, 20, 21].includes(code); // saved, denied, not found
}

/** Decides about one delivery, and returns the status of the answer. @param {http.IncomingMessage} request @param {Buffer} body */
async function receive(request, body) {
  if (!isSigned(request, body) || !isFresh(request)) return 401;
  /** @type {any} */
  let event;
  try {
    // The id and the type come from the body alone: the other headers are not signed.
    event = JSON.parse(body.toString("utf8"));
  } catch {
    return 400;
  }
  const [eventId, person] = [event?.event_id, event?.data?.crew_unique_id];
  if (typeof event?.event_type !== "string") return 400;
  if (!DOCUMENT_EVENTS.includes(event.event_type)) return 204; // also a type that is new
  if (typeof eventId !== "string" || typeof person !== "string") return 400;
  await add(eventId, person);
  return 202;
}

/** The whole body, or `null` if it is too large. @param {http.IncomingMessage} request */
async function readBody(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > LARGEST) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const server = http.createServer(async (request, response) => {
  let status = 405;
  try {
    if (request.method === "POST") {
      const body = await readBody(request);
      const found = (request.url ?? "").split("?")[0] === PATH;
      if (body === null) response.setHeader("Connection", "close");
      status = body === null ? 413 : found ? await receive(request, body) : 404;
    }
  } catch (error) {
    console.error(/** @type {any} */ (error).code ?? "a fault on this machine");
    status = 503; // the sender comes again
  }
  response.writeHead(status).end();
});

if (!SECRET) {
  console.error("WEBHOOK_SECRET is not set: no delivery can be verified");
  process.exit(1);
}
for (const folder of [WAITING, DONE]) mkdirSync(folder, { recursive: true });
const age = (/** @type {string} */ name) => statSync(path.join(WAITING, name)).mtimeMs;
for (const name of readdirSync(WAITING).sort((one, other) => age(one) - age(other))) {
  if (name.endsWith(".part")) unlinkSync(path.join(WAITING, name));
  else due.set(name, { at: 0, attempts: 0 });
}
process.on("SIGTERM", () => process.exit(0));
server.listen(Number(process.env.PORT || 9000), "127.0.0.1");
await work();
