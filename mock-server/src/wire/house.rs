//! What all connections of one listener share.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::limits::Limits;
use super::stop::Stop;
use super::traffic::Traffic;

/// What all connections of one listener share.
pub(super) struct House<S> {
    pub(super) limits: Limits,
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
    pub(super) service: S,
    pub(super) stop: Stop,
    pub(super) panics: Arc<AtomicUsize>,
    pub(super) traffic: Arc<Traffic>,
}
