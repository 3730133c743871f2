//! The accept loop: a task a connection, and an end that waits for those in flight.

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
use super::limits::Limits;
use super::open::serve_connection;
use super::server_context::ServerContext;
use super::shutdown::Shutdown;
use super::tls_config::TlsConfig;
use super::traffic::Traffic;

/// How long to wait after an accept that failed for want of something, such as file descriptors. There is no event for
/// "there are some again", and without a pause the loop would spin. A connection that ends cuts the pause short.
const PAUSE: Duration = Duration::from_millis(50);

/// How serving ended. All zero is a clean end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// How many connections (HTTP/1) or streams (HTTP/2) ended because the service panicked.
    pub panics: usize,
    /// How many connections were cut off, since they had not ended within [`Limits::drain`].
    pub cut_off: usize,
}

/// Serves HTTP/1 and HTTP/2 on `listener` until `stop` resolves and the requests in flight are answered.
///
/// Each request comes with the connection's [`Peer`]. A service that panics costs its own connection (HTTP/1) or
/// stream (HTTP/2), nothing else. Dropped, the future ends every connection at once.
pub async fn serve<S, F, B>(
    listener: TcpListener,
    tls: Option<TlsConfig>,
    limits: Limits,
    service: S,
    stop: impl Future<Output = ()>,
) -> Ended
where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    serve_counted(listener, tls, limits, Arc::default(), service, stop).await
}

/// The same, with the connections counted; whoever holds the counters may break all connections off.
pub async fn serve_counted<S, F, B>(
    listener: TcpListener,
    tls: Option<TlsConfig>,
    limits: Limits,
    traffic: Arc<Traffic>,
    service: S,
    stop: impl Future<Output = ()>,
) -> Ended
where
    S: Fn(Arc<Peer>, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Infallible>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let server =
        Arc::new(ServerContext { limits, tls, service, stop: Shutdown::default(), panics: Arc::default(), traffic });
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    let mut accepted = 0;
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            // Finished tasks are let go of as they finish.
            Some(done) = connections.join_next() => count_panic(&server.panics, &done),
            () = server.traffic.told_to_break_off() => connections.abort_all(),
            (tcp, remote) = accept(&listener) => {
                server.traffic.note_accepted();
                accepted += 1;
                connections.spawn(serve_connection(tcp, remote, accepted, Arc::clone(&server)));
            }
        }
    }
    drop(listener);
    let cut_off = drain(&server, connections).await;
    Ended { panics: server.panics.load(Ordering::Relaxed), cut_off }
}

/// The next connection. No error ends it: they concern one connection, or pass.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_clients(&error) => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Whether a client went away before it was accepted, so that the next accept may well work.
fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Lets connections end, then ends those that have not; gives how many these were.
async fn drain<S>(server: &ServerContext<S>, mut connections: JoinSet<()>) -> usize {
    server.stop.give();
    let all_ended = async {
        while let Some(done) = connections.join_next().await {
            count_panic(&server.panics, &done);
        }
    };
    if tokio::time::timeout(server.limits.drain, all_ended).await.is_ok() {
        return 0;
    }
    let cut_off = connections.len();
    connections.shutdown().await;
    cut_off
}
