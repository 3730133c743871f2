//! What a person reads when a world is wrong: one golden for each kind of mistake, whole, as a terminal shows it.

mod any;
mod broken;
mod details;
mod files;
mod layers;
mod references;
mod seeds;
mod shape;
mod starter;
