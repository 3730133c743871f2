"use strict";
// A fake: one that this process starts, or one that runs somewhere already.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { Control } = require("./control.js");
const { ControlError, CrewPassError, NeedsLever } = require("./errors.js");
const { fault } = require("./faults.js");
const { findProgram } = require("./program.js");
const { Session, timeText } = require("./session.js");

/** How long the program may take to listen, in milliseconds. */
const START_LIMIT = 60_000;
/** How long it may take to end, in milliseconds. */
const STOP_LIMIT = 10_000;

/** A fake, or a server without levers, on which tests open sessions. */
class Server {
  #control;
  #fake;

  constructor({ base, control, caFile, fake }) {
    this.base = base;
    this.caFile = caFile;
    this.hasLevers = control !== undefined;
    this.pid = fake?.child.pid;
    this.#control = control;
    this.#fake = fake;
  }

  /** Opens a session: a world of its own, which no other test sees. */
  async session({ clock, policies, world, faults, seed, skip } = {}) {
    const opening = {
      clock: timeText(clock),
      policies,
      world,
      faults: faults?.map(fault),
      seed,
    };
    if (this.#control === undefined) {
      const wanted = Object.keys(opening).filter((name) => opening[name] !== undefined);
      if (wanted.length > 0) {
        const error = new NeedsLever(`a session with ${wanted.join(" and ")}`, this.base);
        skip?.(error.message);
        throw error;
      }
      return new Session({ ...realCaller(this.base), caFile: this.caFile, missing: skip });
    }
    const answer = await this.#control.request("POST", "/sessions", { body: opening });
    return new Session({
      base: answer.base,
      key: answer.key,
      crew: usualCrew(answer.contents),
      keys: answer.keys,
      control: this.#control.below(answer.control),
      caFile: this.caFile,
      contents: answer.contents,
    });
  }

  /** Returns the ids of the open sessions. */
  async sessions() {
    if (this.#control === undefined) throw new NeedsLever("the list of sessions", this.base);
    const { sessions } = await this.#control.request("GET", "/sessions");
    return sessions.map((session) => session.id);
  }

  /** Ends the process, if this one started it. */
  async close() {
    await this.#fake?.end();
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

/** Uses the server that CREWPASS_BASE names, or starts a fake. */
async function startCrewPass(options = {}) {
  const base = process.env.CREWPASS_BASE;
  if (!base) return serveCrewPass(options);
  const wanted = Object.keys(options).filter((name) => options[name] !== undefined);
  if (wanted.length > 0) throw new NeedsLever(`a server with ${wanted.join(" and ")}`, base);
  return connectCrewPass(base);
}

/** Starts a fake on a free port of this machine. It ends with this process, also if that is killed. */
async function serveCrewPass({ world, tls = false, args = [] } = {}) {
  const command = ["serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"];
  if (world !== undefined) command.push("--world", world);
  if (tls) command.push("--tls");
  const fake = new FakeProcess(findProgram(), [...command, ...args]);
  try {
    const ready = await fake.ready();
    const caFile = ready.ca && fake.keep(ready.ca);
    const control = new Control(ready.control, { ca: ready.ca });
    return new Server({ base: ready.base, control, caFile, fake });
  } catch (error) {
    await fake.end();
    throw error;
  }
}

/** Uses a server that runs already: a fake, or a real test environment. */
async function connectCrewPass(base) {
  base = base.replace(/\/+$/, "");
  if (!/^https?:\/\//.test(base)) {
    throw new CrewPassError(`"${base}" is not the base URL of a server, such as http://127.0.0.1:8787`);
  }
  const caFile = process.env.CPK_CA_FILE || undefined;
  const ca = caFile && fs.readFileSync(caFile, "utf8");
  // The token is for a fake only. The first question goes without it.
  if (!(await isFake(new Control(`${base}/__mock`, { ca })))) return new Server({ base, caFile });
  const token = process.env.CREWPASS_MOCK_CONTROL_TOKEN || undefined;
  const control = new Control(`${base}/__mock`, { token, ca });
  if (!("version" in (await control.request("GET", "/health")))) {
    throw new CrewPassError(
      `the fake at ${base} does not open its controls to this process: start it with ` +
        "--control-token, and set CREWPASS_MOCK_CONTROL_TOKEN here",
    );
  }
  return new Server({ base, control, caFile });
}

async function isFake(control) {
  try {
    return (await control.request("GET", "/health"))?.status === "ok";
  } catch (error) {
    // Another server may answer anything, such as a page.
    if (error instanceof ControlError || error.cause instanceof SyntaxError) return false;
    throw error;
  }
}

function realCaller(base) {
  const { CPK_KEY: key, CREW_ID: crew } = process.env;
  if (!key || !crew) {
    throw new CrewPassError(`${base} is not a fake: set CPK_KEY and CREW_ID to a key and a person there`);
  }
  if (key.startsWith("cpk_live_")) {
    throw new CrewPassError("CPK_KEY is a live key: tests may only use a test key");
  }
  return { base, key, crew };
}

/** Returns the first person whose documents the usual key may list and download. */
function usualCrew({ people }) {
  const needed = ["crew:documents:read", "crew:documents:download"];
  const isUsual = ({ on_fleet, documents, consent }) =>
    on_fleet && documents.length > 0 && needed.every((scope) => consent.includes(scope));
  return people.find(isUsual)?.id;
}

/** A fake's process. It lives as long as the pipe to its standard input. */
class FakeProcess {
  #folder;
  #errors = "";

  constructor(file, args) {
    // The arguments decide, not variables that happen to be set.
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith("CREWPASS_MOCK_"));
    // Detached, so that Ctrl-C is for the tests: they end the fake when they are done with it.
    this.child = spawn(file, args, { env: Object.fromEntries(env), detached: true });
    // A fake that nobody closes keeps no test runner from its end.
    for (const handle of [this.child, this.child.stdin, this.child.stdout, this.child.stderr]) {
      handle?.unref?.();
    }
    this.child.stdin.on("error", () => {});
    this.child.stderr.on("data", (text) => (this.#errors += text));
    this.ended = new Promise((resolve) => {
      this.child.once("error", resolve);
      this.child.once("close", (code, signal) => resolve(`exit code ${code ?? signal}`));
    });
  }

  /** Returns the line that the program prints once it listens. */
  async ready() {
    const lines = readline.createInterface({ input: this.child.stdout });
    const line = new Promise((resolve) => lines.once("line", resolve));
    // The timer also keeps this process alive meanwhile.
    const timer = setTimeout(() => this.child.kill("SIGKILL"), START_LIMIT);
    const first = await Promise.race([line, this.ended.then((how) => ({ how }))]);
    clearTimeout(timer);
    lines.close();
    if (typeof first === "string") return JSON.parse(first);
    const how = first.how instanceof Error ? first.how.message : first.how;
    throw new CrewPassError(`crewpass-mock ended before it listened: ${how}\n${this.#errors.trim()}`);
  }

  /** Writes a text to a file that is removed at the end, and returns its path. */
  keep(text) {
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), "crewpass-"));
    const file = path.join(this.#folder, "ca.pem");
    fs.writeFileSync(file, text);
    return file;
  }

  /** Closes the pipe, which ends the program, and waits for it. */
  async end() {
    this.child.stdin.end();
    // The timer also keeps this process alive meanwhile.
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_LIMIT);
    await this.ended;
    clearTimeout(timer);
    if (this.#folder) fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

module.exports = { connectCrewPass, serveCrewPass, startCrewPass };
