//! What is looked at, and what is told of it.

use crate::client::case::{Case, Run};
use crate::client::witness::{End, Exchange, Kind, Step as Asked};

/// How the client was played.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// Over TLS.
    pub tls: bool,
}

/// What is looked at.
pub(super) struct Look<'a> {
    pub(super) case: &'a Case,
    pub(super) run: &'a Run,
    pub(super) manner: Manner,
}

impl Look<'_> {
    pub(super) fn lists(&self) -> impl Iterator<Item = &Exchange> {
        self.run.wire.iter().filter(|one| matches!(one.step(), Asked::List { .. }))
    }

    pub(super) fn length(&self, path: &std::path::Path) -> String {
        match self.run.after.entries.get(path).map(|entry| &entry.kind) {
            Some(Kind::File { len, .. }) => format!(" ({len} bytes)"),
            _ => String::new(),
        }
    }

    pub(super) fn how_it_ended(&self) -> String {
        match self.run.process.end {
            End::Exit(code) | End::Gone(code) => format!("it ended with exit code {code}"),
            End::Signal(signal) => format!("it was ended by signal {signal}"),
            End::Unseen => "how it ended is not seen".to_owned(),
            End::Deadline | End::Terminated(_) => {
                format!("it was still running after {} s", self.case.deadline.as_secs_f64())
            }
        }
    }

    /// Everything that it printed.
    pub(super) fn printed(&self) -> String {
        let both = [self.run.process.stdout.as_slice(), self.run.process.stderr.as_slice()].concat();
        String::from_utf8_lossy(&both).into_owned()
    }
}
