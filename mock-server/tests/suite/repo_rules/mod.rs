//! Rules of the repository: its layout, what README and docs show, and the example clients.

mod blocks;
mod endpoints;
mod examples;
mod facade;
mod layout;
mod makefile;
mod named_places;
mod shell;
