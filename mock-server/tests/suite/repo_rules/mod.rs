//! The papers and the repository keep their word: what README and docs show is run, and the examples save real files.
mod blocks;
mod endpoints;
mod examples;
mod layout;
mod shell;
