//! The journal over real sockets: what it says, who may wait for it, and that it keeps every secret.

mod bodies;
mod changes;
mod forms;
mod reading;
mod secrets;
mod waiting;
