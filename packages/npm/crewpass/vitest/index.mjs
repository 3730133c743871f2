// `test` of vitest, with a session of the fake for each test.
import { test as base } from "vitest";
import { startCrewPass } from "../lib/index.mjs";

let server;

/** Returns `test` with the fixture `crewpass`: a session that starts with these options. */
export function crewpassTest({ verifyFaults = false, ...options } = {}) {
  return base.extend({
    crewpass: async ({ task, skip }, use) => {
      server ??= startCrewPass();
      const session = await (await server).session({ ...options, skip });
      try {
        await use(session);
        if (session.hasLevers && task.result?.state === "fail") {
          console.error(`${task.name}: the journal\n${await session.journalText()}`);
        } else if (session.hasLevers && verifyFaults) {
          await session.faults.verify();
        }
      } finally {
        await session.close();
      }
    },
  });
}

/** `test` with the fixture `crewpass`. */
export const test = crewpassTest();
