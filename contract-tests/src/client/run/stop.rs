//! The signals that tell the gate to stop: Ctrl-C and SIGTERM.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

use super::HarnessError;

/// Is true once the whole program is about to end; long reads look at it.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// A signal that tells the gate to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl StopSignal {
    /// Returns the exit code of a program that ends by it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Returns true once a signal stopped the gate.
pub(crate) fn is_stopping() -> bool {
    STOPPING.load(Ordering::Relaxed)
}

/// Lets every long read of this process end.
pub fn begin_stop() {
    STOPPING.store(true, Ordering::Relaxed);
}

/// Listens for signals from now on; the result resolves with the first one.
///
/// # Errors
/// The system does not let the gate listen.
pub fn stop_signal() -> Result<impl Future<Output = StopSignal> + Send, HarnessError> {
    let listens = |kind| signal(kind).map_err(HarnessError::while_doing("listening for signals"));
    let (mut interrupt, mut terminate) = (listens(SignalKind::interrupt())?, listens(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            biased;
            _ = interrupt.recv() => StopSignal::Interrupt,
            _ = terminate.recv() => StopSignal::Terminate,
        }
    })
}

/// Runs `work` until it is done or a signal stops the gate. Then `work` is dropped, by which every process of a client
/// is ended and every sandbox removed.
pub async fn until_stopped<T>(work: impl Future<Output = Result<T, HarnessError>>) -> Result<T, HarnessError> {
    let stopped = stop_signal()?;
    tokio::select! {
        biased;
        signal = stopped => Err(HarnessError::Stopped(signal)),
        done = work => done,
    }
}
