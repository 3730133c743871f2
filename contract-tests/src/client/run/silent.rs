//! An origin that never answers: either no connection to it is ever accepted, or nothing is ever sent over one.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// The time after which a connection on this machine shows that its listener is full.
const FULL: Duration = Duration::from_millis(50);

/// The most connections that fill a listener whose queue has the smallest length.
const FILLERS: usize = 16;

/// The port of an origin that never answers. It closes when this is dropped.
#[derive(Debug)]
pub(super) struct SilentOrigin {
    address: SocketAddr,
    accepted: Arc<AtomicU64>,
    taken: AtomicU64,
    holder: Holder,
}

/// What keeps the origin as it is.
#[derive(Debug)]
enum Holder {
    /// A listener, and the connections that fill its queue: the system answers no further one.
    Full { _listener: TcpListener, _fillers: Vec<TcpStream> },
    /// A task that accepts connections and keeps them open.
    Accepting(JoinHandle<()>),
}

impl SilentOrigin {
    /// Opens an origin to which no connection is ever made.
    pub(super) async fn unreachable(address: IpAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(address, 0))?;
        let listener = socket.listen(0)?;
        let address = listener.local_addr()?;
        let mut fillers = Vec::new();
        while let Ok(connected) = timeout(FULL, TcpStream::connect(address)).await {
            fillers.push(connected?);
            if fillers.len() > FILLERS {
                return Err(io::Error::other("this system has no listener that is full"));
            }
        }
        let holder = Holder::Full { _listener: listener, _fillers: fillers };
        Ok(Self { address, accepted: Arc::default(), taken: AtomicU64::default(), holder })
    }

    /// Opens an origin that accepts connections and never sends anything.
    pub(super) async fn mute(address: IpAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::new(address, 0)).await?;
        let (address, accepted) = (listener.local_addr()?, Arc::<AtomicU64>::default());
        let count = Arc::clone(&accepted);
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                open.push(connection);
            }
        });
        Ok(Self { address, accepted, taken: AtomicU64::default(), holder: Holder::Accepting(task) })
    }

    /// Returns its address.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of connections that were accepted so far.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Returns the number of connections that were accepted since the last call.
    pub(super) fn take_new(&self) -> u64 {
        let accepted = self.accepted();
        accepted - self.taken.swap(accepted, Ordering::Relaxed)
    }
}

impl Drop for SilentOrigin {
    fn drop(&mut self) {
        if let Holder::Accepting(task) = &self.holder {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::io::AsyncReadExt;

    use super::*;

    /// Longer than a connection on this machine takes, and much shorter than the system tries.
    const WHILE: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn no_connection_is_made_to_one_that_is_unreachable() {
        let origin = SilentOrigin::unreachable(Ipv4Addr::LOCALHOST.into()).await.unwrap();
        assert!(timeout(WHILE, TcpStream::connect(origin.address())).await.is_err());
        assert_eq!(origin.accepted(), 0);
    }

    #[tokio::test]
    async fn one_that_is_mute_accepts_and_sends_nothing() {
        let origin = SilentOrigin::mute(Ipv4Addr::LOCALHOST.into()).await.unwrap();
        let mut connection = TcpStream::connect(origin.address()).await.unwrap();
        assert!(timeout(WHILE, connection.read(&mut [0])).await.is_err());
        assert_eq!((origin.take_new(), origin.take_new(), origin.accepted()), (1, 0, 1));
    }
}
