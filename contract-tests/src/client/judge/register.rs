//! The register of judges: each area file lists its own with [`judges!`], and this file joins the lists.

use super::verdict::Verdict;
use super::{auth, err, file, fleet, http, link, list, name, out, rty, sec, time};
use crate::client::case::Case;

/// Judges one obligation on one case.
pub type Judge = fn(&Case) -> Verdict;

/// Declares the judges of an area file: an obligation's id, and the function that judges it. `in any_case` marks those
/// whose findings are right also where the needs of the scenario were not met.
macro_rules! judges {
    (@findings) => { $crate::client::judge::view::FindingsCount::IfMet };
    (@findings any_case) => { $crate::client::judge::view::FindingsCount::Always };
    ($($id:literal $(in $any:ident)? => $judge:path),+ $(,)?) => {
        /// The judges of this area, by the id of their obligation.
        pub(in crate::client::judge) const JUDGES: &[(&str, $crate::client::judge::Judge)] =
            &[$(($id, |case| {
                $crate::client::judge::view::judged(case, $id, judges!(@findings $($any)?), $judge)
            }),)+];
    };
}

/// The lists of all areas, in the order of the catalogue.
const AREAS: [&[(&str, Judge)]; 12] = [
    auth::JUDGES,
    list::JUDGES,
    link::JUDGES,
    file::JUDGES,
    name::JUDGES,
    err::JUDGES,
    rty::JUDGES,
    time::JUDGES,
    sec::JUDGES,
    out::JUDGES,
    http::JUDGES,
    fleet::JUDGES,
];

/// Returns the judge of an obligation; `None` where there is none. Each looks first whether its scenario was met.
pub fn judge_of(id: &str) -> Option<Judge> {
    AREAS.into_iter().flatten().find(|(known, _)| *known == id).map(|(_, judge)| *judge)
}

/// Returns the ids of all obligations that have a judge, in no order that matters.
pub fn judged_ids() -> Vec<&'static str> {
    AREAS.into_iter().flatten().map(|(id, _)| *id).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::requirement::Catalogue;

    #[test]
    fn each_obligation_has_one_judge() {
        let judged = judged_ids();
        let unique: BTreeSet<&str> = judged.iter().copied().collect();
        assert_eq!(unique.len(), judged.len(), "an obligation with two judges");
        let catalogue = Catalogue::built_in().unwrap();
        let known: BTreeSet<&str> = catalogue.obligations().iter().map(|known| known.id.as_str()).collect();
        assert_eq!(unique, known);
    }
}
