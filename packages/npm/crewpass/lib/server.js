"use strict";
// A fake: one that this process starts, or one that runs somewhere already.

const fs = require("node:fs");
const tls = require("node:tls");
const { Control } = require("./control.js");
const { ControlError, CrewPassError, NeedsLever } = require("./errors.js");
const { fault } = require("./faults.js");
const { timeText } = require("./handles.js");
const { FakeProcess } = require("./process.js");
const { findProgram } = require("./program.js");
const { Session } = require("./session.js");

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
  async session({ clock, policies, world, faults, seed, journal, skip } = {}) {
    const opening = {
      clock: timeText(clock),
      policies,
      world,
      faults: faults?.map(fault),
      seed,
      journal,
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

/** Uses the server that CREWPASS_BASE names, or starts a fake; with options, beside a fake as well. */
async function startCrewPass(options = {}) {
  const base = process.env.CREWPASS_BASE;
  if (!base) return serveCrewPass(options);
  const server = await connectCrewPass(base);
  // What is the default is no option.
  const wanted = Object.entries(options).filter(([, value]) => value !== undefined && value !== false && value?.length !== 0);
  if (wanted.length === 0) return server;
  if (server.hasLevers) return serveCrewPass(options);
  throw new NeedsLever(`a server with ${wanted.map(([name]) => name).join(" and ")}`, base);
}

/** Starts a fake on a free port of this machine. It ends with this process, also if that is killed. */
async function serveCrewPass({ world, tls = false, journal, args = [] } = {}) {
  const command = ["serve", "--bind", "127.0.0.1:0", "--json", "--stop-with-stdin", "--quiet"];
  if (world !== undefined) command.push("--world", world);
  if (tls) command.push("--tls");
  if (journal !== undefined) command.push("--journal", String(journal));
  const fake = new FakeProcess(findProgram(), [...command, ...args]);
  try {
    const ready = await fake.ready();
    const caFile = ready.ca && fake.keep(ready.ca);
    const control = new Control(ready.control, { ca: ready.ca, howItEnded: () => fake.howItEnded() });
    return new Server({ base: ready.base, control, caFile, fake });
  } catch (error) {
    await fake.end();
    throw error;
  }
}

/** Uses a server that runs already: a fake, or a real test environment. */
async function connectCrewPass(base) {
  base = base.replace(/\/+$/, "");
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
    throw new CrewPassError(`"${base}" is not the base URL of a server, such as http://127.0.0.1:8787`);
  }
  const caFile = process.env.CPK_CA_FILE || undefined;
  const ca = caFile && base.startsWith("https:") ? readAuthority(caFile) : undefined;
  // The token is for a fake only. The first question goes without it.
  if (!(await isFake(new Control(`${base}/__mock`, { ca })))) return new Server({ base, caFile });
  const token = process.env.CREWPASS_MOCK_CONTROL_TOKEN || undefined;
  const control = new Control(`${base}/__mock`, { token, ca });
  if ((await control.request("GET", "/health"))?.version === undefined) {
    throw new CrewPassError(
      `the fake at ${base} does not open its controls to this process: start it with ` +
        "--control-token, and set CREWPASS_MOCK_CONTROL_TOKEN here",
    );
  }
  return new Server({ base, control, caFile });
}

/** Returns the certificate in a file. */
function readAuthority(file) {
  try {
    const ca = fs.readFileSync(file, "utf8");
    // Node takes a text without a certificate for no authority at all.
    if (!ca.includes("-----BEGIN CERTIFICATE-----")) throw new Error("it has no certificate");
    tls.createSecureContext({ ca });
    return ca;
  } catch (cause) {
    throw new CrewPassError(`CPK_CA_FILE is ${JSON.stringify(file)}, which can't be used: ${cause.message}`, { cause });
  }
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

module.exports = { connectCrewPass, serveCrewPass, startCrewPass };
