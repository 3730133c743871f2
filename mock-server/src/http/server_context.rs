//! The context that all connections of one listener share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::header_names::HeaderNames;
use super::limits::Limits;
use super::shutdown::Shutdown;
use super::tls_config::TlsConfig;
use super::traffic::Traffic;

/// The context that all connections of one listener share.
pub(super) struct ServerContext<S> {
    pub(super) is_bound_to_loopback: bool,
    pub(super) limits: Limits,
    pub(super) header_names: HeaderNames,
    pub(super) tls: Option<TlsConfig>,
    pub(super) service: S,
    pub(super) shutdown: Shutdown,
    pub(super) panics: Arc<AtomicUsize>,
    pub(super) traffic: Arc<Traffic>,
}
