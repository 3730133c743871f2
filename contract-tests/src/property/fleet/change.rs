//! A drawn change before a second run: people come and go, consents end, documents are replaced.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::client::scenario::{Action, RunPlan};

/// A change before a second run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) what: ChangeKind,
    /// The person.
    pub(super) person: usize,
}

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// A person joins the fleet.
    Joins,
    /// A person leaves the fleet.
    Leaves,
    /// A person leaves the fleet between page and list.
    IsGone,
    /// A person withdraws every consent.
    Withdraws,
    /// A person's first document has a new version.
    Upload,
    /// The clock moves on, so that links and cursors expire.
    Advance,
}

/// Draws a change, mostly none.
pub(super) fn change(most: usize) -> impl Strategy<Value = Option<Change>> {
    use ChangeKind::{Advance, IsGone, Joins, Leaves, Upload, Withdraws};
    let what = select(&[Joins, Leaves, IsGone, Withdraws, IsGone, Withdraws, Upload, Advance][..]);
    let change = (what, 0..most).prop_map(|(what, person)| Change { what, person });
    prop_oneof![3 => Just(None), 1 => change.prop_map(Some)]
}

impl ChangeKind {
    /// Returns true if the fleet shows the person, and the list is refused.
    pub(super) const fn withholds(self) -> bool {
        matches!(self, Self::IsGone | Self::Withdraws)
    }
}

impl Change {
    /// Returns the second run; `crew` is the person's id, and `document` that of the first document.
    pub(super) fn run(self, crew: String, document: Option<String>) -> RunPlan {
        let action = match self.what {
            ChangeKind::Joins => Some(Action::Vessels { crew, vessels: vec!["ves_1".to_owned()] }),
            ChangeKind::Leaves => Some(Action::Vessels { crew, vessels: Vec::new() }),
            ChangeKind::IsGone => {
                let then = json!({"status": {"error": "not_found"}});
                Some(Action::Faults(vec![
                    json!({"name": "gone", "match": {"step": "list", "crew": crew}, "then": then}),
                ]))
            }
            ChangeKind::Withdraws => Some(Action::Withdraw { crew }),
            ChangeKind::Upload => document.map(|supersedes| Action::Upload { supersedes }),
            ChangeKind::Advance => Some(Action::Advance("16m".to_owned())),
        };
        // What an earlier run saved of a person who is withheld now says nothing about this run.
        RunPlan { before: action.into_iter().collect(), fresh_folder: self.what.withholds(), ..RunPlan::default() }
    }
}
