//! The signals by which a person or a service manager ends the process.

use std::future::Future;
use std::io;

/// Begins to listen. The future resolves at the first signal, also if that came before it was polled.
#[cfg(unix)]
pub(super) fn listen() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut terminated, mut interrupted) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    })
}

/// Begins to listen. The future resolves at Ctrl-C, Ctrl-Break, and when the window is closed.
#[cfg(windows)]
pub(super) fn listen() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};

    let (mut interrupted, mut broken, mut closed) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = broken.recv() => {}
            _ = closed.recv() => {}
        }
    })
}
