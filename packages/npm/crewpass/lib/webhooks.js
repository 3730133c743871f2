"use strict";
// The webhooks of a session: callbacks, deliveries, and how to break them.

const assert = require("node:assert");
const { setTimeout: pause } = require("node:timers/promises");
const { spanText } = require("./handles.js");

/** The time within which a delivery that is on its way should arrive, in milliseconds. */
const PATIENCE = 5_000;

/** Deliveries of events to callbacks on this machine. */
class Webhooks {
  #control;

  constructor(control) {
    this.#control = control;
  }

  async add(url, secret, { events, partner, previous_secret } = {}) {
    const body = { url, secret, events, partner, previous_secret };
    await this.#control.request("POST", "/webhooks/callbacks", { body });
  }

  async clear() {
    await this.#control.request("DELETE", "/webhooks/callbacks");
  }

  async fire(event_type, { after, ...options } = {}) {
    const body = { ...options, event_type, after: spanText(after) };
    return (await this.#control.request("POST", "/webhooks/fire", { body })).event_id;
  }

  async alter(alter = {}, { times, copies, after } = {}) {
    const body = { alter, times, copies, after: spanText(after) };
    await this.#control.request("POST", "/webhooks/alter", { body });
  }

  async redeliver(delivery) {
    const body = { delivery };
    return (await this.#control.request("POST", "/webhooks/redeliver", { body })).redelivered;
  }

  async verify() {
    const deadline = Date.now() + PATIENCE;
    while ((await this.#isAnyDue()) && Date.now() < deadline) await pause(20);
    try {
      await this.#control.request("GET", "/webhooks/verify");
    } catch (error) {
      if (error.code !== "webhooks_not_delivered") throw error;
      throw new assert.AssertionError({ message: error.message });
    }
  }

  async deliveries() {
    return (await this.list()).deliveries;
  }

  list() {
    return this.#control.request("GET", "/webhooks");
  }

  /** Returns whether an attempt is being made, or is to be made now. */
  async #isAnyDue() {
    const deliveries = await this.deliveries();
    const now = new Date((await this.#control.request("GET", "/clock")).now);
    return deliveries.some(
      ({ state, due }) => state === "sending" || (state === "waiting" && new Date(due) <= now),
    );
  }
}

module.exports = { Webhooks };
