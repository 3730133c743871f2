//! The addresses that a delivery may go to, checked at each connect: this machine, and one private host if it is named.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use super::callback::CallbackUrl;
use super::tls::CallbackTrust;

/// The addresses that deliveries may go to.
#[derive(Debug, Default)]
pub(crate) struct AllowedTargets {
    /// The one host beside this machine, such as the name of a container.
    host: Option<Box<str>>,
    /// The ports of the fake itself.
    own_ports: Mutex<Vec<u16>>,
    /// The authorities of https callbacks.
    pub(super) trust: CallbackTrust,
}

impl AllowedTargets {
    /// Allows one private host beside this machine, and callbacks over https that have a trusted certificate.
    pub(crate) fn new(host: Option<Box<str>>, trust: CallbackTrust) -> Self {
        Self { host, own_ports: Mutex::default(), trust }
    }

    /// Returns what is wrong with a callback to a host that is not allowed, or is perhaps not.
    ///
    /// # Errors
    /// A literal address that is not allowed, to which every delivery would fail.
    pub(crate) fn check_callback(&self, url: &CallbackUrl) -> Result<Option<String>, String> {
        match (url.host().parse::<IpAddr>(), callback_warning(url, self.host.as_deref())) {
            (Ok(_), Some(wrong)) => Err(wrong),
            (_, warning) => Ok(warning),
        }
    }

    /// Records a port of the fake, which no delivery may go to.
    pub(crate) fn add_own_port(&self, port: u16) {
        self.own_ports.lock().unwrap_or_else(PoisonError::into_inner).push(port);
    }

    /// Resolves a callback's host, and returns its addresses if all of them are allowed.
    pub(super) async fn resolve(&self, url: &CallbackUrl) -> io::Result<Vec<SocketAddr>> {
        let (host, port) = (url.host(), url.port());
        let addresses: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
        self.check(host, &addresses)?;
        Ok(addresses)
    }

    fn check(&self, host: &str, addresses: &[SocketAddr]) -> io::Result<()> {
        let is_named = self.host.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(host));
        for address in addresses {
            let ip = address.ip().to_canonical();
            if !(ip.is_loopback() || is_named && is_private(ip)) {
                return Err(io::Error::other(format!("{ip} is not this machine; allow its host with --callback-host")));
            }
            if ip.is_loopback() && self.is_own_port(address.port()) {
                return Err(io::Error::other(format!("port {} is the fake's own", address.port())));
            }
        }
        if addresses.is_empty() { Err(io::Error::other("the host has no address")) } else { Ok(()) }
    }

    fn is_own_port(&self, port: u16) -> bool {
        self.own_ports.lock().unwrap_or_else(PoisonError::into_inner).contains(&port)
    }
}

/// Returns what is wrong with a callback if only this machine and `named` may be called: a name may still be one of
/// this machine.
fn callback_warning(url: &CallbackUrl, named: Option<&str>) -> Option<String> {
    let host = url.host();
    let is_here = match host.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost"),
    };
    let is_named = named.is_some_and(|named| named.eq_ignore_ascii_case(host));
    let advice = "deliveries to it fail unless it is this machine; `serve --callback-host` allows one other host";
    (!is_here && !is_named).then(|| format!("the callback {url} is on `{host}`: {advice}"))
}

/// Returns true if a delivery to an address can be allowed at all.
pub(super) fn can_be_allowed(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    ip.is_loopback() || is_private(ip)
}

/// Returns true if an address belongs to a private network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(targets: &AllowedTargets, host: &str, addresses: &[&str]) -> bool {
        let addresses: Vec<SocketAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        targets.check(host, &addresses).is_ok()
    }

    #[test]
    fn only_this_machine_and_one_private_host_are_allowed() {
        let strict = AllowedTargets::default();
        assert!(is_allowed(&strict, "localhost", &["127.0.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"]));
        for address in ["10.0.0.1:80", "169.254.169.254:80", "0.0.0.0:80", "[::]:80", "93.184.216.34:80"] {
            assert!(!is_allowed(&strict, "host", &["127.0.0.1:80", address]), "{address}");
        }
        let named = AllowedTargets::new(Some("receiver".into()), CallbackTrust::default());
        assert!(is_allowed(&named, "Receiver", &["10.0.0.1:80"]));
        assert!(!is_allowed(&named, "other", &["10.0.0.1:80"]));
        for address in ["93.184.216.34:80", "169.254.169.254:80"] {
            assert!(!is_allowed(&named, "receiver", &[address]), "{address}");
        }
        assert!(!is_allowed(&named, "receiver", &[]));
    }

    #[test]
    fn a_callback_elsewhere_is_refused_or_warned_of() {
        let named = AllowedTargets::new(Some("receiver".into()), CallbackTrust::default());
        let check = |url: &str| named.check_callback(&url.parse().unwrap());
        for url in
            ["http://127.0.0.1:9/", "http://[::1]/", "http://localhost/", "http://a.localhost/", "http://Receiver/"]
        {
            assert_eq!(check(url), Ok(None), "{url}");
        }
        assert!(check("http://10.0.0.1/").is_err());
        assert!(check("http://example.com/x").unwrap().unwrap().contains("--callback-host"));
        let private = AllowedTargets::new(Some("10.0.0.1".into()), CallbackTrust::default());
        assert_eq!(private.check_callback(&"http://10.0.0.1/".parse().unwrap()), Ok(None));
    }

    #[test]
    fn no_delivery_goes_to_the_fake_itself() {
        let targets = AllowedTargets::default();
        targets.add_own_port(8787);
        assert!(!is_allowed(&targets, "localhost", &["127.0.0.1:8787"]));
        assert!(is_allowed(&targets, "localhost", &["127.0.0.1:8788"]));
    }
}
