//! Troubles as fault rules: which of the requests of a step and document met them, by their order.

use serde_json::{Value, json};

use super::answer::Trouble;
use super::seen::Seen;
use super::standing::Standing;
use crate::client::scenario::StepName;

/// The rules of a capture.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) all: Vec<Value>,
    /// Names of those that every client meets that comes as far.
    pub(super) met: Vec<String>,
    /// Something can't be had for as long as it was tried.
    pub(super) lasting: bool,
    /// Something was in the way at least for a while, or is a choice.
    pub(super) passing: bool,
}

/// Requests of one step and document, each with what was wrong.
struct Row<'a> {
    step: StepName,
    document: Option<&'a str>,
    troubles: Vec<Option<Trouble>>,
}

impl Rules {
    /// Creates the rules that cause the same troubles again.
    pub(super) fn new(all: &[Seen], standing: &Standing) -> Self {
        let mut rules = Self::default();
        for row in rows(all, standing) {
            rules.row(&row);
        }
        rules
    }

    fn row(&mut self, row: &Row<'_>) {
        let mut place = 0;
        while let Some(trouble) = row.troubles.get(place) {
            let alike = row.troubles[place..].iter().take_while(|other| *other == trouble).count();
            if let Some(trouble) = trouble {
                // What was so to the end is taken to stay so: a client that tries once more than the captured one
                // must not find it mended.
                let last = place + alike == row.troubles.len();
                self.add(row, place, (!last).then_some(alike), trouble);
            }
            place += alike;
        }
    }

    /// Adds the rule of a trouble that begins at a place of the row. The fake counts a request for a rule only where
    /// none in front of it took the request away.
    fn add(&mut self, row: &Row<'_>, place: usize, times: Option<usize>, trouble: &Trouble) {
        let taken = |other: &&Option<Trouble>| other.as_ref().is_some_and(|other| other.in_front);
        let skip = place - row.troubles[..place].iter().filter(taken).count();
        let step = row.step.name();
        let name = format!("{step}_{}", self.all.len() + 1);
        let mut rule = json!({"name": name, "match": {"step": step}, "then": trouble.then});
        if let Some(document) = row.document {
            rule["match"]["document"] = json!(document);
        }
        if skip > 0 {
            rule["when"]["skip"] = json!(skip);
        }
        if let Some(times) = times {
            rule["when"]["times"] = json!(times);
        }
        if place == 0 {
            self.met.push(name);
        }
        self.lasting |= times.is_none() && !trouble.harmless && !trouble.is_choice;
        self.passing |= !trouble.harmless;
        self.all.push(rule);
    }
}

fn rows<'a>(all: &'a [Seen], standing: &Standing) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for seen in all {
        let document = seen.document.as_deref();
        let link = seen.link();
        let followed = link.is_some_and(|link| all.iter().any(|other| other.url == link.url));
        let trouble = Trouble::from_seen(seen, followed).filter(|_| !standing.explains(seen));
        match rows.iter_mut().find(|row| row.step == seen.step && row.document == document) {
            Some(row) => row.troubles.push(trouble),
            None => rows.push(Row { step: seen.step, document, troubles: vec![trouble] }),
        }
    }
    rows
}
