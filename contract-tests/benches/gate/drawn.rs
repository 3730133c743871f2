//! Drawn cases, played to a client in this process: how many in a second, and whether memory stays as it is.

use std::sync::Arc;
use std::time::Instant;

use crewpass_contract::client::judge::judge_of;
use crewpass_contract::client::run::{Fake, HarnessError, Options, play};
use crewpass_contract::client::scenario::Scenario;
use crewpass_contract::client::transport::InProcess;
use crewpass_contract::property::scenarios;
use crewpass_contract::requirement::Catalogue;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::task::JoinSet;

use crate::Result;
use crate::client::Least;
use crate::machine::{Processor, allocated_mib};

/// Cases that the rate is taken over.
const CASES: usize = 1500;

/// Cases that memory is looked at over, and after how many of them it should be as it stays.
const MANY: usize = 10_000;
const SETTLED: usize = 2000;

/// Cases at once for each core: with less, a core is idle while a case waits for the disk.
const FOR_EACH_CORE: usize = 2;

struct Stage {
    fake: Fake,
    options: Options,
    judges: Vec<crewpass_contract::client::judge::Judge>,
}

impl Stage {
    async fn open() -> Result<Arc<Self>> {
        let catalogue = Catalogue::built_in()?;
        let everywhere = catalogue.obligations().iter().filter(|known| known.is_everywhere());
        let judges = everywhere.filter_map(|known| judge_of(&known.id)).collect();
        let options = Options { exit_classes: true, ..Options::new(InProcess::new(Least::new()?)) };
        Ok(Arc::new(Self { fake: Fake::start().await?, options, judges }))
    }

    async fn play(&self, scenario: Scenario) -> std::result::Result<(), HarnessError> {
        let case = play(&self.fake, &scenario, None, &self.options).await?;
        for judge in &self.judges {
            std::hint::black_box(judge(&case));
        }
        Ok(())
    }
}

/// Drawn scenarios in which nobody waits, without end.
fn quick() -> impl FnMut() -> Result<Scenario> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    move || loop {
        let drawn = scenarios().new_tree(&mut runner).map_err(|why| why.to_string())?.current();
        if !drawn.may_wait() {
            return Ok(drawn);
        }
    }
}

/// Plays so many, `FOR_EACH_CORE` at once for each core.
async fn some(stage: &Arc<Stage>, many: usize, next: &mut impl FnMut() -> Result<Scenario>) -> Result<()> {
    let most = FOR_EACH_CORE * std::thread::available_parallelism().map_or(2, usize::from);
    let mut playing = JoinSet::new();
    for _ in 0..many {
        if playing.len() >= most
            && let Some(done) = playing.join_next().await
        {
            done??;
        }
        let (stage, scenario) = (Arc::clone(stage), next()?);
        playing.spawn(async move { stage.play(scenario).await });
    }
    while let Some(done) = playing.join_next().await {
        done??;
    }
    Ok(())
}

/// How many cases are played in a second.
#[expect(clippy::cast_precision_loss, reason = "a count of some thousands")]
pub(crate) async fn rate() -> Result<()> {
    let (stage, mut next) = (Stage::open().await?, quick());
    some(&stage, CASES / 10, &mut next).await?;
    let (began, before) = (Instant::now(), Processor::now()?);
    some(&stage, CASES, &mut next).await?;
    let (wall, processor) = (began.elapsed().as_secs_f64(), Processor::since(before)?.own);
    println!("drawn cases without a wait, in this process (aim: 600 in a second)");
    println!("  {:<34}{:8.0} in a second", "wall", CASES as f64 / wall);
    println!(
        "  {:<34}{:8.2} ms a case, so {:.0} in a second and core\n",
        "processor",
        processor / CASES as f64 * 1e3,
        CASES as f64 / processor
    );
    Ok(())
}

/// Whether memory stays as it is over many cases.
pub(crate) async fn memory() -> Result<()> {
    let (stage, mut next) = (Stage::open().await?, quick());
    some(&stage, SETTLED, &mut next).await?;
    let early = allocated_mib()?;
    some(&stage, MANY - SETTLED, &mut next).await?;
    let late = allocated_mib()?;
    println!("memory over {MANY} cases (aim: flat)");
    println!("  {:<34}{early:8.1} MiB after {SETTLED}, {late:.1} MiB at the end\n", "allocated");
    Ok(())
}
