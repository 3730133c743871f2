// Starting, ending and finding a server, and the commands. Run with `node --test`.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
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

test("over TLS the environment names the authority", async () => {
  const tls = await serveCrewPass({ tls: true, journal: 3 });
  const session = await tls.session();
  const { CPK_CA_FILE } = session.env;
  const ca = fs.readFileSync(CPK_CA_FILE);
  const url = `${session.base}/__mock/health`;
  const status = await new Promise((resolve, reject) => {
    https.get(url, { ca, agent: false }, (answer) => resolve(answer.statusCode)).on("error", reject);
  });
  assert.equal(status, 200);
  assert.ok(await session.clock.now());
  await assert.rejects(connectCrewPass(tls.base), /CPK_CA_FILE names the authority to trust/);
  await session.close();
  await tls.close();
  assert.ok(!fs.existsSync(CPK_CA_FILE));
});

test("a fake that can't start says why", async () => {
  const missing = path.join(os.tmpdir(), "no such world.yaml");
  await assert.rejects(serveCrewPass({ world: missing }), /exit code 3\n.*no such world/s);
});

test("a fake that died is told", async () => {
  const dead = await serveCrewPass();
  const session = await dead.session();
  process.kill(dead.pid, "SIGKILL");
  for (const use of [() => session.journal(), () => session.close()]) {
    await assert.rejects(use, { name: "CrewPassError", message: /has ended with exit code SIGKILL/ });
  }
  await dead.close();
});

test("another program is an error that names the variable", async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "crewpass-test-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, "crewpass-mock");
  setEnv(t, { CREWPASS_BINARY: file });
  const programs = [["", /CREWPASS_BINARY names, can't be run/]];
  for (const printed of ["listening", "{}", "null"]) {
    programs.push([`#!/bin/sh\necho '${printed}'\n`, /CREWPASS_BINARY names, is not a crewpass-mock/]);
  }
  for (const [text, message] of programs) {
    fs.writeFileSync(file, text);
    fs.chmodSync(file, text ? 0o755 : 0o644);
    await assert.rejects(serveCrewPass(), { name: "CrewPassError", message });
  }
});

test("what is no server or no authority is an error of ours", async (t) => {
  setEnv(t, { CPK_CA_FILE: path.join(os.tmpdir(), "no such file") });
  const ours = (message) => ({ name: "CrewPassError", message });
  await assert.rejects(connectCrewPass("https://127.0.0.1:1"), ours(/CPK_CA_FILE is ".*no such file"/));
  process.env.CPK_CA_FILE = import.meta.filename ?? process.argv[1];
  await assert.rejects(connectCrewPass("https://127.0.0.1:1"), ours(/CPK_CA_FILE is .*no certificate/));
  delete process.env.CPK_CA_FILE;
  for (const base of ["http://127.0.0.1:port", "http://", "ftp://a"]) {
    await assert.rejects(connectCrewPass(base), ours(/not the base URL/));
  }
  for (const answer of ["SSH-2.0-x\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]) {
    const odd = net.createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(answer)));
    await new Promise((resolve) => odd.listen(0, "127.0.0.1", resolve));
    t.after(() => odd.close());
    await assert.rejects(connectCrewPass(`http://127.0.0.1:${odd.address().port}`), ours(/__mock\/health: /));
  }
});

test("beside a running fake, a server with options is another one", async (t) => {
  const running = await serveCrewPass();
  t.after(() => running.close());
  setEnv(t, { CREWPASS_BASE: running.base });
  const same = await startCrewPass({ tls: false, args: [], world: undefined });
  assert.equal(same.base, running.base);
  const own = await startCrewPass({ tls: true });
  assert.match(own.base, /^https:/);
  await own.close();
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
    async () => session.webhooks,
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
