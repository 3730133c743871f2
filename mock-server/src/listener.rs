//! A listener: an address with its socket, and the task that serves it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::uri::PathAndQuery;
use http::{Request, Uri, Version};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::body::Response;
use crate::endpoint::{Routes, before_token};
use crate::http::{HeaderNames, Limits, Peer, ServeOutcome, TlsConfig, Traffic, serve};
use crate::pipeline::Answer;

/// The error if a fake can't listen.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {source}")]
pub struct BindError {
    /// The requested address.
    pub address: SocketAddr,
    /// The system's error.
    pub source: std::io::Error,
}

/// The path prefix for requests outside the listener's prefix. No route matches it.
const OUTSIDE_PATH: &str = "/outside";

/// How a listener serves.
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    /// The certificate with which it serves over TLS; `None` serves plain HTTP.
    pub tls: Option<TlsConfig>,
    /// A path such as `/gateway` below which the API is, as behind a reverse proxy. Links do not contain it: the other
    /// listeners serve them.
    pub below: Option<String>,
    /// How it writes the names of response headers.
    pub header_names: HeaderNames,
}

/// A path prefix of all API paths, as behind a gateway: `/partner-gateway`.
#[derive(Clone, Debug)]
struct PathPrefix(String);

impl PathPrefix {
    /// Removes the prefix from a request's target. Targets without it go to [`OUTSIDE_PATH`],
    /// except links, which are issued without the prefix.
    fn rewrite<B>(&self, mut request: Request<B>) -> Request<B> {
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let rewritten = match target.strip_prefix(&*self.0) {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            // Links are issued without the prefix, so both forms are served.
            _ if target.starts_with(before_token()) => return request,
            _ => format!("{OUTSIDE_PATH}{target}"),
        };
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = rewritten.parse().ok();
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        request
    }
}

/// The future of a response.
///
/// With HTTP/1 the request is handled at once. With HTTP/2 it is handled in the stream's task,
/// where a panic ends no other stream.
enum ResponseFuture {
    Deferred(Box<(Arc<Routes>, Arc<Peer>, Request<Incoming>)>),
    Started(Answer),
    Done,
}

impl ResponseFuture {
    fn begin(routes: &Arc<Routes>, peer: Arc<Peer>, request: Request<Incoming>) -> Self {
        if request.version() == Version::HTTP_2 {
            return Self::Deferred(Box::new((Arc::clone(routes), peer, request)));
        }
        Self::Started(routes.answer(peer, request))
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match std::mem::replace(&mut *self, Self::Done) {
                Self::Deferred(deferred) => {
                    let (routes, peer, request) = *deferred;
                    *self = Self::Started(routes.answer(peer, request));
                }
                Self::Started(Answer::Now(response)) => return Poll::Ready(Ok(response)),
                Self::Started(Answer::Later(mut later)) => {
                    let response = later.as_mut().poll(cx).map(Ok);
                    if response.is_pending() {
                        *self = Self::Started(Answer::Later(later));
                    }
                    return response;
                }
                // A completed future is not polled again.
                Self::Done => return Poll::Pending,
            }
        }
    }
}

/// Returns the bytes of a request's target and headers.
fn head_bytes<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    target + headers.sum::<usize>()
}

/// A listening address. Dropping it closes the socket and aborts its connections.
#[derive(Debug)]
#[must_use = "it is closed when this is dropped"]
pub struct Listener {
    address: SocketAddr,
    tls: bool,
    traffic: Arc<Traffic>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<ServeOutcome>>,
}

impl Listener {
    /// Binds the address, then serves in a task of the current runtime. It listens when this
    /// returns.
    pub(crate) async fn open(
        address: SocketAddr,
        options: ListenOptions,
        limits: Limits,
        routes: Routes,
        traffic: Arc<Traffic>,
    ) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let ListenOptions { tls, below, header_names } = options;
        let (prefix, encrypted) = (below.map(PathPrefix), tls.is_some());
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = Arc::new(routes);
        let heads = Arc::clone(&traffic);
        let service = move |peer: Arc<Peer>, request: Request<Incoming>| {
            heads.note_head(head_bytes(&request));
            let request = match &prefix {
                Some(prefix) => prefix.rewrite(request),
                None => request,
            };
            ResponseFuture::begin(&routes, peer, request)
        };
        let counters = Arc::clone(&traffic);
        let task = tokio::spawn(async move {
            let shutdown_signal = async {
                // An error means that the sender was dropped, which also means shutdown.
                let _ = stopped.await;
            };
            serve(listener, tls, limits, header_names, counters, service, shutdown_signal).await
        });
        Ok(Self { address: bound, tls: encrypted, traffic, stop: Some(stop), task: Some(task) })
    }

    /// Returns the bound address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns true if the listener uses TLS.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// Returns the origin, without a trailing slash.
    pub fn base(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Returns the connection counters, which can also abort the connections.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Stops listening and lets open requests finish within the limits.
    pub async fn close(mut self) -> Option<ServeOutcome> {
        self.finish().await
    }

    pub(crate) async fn finish(&mut self) -> Option<ServeOutcome> {
        drop(self.stop.take());
        match self.task.take() {
            Some(task) => task.await.ok(),
            None => None,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_removed_from_a_target() {
        let prefix = PathPrefix("/gate".into());
        let rewritten = |target: &str| {
            let request = Request::builder().uri(target).body(()).unwrap();
            prefix.rewrite(request).uri().to_string()
        };
        assert_eq!(rewritten("/gate/api/v2/partners/me?x=%2f"), "/api/v2/partners/me?x=%2f");
        assert_eq!(rewritten("http://a:1/gate/x"), "http://a:1/x");
        assert_eq!(rewritten("/gateway/x"), "/outside/gateway/x");
        assert_eq!(rewritten("/api/v2/partners/me"), "/outside/api/v2/partners/me");
        let link = format!("{}eyJ?s=1", before_token());
        assert_eq!(rewritten(&link), link);
    }
}
