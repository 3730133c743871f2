// Who is in the world: keys, crew members with their documents, and the links that were given.

import { address, attempt, button, byId, copy, make, onSubmit, read, render, send, tag, view } from "./dom.js";
import { sessionTime } from "./controls.js";
import { fileLine, listLine } from "./shell.js";

const STATUSES = ["verified", "pending", "rejected", "expired"];
const STATUS_KINDS = { verified: "good", pending: "warn", rejected: "bad", expired: "bad" };

/** The text that crew members are searched by. */
let find = "";

export async function refreshWorld() {
  const query = find ? `?find=${encodeURIComponent(find)}` : "";
  const world = await send("GET", address("world") + query);
  view.world = world;
  byId("world-line").textContent = `World “${world.name}” on ${world.base}: ${world.partners.length} partners, `
    + `${world.vessels.length} vessels, ${world.crew_total} crew members.`;
  render(byId("key-list"), ...world.partners.flatMap((partner) => partner.keys.map((key) => keyRow(partner, key))));
  render(byId("vessel-list"), ...world.vessels.map(vesselRow));
  const shown = world.crew.length;
  byId("crew-count").textContent = shown < world.crew_matching ? `${shown} of ${world.crew_matching} are shown` : `${shown} found`;
  const open = new Set([...document.querySelectorAll("details.person[open]")].map((person) => person.dataset.crew));
  const isFirst = byId("people").childElementCount === 0;
  render(byId("people"), ...world.crew.map((person, at) => personBlock(person, open.has(person.id) || (isFirst && at === 0))));
}

const READ = "crew:documents:read";
const DOWNLOAD = "crew:documents:download";

/** What else a key may see, by scope. */
const OTHERS = {
  "vessels:fleet:read": "fleet", "crew:status:read": "statuses", "crew:profile:read": "profiles",
  "crew:profile:full:read": "full profiles", "crew:compliance:read": "compliance",
};

/** Says what a key is for. */
function purpose(partner, key) {
  if (key.revoked) return "revoked: 401, as an unknown key";
  if (key.mode !== view.world.mode) return `a ${key.mode ?? "strange"} key in a ${view.world.mode} world: 403 partner_mode_mismatch`;
  if (!partner.api_enabled) return "a plan without the API: 403 api_not_enabled";
  const [lists, gets] = [READ, DOWNLOAD].map((scope) => key.granted_scopes.includes(scope));
  const can = lists && gets ? "lists documents and gets links" : lists ? "lists documents, but gets no link"
    : gets ? "gets links, but no list" : "neither lists documents nor gets links";
  const missing = Object.keys(OTHERS).filter((scope) => !key.granted_scopes.includes(scope)).map((scope) => OTHERS[scope]);
  const others = missing.length ? `sees no ${missing.join(", no ")}` : `sees ${Object.values(OTHERS).join(", ")}`;
  const all = lists && gets && !missing.length ? `may do everything: ${can}; ${others}` : `${can}; ${others}`;
  return partner === view.world.partners[0] ? all : `another partner's: ${all} on its own fleet`;
}

/** The crew member to try a key with: the first on the partner's fleet, or else the first of all. */
function example(partner) {
  const fleet = view.world.vessels.filter((vessel) => vessel.partners.includes(partner.id)).map((vessel) => vessel.id);
  const people = view.world.crew;
  return people.find((person) => person.vessels.some((id) => fleet.includes(id))) ?? people[0];
}

function keyRow(partner, key) {
  const shown = `${key.key.slice(0, 9)}…${key.key.slice(-4)}`;
  const line = () => { const person = example(partner); return person ? listLine(person.id, key.key) : null; };
  const revoke = () => attempt(async () => {
    await send("POST", address("keys", key.name), { revoked: !key.revoked });
    await refreshWorld();
    return `The key ${key.name} is ${key.revoked ? "restored" : "revoked"}.`;
  });
  return make("li", {},
    make("div", { className: "row" }, make("b", { textContent: key.name }), make("code", { textContent: shown }),
      make("span", { className: "note", textContent: partner.id })),
    make("div", { textContent: purpose(partner, key) }),
    make("div", { className: "row" },
      button("Copy curl", `with the key ${key.name}`, () => { const text = line(); if (text) copy(text); }),
      button("Copy export", `of the key ${key.name}`, () => copy(`export BASE=${view.world.base} CPK_KEY=${key.key}`)),
      button(key.revoked ? "Restore" : "Revoke", `the key ${key.name}`, revoke)));
}

