//! TLS to a callback: the one authority that deliveries trust. Without the feature `tls` there is none.

#[cfg(feature = "tls")]
pub(crate) use with_tls::CallbackTrust;
#[cfg(not(feature = "tls"))]
pub(crate) use without_tls::CallbackTrust;

#[cfg(feature = "tls")]
mod with_tls {
    use std::io;
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};
    use rustls::{ClientConfig, RootCertStore};
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;

    /// The authorities that an https callback may have its certificate from.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct CallbackTrust(Option<Arc<ClientConfig>>);

    impl CallbackTrust {
        /// Trusts the authorities of a text in PEM.
        ///
        /// # Errors
        /// A text without a certificate, or with one that is not an authority's.
        pub(crate) fn from_pem(pem: &[u8]) -> Result<Self, rustls::Error> {
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| rustls::Error::General(error.to_string()))?;
                roots.add(certificate)?;
            }
            if roots.is_empty() {
                return Err(rustls::Error::General("there is no certificate in PEM".to_owned()));
            }
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            Ok(Self(Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))))
        }

        /// Does the handshake with a callback on a host.
        pub(in crate::webhook) async fn connect(
            &self,
            host: &str,
            stream: TcpStream,
        ) -> io::Result<TlsStream<TcpStream>> {
            let Some(config) = &self.0 else {
                let message = "no authority is trusted for https callbacks: name its file with --callback-ca";
                return Err(io::Error::other(message));
            };
            let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            TlsConnector::from(Arc::clone(config)).connect(name, stream).await
        }
    }
}

#[cfg(not(feature = "tls"))]
mod without_tls {
    use std::io;

    use tokio::net::TcpStream;

    /// No authority: this build has no TLS.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct CallbackTrust(());

    impl CallbackTrust {
        /// Refuses every callback over https.
        #[expect(clippy::unused_async, reason = "the other build waits for the handshake")]
        pub(in crate::webhook) async fn connect(&self, _: &str, _: TcpStream) -> io::Result<TcpStream> {
            let Self(()) = self;
            Err(io::Error::other("this build can't deliver over https: the feature `tls` of crewpass-mock is off"))
        }
    }
}
