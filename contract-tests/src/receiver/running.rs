//! A receiver that runs already: its URL, and what the gate may know of it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::str::FromStr;

use http::Uri;

/// The URL of a receiver, on this machine or on a host that was allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverUrl {
    /// The address that the host stands for.
    pub address: SocketAddr,
    /// The host and the port as the URL has them.
    pub authority: String,
    /// The path with the query.
    pub path: String,
}

/// Why a URL can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadReceiverUrl {
    /// It is not a URL of HTTP.
    #[error("`{0}` is not a URL such as http://127.0.0.1:3000/webhooks; https is not supported")]
    Form(String),
    /// The host has no address.
    #[error("the host `{0}` has no address")]
    Unknown(String),
    /// The host is another machine.
    #[error("`{host}` is not this machine: deliveries go there only with --allow-host {host}")]
    Elsewhere {
        /// The host.
        host: String,
    },
}

impl ReceiverUrl {
    /// Reads a URL. `allowed` is a host that need not be this machine.
    ///
    /// # Errors
    /// It has another form, or leads to another machine.
    pub fn new(url: &str, allowed: Option<&str>) -> Result<Self, BadReceiverUrl> {
        let wrong = || BadReceiverUrl::Form(url.to_owned());
        let uri = Uri::from_str(url).map_err(|_| wrong())?;
        let authority = uri.authority().ok_or_else(wrong)?;
        if uri.scheme_str() != Some("http") || authority.as_str().contains('@') {
            return Err(wrong());
        }
        let host = authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = (bare, authority.port_u16().unwrap_or(80)).to_socket_addrs();
        let address = addresses.ok().and_then(|mut found| found.next());
        let address = address.ok_or_else(|| BadReceiverUrl::Unknown(host.to_owned()))?;
        if !address.ip().is_loopback() && allowed.is_none_or(|allowed| !allowed.eq_ignore_ascii_case(bare)) {
            return Err(BadReceiverUrl::Elsewhere { host: bare.to_owned() });
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { address, authority: authority.as_str().to_owned(), path })
    }
}

/// A receiver that runs already.
#[derive(Clone, Debug)]
pub struct Running {
    /// The address at which it takes deliveries.
    pub url: ReceiverUrl,
    /// The secret that signs its deliveries.
    pub secret: String,
    /// The address of the API that it downloads from.
    pub bind: SocketAddr,
    /// The folder into which it saves, if the gate can see it.
    pub out: Option<PathBuf>,
    /// Gets the base URL and the key with which the receiver downloads.
    pub announce: fn(&str, &str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_this_machine_or_to_the_host_that_is_allowed() {
        let here = ReceiverUrl::new("http://127.0.0.1:3000/webhooks?a=1", None).unwrap();
        assert_eq!((here.address.to_string(), here.path.as_str()), ("127.0.0.1:3000".to_owned(), "/webhooks?a=1"));
        assert_eq!(here.authority, "127.0.0.1:3000");
        assert_eq!(ReceiverUrl::new("http://[::1]:3000", None).unwrap().path, "/");
        assert_eq!(ReceiverUrl::new("http://127.0.0.1/", None).unwrap().address.port(), 80);
        for wrong in ["https://127.0.0.1/", "127.0.0.1:3000", "/webhooks", "http://user@127.0.0.1/", "ftp://127.0.0.1/"]
        {
            assert!(matches!(ReceiverUrl::new(wrong, None), Err(BadReceiverUrl::Form(_))), "{wrong}");
        }
        let elsewhere = ReceiverUrl::new("http://192.0.2.1:3000/", None).unwrap_err();
        assert_eq!(elsewhere, BadReceiverUrl::Elsewhere { host: "192.0.2.1".to_owned() });
        assert!(elsewhere.to_string().ends_with("with --allow-host 192.0.2.1"));
        assert!(ReceiverUrl::new("http://192.0.2.1:3000/", Some("192.0.2.1")).is_ok());
    }
}
