//! The listeners of a case: the origins at which its client can be met. Each has another port, so that whatever
//! comes in there belongs to this case, also a request without key or token, and a connection without request.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::case_env::leads_to;
use super::silent::SilentOrigin;
use super::{Fake, HarnessError, Options, PlainHost};
use crate::client::scenario::{self, BaseForm, Certificate, Scenario};
use crate::client::witness::{Handshake, Listener};
use crewpass_mock::{HeaderNames, ListenOptions, Listener as OpenListener};

/// The path below which the API is, where a scenario has one. Links do not contain it.
pub(super) const PREFIX: &str = "/partner-gateway";

/// The listeners of a case. But for BASE, only those are open that its scenario leads to.
#[derive(Debug)]
pub(super) struct CaseListeners {
    pub(super) base: OpenListener,
    pub(super) second: Option<OpenListener>,
    pub(super) foreign: Option<OpenListener>,
    /// As foreign, at the address of BASE: who compares hosts alone takes it for ours.
    pub(super) beside: Option<OpenListener>,
    /// As foreign, at an address that begins as that of BASE does.
    pub(super) alike: Option<OpenListener>,
    /// The origin that never answers: BASE, or one that files come from.
    pub(super) silent: Option<SilentOrigin>,
}

/// The numbers of failed handshakes and of connections without a request, by listener.
pub(super) type Counts = [(u64, u64); 5];

impl CaseListeners {
    /// Opens them.
    pub(super) async fn opened(fake: &Fake, scenario: &Scenario, options: &Options) -> Result<Self, HarnessError> {
        let host = options.host_for(scenario).map(PlainHost::address);
        let encrypted = options.tls && host.is_none();
        let certificate = scenario.certificate.or(encrypted.then_some(Certificate::Good));
        let base = certificate.map(|certificate| fake.tls(certificate)).transpose()?;
        let text = serde_json::to_string(scenario).unwrap_or_default();
        let leads_to = |placeholder: &str| leads_to(scenario, options, placeholder);
        let encrypted = |place: &str| scheme_of(&text, place).unwrap_or(base.is_some());
        let other = |place: &str| encrypted(place).then(|| fake.tls(Certificate::Good)).transpose();
        let second = scenario.second_certificate.map(|certificate| fake.tls(certificate)).transpose()?;
        let header_names = match scenario.header_names {
            scenario::HeaderNames::LowerCase => HeaderNames::LowerCase,
            scenario::HeaderNames::TitleCase => HeaderNames::TitleCase,
        };
        let with = |tls| ListenOptions { tls, below: None, header_names };
        let below = (scenario.base == BaseForm::Prefix).then(|| PREFIX.to_owned());
        let mut listeners = Self {
            second: None,
            foreign: None,
            beside: None,
            alike: None,
            silent: silent(scenario, leads_to("{unreachable")).await?,
            base: open(fake, host.unwrap_or_else(|| loopback(1)), ListenOptions { below, ..with(base.clone()) })
                .await?,
        };
        if scenario.second_is_ours || leads_to("{second") {
            let tls = match second {
                Some(tls) => Some(tls),
                None => other("{second_host}")?,
            };
            listeners.second = Some(open(fake, loopback(2), with(tls)).await?);
        }
        if leads_to("{foreign") {
            listeners.foreign = Some(open(fake, loopback(3), with(other("{foreign_host}")?)).await?);
        }
        if leads_to("{beside") {
            listeners.beside = Some(open(fake, loopback(1), with(base.clone())).await?);
        }
        if leads_to("{alike") {
            listeners.alike = Some(open(fake, loopback(ALIKE), with(base)).await?);
        }
        Ok(listeners)
    }

    /// The number of listeners.
    pub(super) const COUNT: u64 = 5;

    /// Returns the number of the listener at an address.
    pub(super) fn number(&self, address: SocketAddr) -> Option<u64> {
        let open = (0..).zip(self.all()).find(|(_, (_, open))| open.is_some_and(|open| open.address() == address));
        open.map(|(number, _)| number)
    }

    fn all(&self) -> [(Listener, Option<&OpenListener>); 5] {
        [
            (Listener::Base, Some(&self.base)),
            (Listener::Second, self.second.as_ref()),
            (Listener::Foreign, self.foreign.as_ref()),
            (Listener::Foreign, self.beside.as_ref()),
            (Listener::Foreign, self.alike.as_ref()),
        ]
    }

