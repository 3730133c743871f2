//! Notices of a run for the person who started it, such as a file that has changed on the disk.
//!
//! They go to the process's log, which the command line sets. An embedded fake has none.

use std::sync::{Mutex, PoisonError};

use crate::request_log::{LogEvent, LogSender};

static LOG: Mutex<Option<LogSender>> = Mutex::new(None);

/// Sets the log of this process, or takes it away. The log's writer ends only after that, as the log counts its senders.
pub(crate) fn set_log(log: Option<LogSender>) {
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = log;
}

/// Sends a notice, without waiting for the writer.
pub(crate) fn send(text: &str) {
    if let Some(log) = &*LOG.lock().unwrap_or_else(PoisonError::into_inner) {
        log.send(LogEvent::Notice(format!("crewpass-mock: {text}\n")));
    }
}
