//! A host name under which this machine is reached, so that a client takes it for another host: the one way to see
//! what it does with a key over plain HTTP, since nothing may leave this machine.

use std::net::{IpAddr, ToSocketAddrs};

/// A host name that leads to this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainHost {
    name: String,
    address: IpAddr,
}

/// Why a name can't be such a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlainHost {
    /// It is not a name at all.
    #[error("`{0}` is not a host name: it takes a bare one, without scheme, port or path, such as plain.test")]
    NoName(String),
    /// It means this machine to everybody, so that no client has a reason to refuse it.
    #[error(
        "`{0}` is this machine to every client, so a key sent there says nothing: it takes a name that does not case_run \
         where it leads, such as plain.test, with the line `127.0.0.1 plain.test` in /etc/hosts"
    )]
    Local(String),
    /// It leads nowhere.
    #[error(
        "`{name}` leads nowhere ({reason}): it must lead to this machine; put the line `127.0.0.1 {name}` into /etc/hosts"
    )]
    Unknown {
        /// The name.
        name: String,
        /// What the resolver said.
        reason: String,
    },
    /// It leads away.
    #[error(
        "`{name}` leads to {address}: every address of it must be this machine's own (127.0.0.0/8 or ::1), since \
         nothing may leave it; put the line `127.0.0.1 {name}` into /etc/hosts, or take another name"
    )]
    Away {
        /// The name.
        name: String,
        /// The first address that is not this machine's.
        address: IpAddr,
    },
}

impl PlainHost {
    /// Looks a name up as the client will.
    ///
    /// # Errors
    /// A name that leads nowhere or off this machine, or that every client takes for this machine.
    pub fn look_up(name: &str) -> Result<Self, BadPlainHost> {
        let name = checked(name)?;
        let found = (name.as_str(), 0).to_socket_addrs().map_err(|error| {
            let reason = error.to_string();
            let reason = reason.strip_prefix("failed to lookup address information: ").unwrap_or(&reason).to_owned();
            BadPlainHost::Unknown { name: name.clone(), reason }
        })?;
        let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        Self::at(&name, &addresses)
    }

    /// Creates a host from a name whose addresses are known.
    ///
    /// # Errors
    /// As for [`PlainHost::look_up`].
    pub fn at(name: &str, addresses: &[IpAddr]) -> Result<Self, BadPlainHost> {
        let name = checked(name)?;
        if let Some(away) = addresses.iter().find(|address| !is_loopback(**address)) {
            return Err(BadPlainHost::Away { name, address: *away });
        }
        // A client that has the choice falls back to where something listens.
        let chosen = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first()).copied();
        match chosen {
            Some(address) => Ok(Self { name, address: canonical(address) }),
            None => Err(BadPlainHost::Unknown { name, reason: "it has no address".to_owned() }),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the address to listen on.
    pub const fn address(&self) -> IpAddr {
        self.address
    }
}

fn checked(name: &str) -> Result<String, BadPlainHost> {
    let plain = name.to_ascii_lowercase();
    let bare = plain.trim_matches(['[', ']']).trim_end_matches('.');
    if bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(is_loopback) {
        return Err(BadPlainHost::Local(name.to_owned()));
    }
    let label = |label: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(fits)
    };
    // What ends in a number is an address to many clients, and to each of them another one.
    let last_is_word = bare.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_alphabetic()));
    if !last_is_word || !plain.split('.').all(label) {
        return Err(BadPlainHost::NoName(name.to_owned()));
    }
    Ok(plain)
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn is_loopback(address: IpAddr) -> bool {
    canonical(address).is_loopback()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1));
    const HERE_TOO: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    const AWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a_name_that_leads_here_is_taken() {
        let host = PlainHost::at("Plain.Test", &[HERE_TOO, HERE]).unwrap();
        assert_eq!((host.name(), host.address()), ("plain.test", HERE));
        assert_eq!(PlainHost::at("plain.test", &[HERE_TOO]).unwrap().address(), HERE_TOO);
        let mapped = IpAddr::V6(Ipv4Addr::LOCALHOST.to_ipv6_mapped());
        assert_eq!(PlainHost::at("plain.localhost", &[mapped]).unwrap().address(), Ipv4Addr::LOCALHOST);
    }

    #[test]
    fn one_address_elsewhere_is_enough_to_refuse_a_name() {
        let refused = PlainHost::at("plain.test", &[HERE, AWAY]);
        assert_eq!(refused, Err(BadPlainHost::Away { name: "plain.test".into(), address: AWAY }));
        assert!(matches!(PlainHost::at("plain.test", &[]), Err(BadPlainHost::Unknown { .. })));
    }

    #[test]
    fn what_every_client_knows_for_this_machine_shows_nothing() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.0.1", "::1", "[::1]"] {
            assert_eq!(PlainHost::at(name, &[HERE]), Err(BadPlainHost::Local(name.into())), "{name}");
        }
    }

    #[test]
    fn only_a_bare_name_is_a_name() {
        for name in
            ["", "http://plain.test", "plain.test:80", "plain.test/x", "192.0.2.1", "127.1", "a..b", "a b", "0x7f"]
        {
            assert_eq!(PlainHost::at(name, &[HERE]), Err(BadPlainHost::NoName(name.into())), "{name}");
        }
    }

    #[test]
    fn a_name_that_never_exists_leads_nowhere() {
        let refused = PlainHost::look_up("plain.invalid").unwrap_err();
        assert!(refused.to_string().contains("127.0.0.1 plain.invalid"), "{refused}");
    }
}
