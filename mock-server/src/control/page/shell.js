// Lines to paste into a shell.

import { view } from "./dom.js";

/** Quotes a text in double quotes; `$CPK_KEY` in it stays a variable. */
const quote = (text) => `"${text.replace(/["\\`]|\$(?!CPK_KEY\b)/g, "\\$&")}"`;

const endpoint = (name) => view.world.endpoints.find((known) => known.name === name);

/** The URL of an endpoint, with the ids in its path. */
function urlOf(name, ...ids) {
  const rest = ids.map(encodeURIComponent);
  return view.world.base + endpoint(name).path.replace(/\{[^}]*\}/g, () => rest.shift());
}

const bearer = (key) => `-H ${quote(`Authorization: Bearer ${key}`)}`;

/** Lists the documents of somebody. */
export const listLine = (crew, key = "$CPK_KEY") => `curl -sS ${quote(urlOf("list", crew))} ${bearer(key)}`;

/** Asks for a new link to a document, and follows it. */
export function fileLine(crew, document, key = "$CPK_KEY") {
  const ask = `curl -sS ${quote(urlOf("link", crew, document))} ${bearer(key)}`;
  return `curl -sSL "$(${ask} | sed -E 's/.*"download_url":"([^"]+)".*/\\1/')" -o file.bin`;
}

/** Headers that curl sets itself, or that hold a secret. */
const OWN = ["host", "user-agent", "accept-encoding", "connection", "content-length", "authorization", "x-partner-api-key", "cookie", "referer"];

/** Repeats a request of the journal. Its key is `$CPK_KEY`, and a link is asked for again. */
export function requestLine(entry) {
  const isLink = entry.step === "file" && entry.crew && entry.document;
  if (isLink) return fileLine(entry.crew, entry.document);
  const words = ["curl -sS"];
  if (entry.method === "HEAD") words.push("-I");
  else if (entry.method !== "GET") words.push(`-X ${quote(entry.method)}`);
  const target = entry.target.replace(/cpk_(test|live)_[^&/\s]*…[^&/\s]*/g, () => "$CPK_KEY");
  words.push(quote(target.startsWith("/") ? view.world.base + target : target));
  for (const [name, value] of entry.request_headers) {
    if (name === "authorization") words.push(bearer("$CPK_KEY"));
    else if (name === "x-partner-api-key") words.push(`-H "X-Partner-API-Key: $CPK_KEY"`);
    else if (!OWN.includes(name) && !value.includes("…") && value !== "*/*") words.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  return words.join(" ");
}
