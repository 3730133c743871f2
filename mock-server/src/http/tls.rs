//! A certificate authority generated at run time, and the certificates that it signs. Private keys
//! never leave memory.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use thiserror::Error;

use super::TlsConfig;

/// The default names of a certificate: those of this machine, and the host of the documented
/// service, so that a client whose resolver points there can keep its base URL.
pub const DEFAULT_NAMES: [&str; 4] = ["localhost", "127.0.0.1", "::1", "partners.crewpass.co.uk"];

/// An error while making a certificate or a TLS configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A name that no certificate can carry, or a key that could not be generated.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// rustls refuses the certificate or its key.
    #[error("cannot set up TLS: {0}")]
    Config(#[from] rustls::Error),
}

/// A certificate authority whose key exists only in this process. A client that trusts its
/// certificate trusts this run and no later one.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// Generates an authority with the default validity.
    ///
    /// # Errors
    /// A key or certificate that can't be generated.
    pub fn new() -> Result<Self, TlsError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, "crewpass-mock throw-away CA");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Validity::around_now().apply(&mut params);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let pem = issuer.pem();
        Ok(Self { issuer, pem })
    }

    /// Returns the authority's certificate in PEM, for a client to trust.
    pub fn ca_pem(&self) -> &str {
        &self.pem
    }

    /// Signs a certificate for DNS names and IP addresses. With other names or an expired validity,
    /// careful clients refuse it.
    ///
    /// # Errors
    /// A name that a certificate can't hold, and a key or certificate that can't be generated.
    pub fn leaf(&self, names: &[&str], validity: Validity) -> Result<Leaf, TlsError> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names.clone())?;
        params.distinguished_name.remove(DnType::CommonName);
        if let Some(name) = names.into_iter().next() {
            params.distinguished_name.push(DnType::CommonName, name);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict verifiers, such as Python's since 3.13, require it.
        params.use_authority_key_identifier_extension = true;
        validity.apply(&mut params);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Leaf { chain: vec![certificate.der().clone()], key })
    }

    /// Returns a server configuration with a certificate for `names` that is valid now.
    ///
    /// # Errors
    /// As for [`Self::leaf`] and [`Leaf::server_config`].
    pub fn server_config(&self, names: &[&str]) -> Result<TlsConfig, TlsError> {
        self.leaf(names, Validity::around_now())?.server_config()
    }
}

/// A server certificate and its key.
#[derive(Debug)]
pub struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Leaf {
    /// Returns a server configuration with this certificate that offers HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// A certificate or key that the TLS library refuses.
    pub fn server_config(&self) -> Result<TlsConfig, TlsError> {
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // The provider is named explicitly: a process-wide default is for the embedding program to
        // choose.
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key.into())?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsConfig(Arc::new(config)))
    }
}

/// The days (UTC) between which a certificate is valid. Real time: clients check it by their own
/// clock, which the session clock does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first valid day.
    pub from: Date,
    /// The first day after the validity.
    pub until: Date,
}

impl Validity {
    /// Returns a validity from a month ago, for clocks that are behind, to a year from now: some
    /// platforms refuse more than 825 days.
    pub fn around_now() -> Self {
        Self::days_from_now(-30, 365)
    }

    /// Returns a validity that ended yesterday.
    pub fn expired() -> Self {
        Self::days_from_now(-30, -1)
    }

    /// Returns a validity that starts in a month.
    pub fn not_yet() -> Self {
        Self::days_from_now(30, 365)
    }

    fn days_from_now(from: i64, until: i64) -> Self {
        let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
        Self { from: today.saturating_add(from.days()), until: today.saturating_add(until.days()) }
    }

    /// Sets the validity of a certificate. A `Date` is always a real day, as rcgen requires.
    fn apply(self, params: &mut CertificateParams) {
        let [from, until] = [self.from, self.until]
            .map(|date| date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs()));
        params.not_before = from;
        params.not_after = until;
    }
}
