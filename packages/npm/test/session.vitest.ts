// The fixture of `crewpass/vitest`. Which of these fail and are skipped is checked by `tools/packages.sh`.
import type { Session } from "crewpass";
import { crewpassTest, test } from "crewpass/vitest";
import { expect } from "vitest";

async function status(fake: Session): Promise<number> {
  const url = `${fake.base}/api/v2/employers/me/crew/${fake.crew}/documents`;
  return (await fetch(url, { headers: { authorization: `Bearer ${fake.key}` } })).status;
}

let first: Session | undefined;

test("plain: a session", async ({ crewpass }) => {
  first = crewpass;
  expect([200, 404]).toContain(await status(crewpass));
});

test("lever: the session of the test before has ended", async ({ crewpass }) => {
  expect(await crewpass.journal()).toEqual([]);
  expect(await status(first!)).toBe(401);
});

const broken = crewpassTest({ faults: [{ status: 503, times: 2 }], verifyFaults: true });

broken("lever: faults from the start, all used", async ({ crewpass }) => {
  expect([await status(crewpass), await status(crewpass), await status(crewpass)]).toEqual([503, 503, 200]);
});

broken("fails: a fault is left", async ({ crewpass }) => {
  expect(await status(crewpass)).toBe(503);
});

test("fails: its journal is shown", async ({ crewpass }) => {
  await crewpass.clock.freeze("2026-06-08T10:00:00Z");
  await status(crewpass);
  expect(1).toBe(2);
});

const fixtures = test.extend<{ setup: number; teardown: number }>({
  setup: async ({ crewpass }) => {
    await crewpass.clock.freeze("2026-06-08T11:00:00Z");
    await status(crewpass);
    throw new Error("no setup");
  },
  teardown: async ({ crewpass }, use) => {
    await crewpass.clock.freeze("2026-06-08T12:00:00Z");
    await use(1);
    await status(crewpass);
    throw new Error("no teardown");
  },
});

fixtures("fails: in the setup of a fixture", ({ setup }) => void setup);

fixtures("fails: in the teardown of a fixture", ({ teardown }) => void teardown);
