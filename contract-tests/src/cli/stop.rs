//! The end of the program after Ctrl-C or SIGTERM: soon, in any state, with the reports that can be written.

use std::future::pending;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use crate::client::run::{HarnessError, StopSignal, begin_stop, stop_signal};

/// The time from the signal to the end of the program, at most. Reports are written well before.
const END: Duration = Duration::from_millis(950);

/// The further time that reports which are being written get, as on a busy machine.
const LATE_REPORTS: Duration = Duration::from_secs(2);

/// Is true while reports are being written.
static REPORTING: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// Keeps the program from ending in the middle of its reports, for a while.
#[must_use = "the program may end once this is dropped"]
pub(super) struct Reporting(());

impl Reporting {
    /// Marks the beginning of the reports.
    pub(super) fn begin() -> Self {
        set_reporting(true);
        Self(())
    }
}

impl Drop for Reporting {
    fn drop(&mut self) {
        set_reporting(false);
    }
}

fn set_reporting(is_reporting: bool) {
    *REPORTING.0.lock().unwrap_or_else(PoisonError::into_inner) = is_reporting;
    REPORTING.1.notify_all();
}

/// The part of it in which clients are ended and sandboxes removed, after the reports.
const CLEAN_UP: Duration = Duration::from_millis(600);

/// The stop signal of the program, if it has arrived.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<Option<StopSignal>>);

impl Stop {
    /// Listens for signals; from the first one on, the program ends within a second whatever it does.
    pub(super) fn listen() -> Result<Self, HarnessError> {
        let (signal, (sender, receiver)) = (stop_signal()?, watch::channel(None));
        tokio::spawn(async move {
            let signal = signal.await;
            begin_stop();
            // A separate thread, since all others may be busy with what a client left.
            let _ = thread::Builder::new().name("end".to_owned()).spawn(move || end(signal));
            // Without a receiver, the program ends anyway.
            let _ = sender.send(Some(signal));
        });
        Ok(Self(receiver))
    }

    /// Returns the signal, if it has arrived.
    pub(super) fn now(&self) -> Option<StopSignal> {
        *self.0.borrow()
    }

    /// Waits for the signal.
    pub(super) async fn wait(&self) -> StopSignal {
        let mut receiver = self.0.clone();
        let arrived = receiver.wait_for(Option::is_some).await.ok().and_then(|signal| *signal);
        match arrived {
            Some(signal) => signal,
            // The listening task is gone: no signal will come.
            None => pending().await,
        }
    }
}

#[expect(clippy::exit, reason = "nothing that the program does may delay its end")]
fn end(signal: StopSignal) {
    thread::sleep(END);
    let reporting = REPORTING.0.lock().unwrap_or_else(PoisonError::into_inner);
    drop(REPORTING.1.wait_timeout_while(reporting, LATE_REPORTS, |reporting| *reporting));
    std::process::exit(signal.code().into());
}

/// Runs `work` until it is done or a signal arrives. Then `work` is dropped.
pub(super) async fn until_stopped<T>(work: impl Future<Output = Result<T, HarnessError>>) -> Result<T, HarnessError> {
    let stop = Stop::listen()?;
    tokio::select! {
        biased;
        signal = stop.wait() => Err(HarnessError::Stopped(signal)),
        done = work => done,
    }
}

/// Ends a runtime: tasks are dropped, and threads that still read are left behind.
pub(super) fn shut_down(runtime: tokio::runtime::Runtime) {
    runtime.shutdown_timeout(CLEAN_UP);
}
