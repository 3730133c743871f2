// One fake for all files, if SETUP is set; else one in each worker.
export default {
  test: {
    include: ["**/*.vitest.ts", "**/documents.test.ts"],
    globalSetup: process.env.SETUP ? ["crewpass/vitest/setup"] : [],
  },
};
