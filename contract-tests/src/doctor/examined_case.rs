//! The played case that the doctor examines.

use crate::client::case::{Case, Run};
use crate::client::task::Task;
use crate::client::witness::{End, Exchange, Kind, Step as Asked};
use crewpass_diagnostics::in_seconds;

/// The options of the run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// The run used TLS.
    pub tls: bool,
}

impl RunOptions {
    /// Returns the options of a played case.
    pub(super) fn of(case: &Case) -> Self {
        Self { tls: case.base.starts_with("https:") }
    }
}

/// The examined case with its run.
pub(super) struct ExaminedCase<'a> {
    pub(super) case: &'a Case,
    pub(super) run: &'a Run,
    pub(super) options: RunOptions,
}

impl ExaminedCase<'_> {
    pub(super) fn lists(&self) -> impl Iterator<Item = &Exchange> {
        self.run.wire.iter().filter(|one| matches!(one.step(), Asked::List { .. }))
    }

    /// Returns the requests with which a client of the task begins: the list, or pages of the fleet.
    pub(super) fn entrances(&self) -> impl Iterator<Item = &Exchange> {
        let task = self.case.scenario.task;
        self.run.wire.iter().filter(move |one| match task {
            Task::Documents => matches!(one.step(), Asked::List { .. }),
            Task::Fleet => matches!(one.step(), Asked::Fleet { .. }),
        })
    }

    pub(super) fn length(&self, path: &std::path::Path) -> String {
        match self.run.after.entries.get(path).map(|entry| &entry.kind) {
            Some(Kind::File { len, .. }) => format!(" ({len} bytes)"),
            _ => String::new(),
        }
    }

    pub(super) fn describe_end(&self) -> String {
        match self.run.process.end {
            End::Exit(code) | End::Gone(code) => format!("it ended with exit code {code}"),
            End::Signal(signal) => format!("it was ended by signal {signal}"),
            End::Unseen => "its end was not observed".to_owned(),
            End::Flood => "it was ended after too many requests or connections".to_owned(),
            End::Deadline | End::Terminated(_) => {
                format!("it was still running after {} s", in_seconds(self.case.deadline))
            }
        }
    }

    /// Returns everything that the client printed.
    pub(super) fn printed(&self) -> String {
        let both = [self.run.process.stdout.as_slice(), self.run.process.stderr.as_slice()].concat();
        String::from_utf8_lossy(&both).into_owned()
    }
}
