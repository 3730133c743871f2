"use strict";
// The handles of a session: its clock, file store, faults and policies.

const assert = require("node:assert");
const { CrewPassError } = require("./errors.js");
const { fault } = require("./faults.js");

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

  async down({ at, times, document, crew } = {}) {
    if (document !== undefined) return this.#changeDocument(document, crew, "down", { at, times });
    refuse("without `document`", { crew });
    await this.#control.request("POST", "/store", { body: { down: true, at: at ?? "both", times } });
  }

  async up({ at, document, crew } = {}) {
    if (document !== undefined) return this.#changeDocument(document, crew, "up", { at });
    refuse("without `document`", { crew });
    await this.#control.request("POST", "/store", { body: { down: false, at: at ?? "both" } });
  }

  state() {
    return this.#control.request("GET", "/store");
  }

  async #changeDocument(document, crew = this.#crew, store, others) {
    refuse("of one document", others);
    const path = `/crew/${segment(crew)}/documents/${segment(document)}`;
    await this.#control.request("POST", path, { body: { store } });
  }
}

/** Refuses options that would have no effect. */
function refuse(which, options) {
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  if (given.length > 0) {
    throw new CrewPassError(`the store ${which} has no ${given.map((name) => `\`${name}\``).join(" and no ")}`);
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

module.exports = { Clock, Faults, Policies, Store, segment, spanText, timeText };
