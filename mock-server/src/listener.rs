//! An address that a fake listens on: its socket, and the task that serves it.

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
use crate::http::{Ended, Limits, Peer, TlsConfig, Traffic, serve_counted};
use crate::path::BEFORE_TOKEN;
use crate::pipeline::Answer;
use crate::router::Routes;

/// Why a fake did not start.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address}: {source}")]
pub struct BindError {
    /// The address that was wanted.
    pub address: SocketAddr,
    /// What the system said.
    pub source: std::io::Error,
}

/// Where what misses the path of an listener is led to.
const OUTSIDE: &str = "/outside";

/// A path below which an listener has the API, as behind a gateway: `/partner-gateway`.
#[derive(Clone, Debug)]
pub(crate) struct PathPrefix(pub(crate) Arc<str>);

impl PathPrefix {
    /// Takes the path off a request's target. One that does not begin with it is led to where nothing is, but for links:
    /// they are told without it.
    fn led<B>(&self, mut request: Request<B>) -> Request<B> {
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let led = match target.strip_prefix(&*self.0) {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ if target.starts_with(BEFORE_TOKEN) => return request,
            _ => format!("{OUTSIDE}{target}"),
        };
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = led.parse().ok();
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
        request
    }
}

/// The answer to a request, as it is waited for.
///
/// HTTP/1 has it at once. A stream of HTTP/2 makes it in the stream's own task, where a panic costs no other stream.
enum Answering {
    Asked(Box<(Arc<Routes>, Arc<Peer>, Request<Incoming>)>),
    Here(Answer),
    Over,
}

impl Answering {
    fn begin(routes: &Arc<Routes>, peer: Arc<Peer>, request: Request<Incoming>) -> Self {
        if request.version() == Version::HTTP_2 {
            return Self::Asked(Box::new((Arc::clone(routes), peer, request)));
        }
        Self::Here(routes.answer(peer, request))
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match std::mem::replace(&mut *self, Self::Over) {
                Self::Asked(asked) => {
                    let (routes, peer, request) = *asked;
                    *self = Self::Here(routes.answer(peer, request));
                }
                Self::Here(Answer::Now(response)) => return Poll::Ready(Ok(response)),
                Self::Here(Answer::Later(mut later)) => {
                    let answered = later.as_mut().poll(cx).map(Ok);
                    if answered.is_pending() {
                        *self = Self::Here(Answer::Later(later));
                    }
                    return answered;
                }
                // Nobody asks a future that is over.
                Self::Over => return Poll::Pending,
            }
        }
    }
}

/// An address that a fake listens on. Dropped, it is closed, and its connections are broken off.
#[derive(Debug)]
#[must_use = "it is closed when this is dropped"]
pub struct Listener {
    address: SocketAddr,
    tls: bool,
    traffic: Arc<Traffic>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<Ended>>,
}

impl Listener {
    /// Binds, then serves in a task of the current runtime. Once this returns, it listens.
    pub(crate) async fn open(
        address: SocketAddr,
        tls: Option<TlsConfig>,
        below: Option<PathPrefix>,
        limits: Limits,
        routes: Routes,
    ) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let encrypted = tls.is_some();
        let (stop, stopped) = oneshot::channel::<()>();
        let routes = Arc::new(routes);
        let service = move |peer: Arc<Peer>, request: Request<Incoming>| {
            let request = match &below {
                Some(below) => below.led(request),
                None => request,
            };
            Answering::begin(&routes, peer, request)
        };
        let traffic: Arc<Traffic> = Arc::default();
        let counters = Arc::clone(&traffic);
        let task = tokio::spawn(async move {
            let told = async {
                // An error means that the sender was dropped, which says the same.
                let _ = stopped.await;
            };
            serve_counted(listener, tls, limits, counters, service, told).await
        });
        Ok(Self { address: bound, tls: encrypted, traffic, stop: Some(stop), task: Some(task) })
    }

    /// The address.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it speaks TLS.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// The origin, without a slash at its end.
    pub fn base(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// What came to it, by connections; also to break them off.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Stops listening and lets open requests end, for as long as the limits say.
    pub async fn close(mut self) -> Option<Ended> {
        self.finish().await
    }

    pub(crate) async fn finish(&mut self) -> Option<Ended> {
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
    fn a_target_is_led_from_below_the_path() {
        let below = PathPrefix("/gate".into());
        let led = |target: &str| {
            let request = Request::builder().uri(target).body(()).unwrap();
            below.led(request).uri().to_string()
        };
        assert_eq!(led("/gate/api/v2/partners/me?x=%2f"), "/api/v2/partners/me?x=%2f");
        assert_eq!(led("http://a:1/gate/x"), "http://a:1/x");
        assert_eq!(led("/gateway/x"), "/outside/gateway/x");
        assert_eq!(led("/api/v2/partners/me"), "/outside/api/v2/partners/me");
        assert_eq!(led(&format!("{BEFORE_TOKEN}eyJ?s=1")), format!("{BEFORE_TOKEN}eyJ?s=1"));
    }
}
