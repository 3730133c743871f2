//! A list of known failures: it accepts what it was written for and nothing else, whatever the findings say.

use crewpass_contract::client::judge::Finding;
use crewpass_contract::outcome::{KnownFailure, KnownFailures, ObligationResult, Outcome, Rules};
use crewpass_contract::requirement::{Catalogue, Grade, Source};
use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::harmless::foreign;

const IDS: [&str; 3] = ["CPK-AUTH-01", "CPK-LIST-01", "CPK-RTY-01"];
const OUTCOMES: [Outcome; 4] = [Outcome::Fail, Outcome::Pass, Outcome::NotJudged, Outcome::NotExercised];

fn result() -> impl Strategy<Value = (Outcome, Vec<Finding>)> {
    let finding =
        (foreign(), foreign()).prop_map(|(expected, observed)| Finding { expected, observed, ..Finding::default() });
    (select(&OUTCOMES[..]), vec(finding, 1..3)).prop_map(|(outcome, findings)| {
        let findings = if outcome == Outcome::Fail { findings } else { Vec::new() };
        (outcome, findings)
    })
}

/// The results of each obligation in each of four cases.
fn results() -> impl Strategy<Value = Vec<ObligationResult>> {
    vec(result(), IDS.len() * 4).prop_map(|drawn| {
        let places = IDS.iter().flat_map(|id| (0..4).map(move |case| (id, format!("area/case-{case}"))));
        let all = places.zip(drawn).map(|((id, scenario), (outcome, findings))| ObligationResult {
            id: (*id).to_owned(),
            grade: Grade::MUST,
            source: Source::G,
            outcome,
            scenario,
            note: None,
            findings,
            replay: String::new(),
            broken_twin: None,
        });
        all.collect()
    })
}

/// The results with a list of known failures.
fn with(known: &KnownFailures, results: &[ObligationResult]) -> Vec<ObligationResult> {
    let rules = Rules { unsupported: &[], known, today: date(2026, 6, 1), partial: false };
    rules.apply(results.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_list_accepts_what_it_was_written_for(results in results()) {
        let written = KnownFailures::default().accepting(&results).written().unwrap();
        let odd = written.chars().find(|c| c.is_control() && *c != '\n');
        prop_assert_eq!(odd, None, "{:?}", written);
        let command = written.lines().find(|line| line.trim_start().starts_with("::"));
        prop_assert_eq!(command, None, "{}", written);
        let known = KnownFailures::parse(&written, "known-failures.toml", &Catalogue::built_in().unwrap()).unwrap();
        for (before, after) in results.iter().zip(with(&known, &results)) {
            let expected = if before.outcome == Outcome::Fail { Outcome::KnownFailure } else { before.outcome };
            prop_assert_eq!(after.outcome, expected, "{} in {}\n{}", before.id, before.scenario, written);
        }
        // Written again, it is the same.
        prop_assert_eq!(known.accepting(&results).written().unwrap(), written);
    }

    #[test]
    fn a_list_accepts_no_other_failure(results in results(), place in 0..12_usize) {
        let known = KnownFailures::default().accepting(&results);
        let mut later = results.clone();
        later[place].outcome = Outcome::Fail;
        later[place].findings = vec![Finding { expected: "another".to_owned(), ..Finding::default() }];
        let accepts_other = |entry: &KnownFailure| {
            let is_of_case = entry.scenario.is_empty() || entry.scenario.contains(&later[place].scenario);
            // An entry without a message accepts each way to fail, and a short message may be a part of another text.
            let is_part = |message| "another".contains(message);
            entry.id == later[place].id && is_of_case && entry.message.as_deref().is_none_or(is_part)
        };
        prop_assume!(!known.entries.iter().any(accepts_other));
        prop_assert_ne!(with(&known, &later)[place].outcome, Outcome::KnownFailure);
        // An entry about what passes by now is stale.
        let mut mended = results.clone();
        mended.iter_mut().filter(|result| result.id == IDS[0]).for_each(|result| result.outcome = Outcome::Pass);
        let failed = results.iter().any(|result| result.id == IDS[0] && result.outcome == Outcome::Fail);
        let stale = with(&known, &mended).iter().any(|result| result.outcome == Outcome::Stale);
        prop_assert_eq!(stale, failed);
    }
}