    fn opened_ones(&self) -> impl Iterator<Item = (Listener, &OpenListener)> {
        self.all().into_iter().filter_map(|(listener, open)| Some((listener, open?)))
    }

    /// Returns the listener at an address.
    pub(super) fn at(&self, address: SocketAddr) -> Option<Listener> {
        self.opened_ones().find(|(_, open)| open.address() == address).map(|(listener, _)| listener)
    }

    /// Breaks off every connection.
    pub(super) fn break_off(&self) {
        self.opened_ones().for_each(|(_, open)| open.traffic().abort_connections());
    }

    /// Returns the number of requests so far, and the bytes of their heads.
    pub(super) fn requests(&self) -> (u64, u64) {
        let each = self.opened_ones().map(|(_, open)| open.traffic().requests());
        each.fold((0, 0), |(count, bytes), (more, heads)| (count + more, bytes + heads))
    }

    /// Returns the number of connections that were accepted so far, with and without a request.
    pub(super) fn accepted(&self) -> u64 {
        let silent = self.silent.as_ref().map_or(0, SilentOrigin::accepted);
        self.opened_ones().map(|(_, open)| open.traffic().accepted()).sum::<u64>() + silent
    }

    /// Returns the numbers of handshakes without a request so far.
    pub(super) fn counts(&self) -> Counts {
        self.all().map(|(_, open)| {
            let Some(open) = open.filter(|open| open.is_tls()) else { return (0, 0) };
            let traffic = open.traffic();
            let encrypted = traffic.encrypted();
            (traffic.accepted().saturating_sub(encrypted), encrypted.saturating_sub(traffic.with_request()))
        })
    }

    /// Returns the connections over TLS that carried no request, since the counts were `before`.
    pub(super) fn handshakes(&self, before: &Counts) -> Vec<Handshake> {
        let mut all = Vec::new();
        for ((listener, _), (now, then)) in self.all().into_iter().zip(self.counts().into_iter().zip(before)) {
            let of = |completed, count: u64| {
                let one = Handshake { listener: listener.clone(), completed };
                std::iter::repeat_n(one, usize::try_from(count).unwrap_or_default())
            };
            all.extend(of(false, now.0.saturating_sub(then.0)));
            all.extend(of(true, now.1.saturating_sub(then.1)));
        }
        let silent = self.silent.iter().flat_map(|origin| 0..origin.take_new());
        all.extend(silent.map(|_| Handshake { listener: Listener::Base, completed: false }));
        all
    }
}

/// Returns true for https and false for http, if a scenario spells out the scheme of a listener.
fn scheme_of(scenario: &str, place: &str) -> Option<bool> {
    let written = |scheme: &str| scenario.contains(&format!("{scheme}://{place}"));
    written("https").then_some(true).or(written("http").then_some(false))
}

/// The last byte of a loopback address that begins as that of BASE does: 127.0.0.1 and 127.0.0.10.
const ALIKE: u8 = 10;

/// Opens the origin that never answers, where a scenario has one.
async fn silent(scenario: &Scenario, is_file_host: bool) -> Result<Option<SilentOrigin>, HarnessError> {
    let origin = match scenario.base {
        BaseForm::Mute => SilentOrigin::mute(loopback(1)).await,
        BaseForm::Unreachable => SilentOrigin::unreachable(loopback(1)).await,
        _ if is_file_host => SilentOrigin::unreachable(loopback(1)).await,
        _ => return Ok(None),
    };
    origin.map(Some).map_err(HarnessError::while_doing("opening an origin that never answers"))
}

const fn loopback(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// Opens a listener on a loopback address; where the system has only the first, on that one.
async fn open(fake: &Fake, address: IpAddr, options: ListenOptions) -> Result<OpenListener, HarnessError> {
    let at = async |address| fake.server.listen(SocketAddr::new(address, 0), options.clone()).await;
    let opened = match at(address).await {
        Err(error) if error.source.kind() == io::ErrorKind::AddrNotAvailable => at(loopback(1)).await,
        opened => opened,
    };
    opened.map_err(|error| HarnessError::Fake(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_that_is_written_out_is_the_doors() {
        assert_eq!(scheme_of(r#"{"link":"http://{second_host}/{token}"}"#, "{second_host}"), Some(false));
        assert_eq!(scheme_of(r#"{"link":"https://{second_host}/{token}"}"#, "{second_host}"), Some(true));
        assert_eq!(scheme_of(r#"{"link":"//{second_host}/{token}"}"#, "{second_host}"), None);
    }
}
