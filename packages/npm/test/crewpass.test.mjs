// Sessions and their handles, against the programs of the platform package. Run with `node --test`.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { ControlError, CrewPassError, fault, startCrewPass } from "crewpass";

let server;
before(async () => {
  server = await startCrewPass();
});
after(() => server.close());

/** Runs a test with a session. */
function withSession(name, options, run) {
  test(name, async () => {
    const session = await server.session(options);
    try {
      await run(session);
    } finally {
      await session.close();
    }
  });
}

async function get(session, rest = "", key = session.key) {
  const url = `${session.base}/api/v2/employers/me/crew/${session.crew}/documents${rest}`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: await answer.json() };
}

const link = (session, document = "doc_1") => get(session, `/${document}/download`);

withSession("the usual key lists the documents of the usual person", {}, async (session) => {
  assert.equal((await get(session)).body.items.length, 6);
  assert.deepEqual(session.env, { BASE: session.base, CPK_KEY: session.key, CREW_ID: "crew_001" });
  assert.equal((await get(session, "", session.keys.revoked)).status, 401);
});

withSession("a link dies with the clock", { clock: "2026-06-08T10:00:00Z" }, async (session) => {
  const { download_url } = (await link(session)).body;
  assert.equal((await fetch(download_url)).status, 200);
  assert.equal((await session.clock.advance("16m")).toISOString(), "2026-06-08T10:16:00.000Z");
  assert.equal((await fetch(download_url)).status, 404);
  const [entry] = await session.journal({ step: "file", status: 404 });
  assert.equal(entry.clause.id, "link-alive");
  await session.clock.set(new Date("2026-06-08T09:00:00Z"));
  await session.clock.advance(-60_000);
  assert.equal((await session.clock.now()).toISOString(), "2026-06-08T08:59:00.000Z");
  await session.clock.freeze("2026-06-08T07:00:00Z");
  assert.ok((await session.clock.run()) < (await session.clock.set("2026-06-08T08:00:00Z")));
});

withSession("the store is down for one document or some requests", {}, async (session) => {
  await session.store.down({ at: "link", times: 1 });
  assert.deepEqual(await session.store.state(), { link: { down_for: 1 }, file: "up" });
  assert.deepEqual([(await link(session)).status, (await link(session)).status], [503, 200]);
  await session.store.down({ document: "doc_1" });
  assert.deepEqual([(await link(session)).status, (await link(session, "doc_2")).status], [503, 200]);
  await session.store.up({ document: "doc_1" });
  await session.store.down();
  await session.store.up();
  assert.equal((await link(session)).status, 200);
});

