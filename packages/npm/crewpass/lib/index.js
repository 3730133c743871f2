"use strict";
// The public names, for `require`. `index.mjs` has the same for `import`.

const { ControlError, CrewPassError, NeedsLever } = require("./errors.js");
const { fault } = require("./faults.js");
const { findProgram } = require("./program.js");
const { connectCrewPass, serveCrewPass, startCrewPass } = require("./server.js");

exports.ControlError = ControlError;
exports.CrewPassError = CrewPassError;
exports.NeedsLever = NeedsLever;
exports.connectCrewPass = connectCrewPass;
exports.fault = fault;
exports.findProgram = findProgram;
exports.serveCrewPass = serveCrewPass;
exports.startCrewPass = startCrewPass;
