//! A case of property mode: changes of documents, and the deliveries of their events in some order.

use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Deserialize, Serialize};

use crewpass_diagnostics::{Problem, read_yaml};

/// The most people of a case.
const PEOPLE: usize = 8;

/// The most steps of a case.
const STEPS: usize = 200;

/// The most deliveries of one event at once.
const COPIES: usize = 8;

/// Changes and deliveries. What no step delivers is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCase {
    /// The number of people; each has one document.
    pub people: usize,
    /// The steps, one after the other.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// The document of a person gets another version.
    Upload {
        /// The person, from 1.
        person: usize,
    },
    /// The event of a version is delivered.
    Deliver {
        /// The person, from 1.
        person: usize,
        /// The version, from 0; those before the newest are older events.
        version: usize,
        /// The number of deliveries at once.
        copies: usize,
    },
    /// The API answers 503 from now on.
    Down,
    /// The API answers again. It does at the end, too.
    Up,
}

/// A case that can't be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCase(String);

impl OrderCase {
    /// Reads a case from a file's text.
    ///
    /// # Errors
    /// The text is not a case, or the case can't be played.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let case: Self = read_yaml(file, text)?;
        case.check().map_err(|error| Problem::of_file(file, error.to_string()))?;
        Ok(case)
    }

    /// Checks that each step names a person and a version that exists then, and that the newest event of each person is
    /// delivered.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), InvalidCase> {
        let wrong = |text: String| Err(InvalidCase(text));
        if !(1..=PEOPLE).contains(&self.people) || self.steps.len() > STEPS {
            return wrong(format!("a case has 1 to {PEOPLE} people and at most {STEPS} steps"));
        }
        let mut people = vec![(0, false); self.people];
        for (number, step) in self.steps.iter().enumerate() {
            let (person, version, copies) = match *step {
                Step::Upload { person } => (person, 0, 1),
                Step::Deliver { person, version, copies } => (person, version, copies),
                Step::Down | Step::Up => continue,
            };
            let Some((newest, is_delivered)) = person.checked_sub(1).and_then(|place| people.get_mut(place)) else {
                return wrong(format!("step {}: there is no person {person}", number + 1));
            };
            if version > *newest || !(1..=COPIES).contains(&copies) {
                return wrong(format!("step {}: there is no version {version} yet, or too many copies", number + 1));
            }
            match step {
                Step::Upload { .. } => (*newest, *is_delivered) = (*newest + 1, false),
                _ => *is_delivered |= version == *newest,
            }
        }
        match people.iter().position(|(_, is_delivered)| !is_delivered) {
            Some(place) => wrong(format!("the newest event of person {} is never delivered", place + 1)),
            None => Ok(()),
        }
    }

    /// Draws a case; the same seed and number always draw the same one.
    pub fn draw(seed: u64, number: u32) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..12].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let rough = (1..=3_usize, proptest::collection::vec(any::<[u8; 4]>(), 1..14));
        // A strategy without a filter never fails.
        let tree = rough.new_tree(&mut runner).map(|tree| tree.current());
        tree.map_or_else(|_| Self::from_rough(1, &[]), |(people, rough)| Self::from_rough(people, &rough))
    }

    /// Makes a case of random bytes: each four of them are a step.
    fn from_rough(people: usize, rough: &[[u8; 4]]) -> Self {
        let mut steps = Vec::new();
        let (mut newest, mut is_down) = (vec![0; people], false);
        for &[kind, person, version, copies] in rough {
            let place = usize::from(person) % people;
            let person = place + 1;
            match kind % 10 {
                0..=2 if newest[place] < 4 => {
                    newest[place] += 1;
                    steps.push(Step::Upload { person });
                }
                9 => {
                    steps.push(if is_down { Step::Up } else { Step::Down });
                    is_down = !is_down;
                }
                _ => {
                    let version = usize::from(version) % (newest[place] + 1);
                    steps.push(Step::Deliver { person, version, copies: 1 + usize::from(copies) % 3 });
                }
            }
        }
        let mut case = Self { people, steps };
        // The sender loses nothing for ever: what is missing comes at the end.
        for (place, newest) in newest.into_iter().enumerate() {
            let person = place + 1;
            let last = Step::Deliver { person, version: newest, copies: 1 };
            let after = case.steps.iter().rposition(|step| *step == Step::Upload { person }).map_or(0, |at| at + 1);
            let is_delivered = |step: &Step| {
                matches!(step, Step::Deliver { person: who, version, .. }
                if *who == person && *version == newest)
            };
            if !case.steps[after..].iter().any(is_delivered) {
                case.steps.push(last);
            }
        }
        case
    }

    /// Returns smaller cases that can be played, those that remove most first.
    pub(super) fn shrink(&self) -> Vec<Self> {
        let count = self.steps.len();
        let sizes = std::iter::successors(Some(count.div_ceil(2)), |size| (*size > 1).then(|| size.div_ceil(2)));
        let mut all: Vec<Self> = Vec::new();
        if self.people > 1 {
            all.extend((1..=self.people).map(|person| self.without_person(person)));
        }
        for size in sizes.filter(|size| *size > 0) {
            for from in (0..count).step_by(size) {
                let mut case = self.clone();
                case.steps.drain(from..(from + size).min(count));
                all.push(case);
            }
        }
        for place in 0..count {
            if let Step::Deliver { person, version, copies: 2.. } = self.steps[place] {
                let mut case = self.clone();
                case.steps[place] = Step::Deliver { person, version, copies: 1 };
                all.push(case);
            }
        }
        all.extend((0..count).filter_map(|place| self.without_upload(place)));
        all.retain(|case| case.check().is_ok());
        all
    }

    /// Returns the case without an upload, if the step is one; the versions after it move down by one.
    fn without_upload(&self, place: usize) -> Option<Self> {
        let Step::Upload { person } = *self.steps.get(place)? else { return None };
        let removed = self.steps[..=place].iter().filter(|step| **step == Step::Upload { person }).count();
        let mut case = self.clone();
        case.steps.remove(place);
        for step in &mut case.steps {
            if let Step::Deliver { person: who, version, .. } = step
                && *who == person
                && *version >= removed
            {
                *version -= 1;
            }
        }
        Some(case)
    }

    /// Returns the case without a person.
    fn without_person(&self, gone: usize) -> Self {
        let moved = |person: usize| if person > gone { person - 1 } else { person };
        let step = |step: &Step| match *step {
            Step::Upload { person } => (person != gone).then(|| Step::Upload { person: moved(person) }),
            Step::Deliver { person, version, copies } => {
                (person != gone).then(|| Step::Deliver { person: moved(person), version, copies })
            }
            other => Some(other),
        };
        Self { people: self.people - 1, steps: self.steps.iter().filter_map(step).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_drawn_case_can_be_played_and_is_drawn_again_by_its_seed() {
        let mut kinds = BTreeSet::new();
        for number in 0..300 {
            let case = OrderCase::draw(7, number);
            assert_eq!(case.check(), Ok(()), "{case:?}");
            assert_eq!(case, OrderCase::draw(7, number));
            let newest = |person| case.steps.iter().filter(|step| **step == Step::Upload { person }).count();
            for step in &case.steps {
                match *step {
                    Step::Deliver { copies: 2.., .. } => drop(kinds.insert("repeated")),
                    Step::Deliver { person, version, .. } if version < newest(person) => drop(kinds.insert("older")),
                    Step::Down => drop(kinds.insert("outage")),
                    _ => {}
                }
            }
        }
        assert_eq!(kinds, BTreeSet::from(["older", "outage", "repeated"]));
        assert_ne!(OrderCase::draw(7, 0), OrderCase::draw(8, 0));
    }

    #[test]
    fn shrinking_ends_at_the_steps_that_a_failure_needs() {
        // It fails if an older event comes after a newer one.
        let fails = |case: &OrderCase| {
            let mut newest = vec![None; case.people];
            case.steps.iter().any(|step| match *step {
                Step::Deliver { person, version, .. } => {
                    let before = newest[person - 1].replace(version);
                    newest[person - 1] = newest[person - 1].max(before);
                    before > Some(version)
                }
                _ => false,
            })
        };
        let mut found = 0;
        for number in 0..100 {
            let mut case = OrderCase::draw(1, number);
            while let Some(smaller) = case.shrink().into_iter().find(fails) {
                case = smaller;
            }
            if fails(&case) {
                found += 1;
                let deliver = |version| Step::Deliver { person: 1, version, copies: 1 };
                assert_eq!(case.steps, [Step::Upload { person: 1 }, deliver(1), deliver(0)]);
            }
        }
        assert!(found > 10, "{found}");
    }

    #[test]
    fn a_case_is_written_and_read_and_a_wrong_one_is_refused() {
        let text =
            "people: 1\nsteps:\n- upload: {person: 1}\n- down\n- deliver: {person: 1, version: 1, copies: 2}\n- up\n";
        let case = OrderCase::parse("case.yaml", text).unwrap();
        assert_eq!(case.steps[2], Step::Deliver { person: 1, version: 1, copies: 2 });
        let again = serde_saphyr::to_string(&case).unwrap();
        assert_eq!(OrderCase::parse("case.yaml", &again).unwrap(), case);
        for (wrong, why) in [
            ("people: 1\nsteps: []\n", "never delivered"),
            ("people: 9\nsteps: []\n", "1 to 8 people"),
            ("people: 1\nsteps: [{deliver: {person: 1, version: 1, copies: 1}}]\n", "no version 1"),
            ("people: 1\nsteps: [{deliver: {person: 2, version: 0, copies: 1}}]\n", "no person 2"),
            ("people: 1\nsteps: [{send: {}}]\n", "send"),
        ] {
            let error = OrderCase::parse("case.yaml", wrong).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
