// The same for CommonJS.
import crewpass = require("crewpass");
import setup = require("crewpass/jest");

export const use = async (): Promise<string> => {
  await setup();
  return (await crewpass.serveCrewPass({ args: ["--tls"] })).base;
};
