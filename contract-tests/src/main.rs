//! `crewpass-contract`.
fn main() {}
