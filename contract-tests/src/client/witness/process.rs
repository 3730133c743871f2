//! The witness of the process: its end, duration, output and memory.

use std::time::Duration;

use super::{Losses, Strain};

/// The end of a client's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited by itself with this code.
    Exit(i32),
    /// A process that takes many jobs exited with this code before it answered this one.
    Gone(i32),
    /// A signal ended it that the gate did not send.
    Signal(i32),
    /// The gate did not run the process, so its end is unknown.
    Unseen,
    /// The deadline had passed, and the gate ended it.
    Deadline,
    /// It sent more requests than any client needs, and the gate ended it.
    Flood,
    /// The scenario sent SIGTERM; then it exited with this code (`None`: it had to be killed).
    Terminated(Option<i32>),
}

impl End {
    /// Returns true if the exit reports that every document was saved.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Exit(0))
    }

    /// Returns true if the exit reports in an orderly way that not every document was saved: any
    /// code but 0 that is not a crash. PHP and Perl end with 255 after an uncaught exception.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Exit(code) if code != 0) && !self.is_crash()
    }

    /// Returns true if the gate had to end it, since it did not come to an end.
    pub const fn is_overrun(self) -> bool {
        matches!(self, Self::Deadline | Self::Flood)
    }

    /// Returns true if it crashed: by a signal, or with a code of 129 to 192, by which a shell
    /// reports the signal of its command.
    pub const fn is_crash(self) -> bool {
        match self {
            Self::Signal(_) | Self::Gone(_) => true,
            Self::Exit(code) => 129 <= code && code <= 192,
            Self::Deadline | Self::Flood | Self::Terminated(_) | Self::Unseen => false,
        }
    }
}

impl Process {
    /// Creates a process with this end and no other observations.
    pub(crate) fn ended(end: End) -> Self {
        Self {
            end,
            took: Duration::ZERO,
            took_to_stop: None,
            peak_memory: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
            printed: 0,
            left_behind: 0,
            strain: Strain::default(),
            losses: Losses::default(),
        }
    }
}

/// The observations of one process.
#[derive(Clone, Debug)]
pub struct Process {
    /// The end.
    pub end: End,
    /// The time from start to end.
    pub took: Duration,
    /// The time from SIGTERM to the end, if the scenario sent one.
    pub took_to_stop: Option<Duration>,
    /// The peak resident memory of the process or one of its children, in bytes; `None` if unknown.
    pub peak_memory: Option<u64>,
    /// The first mebibyte of its standard output.
    pub stdout: Vec<u8>,
    /// The first mebibyte of its error stream.
    pub stderr: Vec<u8>,
    /// The total number of printed bytes.
    pub printed: u64,
    /// The number of processes left behind.
    pub left_behind: usize,
    /// The time that the machine did not give to it.
    pub strain: Strain,
    /// The growth of that time.
    pub losses: Losses,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_a_signal_and_every_other_code_but_0_is_a_refusal() {
        for code in [1, 2, 101, 126, 127, 128, 193, 254, 255] {
            assert!(End::Exit(code).is_refusal() && !End::Exit(code).is_crash(), "{code}");
        }
        for code in [129, 134, 137, 139, 143, 192] {
            assert!(End::Exit(code).is_crash() && !End::Exit(code).is_refusal(), "{code}");
        }
        assert!(End::Signal(11).is_crash() && End::Gone(1).is_crash());
        assert!(!End::Exit(0).is_refusal() && !End::Exit(0).is_crash());
    }
}
