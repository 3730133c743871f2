//! `--soak`: lists, links and files at once for a while, and whether memory stays what it was.

use std::time::{Duration, Instant};

use crate::case::{CASES, Case};
use crate::load::{Expected, Load};
use crate::server::Server;
use crate::world::World;
use crate::{Result, machine, wire};

/// How many lines are printed, each about a slice of the time.
const SLICES: u32 = 20;

/// In how many of them memory may still grow: journal and caches fill.
const SETTLING: usize = 4;

/// By how much it may grow after that.
const GROWTH: f64 = 1.10;

/// Connections for each of the cases.
const CONNECTIONS: usize = 4;

/// Measures and prints; gives a line about what grew, if something did.
pub(crate) fn run(lasts: Duration) -> Result<Option<String>> {
    println!("wire: lists, links and files at once for {} s", lasts.as_secs());
    println!("{}", machine::describe()?);
    let folder = tempfile::tempdir()?;
    let fake = Server::fake(&World::Wire.write(folder.path())?, folder.path())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut load = Load::default();
    for case in CASES.iter().filter(|case| case.world == World::Wire) {
        load.join(open(&runtime, case, &fake)?);
    }
    println!();
    println!("{:>8}{:>12}{:>14}", "seconds", "answers/s", "resident MiB");
    let begun = Instant::now();
    let mut resident = Vec::new();
    for _ in 0..SLICES {
        let turn = load.turn(&runtime, lasts / SLICES)?;
        let memory = machine::resident_mib(fake.id())?;
        let seconds = begun.elapsed().as_secs();
        println!("{seconds:8}{:12.0}{memory:14.1}", f64::from(turn.answers) / turn.seconds);
        resident.push(memory);
    }
    let (settling, after) = resident.split_at(SETTLING);
    let settled = settling.iter().copied().fold(0.0, f64::max);
    let most = after.iter().copied().fold(0.0, f64::max);
    println!();
    println!("resident: {settled:.1} MiB at most in the first fifth, {most:.1} MiB after it");
    let grew = || format!("wire: memory grew from {settled:.1} to {most:.1} MiB, which is more than 10 percent");
    Ok((most > settled * GROWTH).then(grew))
}

fn open(runtime: &tokio::runtime::Runtime, case: &Case, fake: &Server) -> Result<Load> {
    let request = case.request(&case.path(Some(fake.address))?, fake.address)?;
    let length = wire::fetch(fake.address, request.bytes())?.body.len();
    Load::open(runtime, CONNECTIONS, fake.address, &request, Expected { length, slack: case.slack() })
}
