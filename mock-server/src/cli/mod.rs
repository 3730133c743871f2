//! The command line: what there is, what it prints, and its exit codes.

mod args;
mod ctl;
mod describe;
mod describe_fleet;
mod describe_levers;
mod describe_person;
mod environment;
mod error;
mod explain;
mod generate;
mod new_world;
mod ready;
mod request_log;
mod run;
mod serve;
mod serve_args;
mod shell;
mod signals;
mod standard_output;
mod watch;
mod world_warnings;
mod worlds;

pub use run::run;
