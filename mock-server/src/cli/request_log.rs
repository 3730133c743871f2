//! The thread that writes to stderr: a line for each request, and what the server has to say.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use clap::ValueEnum;
use crewpass_diagnostics::escape;
use jiff::Timestamp;
use serde_json::json;

use super::error::CliError;
use crate::journal::mask_line;
use crate::request_log::{LogEvent, LogReceiver, RequestLine};

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Words in columns, for people
    Text,
    /// An object in each line, for programs
    Json,
}

/// The pause after a write. Meanwhile lines gather, and requests need not wake the writer for each.
const PAUSE: Duration = Duration::from_millis(5);

/// The size at which gathered lines are written, in bytes.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// The time that the last lines have at the end: nobody may read stderr.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The length of a path in a line, in characters.
const MAX_PATH: usize = 300;

/// The length of a method in a line, in characters.
const MAX_METHOD: usize = 20;

/// The running writer.
pub(super) struct Writer(Receiver<()>);

impl Writer {
    /// Starts the thread.
    pub(super) fn start(receiver: LogReceiver, format: LogFormat) -> Result<Self, CliError> {
        let (ended, end) = channel();
        let write = move || {
            write_all(&receiver, format);
            // Nobody may wait any more.
            let _ = ended.send(());
        };
        thread::Builder::new().name("stderr".to_owned()).spawn(write)?;
        Ok(Self(end))
    }

    /// Waits until the last lines are written, once every sender is gone.
    pub(super) fn finish(self) {
        // Too late: the process ends, and the thread with it.
        let _: Result<(), RecvTimeoutError> = self.0.recv_timeout(LAST_LINES);
    }
}

/// Writes events until every sender is gone.
fn write_all(receiver: &LogReceiver, format: LogFormat) {
    let mut text = String::new();
    while let Ok(first) = receiver.events.recv() {
        add(&mut text, first, format);
        loop {
            while text.len() < MAX_BATCH_BYTES
                && let Ok(event) = receiver.events.try_recv()
            {
                add(&mut text, event, format);
            }
            match receiver.take_dropped() {
                0 => {}
                dropped => {
                    let notice = format!("crewpass-mock: {dropped} lines were dropped: stderr was not read in time\n");
                    add(&mut text, LogEvent::Notice(notice), format);
                }
            }
            if text.is_empty() {
                break;
            }
            // Where nobody reads stderr, requests are served all the same.
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
            text.clear();
            thread::sleep(PAUSE);
        }
    }
}

fn add(text: &mut String, event: LogEvent, format: LogFormat) {
    match (event, format) {
        (LogEvent::Request(line), LogFormat::Text) => add_line(text, &line),
        (LogEvent::Request(line), LogFormat::Json) => {
            let object = json!({
                "time": time(line.at),
                "method": method(&line),
                "path": path(&line),
                "status": line.status.map(|status| status.as_u16()),
                "clause": line.clause.map(|clause| clause.id),
                "session": line.session.as_ref().map(|session| &session.id),
            });
            let _ = writeln!(text, "{object}");
        }
        (LogEvent::Notice(notice), LogFormat::Text) => text.push_str(&notice),
        (LogEvent::Notice(notice), LogFormat::Json) => {
            let _ = writeln!(text, "{}", json!({"time": time(Timestamp::now()), "message": notice.trim_end()}));
        }
    }
}

/// Adds a line such as `2026-06-08T10:00:00.000Z GET /api/v2/partners/me 200 served default`.
fn add_line(text: &mut String, line: &RequestLine) {
    let _ = write!(text, "{} {} {} ", time(line.at), method(line), path(line));
    // Writing to a `String` can't fail.
    let _ = match line.status {
        Some(status) => write!(text, "{}", status.as_u16()),
        None => write!(text, "-"),
    };
    let session = line.session.as_ref().map_or("-", |session| &session.id);
    let _ = writeln!(text, " {} {session}", line.clause.map_or("-", |clause| clause.id));
}

/// Formats the time to the millisecond.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Returns the method without secrets and harmless to terminals.
fn method(line: &RequestLine) -> String {
    escape::line(&mask_line(line.method.as_str()), MAX_METHOD).into_owned()
}

/// Returns the path without its secrets and harmless to terminals.
fn path(line: &RequestLine) -> String {
    escape::line(&mask_line(&line.path), MAX_PATH).into_owned()
}
