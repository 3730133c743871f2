//! Notices of a run for the person who started it, such as a file that has changed on the disk.
//!
//! They go to the process's sink, which the command line sets. An embedded fake has none.

use std::sync::OnceLock;
use std::sync::mpsc::SyncSender;

static SINK: OnceLock<SyncSender<String>> = OnceLock::new();

/// Sets the sink of this process. Only the first call has an effect.
pub(crate) fn set_sink(sink: SyncSender<String>) {
    let _ = SINK.set(sink);
}

/// Sends a notice, without waiting: it is lost if the sink is full.
pub(crate) fn send(text: String) {
    if let Some(sink) = SINK.get() {
        let _ = sink.try_send(text);
    }
}
