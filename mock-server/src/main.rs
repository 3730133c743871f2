//! `crewpass-mock`.
fn main() {}
