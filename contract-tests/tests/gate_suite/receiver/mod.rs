//! The gate for webhook receivers: its checks, a good receiver, and receivers with one bug each.

mod binary;
mod broken;
mod checks;
mod downloads;
mod harness;
mod order;
mod running;
