//! Runs the cases: round for round against the fake and against its baseline, by turns.
//!
//! Rationale: on a machine that also does other work, two long runs one after the other differ by more than the fake
//! costs. Turns of a fraction of a second meet the same conditions, so the ratio is taken pair by pair, and the median
//! of the pairs is told. Many short turns serve it better than few long ones: bare against bare on two cores, the
//! median of 40 turns of 120 ms was off by 3 % at most, that of 12 turns of 400 ms by 8 %, in the same time.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::case::{CASES, Case};
use crate::load::{Expected, Load, Turn};
use crate::options::Options;
use crate::report::{self, Growth, Memory, Outcome, Side, Spread};
use crate::server::Server;
use crate::world::World;
use crate::{Result, machine, wire};

/// How many starts the time to the first answer is the median of.
const STARTS: usize = 10;

/// How long each side is asked before the first turn that counts,
const WARM_UP: Duration = Duration::from_millis(400);

/// and how much longer for each crew member whose list may be asked for: so long that nearly every list was.
const WARM_UP_EACH: Duration = Duration::from_micros(50);

/// What each case needs: the options, a folder for its files, and the runtime of the load.
struct Bench<'a> {
    options: &'a Options,
    folder: &'a Path,
    runtime: Runtime,
}

/// Measures and prints everything; gives the lines about what is below its floor, if that was asked for.
pub(crate) fn all(options: &Options) -> Result<Vec<String>> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bench = Bench { options, folder: folder.path(), runtime };
    let fakeless = std::env::var_os("CREWPASS_BENCH_SELF").is_some_and(|value| value == "1");
    report::opening(options, fakeless)?;
    let wanted = |case: &&Case| case.name.contains(&options.only) && (options.worlds || case.world == World::Wire);
    let cases: Vec<&Case> = CASES.iter().filter(wanted).collect();
    let mut outcomes = Vec::new();
    let mut memory = Vec::new();
    for group in cases.chunk_by(|one, next| one.world == next.world) {
        let fake = if fakeless { None } else { Some(bench.fake(group[0].world)?) };
        let idle = fake.as_ref().map(|fake| machine::resident_mib(fake.id())).transpose()?;
        for case in group {
            let outcome = bench.case(case, fake.as_ref())?;
            report::row(&outcome);
            outcomes.push(outcome);
        }
        if let (Some(fake), Some(idle)) = (&fake, idle) {
            let (after, allocated) = (machine::resident_mib(fake.id())?, machine::allocated_mib(fake.id())?);
            memory.push(Memory { world: group[0].world.name(), idle, after, allocated });
        }
    }
    let growth = Growth::of(&outcomes);
    report::closing(&growth, &bench.starts(fakeless)?, &memory);
    if !options.enforce {
        return Ok(Vec::new());
    }
    let ratios = outcomes.iter().filter_map(Outcome::failure);
    Ok(ratios.chain(growth.iter().filter_map(Growth::failure)).collect())
}

impl Bench<'_> {
    fn fake(&self, world: World) -> Result<Server> {
        Server::fake(&world.write(self.folder)?, self.folder)
    }

    fn bare(&self, case: &Case, role: &str, answer: &[u8]) -> Result<Server> {
        let path = self.folder.join(format!("{}.{role}", case.name));
        std::fs::write(&path, answer)?;
        Server::bare(case.baseline, &path, case.world.crew())
    }

    fn case(&self, case: &Case, fake: Option<&Server>) -> Result<Outcome> {
        let stand_in = if fake.is_none() { Some(self.bare(case, "stand-in", &case.sample())?) } else { None };
        let subject = fake.or(stand_in.as_ref()).ok_or("there is nothing to measure")?;
        let path = case.path(fake.map(|fake| fake.address))?;
        let request = case.request(&path, subject.address)?;
        let answer = wire::fetch(subject.address, request.bytes())?;
        let bare = self.bare(case, "bare", &answer.raw)?;
        let bare_request = case.request(&path, bare.address)?;
        same(&answer, &wire::fetch(bare.address, bare_request.bytes())?)?;
        let expected = Expected { length: answer.body.len(), slack: case.slack() };
        let open = |server: &Server, request| {
            Load::open(&self.runtime, self.options.connections, server.address, request, expected)
        };
        let mut sides = [
            Measured { server: subject, load: open(subject, &request)?, turns: Vec::new(), cpu: 0.0 },
            Measured { server: &bare, load: open(&bare, &bare_request)?, turns: Vec::new(), cpu: 0.0 },
        ];
        self.rounds(WARM_UP + WARM_UP_EACH * case.world.crew(), &mut sides)?;
        outcome(*case, &sides)
    }

    fn rounds(&self, warm_up: Duration, sides: &mut [Measured<'_>; 2]) -> Result<()> {
        for side in &mut *sides {
            side.load.turn(&self.runtime, warm_up)?;
        }
        for _ in 0..self.options.rounds {
            for side in &mut *sides {
                let before = machine::cpu_seconds(side.server.id())?;
                side.turns.push(side.load.turn(&self.runtime, self.options.round())?);
                side.cpu += machine::cpu_seconds(side.server.id())? - before;
            }
        }
        Ok(())
    }

    /// Milliseconds from the start of the process until it has answered its first request.
    fn starts(&self, fakeless: bool) -> Result<Spread> {
        let case = &CASES[0];
        let path = case.path(None)?;
        let world = case.world.write(self.folder)?;
        let mut took = Vec::new();
        for _ in 0..STARTS {
            let begun = Instant::now();
            let server = if fakeless {
                self.bare(case, "stand-in", &case.sample())?
            } else {
                Server::fake(&world, self.folder)?
            };
            wire::fetch(server.address, case.request(&path, server.address)?.bytes())?;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        Spread::of(took)
    }
}

/// One side of a case while it runs.
struct Measured<'a> {
    server: &'a Server,
    load: Load,
    turns: Vec<Turn>,
    cpu: f64,
}

impl Measured<'_> {
    fn side(&self) -> Side {
        let answers = self.turns.iter().map(|turn| f64::from(turn.answers)).sum::<f64>();
        let seconds = self.turns.iter().map(|turn| turn.seconds).sum::<f64>();
        Side { rate: answers / seconds, cpu_micros: self.cpu * 1e6 / answers }
    }
}

fn outcome(case: Case, [fake, bare]: &[Measured<'_>; 2]) -> Result<Outcome> {
    let rate = |turn: &Turn| f64::from(turn.answers) / turn.seconds;
    let pairs = fake.turns.iter().zip(&bare.turns).map(|(fake, bare)| rate(fake) / rate(bare));
    Ok(Outcome { case, fake: fake.side(), bare: bare.side(), ratio: Spread::of(pairs.collect())? })
}

/// The bare server has to send what the fake sends, or the comparison would flatter one of them.
fn same(fake: &wire::Answer, bare: &wire::Answer) -> Result<()> {
    if bare.status != fake.status || bare.body != fake.body || bare.header_names() != fake.header_names() {
        let heads = [fake, bare].map(|answer| String::from_utf8_lossy(&answer.raw[..answer.raw.len().min(600)]));
        return Err(format!("the bare server does not repeat the answer:\n{}\nbut:\n{}", heads[0], heads[1]).into());
    }
    Ok(())
}
