//! The errors for which a server can't be judged at all.

/// The reason why the server can't be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The base URL is wrong.
    #[error("--base {base} is not an http or https URL: {why}")]
    Base {
        /// The given base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// No connection.
    #[error("{base} can't be reached: {why}")]
    Connect {
        /// The base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// A problem with its certificate or with TLS.
    #[error("{base} can't be trusted: {why}; if it has a private CA, name the certificate with --ca FILE")]
    Tls {
        /// The base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// A redirect, such as by a proxy.
    #[error(
        "{base} redirects ({status}) to {to}; the key is not sent there. If that server is yours, use its address in --base"
    )]
    Redirect {
        /// The base URL.
        base: String,
        /// The status.
        status: u16,
        /// The target of the redirect.
        to: String,
    },
    /// A CA certificate that can't be read.
    #[error("the CA certificate can't be used: {0}")]
    Ca(String),
    /// An error of the system.
    #[error("the system can't create a thread: {0}")]
    System(std::io::Error),
}
