//! `--idle`: ten thousand connections that asked once and stay open, and what each costs.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream};

use crate::load::{Connection, Expected, Request};
use crate::server::Server;
use crate::world::{KEY, ONE, World};
use crate::{Result, case, machine, wire};

/// How many connections.
const CONNECTIONS: u32 = 10_000;

/// Every which of them is asked again once all are open.
const SAMPLE: usize = 100;

/// Files that a process has open beside its connections.
const OTHER_FILES: u64 = 200;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    println!("wire: {CONNECTIONS} connections that asked once and stay open");
    println!("{}", machine::describe()?);
    let needed = u64::from(CONNECTIONS) + OTHER_FILES;
    // The server that is started below inherits the limit.
    let files = rlimit::increase_nofile_limit(needed)?;
    if files < needed {
        return Err(format!("{needed} open files are needed, and this user may have {files}").into());
    }
    let folder = tempfile::tempdir()?;
    let fake = Server::fake(&World::Wire.write(folder.path())?, folder.path())?;
    let request = Request::new(&case::list_path(ONE), Some(KEY), fake.address);
    let length = wire::fetch(fake.address, request.bytes())?.body.len();
    let expected = Expected { length, slack: 0 };
    let before = machine::resident_mib(fake.id())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let again = runtime.block_on(async {
        let mut open = Vec::new();
        for number in 0..CONNECTIONS {
            let mut connection = Connection::new(connect(number, fake.address).await?, &request, expected);
            connection.exchange().await?;
            // What the load needs of its own to read is given back, or 700 MiB of it would stay.
            open.push(connection.into_stream());
        }
        let after = machine::resident_mib(fake.id())?;
        let each = (after - before) * 1024.0 / f64::from(CONNECTIONS);
        println!("resident: {before:.1} MiB before, {after:.1} MiB with all open: {each:.2} KiB a connection");
        let mut again = 0_u32;
        for stream in open.into_iter().step_by(SAMPLE) {
            Connection::new(stream, &request, expected).exchange().await?;
            again += 1;
        }
        Result::Ok(again)
    })?;
    println!("{again} of them, one in {SAMPLE}, were asked again and answered");
    println!("resident: {:.1} MiB once they are closed", machine::resident_mib(fake.id())?);
    Ok(())
}

/// A connection from one of eight addresses, so that no address runs out of ports.
async fn connect(number: u32, to: SocketAddr) -> Result<TcpStream> {
    let last = u8::try_from(number % 8)? + 2;
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    Ok(socket.connect(to).await?)
}
