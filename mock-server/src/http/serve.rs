//! The accept loop: one task per connection, and a shutdown that waits for requests in flight.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::connection::Peer;
use super::drive::count_panic;
use super::header_names::HeaderNames;
use super::limits::Limits;
use super::open::serve_connection;
use super::server_context::ServerContext;
use super::shutdown::Shutdown;
use super::tls_config::TlsConfig;
use super::traffic::Traffic;

/// The delay after an accept that failed for lack of a resource, such as file descriptors. No event
/// reports that there are some again, and without a delay the loop would spin. A connection that
/// ends cuts the delay short.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// The outcome of serving. All zero is a clean end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServeOutcome {
    /// The number of connections (HTTP/1) or streams (HTTP/2) that ended by a panic of the service.
    pub panics: usize,
    /// The number of connections that were aborted because they did not end within
    /// [`Limits::drain`].
    pub cut_off: usize,
}

/// Serves HTTP/1 and HTTP/2 on `listener` until `shutdown_signal` resolves and the requests in
/// flight are answered.
///
/// Connections are counted in `traffic`, which can also abort them all.
///
/// Each request comes with the connection's [`Peer`]. A service that panics ends its own connection
/// (HTTP/1) or stream (HTTP/2) and no other. Dropping the future ends every connection at once.
pub async fn serve<S, F, B>(
    listener: TcpListener,
    tls: Option<TlsConfig>,
    limits: Limits,
    header_names: HeaderNames,
    traffic: Arc<Traffic>,
    service: S,
    shutdown_signal: impl Future<Output = ()>,
) -> ServeOutcome
where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let is_bound_to_loopback = listener.local_addr().is_ok_and(|bound| bound.ip().to_canonical().is_loopback());
    let server = Arc::new(ServerContext {
        is_bound_to_loopback,
        limits,
        header_names,
        tls,
        service,
        shutdown: Shutdown::default(),
        panics: Arc::default(),
        traffic,
    });
    let mut connections = JoinSet::new();
    let mut shutdown_signal = pin!(shutdown_signal);
    let mut accepted = 0;
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown_signal => break,
            // Tasks are joined as they finish, so that the set does not grow.
            Some(done) = connections.join_next() => count_panic(&server.panics, &done),
            () = server.traffic.abort_requested() => connections.abort_all(),
            (tcp, remote) = accept(&listener, &server.traffic) => {
                server.traffic.note_accepted();
                accepted += 1;
                connections.spawn(serve_connection(tcp, remote, accepted, Arc::clone(&server)));
            }
        }
    }
    // Closed before draining, so that new connections are refused at once.
    drop(listener);
    let cut_off = drain(&server, connections).await;
    ServeOutcome { panics: server.panics.load(Ordering::Relaxed), cut_off }
}

/// Accepts the next connection. Errors are retried: they concern one connection, or pass.
async fn accept(listener: &TcpListener, traffic: &Traffic) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_client_disconnect(&error) => {}
            Err(error) => {
                traffic.note_accept_error(&error);
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

/// Returns true if a client went away before it was accepted, so that the next accept may work at
/// once.
fn is_client_disconnect(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Waits for connections to end, then aborts the rest. Returns the number of aborted ones.
async fn drain<S>(server: &ServerContext<S>, mut connections: JoinSet<()>) -> usize {
    server.shutdown.trigger();
    let all_done = async {
        while let Some(done) = connections.join_next().await {
            count_panic(&server.panics, &done);
        }
    };
    if tokio::time::timeout(server.limits.drain, all_done).await.is_ok() {
        return 0;
    }
    let cut_off = connections.len();
    connections.shutdown().await;
    cut_off
}
