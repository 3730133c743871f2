// Starts the console: the sessions, and when each part is read again.

import { address, attempt, byId, make, onSubmit, readTime, send, view } from "./dom.js";
import { refreshClock, refreshPolicies, refreshStore, startControls, storeCounts, tick } from "./controls.js";
import { hasFaults, refreshFaults, startFaults } from "./faults.js";
import { follow, forget, startJournal } from "./journal.js";
import { refreshWebhooks, startWebhooks } from "./webhooks.js";
import { refreshLinks, refreshWorld, startWorld, tickLinks } from "./world.js";

const PARTS = { world: refreshWorld, clock: refreshClock, store: refreshStore, faults: refreshFaults, links: refreshLinks, webhooks: refreshWebhooks, policies: refreshPolicies };

/** The parts that a change of a topic shows in. */
const SHOWN_IN = {
  clock: ["clock", "links", "world", "webhooks"], store: ["store", "links"], policies: ["policies", "links", "world"], faults: ["faults", "links"],
  partner: ["world"], key: ["world"], vessel: ["world"], compliance: ["world", "webhooks"], crew: ["world", "links", "webhooks"],
  document: ["world", "links", "webhooks"], upload: ["world", "links", "webhooks"], remove: ["world", "links", "webhooks"],
  webhook: ["webhooks"], callback: ["webhooks"], alter: [], fire: ["webhooks"], redeliver: ["webhooks"],
};

const stale = new Set();
let timer = 0;

/** Reads parts again, at most a few times a second. */
function refreshSoon(names) {
  names.forEach((name) => stale.add(name));
  if (!stale.size || timer) return;
  timer = setTimeout(() => {
    timer = 0;
    const due = Object.keys(PARTS).filter((name) => stale.delete(name));
    attempt(() => refresh(due));
  }, 250);
}

async function refresh(names) {
  // One after the other: links show what the clock says.
  for (const name of names) await PARTS[name]();
}

function onEntry(entry) {
  if (entry.kind === "change") return refreshSoon(SHOWN_IN[entry.change] ?? Object.keys(PARTS));
  const names = [];
  if (entry.step === "link" || entry.step === "file") names.push("links");
  if (hasFaults()) names.push("faults");
  if (storeCounts()) names.push("store");
  refreshSoon(names);
}

async function readSessions() {
  const { sessions } = await send("GET", "sessions");
  const field = byId("session");
  field.replaceChildren(...sessions.map(({ id, world }) => make("option", { value: id, textContent: world ? `${id} (${world})` : id })));
  if (!sessions.some(({ id }) => id === view.session)) view.session = "default";
  field.value = view.session;
  byId("session-close").disabled = view.session === "default";
}

/** Shows another session. */
async function change(session) {
  view.session = session;
  await readSessions();
  history.replaceState(null, "", view.session === "default" ? location.pathname : `?session=${encodeURIComponent(view.session)}`);
  forget();
  byId("people").replaceChildren();
  await refresh(Object.keys(PARTS));
  follow();
}

function startSessions() {
  byId("session").addEventListener("change", (event) => attempt(() => change(event.target.value)));
  // Other programs open sessions too.
  byId("session").addEventListener("focus", () => attempt(readSessions));
  byId("session-reset").addEventListener("click", () => attempt(async () => {
    await send("POST", address("reset"));
    await refresh(Object.keys(PARTS));
    return `The session ${view.session} is as it was at its start.`;
  }));
  byId("session-close").addEventListener("click", () => attempt(async () => {
    const { closed } = await send("DELETE", `sessions/${encodeURIComponent(view.session)}`);
    await change("default");
    return `The session ${closed} is closed.`;
  }));
  onSubmit(byId("session-open"), async (form) => {
    const clock = readTime(byId("session-open").elements.clock);
    if (clock === null) return null;
    const { id } = await send("POST", "sessions", { world: form.get("world"), ...(clock && { clock }) });
    byId("session-open").closest("details").open = false;
    await change(id);
    return `The session ${id} is open.`;
  });
}

startControls();
startFaults();
startWorld();
startWebhooks();
startJournal(onEntry);
startSessions();
setInterval(() => {
  tick();
  if (tickLinks()) refreshSoon(["links"]);
}, 1000);
attempt(async () => {
  byId("version").textContent = (await send("GET", "health")).version;
  await change(new URLSearchParams(location.search).get("session") ?? "default");
});
