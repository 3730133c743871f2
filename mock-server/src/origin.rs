//! The Host of a request, and the origin of the links that it gets.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Version};

use crate::http::{KnownHost, Peer};
use crate::request::IncomingRequest;

/// The length of the longest name (RFC 3986 section 3.2.2, RFC 1035 section 2.3.4).
const MAX_NAME: usize = 255;

/// A valid Host: a name or an address, perhaps with a port (RFC 9110 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Host<'a> {
    /// The name or the address; an IPv6 address is in brackets.
    pub(crate) name: &'a str,
    /// The port, if one is given.
    pub(crate) port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Parses a Host. Returns `None` if it is invalid, or if no URL could have it: an empty name, user
    /// information, port 0, or a name that a URL parser takes for a broken address.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
        let (name, port) = text.split_at(end);
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            // An empty port is the default one.
            Some("") => None,
            Some(digits) => Some(parse_port(digits)?),
        };
        is_name(name).then_some(Self { name, port })
    }

    /// Returns true if the host is this machine as seen from itself.
    pub(crate) fn is_loopback(self) -> bool {
        let name = self.name.strip_suffix('.').unwrap_or(self.name);
        match self.address() {
            Some(address) => address.to_canonical().is_loopback(),
            // RFC 6761 section 6.3 gives the names below `localhost` to loopback too.
            None => name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost")),
        }
    }

    fn address(self) -> Option<IpAddr> {
        match self.name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => self.name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        }
    }

    /// Returns true if this is the host that `allowed` names; one without a port allows every port.
    fn is_allowed_by(self, allowed: Host<'_>) -> bool {
        self.name.eq_ignore_ascii_case(allowed.name) && allowed.port.is_none_or(|port| self.port == Some(port))
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|port| is_number && *port != 0)
}

/// Returns true for an IPv6 address in brackets, an IPv4 address, or a name without percent-encoding.
fn is_name(name: &str) -> bool {
    if let Some(address) = name.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_letter) {
        return false;
    }
    // A URL whose host ends in a number has an IPv4 address or is invalid.
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or_default().as_bytes();
    let is_hexadecimal = last.len() > 1 && last[0] == b'0' && matches!(last[1], b'x' | b'X');
    let ends_in_number = !last.is_empty() && last.iter().all(u8::is_ascii_digit)
        || is_hexadecimal && last[2..].iter().all(u8::is_ascii_hexdigit);
    !ends_in_number || name.parse::<Ipv4Addr>().is_ok()
}

/// The Host of a request is missing, repeated or invalid (RFC 9112 section 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHost;

/// Returns the host that a request names: that of its target or `:authority`, or else its `Host`. Only
/// HTTP/1.0 may have none.
pub(crate) fn host_of(parts: &Parts) -> Result<Option<Host<'_>>, BadHost> {
    let header = host_header(parts)?;
    let target = match parts.uri.authority() {
        Some(authority) => Some(Host::parse(authority.as_str()).ok_or(BadHost)?),
        None => None,
    };
    match (target, header) {
        // HTTP/1.1 ignores `Host` where the target names a host; HTTP/2 must not have two different ones
        // (RFC 9113 section 8.3.1).
        (Some(target), Some(header)) if parts.version == Version::HTTP_2 && !is_same(target, header) => Err(BadHost),
        (Some(target), Some(_)) => Ok(Some(target)),
        (Some(target), None) if parts.version != Version::HTTP_11 => Ok(Some(target)),
        (None, Some(header)) => Ok(Some(header)),
        (None, None) if parts.version == Version::HTTP_10 => Ok(None),
        (_, None) => Err(BadHost),
    }
}

/// Returns true if a request names a valid host, as [`host_of`] reads it.
pub(crate) fn has_valid_host(parts: &Parts, peer: &Peer) -> bool {
    if known_host(parts, peer).is_some() {
        return true;
    }
    match host_of(parts) {
        Ok(Some(host)) if parts.uri.authority().is_none() => {
            if let Some(line) = parts.headers.get(HOST) {
                peer.host.get_or_init(|| KnownHost {
                    line: line.as_bytes().into(),
                    host: host.to_string().into(),
                    is_loopback: host.is_loopback(),
                });
            }
            true
        }
        valid => valid.is_ok(),
    }
}

