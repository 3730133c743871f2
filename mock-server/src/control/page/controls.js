// The clock, the file store and the policies.

import { address, attempt, byId, make, onSubmit, read, readTime, render, send } from "./dom.js";

/** The clock as it was read last, and when that was. */
let known = null;

/** The session's time in milliseconds. */
export function sessionTime() {
  if (!known) return Date.now();
  return known.at + (known.frozen ? 0 : performance.now() - known.readAt);
}

function showClock(clock) {
  known = { at: Date.parse(clock.now), frozen: clock.frozen, readAt: performance.now() };
  const state = byId("clock-state");
  state.textContent = clock.frozen ? "frozen" : "running";
  state.className = `tag ${clock.frozen ? "warn" : "good"}`;
  tick();
}

/** Shows the time that passed since the clock was read. */
export function tick() {
  const text = new Date(sessionTime()).toISOString();
  byId("now").dateTime = text;
  byId("now").textContent = `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}

export const refreshClock = async () => showClock(await read("clock"));

const changeClock = (change) => attempt(async () => {
  showClock(await send("POST", address("clock"), change));
  return `The clock shows ${byId("now").textContent}.`;
});

const state = (reach) => typeof reach === "string" ? reach : `down for ${reach.down_for}`;

let store = { link: "up", file: "up" };

function showStore(read) {
  store = read;
  for (const step of ["link", "file"]) {
    const place = byId(`store-${step}`);
    place.textContent = state(store[step]);
    place.className = `tag ${store[step] === "up" ? "good" : "bad"}`;
  }
}

/** Returns true if requests may change the store: it counts how many it still refuses. */
export const storeCounts = () => typeof store.link === "object" || typeof store.file === "object";

export const refreshStore = async () => showStore(await read("store"));

const changeStore = (change) => attempt(async () => {
  showStore(await send("POST", address("store"), { at: byId("store-at").value, ...change }));
  return `The store: link ${state(store.link)}, file ${state(store.file)}.`;
});

/** Shows every policy with its choices, and those that differ from the default first. */
export async function refreshPolicies() {
  const { policies } = await read("policies", "choices");
  const isChanged = (policy) => policy.value !== policy.default;
  const changed = policies.filter(isChanged);
  byId("policy-summary").textContent = changed.length
    ? `${changed.length} of ${policies.length} differ from the default: ${changed.map(({ name, value }) => `${name}=${value}`).join(", ")}`
    : `All ${policies.length} policies have their default`;
  const sorted = [...changed, ...policies.filter((policy) => !isChanged(policy))];
  render(byId("policy-list"), ...sorted.map(policyRow));
}

function policyRow(policy) {
  const id = `policy-${policy.name}`;
  const set = (value) => attempt(async () => {
    try {
      await send("POST", address("policies"), { [policy.name]: value });
      return `${policy.name} is ${value}.`;
    } finally {
      await refreshPolicies();
    }
  });
  const about = `The default is ${policy.default}.`;
  let field;
  if (policy.values) {
    const options = policy.values.map((value) => make("option", { value, textContent: value }));
    field = make("select", { id, title: about }, ...options);
    field.value = policy.value;
  } else {
    field = make("input", { id, value: policy.value, title: about });
  }
  field.addEventListener("change", () => set(field.value));
  const hint = policy.values ? policy.title : `${policy.title} It can be ${policy.choices}.`;
  const label = make("label", { htmlFor: id }, make("code", { textContent: policy.name }), make("br"), make("span", { className: "note", textContent: hint }));
  return make("div", { className: "policy" }, label, field);
}

export function startControls() {
  for (const control of byId("clock-buttons").querySelectorAll("button")) {
    control.addEventListener("click", () => changeClock(JSON.parse(control.dataset.change)));
  }
  onSubmit(byId("clock-set"), () => {
    const set = readTime(byId("clock-set").elements.set);
    return set && changeClock({ set });
  });
  byId("store-up").addEventListener("click", () => changeStore({ down: false }));
  byId("store-down").addEventListener("click", () => changeStore({ down: true }));
  byId("store-twice").addEventListener("click", () => changeStore({ down: true, times: 2 }));
}
