//! `--large`: a file of 100 MiB from disk, against nginx with `sendfile`, which copies nothing through the process.
//!
//! Rationale: bare hyper would read the file as the fake does, and the ratio would say nothing. What serves files best
//! is the measure here, and a share of it the aim. nginx runs as one process, so that ending it ends all of it; the CPU
//! time says what its rate owes to that.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::load::{Expected, Load, Request};
use crate::machine::cpu_seconds;
use crate::report::Spread;
use crate::server::Server;
use crate::world::{LARGE_FILE, ONE, World};
use crate::{Result, case, machine, wire};

/// The share of nginx's rate that the fake should reach.
const AIM: f64 = 0.80;

/// How large the file is.
const SIZE: usize = 100 << 20;

/// Downloads at once.
const CONNECTIONS: usize = 2;

/// How often each side is asked, by turns, and for how long.
const TURNS: usize = 15;
const TURN: Duration = Duration::from_millis(400);

/// One side: what serves, and what it did.
struct Side {
    server: Server,
    load: Load,
    rates: Vec<f64>,
    answers: f64,
    cpu: f64,
}

impl Side {
    fn turn(&mut self, runtime: &Runtime) -> Result<()> {
        let before = cpu_seconds(self.server.id())?;
        let turn = self.load.turn(runtime, TURN)?;
        self.cpu += cpu_seconds(self.server.id())? - before;
        self.answers += f64::from(turn.answers);
        self.rates.push(f64::from(turn.answers) * 100.0 / turn.seconds);
        Ok(())
    }

    fn report(&self, name: &str) -> Result<()> {
        let Spread { median, min, max } = Spread::of(self.rates.clone())?;
        let cpu = self.cpu * 1e3 / self.answers;
        println!("{name:16}{median:8.0} MiB/s, from {min:.0} to {max:.0}; {cpu:.1} ms of CPU time a file");
        Ok(())
    }
}

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    println!("wire: a file of 100 MiB from disk, {CONNECTIONS} downloads at once, {TURNS} turns of each side");
    println!("{}", machine::describe()?);
    let folder = tempfile::tempdir()?;
    write_file(folder.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let fake = Server::fake(&World::Large.write(folder.path())?, folder.path())?;
    let path = case::file_path(ONE, fake.address)?;
    let mut sides = vec![side(&runtime, fake, &path)?];
    match Server::nginx(folder.path())? {
        Some(nginx) => sides.push(side(&runtime, nginx, &format!("/{LARGE_FILE}"))?),
        None => println!("nginx is not installed here, so that the comparison is left out"),
    }
    for side in &mut sides {
        side.load.turn(&runtime, TURN)?;
    }
    for _ in 0..TURNS {
        sides.iter_mut().try_for_each(|side| side.turn(&runtime))?;
    }
    for (side, name) in sides.iter().zip(["crewpass-mock", "nginx"]) {
        side.report(name)?;
    }
    println!("resident, fake: {:.1} MiB after the load", machine::resident_mib(sides[0].server.id())?);
    if let [fake, nginx] = &sides[..] {
        let pairs = fake.rates.iter().zip(&nginx.rates).map(|(fake, nginx)| fake / nginx);
        let Spread { median, min, max } = Spread::of(pairs.collect())?;
        println!("share of nginx's rate: {median:.2}, from {min:.2} to {max:.2} (aim {AIM:.2})");
    }
    Ok(())
}

fn side(runtime: &Runtime, server: Server, path: &str) -> Result<Side> {
    let request = Request::new(path, None, server.address);
    let length = wire::fetch(server.address, request.bytes())?.body.len();
    if length != SIZE {
        return Err(format!("a file of {length} bytes came from {}", server.address).into());
    }
    let load = Load::open(runtime, CONNECTIONS, server.address, &request, Expected { length, slack: 0 })?;
    Ok(Side { server, load, rates: Vec::new(), answers: 0.0, cpu: 0.0 })
}

fn write_file(folder: &std::path::Path) -> Result<()> {
    let mut file = File::create(folder.join(LARGE_FILE))?;
    let piece: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
    for _ in 0..SIZE >> 20 {
        file.write_all(&piece)?;
    }
    Ok(())
}
