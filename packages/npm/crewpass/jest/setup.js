"use strict";
// A global setup for jest: one fake for all test files. It ends with the run.

const { serveCrewPass } = require("../lib/index.js");

module.exports = async function setup() {
  if (process.env.CREWPASS_BASE) return;
  process.env.CREWPASS_BASE = (await serveCrewPass()).base;
};
