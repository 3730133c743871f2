// `test` of vitest, with a session of the fake for each test.
import { test as base } from "vitest";
import { startCrewPass } from "../lib/index.mjs";

let server;

/** Returns `test` with the fixture `crewpass`: a session that starts with these options. */
export function crewpassTest({ verifyFaults = false, ...options } = {}) {
  return base.extend({
    crewpass: async ({ task, skip, onTestFinished }, use) => {
      server ??= startCrewPass();
      const session = await (await server).session({ ...options, skip });
      // It runs behind all fixtures, also if one of them fails.
      onTestFinished(async () => {
        try {
          if (session.hasLevers && task.result?.state === "fail") {
            console.error(`${task.name}: the journal\n${await session.journalText()}`);
          }
        } finally {
          await session.close();
        }
      });
      await use(session);
      if (session.hasLevers && verifyFaults && task.result?.state !== "fail") await session.faults.verify();
    },
  });
}

/** `test` with the fixture `crewpass`. */
export const test = crewpassTest();
