//! The process: how it ended, how long it took, what it printed, how much memory it had.

use std::time::Duration;

/// How a client's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Exit(i32),
    /// A process that takes many jobs exited with this code while this one was not answered.
    Gone(i32),
    /// By this signal, which the gate did not send.
    Signal(i32),
    /// It was not the gate that ran it, and its end is not seen.
    Unseen,
    /// The deadline had passed, and the gate ended it.
    Deadline,
    /// The scenario had the gate send SIGTERM; then it exited so (`None`: it had to be killed).
    Terminated(Option<i32>),
}

impl End {
    /// Whether it says that every document was saved.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Exit(0))
    }

    /// Whether it says in an orderly way that not all was saved: 1 to 127.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Exit(1..=127))
    }

    /// Whether it crashed: a signal of its own, or a code of 128 and above.
    pub const fn is_crash(self) -> bool {
        match self {
            Self::Signal(_) | Self::Gone(_) => true,
            Self::Exit(code) => code < 0 || code >= 128,
            Self::Deadline | Self::Terminated(_) | Self::Unseen => false,
        }
    }
}

impl Process {
    /// One that ended so, and of which no more was seen.
    pub(crate) const fn ended(end: End) -> Self {
        Self {
            end,
            took: Duration::ZERO,
            took_to_stop: None,
            peak_memory: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
            printed: 0,
            left_behind: 0,
        }
    }
}

/// What was seen of one process.
#[derive(Clone, Debug)]
pub struct Process {
    /// How it ended.
    pub end: End,
    /// From its start to its end.
    pub took: Duration,
    /// From SIGTERM to its end, where the scenario had one sent.
    pub took_to_stop: Option<Duration>,
    /// The most memory that it, or one of its children, had resident, in bytes; `None` where it can't be seen.
    pub peak_memory: Option<u64>,
    /// What it printed, the first mebibyte.
    pub stdout: Vec<u8>,
    /// What it printed to its error stream, the first mebibyte.
    pub stderr: Vec<u8>,
    /// How many bytes it printed in all.
    pub printed: u64,
    /// How many processes it left behind.
    pub left_behind: usize,
}