/// Returns the host of a request if its connection has shown the same before.
fn known_host<'p>(parts: &Parts, peer: &'p Peer) -> Option<&'p KnownHost> {
    let known = peer.host.get().filter(|_| parts.uri.authority().is_none())?;
    // One pass over the few headers that a request has is quicker than a search.
    let mut lines = parts.headers.iter().filter(|(name, _)| *name == HOST);
    let is_known = lines.next()?.1.as_bytes() == &*known.line && lines.next().is_none();
    is_known.then_some(known)
}

fn is_same(one: Host<'_>, other: Host<'_>) -> bool {
    one.name.eq_ignore_ascii_case(other.name) && one.port == other.port
}

fn host_header(parts: &Parts) -> Result<Option<Host<'_>>, BadHost> {
    let mut lines = parts.headers.get_all(HOST).iter();
    match (lines.next().map(HeaderValue::as_bytes), lines.next()) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(BadHost),
        (Some(line), None) => {
            let host = std::str::from_utf8(line).ok().and_then(Host::parse);
            host.map(Some).ok_or(BadHost)
        }
    }
}

/// The rules for the origin of links.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The only origin, if one is set.
    pub public_url: Option<Box<str>>,
    /// Is true if a proxy is in front: its `X-Forwarded-Proto`, `X-Forwarded-Host` and Host are believed.
    pub trust_forwarded: bool,
    /// Hosts that links may have although the fake is bound to loopback, as `NAME` or `NAME:PORT`.
    pub allowed_hosts: Vec<Box<str>>,
}

impl Origins {
    /// Returns the origin that the caller used: the scheme of the connection, and its host or the bound
    /// address (D).
    pub(crate) fn origin_for(&self, IncomingRequest { parts, peer, .. }: &IncomingRequest) -> String {
        if let Some(url) = &self.public_url {
            return url.to_string();
        }
        let scheme = match self.forwarded(parts, "x-forwarded-proto") {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            Some(scheme) if scheme.eq_ignore_ascii_case("http") => "http",
            _ if peer.tls => "https",
            _ => "http",
        };
        let forwarded = self.forwarded(parts, "x-forwarded-host").and_then(Host::parse);
        if let Some(known) = known_host(parts, peer)
            && forwarded.is_none()
            && (known.is_loopback || !peer.is_bound_to_loopback)
        {
            return [scheme, "://", &known.host].concat();
        }
        // A bad Host was refused before.
        let host = forwarded.or_else(|| host_of(parts).ok().flatten().filter(|host| self.is_usable(*host, peer)));
        match host {
            Some(host) => format!("{scheme}://{host}"),
            None => format!("{scheme}://{}", url_address(peer.local)),
        }
    }

    /// Returns the first value of a header that a trusted proxy sets.
    fn forwarded<'a>(&self, parts: &'a Parts, name: &str) -> Option<&'a str> {
        if !self.trust_forwarded {
            return None;
        }
        let value = parts.headers.get(name)?.to_str().ok()?;
        value.split(',').next().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns true if a link may have this host. A fake on loopback has no other name unless one is
    /// announced: a page of another site can make a browser send any.
    fn is_usable(&self, host: Host<'_>, peer: &Peer) -> bool {
        !peer.is_bound_to_loopback || self.trust_forwarded || host.is_loopback() || self.is_allowed(host)
    }

    /// Returns true if the host was announced.
    pub(crate) fn is_allowed(&self, host: Host<'_>) -> bool {
        self.allowed_hosts.iter().filter_map(|allowed| Host::parse(allowed)).any(|allowed| host.is_allowed_by(allowed))
    }
}

