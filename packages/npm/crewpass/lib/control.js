"use strict";
// Requests to the control API of a fake.

const http = require("node:http");
const https = require("node:https");
const { ControlError, CrewPassError } = require("./errors.js");

/** How long an answer may take, in milliseconds. A long poll adds its own time. */
const PATIENCE = 60_000;

/** Certificates of an authority that is not trusted. */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** The control API below one URL: of a server, or of a session. */
class Control {
  /** `howItEnded` says of a fake that this process started, and that can't be reached, how it ended. */
  constructor(url, { token, ca, howItEnded } = {}) {
    this.url = url.replace(/\/+$/, "");
    this.access = { token, ca, howItEnded };
  }

  /** Returns the control API of a session, with the same access. */
  below(url) {
    return new Control(url, this.access);
  }

  /** Sends a request with a JSON `body` or with `content`, and returns the JSON of its answer. */
  async request(method, path = "", { body, content, query = {}, patience = PATIENCE } = {}) {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    }
    const headers = this.access.token ? { authorization: `Bearer ${this.access.token}` } : {};
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      content = Buffer.from(JSON.stringify(body));
    } else if (content !== undefined) {
      headers["content-type"] = "application/octet-stream";
    }
    if (content !== undefined) headers["content-length"] = content.byteLength;
    const { ca, howItEnded } = this.access;
    const answer = await send(url, { method, headers, ca }, content, patience).catch(async (cause) => {
      const notes = [await howItEnded?.()];
      if (UNTRUSTED.has(cause.code)) notes.push("CPK_CA_FILE names the authority to trust");
      const text = [cause.message || cause.code, ...notes.filter(Boolean)].join("; ");
      throw new CrewPassError(`${method} ${url}: ${text}`, { cause });
    });
    if (answer.status >= 300) throw refusal(answer);
    try {
      return JSON.parse(answer.text);
    } catch (cause) {
      throw new CrewPassError(`${method} ${url}: the answer is not JSON`, { cause });
    }
  }
}

/** Sends a request on a connection of its own, through no proxy. */
function send(url, options, content, patience) {
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patience);
    const sent = request(url, { ...options, agent: false, signal }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString() });
      });
    });
    sent.on("error", reject);
    sent.end(content);
  });
}

function refusal({ status, text }) {
  try {
    const { code, message } = JSON.parse(text).error;
    return new ControlError(status, String(code), String(message));
  } catch {
    return new ControlError(status, "", `the answer is ${status}, without an error of the fake`);
  }
}

module.exports = { Control, PATIENCE };
