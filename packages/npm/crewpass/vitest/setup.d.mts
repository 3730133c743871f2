/** Starts one fake for all test files: `globalSetup: ["crewpass/vitest/setup"]`. */
export default function setup(): Promise<(() => Promise<void>) | undefined>;
