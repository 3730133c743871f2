//! The one fake that serves every case, and the authorities whose certificates it shows.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crewpass_mock::{Authority, MockServer, TlsConfig, TlsError, Validity};

use super::HarnessError;
use super::pool::Pool;
use crate::client::scenario::Certificate;
use crate::client::witness::Monitor;

/// The hosts of the listeners, for which a good certificate is.
const HOSTS: [&str; 3] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];

/// A host that is none of ours, and nobody's (RFC 6761).
const ANOTHER_HOST: &str = "another-host.invalid";

/// The number of exchanges that the journal of a session keeps: more than a client may make before it is ended.
pub(super) const JOURNAL: usize = 20_000;

/// The fake that serves every case. It stops when this is dropped.
#[derive(Debug)]
pub struct Fake {
    pub(super) server: MockServer,
    authority: Authority,
    stranger: Authority,
    /// Makes the keys of this run its own: a client's processes are known by them, also beside another gate's.
    pub(super) salt: Arc<str>,
    /// For cases in this process.
    pub(super) pool: Pool,
    pub(super) monitor: Monitor,
}

impl Fake {
    /// Starts it on this machine, with an authority that clients trust and one that they do not.
    pub async fn start() -> Result<Self, HarnessError> {
        let server = MockServer::builder().without_control().journal(JOURNAL).start().await;
        let server = server.map_err(|error| HarnessError::Fake(error.to_string()))?;
        // Keys that the standard library makes from the system's randomness.
        let salt = [RandomState::new(), RandomState::new()].map(|random| random.hash_one(std::process::id()));
        let salt = format!("{salt:x?}").into();
        let monitor = Monitor::start().map_err(HarnessError::while_doing("starting a thread"))?;
        Ok(Self { server, authority: authority()?, stranger: authority()?, salt, pool: Pool::default(), monitor })
    }

    /// Returns the certificate of the authority that clients trust.
    pub(super) fn ca_pem(&self) -> &str {
        self.authority.ca_pem()
    }

    /// Returns a server's configuration with such a certificate.
    pub(super) fn tls(&self, certificate: Certificate) -> Result<TlsConfig, HarnessError> {
        let (authority, names) = match certificate {
            Certificate::Good => (&self.authority, &HOSTS[..]),
            Certificate::UnknownAuthority => (&self.stranger, &HOSTS[..]),
            Certificate::WrongHost => (&self.authority, &[ANOTHER_HOST][..]),
        };
        let leaf = authority.leaf(names, Validity::around_now()).and_then(|leaf| leaf.server_config());
        leaf.map_err(failed)
    }
}

fn authority() -> Result<Authority, HarnessError> {
    Authority::new().map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn failed(error: TlsError) -> HarnessError {
    HarnessError::Fake(error.to_string())
}
