// The reference of the control API, made from its OpenAPI document. Each operation can be sent.

import { byId, isComplete, make } from "./dom.js";

const session = byId("session");

async function readSessions() {
  const chosen = session.value;
  const { sessions } = await (await fetch("sessions")).json();
  session.replaceChildren(...sessions.map(({ id }) => make("option", { value: id === "default" ? "" : id, textContent: id })));
  session.value = chosen;
}

const resolve = (document, thing) => thing.$ref ? thing.$ref.slice(2).split("/").reduce((at, part) => at[part], document) : thing;

function parameterField(parameter) {
  const isRequired = parameter.in === "path" || parameter.required === true;
  const about = `${parameter.name}${isRequired ? "" : " (optional)"}${parameter.description ? `: ${parameter.description}` : ""}`;
  const input = make("input", { value: parameter.in === "path" ? parameter.example ?? "" : "", placeholder: parameter.example ?? "", required: isRequired, "data-name": parameter.name });
  return { parameter, input, label: make("label", {}, about, input) };
}

function bodyField(operation) {
  const content = operation.requestBody && Object.values(operation.requestBody.content)[0];
  if (!content) return null;
  const value = typeof content.example === "string" ? content.example : JSON.stringify(content.example, null, 2);
  return make("textarea", { spellcheck: false, rows: 4, value, required: operation.requestBody.required === true, "data-name": "body" });
}

/** The URL of an operation with what the fields hold. */
function target(document, path, fields) {
  let url = path.slice(1);
  const query = new URLSearchParams();
  for (const { parameter, input } of fields) {
    if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(parameter.name, input.value);
  }
  if (session.value && document.paths[`/sessions/{session}${path}`]) url = `sessions/${encodeURIComponent(session.value)}/${url}`;
  return [...query].length ? `${url}?${query}` : url;
}

const pretty = (text) => { try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; } };

/** Shows a stream of events as it comes. */
async function showStream(answer, shown) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    shown.textContent = (shown.textContent + value).slice(-20000);
    shown.scrollTop = shown.scrollHeight;
  }
}

async function sendOperation(url, method, body, shown, stop) {
  const cancel = new AbortController();
  stop.onclick = () => cancel.abort();
  stop.hidden = false;
  shown.hidden = false;
  shown.textContent = "…";
  try {
    const answer = await fetch(url, { method: method.toUpperCase(), body: body ? body.value : undefined, signal: cancel.signal });
    shown.textContent = `${answer.status}\n`;
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) await showStream(answer, shown);
    else shown.textContent += pretty(await answer.text());
  } catch (error) {
    shown.textContent += cancel.signal.aborted ? "\nStopped." : `\nThe fake can't be reached: ${error.message}`;
  }
  stop.hidden = true;
}

function operationBlock(document, path, method, item, operation) {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => resolve(document, one));
  const fields = parameters.map(parameterField);
  const body = bodyField(operation);
  const name = `${method.toUpperCase()} ${path}`;
  const shown = make("pre", { hidden: true, role: "region", tabIndex: 0, "aria-label": `Answer to ${name}` });
  const stop = make("button", { type: "button", textContent: "Stop", hidden: true, "aria-label": `Stop ${name}` });
  const form = make("form", { noValidate: true },
    operation.description ? make("span", { textContent: operation.description }) : null,
    ...fields.map(({ label }) => label),
    body ? make("label", {}, `body${body.required ? "" : " (optional)"}`, body) : null,
    make("div", { className: "row" }, make("button", { textContent: `Send ${method.toUpperCase()}`, "aria-label": `Send ${name}` }), stop), shown);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isComplete(form)) return;
    await sendOperation(target(document, path, fields), method, body, shown, stop);
    if (path.startsWith("/sessions")) await readSessions();
  });
  return make("details", { className: "operation" }, make("summary", {}, make("span", { className: "method", textContent: method.toUpperCase() }), make("code", { textContent: path }), make("span", { textContent: operation.summary })), form);
}

async function start() {
  const document = await (await fetch("openapi.json")).json();
  const health = await (await fetch("health")).json();
  byId("version").textContent = health.version;
  byId("lead").textContent = document.info.description;
  for (const tag of document.tags) {
    byId("main").append(make("h2", { textContent: tag.description }));
    for (const [path, item] of Object.entries(document.paths)) {
      if (path.startsWith("/sessions/{session}/")) continue;
      for (const method of ["get", "post", "delete"]) {
        const operation = item[method];
        if (operation?.tags[0] === tag.name) byId("main").append(operationBlock(document, path, method, item, operation));
      }
    }
  }
  await readSessions();
}

start().catch((error) => { byId("lead").textContent = `The document can't be read: ${error.message}`; });
