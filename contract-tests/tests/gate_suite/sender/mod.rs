//! The gate for senders of webhooks: the fake keeps every clause, and each broken sender is caught by exactly the clauses
//! named for it.
mod binary;
mod broken;
mod bugs;
mod harness;
mod hostile;
mod kept;
mod observed;
mod proxy;
