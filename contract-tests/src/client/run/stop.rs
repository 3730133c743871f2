//! The gate is told to stop: by Ctrl-C or SIGTERM. What is dropped then cleans up after itself.

use tokio::signal::unix::{SignalKind, signal};

use super::HarnessError;

/// Runs `work` until it is done or the gate is told to stop. Told so, `work` is dropped, by which every process of a
/// client is ended and every sandbox removed.
pub async fn until_stopped<T>(work: impl Future<Output = Result<T, HarnessError>>) -> Result<T, HarnessError> {
    let listens = HarnessError::while_doing("listening for signals");
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return Err(listens(std::io::Error::last_os_error()));
    };
    tokio::select! {
        biased;
        _ = interrupt.recv() => Err(HarnessError::Stopped),
        _ = terminate.recv() => Err(HarnessError::Stopped),
        done = work => done,
    }
}
