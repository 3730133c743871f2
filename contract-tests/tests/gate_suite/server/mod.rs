//! The gate for servers: the fake keeps every clause, and each broken server is caught by the clauses named for it.
mod binary;
pub(crate) mod binary_run;
mod broken;
mod bugs;
mod changed_examples;
mod expectation;
pub(crate) mod harness;
mod kept;
mod manners;
mod observed;
mod parts;
mod proxy;
