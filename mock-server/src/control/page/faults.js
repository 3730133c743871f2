// Fault rules: presets, rules of one's own, and how often each fired.

import { address, attempt, button, byId, make, markInvalid, onSubmit, read, render, send, tag } from "./dom.js";

/** A file name that no client may use as it is: it climbs, it has markup, and it turns the direction of writing. */
const HOSTILE_NAME = "../../<img src=x onerror=alert(1)>\u202Efdp.exe";

const PRESETS = [
  ["503 twice on the link", { match: { step: "link" }, when: { times: 2 }, then: { status: 503 } }],
  ["Next link is dead", { match: { step: "link" }, when: { times: 1 }, then: { expire: true } }],
  ["Cut after 100 bytes", { match: { step: "file" }, when: { times: 1 }, then: { cut: { after: 100 } } }],
  ["Hang in the body", { match: { step: "file" }, when: { times: 1 }, then: { stall: { after: 100 } } }],
  ["Hostile name", { match: { step: "link" }, when: { times: 1 }, then: { json: { set: { "/file_name": HOSTILE_NAME } } } }],
];

let rules = [];

/** Returns true if a request may change what is shown. */
export const hasFaults = () => rules.length > 0;

export async function refreshFaults() {
  show((await read("faults")).faults);
}

function show(faults) {
  rules = faults;
  render(byId("rules"), ...rules.map(row));
}

function row({ name, effect, times, matched, fired }) {
  const used = fired >= (times ?? 1);
  const count = times === null ? `fired ${fired} times` : `fired ${fired} of ${times}`;
  return make("li", {}, make("div", { className: "row" },
    make("b", { className: "target", textContent: name }), tag(effect), tag(count, used ? "good" : "warn"),
    make("span", { className: "note", textContent: `matched ${matched}` }),
    button("Remove", name, () => change(() => send("DELETE", address("faults", name)), `${name} is removed.`))));
}

const change = (work, said) => attempt(async () => {
  show((await work()).faults);
  return said;
});

/** Returns the name of a preset, with a number if there is a rule of that name. */
function freeName(label) {
  const wanted = label.toLowerCase().replaceAll(" ", "-");
  const taken = (name) => rules.some((rule) => rule.name === name);
  let number = 1;
  while (taken(number === 1 ? wanted : `${wanted}-${number}`)) number += 1;
  return number === 1 ? wanted : `${wanted}-${number}`;
}

function addOwn(form, text) {
  let rule;
  try {
    rule = JSON.parse(text);
  } catch (error) {
    markInvalid(form.elements.rule, `This is not JSON (${error.message}); nothing was sent.`);
    return null;
  }
  return change(() => send("POST", address("faults"), rule), "The rule is added.");
}

export function startFaults() {
  byId("presets").append(...PRESETS.map(([label, rule]) => make("button", {
    type: "button", textContent: label, title: JSON.stringify(rule),
    onclick: () => {
      const name = freeName(label);
      change(() => send("POST", address("faults"), { name, ...rule }), `${name} is added.`);
    },
  })));
  byId("faults-clear").addEventListener("click", () => change(() => send("DELETE", address("faults")), "No fault rules are left."));
  byId("faults-verify").addEventListener("click", () => attempt(async () => {
    show((await read("faults", "verify")).faults);
    return rules.length ? "Every rule fired as often as it demands." : "There are no rules.";
  }));
  const form = byId("fault-add");
  onSubmit(form, (data) => addOwn(form, data.get("rule")));
}
