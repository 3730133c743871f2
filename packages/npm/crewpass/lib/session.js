"use strict";
// A session: a world of its own for one test, with its handles.

const assert = require("node:assert");
const fs = require("node:fs/promises");
const { setTimeout: pause } = require("node:timers/promises");
const { PATIENCE } = require("./control.js");
const { ControlError, CrewPassError, NeedsLever } = require("./errors.js");
const { Clock, Faults, Policies, Store, segment, spanText } = require("./handles.js");
const { journalLine, journalText, openText } = require("./report.js");
const { Webhooks } = require("./webhooks.js");

/** How long `assertNoLeaks` waits for responses that have not ended, in milliseconds. */
const OPEN_LIMIT = 2_000;

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

  get webhooks() {
    return new Webhooks(this.control("webhooks"));
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
    const { entries, dropped, open } = await control.request("GET", "/journal", { query, patience });
    // They are no entries, so two lists with the same entries are equal.
    return Object.defineProperties(entries, { dropped: { value: dropped }, open: { value: open } });
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
    const deadline = Date.now() + OPEN_LIMIT;
    let leaks = await this.journal({ leaks: true });
    while (leaks.open > 0 && leaks.length === 0 && Date.now() < deadline) {
      await pause(20);
      leaks = await this.journal({ leaks: true });
    }
    const failed = (message) => new assert.AssertionError({ message });
    if (leaks.length > 0) {
      const lines = leaks.map((entry) => `\n  ${journalLine(entry)}`).join("");
      throw failed(`${leaks.length} requests leaked a secret:${lines}`);
    }
    if (leaks.dropped > 0) {
      throw failed(
        `${leaks.dropped} requests or changes are no longer in the journal, so nobody knows what leaked: ` +
          "start the session with a larger `journal`",
      );
    }
    if (leaks.open > 0) throw failed(`${openText(leaks.open)}: nobody knows yet what they leaked`);
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

module.exports = { Session };
