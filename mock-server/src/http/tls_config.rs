//! The TLS configuration of a listener, and the handshake with it; without the feature `tls` there is none.

#[cfg(feature = "tls")]
pub(super) use with_tls::accept;
#[cfg(not(feature = "tls"))]
pub(super) use without_tls::accept;

/// A server's TLS configuration: certificate, key and protocols.
#[cfg(feature = "tls")]
#[derive(Clone, Debug)]
pub struct TlsConfig(pub(super) std::sync::Arc<rustls::ServerConfig>);

#[cfg(all(feature = "tls", feature = "internals"))]
impl TlsConfig {
    /// Returns the configuration in the form of rustls, which no embedder depends on.
    #[doc(hidden)]
    pub fn into_rustls(self) -> std::sync::Arc<rustls::ServerConfig> {
        self.0
    }
}

/// A TLS configuration that nobody can make, since the feature `tls` is off.
#[cfg(not(feature = "tls"))]
#[derive(Clone, Debug)]
pub enum TlsConfig {}

#[cfg(feature = "tls")]
mod with_tls {
    use std::io;
    use std::sync::Arc;

    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::server::TlsStream;

    use super::TlsConfig;
    use crate::http::socket::Socket;

    /// Does the handshake. Returns the stream, and true if the client chose HTTP/2.
    pub(in crate::http) async fn accept(config: &TlsConfig, socket: Socket) -> io::Result<(TlsStream<Socket>, bool)> {
        let stream = TlsAcceptor::from(Arc::clone(&config.0)).accept(socket).await?;
        // Without ALPN there is no HTTP/2 over TLS (RFC 9113, 3.2).
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((stream, is_http2))
    }
}

#[cfg(not(feature = "tls"))]
mod without_tls {
    use std::io;

    use super::TlsConfig;
    use crate::http::socket::Socket;

    /// Is never called: no configuration exists.
    pub(in crate::http) async fn accept(config: &TlsConfig, _: Socket) -> io::Result<(Socket, bool)> {
        match *config {}
    }
}
