//! An address that a fake listens on: its socket, and the task that serves it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::mock::BindError;
use crate::wire::{Ended, Limits, Traffic, serve_counted};

/// An address that a fake listens on. Dropped, it is closed, and its connections are broken off.
#[derive(Debug)]
#[must_use = "it is closed when this is dropped"]
pub struct Entrance {
    address: SocketAddr,
    tls: bool,
    traffic: Arc<Traffic>,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<Ended>>,
}

impl Entrance {
    /// Binds, then serves in a task of the current runtime. Once this returns, it listens.
    pub(crate) async fn open(
        address: SocketAddr,
        tls: Option<Arc<rustls::ServerConfig>>,
        limits: Limits,
        routes: Router,
    ) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let encrypted = tls.is_some();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = move |request: Request<Incoming>| {
            let routes = routes.clone();
            async move { routes.oneshot(request.map(Body::new)).await as Result<_, Infallible> }
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

impl Drop for Entrance {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
