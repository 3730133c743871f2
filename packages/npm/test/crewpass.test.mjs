// The package, against the programs of its platform package. Run with `node --test`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import {
  ControlError,
  connectCrewPass,
  CrewPassError,
  fault,
  findProgram,
  NeedsLever,
  serveCrewPass,
  startCrewPass,
} from "crewpass";

const require = createRequire(import.meta.url);
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

/** Starts a server that is not a fake. */
async function realServer(t) {
  const real = http.createServer((_, response) => response.writeHead(404).end("no such page"));
  await new Promise((resolve) => real.listen(0, "127.0.0.1", resolve));
  t.after(() => real.close());
  return `http://127.0.0.1:${real.address().port}`;
}

/** Sets variables until the end of a test. */
function setEnv(t, values) {
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  process.env = { ...before, ...values };
}

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

test("over TLS the environment names the authority", async () => {
  const tls = await serveCrewPass({ tls: true, args: ["--journal", "3"] });
  const session = await tls.session();
  const { CPK_CA_FILE } = session.env;
  const ca = fs.readFileSync(CPK_CA_FILE);
  const url = `${session.base}/__mock/health`;
  const status = await new Promise((resolve, reject) => {
    https.get(url, { ca, agent: false }, (answer) => resolve(answer.statusCode)).on("error", reject);
  });
  assert.equal(status, 200);
  assert.ok(await session.clock.now());
  await session.close();
  await tls.close();
  assert.ok(!fs.existsSync(CPK_CA_FILE));
});

test("a fake that can't start says why", async () => {
  const missing = path.join(os.tmpdir(), "no such world.yaml");
  await assert.rejects(serveCrewPass({ world: missing }), /exit code 3\n.*no such world/s);
});

test("variables of the fake change nothing", async (t) => {
  setEnv(t, { CREWPASS_MOCK_SEED: "not a number" });
  await (await serveCrewPass()).close();
});

test("a killed runner leaves no fake, and a fake keeps no runner", { timeout: 120_000 }, async () => {
  const text = `
    const { serveCrewPass } = require(${JSON.stringify(require.resolve("crewpass"))});
    serveCrewPass().then((fake) => console.log(fake.base));
    if (process.argv[1] === "wait") setInterval(() => {}, 1000);`;
  for (const mode of ["wait", "end"]) {
    const runner = spawn(process.execPath, ["-e", text, mode], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => runner.once("exit", (code, signal) => resolve(code ?? signal)));
    const base = await new Promise((resolve) => runner.stdout.once("data", (line) => resolve(String(line))));
    const { hostname, port } = new URL(base);
    if (mode === "wait") {
      const socket = net.connect(Number(port), hostname);
      await new Promise((resolve) => socket.once("connect", resolve));
      // The connection ends when the fake does.
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.on("error", () => {});
      socket.resume();
      runner.kill("SIGKILL");
      await closed;
    }
    assert.equal(await ended, mode === "wait" ? "SIGKILL" : 0);
  }
});

test("a real environment has no levers", async (t) => {
  const base = await realServer(t);
  setEnv(t, { CREWPASS_BASE: base, CPK_KEY: "cpk_test_0123", CREW_ID: "crew_77" });
  const real = await startCrewPass();
  const reasons = [];
  const session = await real.session({ skip: (reason) => reasons.push(reason) });
  assert.equal(session.hasLevers, false);
  assert.deepEqual(session.env, { BASE: base, CPK_KEY: "cpk_test_0123", CREW_ID: "crew_77" });
  assert.equal(session.keys.full, "cpk_test_0123");
  const uses = [
    async () => session.clock,
    async () => session.store,
    async () => session.faults,
    async () => session.policies,
    async () => session.keys.revoked,
    () => session.journal(),
    () => session.assertNoLeaks(),
    () => session.upload("x"),
    () => session.reset(),
  ];
  for (const use of uses) await assert.rejects(use, NeedsLever);
  assert.equal(reasons.length, uses.length);
  assert.equal(reasons[0], `needs the clock, a lever of the fake that ${base} does not have`);
  await assert.rejects(real.session({ clock: "2026-06-08T10:00:00Z" }), /a session with clock/);
  await assert.rejects(startCrewPass({ tls: true }), /a server with tls/);
  await assert.rejects(real.sessions(), NeedsLever);
  process.env.CPK_KEY = "cpk_live_0123456789";
  await assert.rejects(real.session(), (error) => {
    return /live key/.test(error.message) && !/0123456789/.test(error.message);
  });
  delete process.env.CREW_ID;
  await assert.rejects(real.session(), /CPK_KEY and CREW_ID/);
});

