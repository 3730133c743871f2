//! The table, in 80 columns.

use crate::bare::Kind;
use crate::case::{Case, Wanted};
use crate::options::Options;
use crate::{Result, machine};

/// How far below its aim a ratio may be before `--enforce` fails: what a busy machine blurs.
const TOLERANCE: f64 = 0.10;

/// Median, least and greatest of some figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The middle one.
    pub(crate) median: f64,
    /// The least.
    pub(crate) min: f64,
    /// The greatest.
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one figure.
    pub(crate) fn of(mut figures: Vec<f64>) -> Result<Self> {
        figures.sort_unstable_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (figures.first(), figures.last()) else { return Err("nothing measured".into()) };
        let median = f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2]);
        Ok(Self { median, min, max })
    }
}

/// What one server of a case did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Microseconds of CPU time that the server used for one answer.
    pub(crate) cpu_micros: f64,
}

/// What came out of a case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// The case.
    pub(crate) case: Case,
    /// The fake, or what stood in for it.
    pub(crate) fake: Side,
    /// The bare server.
    pub(crate) bare: Side,
    /// The fake's rate as a share of the bare server's, over the pairs of turns.
    pub(crate) ratio: Spread,
}

impl Outcome {
    /// The bare server's CPU time for an answer, as a share of the fake's.
    pub(crate) fn cpu_share(&self) -> f64 {
        self.bare.cpu_micros / self.fake.cpu_micros
    }

    /// A line about the ratio, if it is below the floor.
    pub(crate) fn failure(&self) -> Option<String> {
        let (name, median, floor) = (self.case.name, self.ratio.median, self.case.aim - TOLERANCE);
        (median < floor).then(|| format!("wire: {name}: ratio {median:.2} is below the floor of {floor:.2}"))
    }
}

/// What a larger world does to a list: the share that is left of the share with one crew member. 1.00 is as little as a
/// bare server loses that finds its crew in a `HashMap`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    against: Kind,
    crew: u32,
    /// Of the rate.
    rate: f64,
    /// Of the CPU time for an answer.
    cpu: f64,
}

impl Growth {
    /// Each larger world against the one with a single crew member, for each bare server.
    pub(crate) fn of(outcomes: &[Outcome]) -> Vec<Self> {
        let lists: Vec<_> = outcomes.iter().filter(|outcome| matches!(outcome.case.wanted, Wanted::AnyList)).collect();
        let smallest = |kind| lists.iter().find(|of| of.case.baseline == kind && of.case.world.crew() == 1);
        let larger = lists.iter().filter(|of| of.case.world.crew() > 1);
        let grown = larger.filter_map(|of| {
            let Case { baseline, world, .. } = of.case;
            let one = smallest(baseline)?;
            let (rate, cpu) = (of.ratio.median / one.ratio.median, of.cpu_share() / one.cpu_share());
            Some(Self { against: baseline, crew: world.crew(), rate, cpu })
        });
        grown.collect()
    }

    /// A line about the loss, if it is more than a busy machine blurs.
    pub(crate) fn failure(&self) -> Option<String> {
        let Self { against, crew, rate, .. } = self;
        (*rate < 1.0 - TOLERANCE)
            .then(|| format!("wire: a list of {crew} crew loses more than {}: {rate:.2} is left", against.name()))
    }
}

/// Resident memory of the fake with one world.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// The world's name.
    pub(crate) world: String,
    /// In MiB, when it was ready and had not been asked for anything.
    pub(crate) idle: f64,
    /// In MiB, after all cases of that world.
    pub(crate) after: f64,
    /// How much of that is no page of the program's own file.
    pub(crate) allocated: f64,
}

/// Prints what is compared and on what, and the head of the table.
pub(crate) fn opening(options: &Options, fakeless: bool) -> Result<()> {
    let subject = if fakeless { "a stand-in for the fake" } else { "crewpass-mock" };
    println!("wire: {subject} against bare servers that send the same bytes");
    println!("{}", machine::describe()?);
    println!(
        "{} connections, {} rounds of {} ms on each side by turns",
        options.connections,
        options.rounds,
        options.round().as_millis()
    );
    println!();
    println!("{:12}{:9}{:>16}{:>25}{:>18}", "", "", "answers/s", "share of the bare rate", "CPU µs/answer");
    println!(
        "{:12}{:9}{:>8}{:>8}{:>7}{:>6}{:>6}{:>6}{:>6}{:>6}{:>6}",
        "case", "against", "fake", "bare", "median", "min", "max", "aim", "fake", "bare", "share"
    );
    Ok(())
}

/// Prints the line of one case.
pub(crate) fn row(outcome: &Outcome) {
    let Outcome { case, fake, bare, ratio } = outcome;
    println!(
        "{:12}{:9}{:8.0}{:8.0}{:7.2}{:6.2}{:6.2}{:6.2}{:6.1}{:6.1}{:6.2}",
        case.name,
        case.baseline.name(),
        fake.rate,
        bare.rate,
        ratio.median,
        ratio.min,
        ratio.max,
        case.aim,
        fake.cpu_micros,
        bare.cpu_micros,
        outcome.cpu_share()
    );
}

/// Prints what is measured once, and how to read the table.
pub(crate) fn closing(growth: &[Growth], starts: &Spread, memory: &[Memory]) {
    println!();
    for Growth { against, crew, rate, cpu } in growth {
        println!("{crew} crew keep {rate:.2} of the share of 1 against {} ({cpu:.2} by CPU)", against.name());
    }
    let Spread { median, min, max } = starts;
    println!("start to first answer: {median:.1} ms, median of 10 from {min:.1} to {max:.1} (aim 10 ms)");
    for Memory { world, idle, after, allocated } in memory {
        let aim = if world == "wire" { " (aims: below 12, no growth)" } else { "" };
        println!("resident, world {world}: {idle:.1} MiB idle, {after:.1} MiB after the load{aim},");
        println!("  of which {allocated:.1} MiB are allocated, and the rest is the program itself");
    }
    println!();
    println!("1.00 is as good as the bare server. The CPU share is the bare server's time for");
    println!("an answer over the fake's. It is the least noisy figure and the strictest: the");
    println!("load is not in it, while the rates share the cores with a load that costs as");
    println!("much as a server.");
}
