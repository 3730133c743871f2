// `crewpass/jest`: the fake of the global setup, in a test file of CommonJS.
const { connectCrewPass, startCrewPass } = require("crewpass");

test("the fake of the setup is used", async () => {
  const server = await startCrewPass();
  expect(server.base).toBe(process.env.CREWPASS_BASE);
  expect(server.pid).toBeUndefined();
  const fake = await server.session();
  await fake.store.down({ at: "link", times: 1 });
  expect(await fake.store.state()).toEqual({ link: { down_for: 1 }, file: "up" });
  await fake.close();
  expect(await (await connectCrewPass(server.base)).sessions()).toEqual(["default"]);
});
