"use strict";
// Rules that make answers fail.

const PARTS = {
  match: new Set(["step", "crew", "document", "method"]),
  when: new Set(["skip", "times", "every", "probability", "from", "for"]),
};
const WHOLE = new Set(["name", "match", "when", "then"]);

/** Returns a rule in the form of the control API, from one in that form or from its fields. */
function fault(fields) {
  const rule = {};
  for (const [name, value] of Object.entries(fields)) {
    if (WHOLE.has(name)) {
      rule[name] = value;
      continue;
    }
    const part = PARTS.match.has(name) ? "match" : PARTS.when.has(name) ? "when" : "then";
    rule[part] = { ...rule[part], [name]: value };
  }
  return rule;
}

module.exports = { fault };
