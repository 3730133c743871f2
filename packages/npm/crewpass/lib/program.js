"use strict";
// Finds the programs, which are in a package for each platform.

const fs = require("node:fs");
const path = require("node:path");
const { CrewPassError } = require("./errors.js");

/** The platforms with a package. */
const PLATFORMS = { "linux-x64": "@crewpass/linux-x64" };

/** Returns the path of `crewpass-mock` or `crewpass-contract`. */
function findProgram(name = "crewpass-mock") {
  const override = process.env.CREWPASS_BINARY;
  if (override) {
    const file = name === "crewpass-mock" ? override : path.join(path.dirname(override), name);
    if (fs.existsSync(file)) return path.resolve(file);
    throw new CrewPassError(`CREWPASS_BINARY is ${JSON.stringify(override)}, and ${file} is not a file`);
  }
  const platform = `${process.platform}-${process.arch}`;
  const platformPackage = PLATFORMS[platform];
  if (!platformPackage) {
    throw new CrewPassError(
      `crewpass has no programs for ${platform}, only for ${Object.keys(PLATFORMS).join(", ")}: ` +
        "build crewpass-mock from source and set CREWPASS_BINARY to its path",
    );
  }
  try {
    return require.resolve(`${platformPackage}/bin/${name}`);
  } catch {
    throw new CrewPassError(
      `the package ${platformPackage} is missing, which has the programs for ${platform}. It is an ` +
        "optional dependency of crewpass: install without --omit=optional and without a lock file of " +
        "another platform, or set CREWPASS_BINARY to the path of crewpass-mock",
    );
  }
}

module.exports = { findProgram };
