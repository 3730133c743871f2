// Webhooks: the callbacks, the deliveries to them, and what can be done with these.

import { address, attempt, button, byId, make, onSubmit, read, render, send, tag } from "./dom.js";

const STATE_KINDS = { delivered: "good", waiting: "warn", sending: "warn", refused: "bad", dead: "bad" };

/** The number of deliveries that are shown, the newest first. */
const SHOWN = 50;

export async function refreshWebhooks() {
  const { callbacks, deliveries } = await read("webhooks");
  byId("callbacks-empty").hidden = callbacks.length > 0;
  render(byId("callback-list"), ...callbacks.map(callbackRow));
  const shown = deliveries.slice(-SHOWN).reverse();
  byId("delivery-count").textContent = shown.length < deliveries.length
    ? `${shown.length} of ${deliveries.length} deliveries are shown` : `${deliveries.length} deliveries`;
  render(byId("delivery-list"), ...shown.map(deliveryRow));
}

function callbackRow(callback) {
  return make("li", {},
    make("div", { className: "row" }, make("code", { className: "target", textContent: callback.url }), tag(callback.secret)),
    make("div", { className: "note", textContent: `${callback.partner ?? "the first partner"}: ${callback.events?.join(", ") ?? "all events"}` }));
}

function deliveryRow(delivery) {
  const { crew_unique_id: crew, ...rest } = delivery.data;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value ?? "none"}`);
  const last = delivery.attempts.at(-1);
  const attempts = last ? `${delivery.attempts.length} attempts, the last ${last.status ?? last.error}` : "no attempt yet";
  const isSettled = STATE_KINDS[delivery.state] !== "warn";
  return make("li", { "data-delivery": delivery.delivery },
    make("div", { className: "row" }, make("b", { className: "target", textContent: `${delivery.delivery} ${delivery.event_type}` }),
      tag(delivery.state, STATE_KINDS[delivery.state]), delivery.altered ? tag("altered", "warn") : null),
    make("div", { className: "target", textContent: [crew, ...details].filter(Boolean).join(", ") }),
    make("div", { className: "row" }, make("span", { className: "note target", textContent: delivery.due ? `${attempts}, due ${delivery.due}` : attempts }),
      isSettled ? button("Send again", `delivery ${delivery.delivery}`, () => redeliver(delivery.delivery)) : null));
}

const redeliver = (delivery) => attempt(async () => {
  const { redelivered } = await send("POST", address("webhooks", "redeliver"), delivery ? { delivery } : {});
  await refreshWebhooks();
  return delivery ? `Delivery ${delivery} is sent again.` : `${redelivered} deliveries are sent again.`;
});

/** Sends an event by hand, perhaps more than once: a receiver has to bear that. */
async function fire(copies) {
  const form = new FormData(byId("fire"));
  const crew = form.get("crew").trim();
  const { event_id: id, deliveries } = await send("POST", address("webhooks", "fire"), { event_type: form.get("event_type"), copies, ...(crew && { crew }) });
  await refreshWebhooks();
  return `${id} is sent: ${deliveries.length === 1 ? "1 delivery" : `${deliveries.length} deliveries`}.`;
}

export function startWebhooks() {
  onSubmit(byId("fire"), () => fire(1));
  byId("fire-twice").addEventListener("click", () => attempt(() => fire(2)));
  onSubmit(byId("callback-add"), async (form) => {
    const { url } = await send("POST", address("webhooks", "callbacks"), { url: form.get("url").trim(), secret: form.get("secret") });
    byId("callback-add").reset();
    await refreshWebhooks();
    return `${url} gets all events of the first partner.`;
  });
  byId("webhooks-redeliver").addEventListener("click", () => redeliver(null));
  byId("webhooks-verify").addEventListener("click", () => attempt(async () => {
    const { deliveries } = await read("webhooks", "verify");
    return `All ${deliveries.length} deliveries have arrived.`;
  }));
  byId("callbacks-clear").addEventListener("click", () => attempt(async () => {
    await send("DELETE", address("webhooks", "callbacks"));
    await refreshWebhooks();
    return "No callback is left.";
  }));
}
