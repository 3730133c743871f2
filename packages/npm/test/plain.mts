// The types need neither those of Node nor a newer library. It is compiled and not run.
import { startCrewPass } from "crewpass";

await using server = await startCrewPass({ world: "fleet.yaml" });
export const end: Promise<void> = server.close();
