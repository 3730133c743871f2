// The journal as it grows: server-sent events, newest first.

import { address, attempt, button, byId, copy, make, say, send, tag } from "./dom.js";
import { requestLine } from "./shell.js";

/** The number of entries that the page keeps. */
const MOST = 200;

let stream = null;
let listener = () => {};
const rows = new Map();

function showState(text, kind) {
  byId("stream-state").textContent = text;
  byId("stream-state").className = `tag ${kind}`;
  byId("stream-toggle").textContent = stream ? "Stop" : "Follow";
}

/** Follows the journal of the session. Entries that are shown already are not shown twice. */
export function follow() {
  stop();
  const source = new EventSource(address("journal", "stream"));
  stream = source;
  showState("connecting", "warn");
  source.onopen = () => showState("live", "good");
  source.onerror = () => {
    if (stream !== source) return;
    if (source.readyState !== EventSource.CLOSED) return showState("reconnecting", "warn");
    stream = null;
    showState("ended", "bad");
    // The stream does not say why it was refused; the journal does.
    attempt(async () => { await send("GET", `${address("journal")}?limit=1`); });
  };
  for (const name of ["exchange", "change"]) {
    source.addEventListener(name, (event) => {
      const entry = JSON.parse(event.data);
      if (!rows.has(entry.seq)) add(entry);
      listener(entry);
    });
  }
  source.addEventListener("dropped", (event) => say(`The journal dropped ${JSON.parse(event.data).dropped} older entries.`));
}

/** Stops following. */
export function stop() {
  stream?.close();
  stream = null;
  showState("stopped", "warn");
}

/** Removes what is shown, as for another session. */
export function forget() {
  rows.clear();
  byId("entries").replaceChildren();
  byId("journal-empty").hidden = false;
  byId("har").href = address("journal.har");
}

function add(entry) {
  const row = entry.kind === "change" ? changeRow(entry) : exchangeRow(entry);
  rows.set(entry.seq, row);
  const after = [...byId("entries").children].find((other) => Number(other.dataset.seq) < entry.seq);
  byId("entries").insertBefore(row, after ?? null);
  byId("journal-empty").hidden = true;
  if (rows.size > MOST) {
    const oldest = byId("entries").lastElementChild;
    rows.delete(Number(oldest.dataset.seq));
    oldest.remove();
  }
}

const time = (entry) => make("span", { className: "note mono", textContent: `${entry.seq} ${entry.at.slice(11, 19)}` });

function changeRow(entry) {
  return make("li", { className: "change", "data-seq": entry.seq }, make("div", { className: "row" },
    time(entry), tag("change"), make("b", { textContent: entry.change }),
    make("span", { className: "target", textContent: entry.text }),
    make("details", {}, make("summary", { className: "note", textContent: "As JSON" }),
      make("code", { className: "target", textContent: JSON.stringify(entry.detail) }))));
}

const isRefused = (entry) => entry.status === null || entry.status >= 400;

function statusTag(entry) {
  if (entry.status === null) return tag("no answer", "bad");
  return tag(String(entry.status), entry.status >= 500 ? "bad" : entry.status >= 400 ? "warn" : "good");
}

function exchangeRow(entry) {
  const refused = isRefused(entry);
  const why = make("div", { hidden: true });
  const { id, source, text } = entry.clause;
  const classes = [refused && "refused", entry.leaks.length > 0 && "leaky"].filter(Boolean).join(" ");
  return make("li", { className: classes, "data-seq": entry.seq },
    make("div", { className: "row" }, time(entry), statusTag(entry), make("b", { textContent: entry.method }),
      make("code", { className: "target", textContent: entry.target })),
    make("div", { className: "row" },
      make("span", { className: "tag", title: text ?? "", textContent: `${id} (${source})` }),
      ...entry.leaks.map((leak) => tag(`leak: ${leak}`, "bad")),
      ...entry.faults.map((fault) => tag(`fault: ${fault}`, "warn")),
      make("span", { className: "note", textContent: `${entry.step}, ${entry.bytes} bytes${entry.whole ? "" : ", not whole"}` }),
      refused ? button("Why?", `did entry ${entry.seq} get this answer`, () => explain(entry, why)) : null,
      button("Copy curl", `of entry ${entry.seq}`, () => copy(requestLine(entry)))),
    why);
}

/** Shows why a request gets its answer, as the checks decide now. */
const explain = (entry, place) => attempt(async () => {
  if (!place.hidden) {
    place.hidden = true;
    return;
  }
  const found = await send("GET", `${address("explain")}?target=${encodeURIComponent(entry.target)}&entry=${entry.seq}`);
  const now = found.status === entry.status ? [] : [make("p", { textContent: `Sent now, it would get ${found.status ?? "no answer"} (${found.decided_by}).` })];
  const { id, text } = entry.clause;
  const by = id === "fault" ? `the fault “${entry.faults.join(", ")}” made this answer.` : `the clause ${id} decided: ${text}`;
  const decided = found.decided_by === id ? [] : [make("p", { textContent: `When it was sent, ${by}` })];
  const passed = found.would_pass.map((change) => make("li", { textContent: change }));
  place.replaceChildren(...decided, ...now, make("p", { textContent: found.why }),
    ...(passed.length ? [make("p", { textContent: "It would pass:" }), make("ul", {}, ...passed)] : []));
  place.hidden = false;
});

/** Wires the controls of the journal. `onEntry` is called with each entry that arrives. */
export function startJournal(onEntry) {
  listener = onEntry;
  byId("stream-toggle").addEventListener("click", () => { if (stream) stop(); else follow(); });
  byId("journal-show").addEventListener("change", (event) => { byId("entries").dataset.show = event.target.value; });
  byId("journal-clear").addEventListener("click", () => attempt(async () => {
    const { cleared } = await send("DELETE", address("journal"));
    forget();
    return `The journal is empty; ${cleared} removed.`;
  }));
  byId("from-har-copy").addEventListener("click", () => copy(byId("from-har").textContent));
}
