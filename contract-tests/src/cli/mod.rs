//! The command line: arguments, output and exit codes.

mod args;
mod client;
mod client_args;
mod console;
mod doctor;
mod error;
mod hooks;
mod hooks_args;
mod list;
mod list_args;
mod merge;
mod missing_dashes;
mod observe;
mod player;
mod preflight;
mod progress;
mod property;
mod receiver;
mod receiver_args;
mod receiver_downloads;
mod receiver_order;
mod reports;
mod run;
mod run_inputs;
mod scenario;
mod server;
mod server_args;
mod server_inputs;
mod shared_args;
mod shell;
mod show;
mod snapshot;
mod stop;
mod waiting;

pub use run::run;
