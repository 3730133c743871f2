//! The real executable as a child process: what a person or a script meets, over real sockets, signals and files.

mod changes;
mod ctl;
mod ctl_people;
mod ctl_prints;
mod environment;
mod expectation;
mod explain;
mod faults;
mod gate;
mod help;
mod large;
mod new_world;
mod process;
mod replicas;
mod request_log;
mod shell;
mod tls;
mod trickle;
mod watch;
mod withstand;
mod worlds;
