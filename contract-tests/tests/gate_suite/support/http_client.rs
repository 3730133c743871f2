//! HTTP clients for tests.

/// Returns a client. reqwest is built without a cryptography provider, so ring is installed first.
pub(crate) fn http_client() -> reqwest::Client {
    http_client_builder().build().unwrap()
}

/// Returns a builder that may choose redirects.
pub(crate) fn http_client_builder() -> reqwest::ClientBuilder {
    // An error means that another test installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}
