//! The fake against a model of the contract.

mod answers;
mod documents;
mod fleet;
mod hooks;
mod http;
mod model;
mod parts;
mod people;
mod projections;
mod sequences;
mod steps;
mod world;
