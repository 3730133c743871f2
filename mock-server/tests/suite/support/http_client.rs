//! HTTP clients for tests.

use crate::support::executable::SOON;

/// Returns a client. reqwest is built without a cryptography provider, so ring is installed first.
pub(crate) fn http_client() -> reqwest::Client {
    http_client_builder().build().unwrap()
}

/// Returns a builder that may choose redirects and timeouts.
pub(crate) fn http_client_builder() -> reqwest::ClientBuilder {
    install_ring();
    reqwest::Client::builder()
}

/// Returns a blocking client without a proxy that waits for [`SOON`].
pub(crate) fn blocking_client() -> reqwest::blocking::Client {
    install_ring();
    reqwest::blocking::Client::builder().no_proxy().timeout(SOON).build().unwrap()
}

fn install_ring() {
    // An error means that another test installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
