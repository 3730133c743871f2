//! Copies of the example clients with one mistake each.

mod bugs;
mod finds;
