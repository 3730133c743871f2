// Elements, requests to the control API, and messages. Text from the fake is only ever set as text, never as HTML.

export const byId = (id) => document.getElementById(id);

/** Makes an element. A property that elements do not have is set as an attribute. */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Makes a button. `about` completes its name for those who do not see what it is beside. */
export function button(label, about, onclick) {
  return make("button", { type: "button", className: "small", textContent: label, "aria-label": `${label} ${about}`, onclick });
}

const CONTROLS = "button, select, input, summary";

/** Replaces what an element contains. The keyboard stays at the same control, or at the one in its place. */
export function render(place, ...children) {
  const before = [...place.querySelectorAll(CONTROLS)];
  const at = before.indexOf(document.activeElement);
  const name = at < 0 ? null : nameOf(before[at]);
  place.replaceChildren(...children);
  if (at < 0) return;
  const after = [...place.querySelectorAll(CONTROLS)];
  (after.find((control) => nameOf(control) === name) ?? after[Math.min(at, after.length - 1)])?.focus();
}

const nameOf = (control) => control.id || control.getAttribute("aria-label") || control.textContent;

export const tag = (text, kind = "") => make("span", { className: `tag ${kind}`, textContent: text });

/** What the page shows: the session, and what is known of its world. */
export const view = { session: "default", world: null };

const encode = encodeURIComponent;

/** The address of a resource of the session. Each part of the path is encoded. */
export function address(...parts) {
  const path = parts.map(encode).join("/");
  return view.session === "default" ? path : `sessions/${encode(view.session)}/${path}`;
}

/** The number of changes that were sent or answered. */
let changes = 0;

/** Sends a request and returns the JSON of the answer. An error has the message of the fake. */
export async function send(method, url, body) {
  if (method === "GET") return exchange(method, url);
  changes += 1;
  try {
    return await exchange(method, url, body);
  } finally {
    changes += 1;
  }
}

async function exchange(method, url, body) {
  const isFile = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(url, { method, body: body === undefined || isFile ? body : JSON.stringify(body) });
  } catch {
    throw new Error("The fake can't be reached. Is it still running?");
  }
  const text = await answer.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* Not JSON: the status has to do. */ }
  if (!answer.ok) throw new Error(json?.error?.message ?? `${method} ${url} was answered with ${answer.status}`);
  return json;
}

/** Reads a part of the control API. What was read beside a change may be older than its answer, so it is read again. */
export async function read(...parts) {
  for (;;) {
    const before = changes;
    const json = await send("GET", address(...parts));
    if (before === changes) return json;
  }
}

/** Shows a message at the bottom, which screen readers read out. */
export function say(text, isWrong = false) {
  const place = byId("said");
  place.classList.toggle("wrong", isWrong);
  place.textContent = text;
}

/** Does something that may fail, and shows the result or the error. */
export async function attempt(work) {
  try {
    const said = await work();
    if (typeof said === "string") say(said);
  } catch (error) {
    say(error.message, true);
  }
}

/** Copies a text, and shows it: where a browser refuses to copy, it can be selected there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied: ${text}`);
  } catch {
    say(text);
  }
}

/** Handles a form's sending. An empty required field is reported beside it, and nothing is sent. */
export function onSubmit(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isComplete(form)) attempt(() => work(new FormData(form)));
  });
}

/** Returns true if every required field has a text, else marks the first one that has none. */
export function isComplete(form) {
  unmark(form);
  const empty = [...form.querySelectorAll("[required]")].find((field) => field.value.trim() === "");
  if (!empty) return true;
  markInvalid(empty, `Fill in “${fieldName(empty)}” first; nothing was sent.`);
  return false;
}

/** Removes the marks of wrong fields. */
function unmark(form) {
  form.querySelectorAll(".problem").forEach((old) => old.remove());
  form.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}

/** Marks a field, and says beside it what is wrong. */
export function markInvalid(field, message) {
  const id = `problem-${Math.random().toString(36).slice(2)}`;
  const problem = make("span", { className: "problem", id, role: "alert", textContent: message });
  (field.closest("label") ?? field).after(problem);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.addEventListener("input", () => unmark(field.form), { once: true });
  field.focus();
}

/** Returns the time in a field as it is sent, "" for none, or null if it is none, which is then reported. */
export function readTime(field) {
  const text = field.value.trim();
  if (text === "" || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text)) return text;
  markInvalid(field, "Write a time such as 2026-06-08T10:00:00Z; nothing was sent.");
  return null;
}

const fieldName = (field) => field.dataset.name ?? field.closest("label").firstChild.textContent.trim();
