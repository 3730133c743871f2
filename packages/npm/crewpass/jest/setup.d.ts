/** Starts one fake for all test files: `globalSetup: "crewpass/jest"`. */
declare function setup(): Promise<void>;
export = setup;
