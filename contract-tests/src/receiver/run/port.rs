//! The port of a receiver: one that the system gives to nobody who asks for any port.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Ports below those that systems give to connections and to listeners that name no port.
const PORTS: Range<u16> = 15_000..32_000;

/// The ports that this process gave to receivers.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// Returns a port of 127.0.0.1 on which nobody listens. This process gives it to no other receiver.
pub(super) fn free_port() -> io::Result<u16> {
    let count = usize::from(PORTS.end - PORTS.start);
    let start = usize::try_from(RandomState::new().hash_one(std::process::id()) % count as u64).unwrap_or_default();
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for port in PORTS.cycle().skip(start).take(count) {
        if !given.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            given.insert(port);
            return Ok(port);
        }
    }
    Err(io::Error::other("no port of this machine is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_and_is_free() {
        let ports: Vec<_> = (0..20).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), ports.len());
        assert!(ports.iter().all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()));
    }
}
