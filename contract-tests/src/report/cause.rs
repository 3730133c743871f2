//! The one cause by which most cases end alike, before the client can show anything.

use std::collections::{BTreeMap, BTreeSet};

use crewpass_diagnostics::escape;
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::normalizer::Normalizer;
use super::replay::replay_line;
use super::run::{Played, Run};
use super::transcript::last_line;
use crate::client::case::Case;
use crate::client::plan::plain_scenarios;
use crate::client::play::Unplayed;
use crate::client::scenario::{BaseForm, Certificate, RightExit};
use crate::doctor::{Hindrance, HindranceKind, hindrance, shortfall};
use crate::outcome::Outcome;

/// The longest text of one field, in characters.
const LONGEST: usize = 4_000;

/// A cause that most cases share, as the doctor says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cause {
    /// The observation.
    pub seen: String,
    /// Advice on what to change.
    pub advice: Vec<String>,
    /// The last line that the client printed.
    pub printed: String,
    /// The command that replays the first of the cases.
    pub replay: String,
    /// The cases that end so, and those that were skipped for this reason.
    pub cases: BTreeSet<String>,
    /// The number of cases that were played and end so.
    pub ended: usize,
    /// The number of cases that were played, and in which a client can save everything.
    pub played: usize,
    /// The number of cases that were skipped for this reason.
    pub skipped: usize,
    /// Is true if only cases without a difficulty count. Such a cause hides no finding.
    pub of_plain_cases: bool,
}

impl Cause {
    /// Returns the cause that more than half of the cases share.
    pub(super) fn of(played: &[Played]) -> Option<Self> {
        Self::before_the_documents(played).or_else(|| Self::in_plain_cases(played))
    }

    /// Returns the cause by which most cases without a difficulty leave documents unsaved.
    fn in_plain_cases(played: &[Played]) -> Option<Self> {
        let plain = plain_scenarios(played.iter().map(|one| &one.planned));
        let is_plain = |one: &Played, case: &Case| {
            let is_right = !case.is_starved() && !case.has_overrun();
            plain.contains(one.planned.scenario.id.as_str()) && is_friendly(case) && is_right
        };
        let cases = played.iter().filter_map(|one| Some((one, one.case.as_ref().ok()?)));
        let plain: Vec<_> = cases.filter(|(one, case)| is_plain(one, case)).collect();
        let short: Vec<_> = plain.iter().filter_map(|(one, case)| Some((one, case, shortfall(case)?))).collect();
        let (first, case, found) = short.first().filter(|_| short.len() * 2 > plain.len())?;
        Some(Self {
            ended: short.len(),
            played: plain.len(),
            of_plain_cases: true,
            ..Self::seen_in(found, first, case)?
        })
    }

    /// Returns what kept the client from its work in one case that is named nowhere.
    pub fn in_case(case: &Case) -> Option<Self> {
        Self::as_it_shows(&hindrance(case)?, case)
    }

    /// Returns a cause as a case shows it.
    fn seen_in(found: &Hindrance, one: &Played, case: &Case) -> Option<Self> {
        Some(Self { replay: replay_line(&one.planned.name()), ..Self::as_it_shows(found, case)? })
    }

    fn as_it_shows(found: &Hindrance, case: &Case) -> Option<Self> {
        let normalizer = Normalizer::new(case);
        let text = |text: &String| escape::line(&normalizer.text(text), LONGEST).into_owned();
        Some(Self {
            seen: text(&found.step.seen),
            advice: found.step.advice.iter().map(text).collect(),
            printed: last_line(&case.last()?.process, &normalizer),
            ..Self::default()
        })
    }

    /// Returns the cause that keeps the client from the documents in more than half of the cases. Cases in which the client
    /// can save everything decide: in others, a refusal is what the scenario wants. Without such a case, as in a run of one,
    /// those decide in which the client sent nothing that a scenario could refuse.
    fn before_the_documents(played: &[Played]) -> Option<Self> {
        let cases: Vec<(&Played, &Case)> =
            played.iter().filter_map(|one| Some((one, one.case.as_ref().ok()?))).collect();
        let any_friendly = cases.iter().any(|(_, case)| is_friendly(case));
        let decides = |case: &Case| if any_friendly { is_friendly(case) } else { can_be_reached(case) };
        let friendly = cases.iter().filter(|(_, case)| decides(case)).count();
        let is_telling = |found: &Hindrance| any_friendly || found.kind != HindranceKind::ListRefused;
        let mut by_kind: BTreeMap<HindranceKind, Vec<(&Played, &Case, Hindrance)>> = BTreeMap::new();
        for (one, case) in &cases {
            if let Some(found) = hindrance(case).filter(|found| decides(case) && is_telling(found)) {
                by_kind.entry(found.kind).or_default().push((one, case, found));
            }
        }
        let (kind, alike) = by_kind.into_iter().max_by_key(|(_, alike)| alike.len())?;
        let (first, case, found) = alike.first().filter(|_| alike.len() * 2 > friendly)?;
        let ended = cases.iter().filter(|(_, case)| hindrance(case).is_some_and(|found| found.kind == kind));
        let skipped: Vec<_> = played.iter().filter(|one| matches!(one.case, Err(Unplayed::Hindered(_)))).collect();
        Some(Self {
            skipped: skipped.len(),
            cases: ended.map(|(one, _)| *one).chain(skipped).map(|one| one.planned.name()).collect(),
            ended: alike.len(),
            played: friendly,
            ..Self::seen_in(found, first, case)?
        })
    }

    /// Describes how many cases end so, and how many obligations this leaves open.
    pub(super) fn describe_extent(&self, run: &Run) -> String {
        let kind = if self.of_plain_cases { " without a difficulty" } else { "" };
        let ended = match (self.ended, self.played) {
            (1, 1) => format!("The case{kind} ended so"),
            (ended, played) if ended == played && kind.is_empty() => {
                format!("All {played} cases that were played ended so")
            }
            (ended, played) => format!("{ended} of {played} cases{kind} ended so"),
        };
        let skipped = if self.skipped > 0 { format!("; {} others were skipped", self.skipped) } else { String::new() };
        let shown: BTreeSet<&str> = run.problem_groups(false).iter().map(|group| group.shown.id.as_str()).collect();
        let is_kept = |id: &str| run.merged.iter().any(|(known, _, outcome)| known == id && *outcome == Outcome::Pass);
        let is_spared =
            |entry: &&Entry| run.is_caused(entry) && !is_kept(&entry.id) && !shown.contains(entry.id.as_str());
        let spared: BTreeSet<&str> = run.entries.iter().filter(is_spared).map(|entry| entry.id.as_str()).collect();
        let left_out = match spared.len() {
            0 => String::new(),
            count => {
                let are = if count == 1 { "is" } else { "are" };
                format!(". For this reason alone, {} {are} left out here", run.noun.count(count))
            }
        };
        format!("{ended}{skipped}{left_out}.")
    }
}

/// Returns true if a client can save something in a case, and everything that it should.
fn is_friendly(case: &Case) -> bool {
    case.scenario.right_exit == RightExit::Saved && case.last().is_some_and(|run| !run.current.is_empty())
}

/// Returns true if nothing but the client keeps a request from the server.
fn can_be_reached(case: &Case) -> bool {
    let is_silent = matches!(case.scenario.base, BaseForm::Unreachable | BaseForm::Mute);
    let is_trusted = case.scenario.certificate.is_none_or(|certificate| certificate == Certificate::Good);
    !is_silent && is_trusted && !case.is_starved()
}
