// The public names, for `import`.
import crewpass from "./index.js";

export const {
  ControlError,
  CrewPassError,
  NeedsLever,
  connectCrewPass,
  fault,
  findProgram,
  serveCrewPass,
  startCrewPass,
} = crewpass;
