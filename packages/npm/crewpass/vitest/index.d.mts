import type { TestAPI } from "vitest";
import type { Session, SessionOptions } from "../lib/index.mjs";

/** The options of the session of each test. */
export interface TestOptions extends Omit<SessionOptions, "skip"> {
  /** Fails a test that leaves a fault unused. */
  verifyFaults?: boolean;
}

/** Returns `test` with the fixture `crewpass`: a session that starts with these options. */
export function crewpassTest(options?: TestOptions): TestAPI<{ crewpass: Session }>;

/** `test` with the fixture `crewpass`: a session for each test. */
export const test: TestAPI<{ crewpass: Session }>;
