"use strict";
// Runs a program in place of this process: its streams, its signals, its exit code.

const { spawn } = require("node:child_process");
const os = require("node:os");
const { findProgram } = require("./program.js");

/** Runs a program with the arguments of this process. */
function run(name) {
  let file;
  try {
    file = findProgram(name);
  } catch (error) {
    console.error(`crewpass: ${error.message}`);
    process.exitCode = 127;
    return;
  }
  const child = spawn(file, process.argv.slice(2), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal sends Ctrl-C to both.
    process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  }
  child.on("error", (error) => {
    console.error(`crewpass: ${error.message}`);
    process.exitCode = 126;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (os.constants.signals[signal] ?? 0);
  });
}

module.exports = { run };
