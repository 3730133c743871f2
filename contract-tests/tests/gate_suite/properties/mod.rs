//! What holds for any input: one file a suite. Each is short enough to be run with every other test.

mod harmless;
mod ids;
mod judges;
mod known_failures;
mod noise;
mod reports;
mod runner;
mod shrinking;
mod texts;
mod tokens;
mod wire;
mod worlds;