function vesselRow(vessel) {
  const about = [vessel.type, vessel.flag, vessel.imo && `IMO ${vessel.imo}`].filter(Boolean).join(", ");
  return make("li", {},
    make("div", { className: "row" }, make("b", { textContent: vessel.id }), make("span", { className: "target", textContent: vessel.name })),
    make("div", { className: "note target", textContent: `${about || "nothing else is known"}; managed by ${vessel.partners.join(", ") || "nobody"}` }));
}

const COMPLIANCE_KINDS = { compliant: "good", at_risk: "warn", non_compliant: "bad" };

/** Says what a compliance check says of each vessel, and what the fleet shows of a person. */
function statusRow(person) {
  const { verification_status: verification, background_check_status: check, roles, has_photo: hasPhoto, profile } = person.details;
  const shown = [`background check ${check ?? "none"}`, hasPhoto ? "a photo" : "no photo", profile ? "a profile" : "no profile"];
  const checks = person.compliance.map(({ vessel_id: vessel, overall_status: status, as_of: asOf }) => make("div", { className: "row" },
    make("span", { className: "target", textContent: `${roles[vessel] ?? "No role"} on ${vessel}:` }),
    tag(String(status), COMPLIANCE_KINDS[status] ?? ""),
    make("span", { className: "note", textContent: `as of ${asOf}` })));
  return make("div", {},
    make("div", { className: "row" }, tag(verification, verification === "verified" ? "good" : "warn"),
      make("span", { className: "note target", textContent: `${shown.join(", ")}.` })),
    ...checks);
}

function personBlock(person, isOpen) {
  const consent = Object.entries(person.consent).map(([partner, scopes]) => `${partner} to ${scopes.join(", ") || "nothing"}`);
  const vessels = person.vessels.length ? `On ${person.vessels.join(", ")}.` : "On no vessel.";
  const current = person.documents.filter((one) => one.current);
  const name = [person.name, person.rank].filter(Boolean).join(", ");
  return make("details", { className: "person", open: isOpen, "data-crew": person.id },
    make("summary", {}, make("b", { textContent: person.id }), ` ${name} `, make("span", { className: "note", textContent: current.length === 1 ? "1 document" : `${current.length} documents` })),
    make("p", { className: "note", textContent: `${vessels} ${consent.length ? `Consent: ${consent.join("; ")}.` : "No consent."}` }),
    statusRow(person),
    make("div", { className: "row" }, button("Copy curl", `for the list of ${person.id}`, () => copy(listLine(person.id)))),
    make("ul", { className: "list" }, ...current.map((one) => documentRow(person, one))));
}

/** Says which versions a document replaced. */
function earlier(person, one) {
  const ids = [];
  for (let at = one; at?.supersedes; at = person.documents.find((other) => other.id === at.supersedes)) ids.push(at.supersedes);
  return ids.length ? `version ${one.version}, replaced ${ids.join(", ")}` : `version ${one.version}`;
}

