// A global setup for vitest: one fake for all test files. Without it, each worker starts its own.
import { serveCrewPass } from "../lib/index.mjs";

/** Starts a fake, unless CREWPASS_BASE names a server, and returns what ends it. */
export default async function setup() {
  if (process.env.CREWPASS_BASE) return undefined;
  const server = await serveCrewPass();
  process.env.CREWPASS_BASE = server.base;
  return async () => {
    delete process.env.CREWPASS_BASE;
    await server.close();
  };
}
