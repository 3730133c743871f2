//! The fake against a model of the contract.

mod answers;
mod http;
mod model;
mod parts;
mod sequences;
mod steps;
mod world;