/// Formats an address as a URL has it: without the zone of an IPv6 address.
fn url_address(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// Parses an origin for links, such as `https://fake.test:8443`.
///
/// # Errors
/// Anything but a scheme, a host and a port, with the part that is wrong.
pub(crate) fn parse_public_url(text: &str) -> Result<String, String> {
    let wrong = |why: &str| Err(format!("{why}; expected an origin, such as https://fake.test:8443"));
    let url = text.strip_suffix('/').unwrap_or(text);
    let scheme_length = ["http://", "https://"].iter().find(|scheme| has_prefix(url, scheme)).map(|found| found.len());
    let Some(at) = scheme_length else { return wrong("it has no scheme http or https") };
    let (scheme, authority) = url.split_at(at);
    match authority.find(['/', '?', '#', '@']).map(|at| authority.as_bytes()[at]) {
        Some(b'@') => return wrong("it has user information"),
        Some(b'/') => return wrong("it has a path"),
        Some(b'?') => return wrong("it has a query"),
        Some(_) => return wrong("it has a fragment"),
        None => {}
    }
    if authority.ends_with(':') {
        return wrong("it has an empty port");
    }
    match Host::parse(authority) {
        Some(host) => Ok(format!("{}{host}", scheme.to_ascii_lowercase())),
        None => wrong("its host or its port is invalid"),
    }
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Parses a host that links may have, such as `fake.test` or `fake.test:8443`.
///
/// # Errors
/// Anything but a host, perhaps with a port.
pub(crate) fn parse_allowed_host(text: &str) -> Result<String, String> {
    let valid = Host::parse(text).filter(|_| !text.ends_with(':'));
    valid.map(|_| text.to_owned()).ok_or_else(|| "expected a host, such as fake.test or fake.test:8443".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_with_a_port_at_most() {
        for text in ["a", "fake.test", "a_b.test.", "127.0.0.1:1", "[::1]", "[::1]:65535", "xn--a.test:80", "a!b"] {
            assert_eq!(Host::parse(text).map(|host| host.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Host::parse("fake.test:").unwrap().to_string(), "fake.test");
        let long = "a".repeat(MAX_NAME + 1);
        for text in [
            "",
            ":",
            ":80",
            "a:b",
            "a:0",
            "a:65536",
            "a:+1",
            "a:1:2",
            "a@b",
            "a b",
            "a/b",
            "a?b",
            "a#b",
            "a%41",
            "é",
            "::1",
            "[::1",
            "[::1]x",
            "[::1%25lo]",
            "[v1.a]",
            "[]",
            "999.0.0.1",
            "1",
            "127.1",
            "a.0x7f",
            "a,b c",
            &long,
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
    }

    #[test]
    fn loopback_has_names_and_addresses() {
        for text in ["localhost", "LOCALHOST.:1", "api.localhost", "127.9.9.9", "[::1]:1", "[::ffff:127.0.0.1]"] {
            assert!(Host::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["localhost.test", "notlocalhost", "127.0.0.1.test", "10.0.0.1", "[::2]"] {
            assert!(!Host::parse(text).unwrap().is_loopback(), "{text}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        for [text, url] in [
            ["https://fake.test:8443", "https://fake.test:8443"],
            ["HTTP://fake.test/", "http://fake.test"],
            ["http://[::1]:1", "http://[::1]:1"],
        ] {
            assert_eq!(parse_public_url(text).unwrap(), url);
        }
        for text in [
            "fake.test",
            "ftp://fake.test",
            "http://",
            "http:///",
            "http://a//",
            "http://a/b",
            "http://a?b",
            "http://a#b",
            "http://a@b",
            "http://a:b@c",
            "http://a:",
            "http://a:0",
            "http://a:65536",
            "http://a:x",
            "http://a b",
        ] {
            assert!(parse_public_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_allowed_host_without_a_port_allows_every_port() {
        let origins = Origins { allowed_hosts: vec!["one.test".into(), "two.test:1".into()], ..Origins::default() };
        for (host, allowed) in
            [("ONE.test", true), ("one.test:9", true), ("two.test:1", true), ("two.test", false), ("x.one.test", false)]
        {
            assert_eq!(origins.is_allowed(Host::parse(host).unwrap()), allowed, "{host}");
        }
    }
}