test("a running fake is used with its token", async (t) => {
  setEnv(t, {});
  const fake = await serveCrewPass({ args: ["--control-token", "sesame"] });
  t.after(() => fake.close());
  await assert.rejects(fake.session(), { name: "ControlError", status: 401 });
  await assert.rejects(connectCrewPass(fake.base), /CREWPASS_MOCK_CONTROL_TOKEN/);
  process.env.CREWPASS_MOCK_CONTROL_TOKEN = "sesame";
  const again = await connectCrewPass(`${fake.base}/`);
  const session = await again.session();
  assert.ok(await session.clock.now());
  await session.close();
  // What this process did not start goes on.
  await again.close();
  assert.deepEqual(await (await connectCrewPass(fake.base)).sessions(), ["default"]);
});

test("nobody at the base is an error", async () => {
  await assert.rejects(connectCrewPass("localhost:8787"), /not the base URL/);
  const gone = await serveCrewPass();
  await gone.close();
  await assert.rejects(connectCrewPass(gone.base), /ECONNREFUSED/);
});

test("another binary is used or named", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "crewpass-test-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  setEnv(t, { CREWPASS_BINARY: path.join(folder, "crewpass-mock") });
  assert.throws(() => findProgram(), /CREWPASS_BINARY is/);
  for (const name of ["crewpass-mock", "crewpass-contract"]) {
    fs.writeFileSync(path.join(folder, name), "");
    assert.equal(findProgram(name), path.join(folder, name));
  }
});

test("a missing platform package is named", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "crewpass-test-"));
  // A copy of the package alone, where its dependency can't be found.
  const copy = path.join(folder, "crewpass");
  fs.cpSync(path.dirname(require.resolve("crewpass/package.json")), copy, { recursive: true });
  const env = { ...process.env, CREWPASS_BINARY: "" };
  const bin = path.join(copy, "bin", "crewpass-mock.js");
  const ran = spawnSync(process.execPath, [bin], { env, encoding: "utf8" });
  assert.equal(ran.status, 127);
  assert.match(ran.stderr, /@crewpass\/linux-x64 is missing.*optional/);
  const text = `Object.defineProperty(process, "arch", { value: "riscv64" }); require(${JSON.stringify(bin)})`;
  const other = spawnSync(process.execPath, ["-e", text], { env, encoding: "utf8" });
  assert.equal(other.status, 127);
  assert.match(other.stderr, /no programs for linux-riscv64, only for linux-x64/);
  fs.rmSync(folder, { recursive: true });
});

test("the commands are the programs", () => {
  const bin = path.join(path.dirname(require.resolve("crewpass/package.json")), "bin");
  for (const name of ["crewpass-mock", "crewpass-contract"]) {
    const command = [path.join(bin, `${name}.js`)];
    const shown = spawnSync(process.execPath, [...command, "--version"], { encoding: "utf8" });
    assert.match(shown.stdout, new RegExp(`^${name} \\d`));
    assert.equal(spawnSync(process.execPath, [...command, "--wrong"]).status, 2);
  }
});

test("`require` has the same names", () => {
  const names = Object.keys(require("crewpass")).sort();
  assert.deepEqual(names, Object.keys({ ControlError, CrewPassError, NeedsLever, connectCrewPass, fault, findProgram, serveCrewPass, startCrewPass }).sort());
});
