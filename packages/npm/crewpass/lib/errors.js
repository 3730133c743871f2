"use strict";
// The errors that a test can get.

/** The fake could not be started or reached, or refused a command. */
class CrewPassError extends Error {
  name = "CrewPassError";
}

/** The fake refused a command. Its message says what to send instead. */
class ControlError extends CrewPassError {
  name = "ControlError";

  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The test needs a lever of the fake, and runs against a server without levers. */
class NeedsLever extends CrewPassError {
  name = "NeedsLever";

  constructor(lever, base) {
    super(`needs ${lever}, a lever of the fake that ${base} does not have`);
    this.lever = lever;
  }
}

module.exports = { ControlError, CrewPassError, NeedsLever };
