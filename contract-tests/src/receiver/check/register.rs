//! The register of checks: an obligation's scenarios, and the function that judges it.

use super::{accepted, refused, repeated};
use crate::client::judge::Verdict;
use crate::receiver::facts::Seen;
use crate::receiver::scenario::Scenario;

/// A check of one obligation.
type Check = fn(&Seen) -> Verdict;

/// An obligation with its scenarios and its check.
#[derive(Debug)]
pub(in crate::receiver) struct Row {
    pub(in crate::receiver) id: &'static str,
    pub(in crate::receiver) scenarios: &'static [Scenario],
    check: Check,
    /// Is true if it is about what a receiver saves, so that one that saves nothing does not show it.
    is_about_effects: bool,
}

const fn about_effects(id: &'static str, scenarios: &'static [Scenario], check: Check) -> Row {
    Row { id, scenarios, check, is_about_effects: true }
}

const fn about_answers(id: &'static str, scenarios: &'static [Scenario], check: Check) -> Row {
    Row { id, scenarios, check, is_about_effects: false }
}

/// Every row, in the order of the catalogue.
const ROWS: [Row; 22] = [
    about_answers("CPK-HOOK-01", &[Scenario::Valid], accepted::valid),
    about_effects("CPK-HOOK-02", &[Scenario::Signatures], refused::signatures),
    about_answers("CPK-HOOK-03", &[Scenario::Signatures], refused::without_5xx),
    about_effects("CPK-HOOK-04", &[Scenario::ChangedValue], refused::changed_value),
    about_effects("CPK-HOOK-05", &[Scenario::ChangedBlanks], refused::changed_blanks),
    about_effects("CPK-HOOK-06", &[Scenario::Twice], repeated::twice),
    about_effects("CPK-HOOK-07", &[Scenario::JsonForms], accepted::json_forms),
    about_effects("CPK-HOOK-08", &[Scenario::Large], accepted::large),
    about_effects("CPK-HOOK-09", &[Scenario::Ages], refused::stale),
    about_effects("CPK-HOOK-10", &[Scenario::Unknown], accepted::unknown),
    about_effects("CPK-HOOK-11", &[Scenario::Outage], repeated::outage),
    about_effects("CPK-HOOK-12", &[Scenario::Order], repeated::order),
    about_effects("CPK-HOOK-13", &[Scenario::NotDeliveries], refused::not_deliveries),
    about_effects("CPK-HOOK-14", &[Scenario::Burst], repeated::burst),
    about_answers("CPK-HOOK-15", &Scenario::ALL, refused::leaks),
    about_effects("CPK-HOOK-16", &[Scenario::Headers], refused::headers),
    about_effects("CPK-HOOK-17", &[Scenario::Valid, Scenario::SecretUnset, Scenario::SecretEmpty], refused::empty_key),
    about_effects("CPK-HOOK-18", &[Scenario::Connection], accepted::forms),
    about_effects("CPK-HOOK-19", &[Scenario::Killed], repeated::killed),
    about_effects("CPK-HOOK-20", &[Scenario::Large], accepted::huge),
    about_effects("CPK-HOOK-21", &[Scenario::Unknown], accepted::version),
    about_effects("CPK-HOOK-22", &[Scenario::Connection], accepted::chunked),
];

/// Returns every row.
pub(in crate::receiver) fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
}

/// Judges an obligation; `None` where it has no check.
pub fn check_of(id: &str) -> Option<impl Fn(&Seen) -> Verdict> {
    let row = rows().find(|row| row.id == id)?;
    Some(|seen: &Seen| {
        if row.is_about_effects && seen.saves_nothing() {
            return Verdict::NotObservable("the receiver saved nothing in OUT_DIR".to_owned());
        }
        (row.check)(seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Catalogue;

    #[test]
    fn each_obligation_has_one_check() {
        let catalogue = Catalogue::of_receiver().unwrap();
        let known: Vec<_> = catalogue.obligations().iter().map(|known| known.id.as_str()).collect();
        assert_eq!(rows().map(|row| row.id).collect::<Vec<_>>(), known);
    }
}
