"use strict";
// The process of a fake.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { setTimeout: pause } = require("node:timers/promises");
const { CrewPassError } = require("./errors.js");

/** How long the program may take to listen, in milliseconds. */
const START_LIMIT = 60_000;
/** How long it may take to end, in milliseconds. */
const STOP_LIMIT = 10_000;

/** A fake's process. It lives as long as the pipe to its standard input. */
class FakeProcess {
  #file;
  #folder;
  #errors = "";

  constructor(file, args) {
    this.#file = file;
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
    if (typeof first === "string") return this.#parse(first);
    if (first.how instanceof Error) {
      throw new CrewPassError(`${this.#name()} can't be run: ${first.how.message}`, { cause: first.how });
    }
    throw new CrewPassError(`crewpass-mock ended before it listened: ${first.how}\n${this.#errors.trim()}`);
  }

  /** Returns how the process ended, or nothing if it runs. */
  async howItEnded() {
    // A connection is refused shortly before the process is gone.
    const how = await Promise.race([this.ended, pause(1_000)]);
    if (how === undefined) return undefined;
    const lines = this.#errors.trim().split("\n");
    return `the fake has ended with ${how.message ?? how}${lines.at(-1) && `: ${lines.at(-1)}`}`;
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

  #parse(line) {
    try {
      const ready = JSON.parse(line);
      if (typeof ready.base === "string" && typeof ready.control === "string") return ready;
    } catch {
      // It is no JSON, or null.
    }
    throw new CrewPassError(`${this.#name()} is not a crewpass-mock: it printed ${JSON.stringify(line.slice(0, 200))}`);
  }

  /** Returns what was to be run, and who named it. */
  #name() {
    return `${this.#file}${process.env.CREWPASS_BINARY ? ", which CREWPASS_BINARY names," : ""}`;
  }
}

module.exports = { FakeProcess };