withSession("the store refuses what would have no effect", {}, async ({ store }) => {
  const uses = [
    () => store.down({ document: "doc_1", times: 2 }),
    () => store.down({ document: "doc_1", at: "link" }),
    () => store.up({ document: "doc_1", at: "link" }),
    () => store.down({ crew: "crew_001" }),
    () => store.up({ crew: "crew_001" }),
  ];
  for (const use of uses) await assert.rejects(use, { name: "CrewPassError", message: /the store .* has no `/ });
  assert.deepEqual(await store.state(), { link: "up", file: "up" });
});

withSession("a fault fires as often as it says", {}, async (session) => {
  await session.faults.add({ name: "twice", step: "link", times: 2, status: 503 });
  await link(session);
  await assert.rejects(session.faults.verify(), { name: "AssertionError", message: /fired 1 times of 2/ });
  assert.deepEqual([(await link(session)).status, (await link(session)).status], [503, 200]);
  await session.faults.verify();
  assert.equal((await session.faults.counts())[0].fired, 2);
  await session.faults.remove("twice");
  await session.faults.add({ latency: "1ms" }, { then: { status: 500 } });
  assert.equal((await session.faults.counts()).length, 2);
  await session.faults.clear();
  assert.deepEqual(await session.faults.counts(), []);
});

test("fields of a rule go where they belong", () => {
  assert.deepEqual(fault({ name: "n", step: "file", from: "5m", for: "1m", cut: { after: 9 } }), {
    name: "n",
    match: { step: "file" },
    when: { from: "5m", for: "1m" },
    then: { cut: { after: 9 } },
  });
});

withSession("policies are set at the start and later", { policies: { dead_link: "410" } }, async (session) => {
  assert.equal((await session.policies.all()).dead_link, "410");
  assert.equal((await session.policies.set({ dead_link: "403" })).dead_link, "403");
  await assert.rejects(session.policies.set({ dead_link: "418" }), (error) => {
    assert.ok(error instanceof ControlError && error instanceof CrewPassError);
    assert.deepEqual([error.status, error.code], [400, "bad_request"]);
    return /`404`, `403`, `410`/.test(error.message);
  });
});

withSession("an upload supersedes and keeps its name", {}, async (session) => {
  const fields = { supersedes: "doc_1", file_name: "../../evil.sh" };
  const document = await session.upload("%PDF-1.4 new", fields);
  assert.equal((await link(session)).status, 404);
  const { body } = await link(session, document);
  assert.equal(body.file_name, "../../evil.sh");
  assert.equal(await (await fetch(body.download_url)).text(), "%PDF-1.4 new");
  await session.upload(new Uint8Array([1, 2]), { type: "STCW", title: "Radar" });
  assert.equal((await get(session)).body.items.length, 7);
});

withSession("leaks fail with the request", {}, async (session) => {
  await link(session);
  await session.assertNoLeaks();
  await get(session, `?key=${session.key}`);
  await assert.rejects(session.assertNoLeaks(), (error) => {
    assert.ok(!error.message.includes(session.key));
    return /leaks key-in-query/.test(error.message);
  });
});

withSession("a journal that was full proves nothing", { journal: 2 }, async (session) => {
  await get(session, `?key=${session.key}`);
  for (const _ of [1, 2]) await get(session);
  const journal = await session.journal();
  assert.deepEqual([journal.length, journal.dropped, journal.open], [2, 1, 0]);
  assert.match(await session.journalText(), /^\(1 entries were dropped/);
  await assert.rejects(session.assertNoLeaks(), { name: "AssertionError", message: /no longer in the journal/ });
});

withSession("an open response proves nothing", {}, async (session) => {
  await session.faults.add({ step: "list", stall: true });
  const abort = new AbortController();
  const url = `${session.base}/api/v2/employers/me/crew/${session.crew}/documents`;
  const asked = fetch(url, { headers: { authorization: `Bearer ${session.key}` }, signal: abort.signal });
  while ((await session.journal()).open === 0);
  assert.equal(await session.journalText(), "(1 request has no end of its response yet)");
  await assert.rejects(session.assertNoLeaks(), { name: "AssertionError", message: /1 request has no end/ });
  abort.abort();
  await assert.rejects(asked);
  while ((await session.journal()).open > 0);
  await session.assertNoLeaks();
});

/** Runs a test with a session and a receiver of webhooks. */
function withReceiver(name, run) {
  test(name, async (t) => {
    const got = [];
    const statuses = [];
    const receiver = http.createServer((request, response) => {
      request.resume().on("end", () => {
        got.push(request.headers);
        response.writeHead(statuses.shift() ?? 204).end();
      });
    });
    await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    t.after(() => receiver.close());
    const session = await server.session();
    await session.webhooks.add(`http://127.0.0.1:${receiver.address().port}/hooks`, "whsec_test");
    await run({ session, webhooks: session.webhooks, got, statuses });
    await session.close();
  });
}

withReceiver("an event arrives as often as it is fired", async ({ webhooks, got }) => {
  const event = await webhooks.fire("crew.status.changed", { crew: "crew_001", copies: 2 });
  await webhooks.verify();
  assert.deepEqual(got.map((headers) => headers["x-crewpass-event-id"]), [event, event]);
  assert.deepEqual((await webhooks.deliveries()).map(({ state }) => state), ["delivered", "delivered"]);
  await webhooks.clear();
  assert.deepEqual((await webhooks.list()).callbacks, []);
});

withReceiver("an event can be wrong on purpose", async ({ session, webhooks, got }) => {
  const odd = { unknown: true, data: { a: 1 }, alter: { signature: "missing" } };
  await webhooks.fire("crew.odd", odd);
  await webhooks.verify();
  await webhooks.alter({ signature: "empty" }, { times: 1 });
  const path = `/crew/${session.crew}/documents/doc_1`;
  await session.control().request("POST", path, { body: { verification_status: "rejected" } });
  await webhooks.verify();
  const signatures = got.map((headers) => headers["x-crewpass-signature"]);
  assert.deepEqual([signatures[0], signatures.filter((text) => text === "").length], [undefined, 1]);
});

withReceiver("a delivery that failed is told and sent again", async ({ session, webhooks, got, statuses }) => {
  await session.clock.freeze();
  statuses.push(400, 503);
  await webhooks.fire("crew.status.changed");
  await assert.rejects(webhooks.verify(), { name: "AssertionError", message: /have not arrived/ });
  assert.equal(await webhooks.redeliver(), 1);
  await assert.rejects(webhooks.verify(), { name: "AssertionError" });
  await session.clock.advance("1h");
  await webhooks.verify();
  assert.equal(got.length, 3);
});

withSession("the journal holds requests and changes", {}, async (session) => {
  await get(session);
  await session.clock.freeze();
  assert.deepEqual((await session.journal()).map((entry) => entry.step), ["list"]);
  assert.deepEqual((await session.journal({ change: "clock" })).map((entry) => entry.change), ["clock"]);
  assert.equal((await session.journal({ step: "list", wait: "1m" })).length, 1);
  assert.match(await session.journalText(), /^\S+ GET \/api\S+ 200 served$/);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "crewpass-test-"));
  await session.writeHar(path.join(folder, "a.har"));
  const har = JSON.parse(fs.readFileSync(path.join(folder, "a.har"), "utf8"));
  assert.equal(har.log.entries.length, 1);
  fs.rmSync(folder, { recursive: true });
  await session.control().request("POST", `/crew/${session.crew}`, { body: { consent: { prt_123: [] } } });
  assert.equal((await get(session)).body.error.code, "scope_not_consented");
  await session.reset();
  assert.equal((await get(session)).status, 200);
});

const generated = { world: { generate: { crew: 3, documents: 2, seed: 7 } }, faults: [{ status: 503, times: 1 }] };
withSession("a session has its own world and faults", generated, async (session) => {
  assert.equal(session.contents.crew, 3);
  assert.deepEqual([(await get(session)).status, (await get(session)).status], [503, 200]);
});

test("sessions do not see each other and end", async () => {
  const [one, two] = [await server.session(), await server.session()];
  await one.store.down();
  assert.deepEqual([(await link(one)).status, (await link(two)).status], [503, 200]);
  await one[Symbol.asyncDispose]();
  await two.close();
  assert.deepEqual(await server.sessions(), ["default"]);
  assert.equal((await get(one)).status, 401);
});
