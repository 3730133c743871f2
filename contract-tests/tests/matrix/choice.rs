//! Which cases a variant meets: those that provoke what its row names, their control twins, and a tenth of the rest
//! of its task. Of the cases about one person on a fleet it meets those for whose obligation it stands.

use crewpass_contract::client::plan::PlannedCase;
use sha2::{Digest, Sha256};

use super::variant::Variant;

/// How much of the rest a variant meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing, while one looks into a row.
    None,
    /// A tenth, by lot.
    Tenth,
    /// All of it.
    All,
}

impl Rest {
    /// As `KILL_MATRIX` says.
    pub(crate) fn wanted() -> Self {
        match std::env::var("KILL_MATRIX").as_deref() {
            Ok("full") => Self::All,
            Ok("named") => Self::None,
            _ => Self::Tenth,
        }
    }

    /// The cases that a variant meets. Those that are `costly` it meets only if they are named.
    pub(crate) fn cases_for(
        self,
        variant: &Variant,
        stands_for: &[&str],
        every: &[PlannedCase],
        costly: impl Fn(&PlannedCase) -> bool,
    ) -> Vec<PlannedCase> {
        let chosen = |case: &&PlannedCase| {
            let provokes = |id: &str| case.scenario.provokes.iter().any(|provoked| provoked == id);
            if case.scenario.is_adapted && self != Self::All {
                return stands_for.iter().any(|id| provokes(id));
            }
            let named = variant.named().any(|id| provokes(id));
            let rest = self == Self::All || self == Self::Tenth && by_lot(variant, case) && !costly(case);
            named || rest && case.scenario.task == variant.task()
        };
        let twins: Vec<&String> = every.iter().filter(chosen).filter_map(|case| case.scenario.twin.as_ref()).collect();
        let met = every.iter().filter(|case| chosen(case) || twins.contains(&&case.scenario.id));
        met.cloned().collect()
    }
}

/// The lot of a case is the variant's own and the same in every run.
fn by_lot(variant: &Variant, case: &PlannedCase) -> bool {
    Sha256::digest(format!("{} {}", variant.name, case.name()))[0] % 10 == 0
}