function documentRow(person, one) {
  const place = ["crew", person.id, "documents", one.id];
  const change = (detail, said) => attempt(async () => {
    await send("POST", address(...place), detail);
    await refreshWorld();
    return said;
  });
  const status = make("select", { "aria-label": `Status of ${one.id}`, className: `small ${STATUS_KINDS[one.verification_status]}` },
    ...STATUSES.map((name) => make("option", { value: name, textContent: name })));
  status.value = one.verification_status;
  status.addEventListener("change", () => change({ verification_status: status.value }, `${one.id} is ${status.value}.`));
  const isUp = one.store === "up";
  const remove = () => attempt(async () => {
    await send("DELETE", address(...place));
    await refreshWorld();
    return `${one.id} is removed with all its versions.`;
  });
  const row = make("li", { className: "document", "data-document": one.id },
    make("div", { className: "row" }, make("b", { textContent: one.id }), status,
      make("span", { className: "note", textContent: one.expiry_date ? `expires ${one.expiry_date}` : "no expiry date" }),
      isUp ? null : tag("store down", "bad")),
    make("div", { className: "target", textContent: `${one.type}: ${one.title}` }),
    make("div", { className: "note target", textContent: `${earlier(person, one)}; file ${one.file_name ?? "without a name"}, ${one.content_type ?? "type unknown"}` }),
    make("div", { className: "row" },
      button("New version", `of ${one.id}`, () => choose(person, one)),
      button("Copy curl", `for the file of ${one.id}`, () => copy(fileLine(person.id, one.id))),
      button(isUp ? "Store down" : "Store up", `for ${one.id}`, () => change({ store: isUp ? "down" : "up" }, `The store is ${isUp ? "down" : "up"} for ${one.id}.`)),
      button("Remove", one.id, remove)));
  takeDrops(row, (file) => upload(person, one, file));
  return row;
}

function takeDrops(row, take) {
  row.addEventListener("dragover", (event) => { event.preventDefault(); row.classList.add("over"); });
  row.addEventListener("dragleave", () => row.classList.remove("over"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    row.classList.remove("over");
    const file = event.dataTransfer.files[0];
    if (file) take(file);
  });
}

/** Lets a person choose the file of a new version, for those who do not drop it. */
function choose(person, one) {
  const field = byId("new-version");
  field.value = "";
  field.onchange = () => { if (field.files[0]) upload(person, one, field.files[0]); };
  field.click();
}

const upload = (person, one, file) => attempt(async () => {
  const made = await send("POST", `${address("crew", person.id, "documents")}?supersedes=${encodeURIComponent(one.id)}`, file);
  await refreshWorld();
  return `${made.document_id} replaces ${made.supersedes} (${file.size} bytes of ${file.name}).`;
});

let links = [];

/** Reads the links that were given, and what each would give now. */
export async function refreshLinks() {
  ({ links } = await read("links"));
  byId("links-empty").hidden = links.length > 0;
  render(byId("link-list"), ...links.map(linkRow));
  tickLinks();
}

function linkRow(link) {
  const works = link.status === 200;
  return make("li", {}, make("div", { className: "row" },
    make("b", { className: "target", textContent: `${link.crew} ${link.document}` }),
    tag(works ? "works" : `${link.status ?? "no answer"} ${link.decided_by}`, works ? "good" : "bad"),
    make("span", { className: "note", "data-expires": link.expires_at ?? "", "data-is-dead": String(link.status >= 400 && link.status < 500) }),
    make("span", { className: "note", textContent: `entry ${link.seq}` }),
    button("Copy curl", `for a fresh link to ${link.document}`, () => copy(fileLine(link.crew, link.document)))));
}

const written = (seconds) => {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return [days && `${days} d`, hours && `${hours} h`, `${minutes} min`, `${seconds % 60} s`].filter(Boolean).join(" ");
};

/** Shows the remaining life of each link. Returns true if one has just ended. */
export function tickLinks() {
  let hasEnded = false;
  for (const place of byId("link-list").querySelectorAll("[data-expires]")) {
    if (!place.dataset.expires) continue;
    const left = Math.round((Date.parse(place.dataset.expires) - sessionTime()) / 1000);
    // A link may be dead before its time, as after a reset.
    const life = place.dataset.isDead === "true" ? "dead before its time" : `${written(left)} left`;
    const text = left > 0 ? life : `expired ${written(-left)} ago`;
    hasEnded ||= left <= 0 && place.textContent.endsWith("left");
    place.textContent = text;
  }
  return hasEnded;
}

export function startWorld() {
  onSubmit(byId("crew-find"), async (form) => {
    find = form.get("find").trim();
    await refreshWorld();
    return byId("crew-count").textContent;
  });
  // A file that is dropped beside a document must not replace the page.
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
}
