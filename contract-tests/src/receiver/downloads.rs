//! What the downloads of a receiver owe: some obligations of clients, judged in cases of the client gate. The receiver is
//! started in such a case, gets a delivery about the crew member, and is ended when it has nothing more to do.

use crate::client::plan::{Plan, PlanError, Selection, TWIN_PASSES_BY};
use crate::client::scenario::Scenarios;
use crate::requirement::{Catalogue, CatalogueError, Requirement};

/// Returns true if an obligation of clients is one that the downloads of a receiver owe, too.
pub fn is_owed(known: &Requirement) -> bool {
    known.obligation().is_some_and(|facts| facts.of_receivers)
}

/// The scenarios in which they are judged: each way in which one of them is broken once, since each starts a receiver.
const SCENARIOS: [&str; 15] = [
    "auth/link-redirected",
    "auth/plain",
    "auth/second-origin",
    "file/cut-chunked",
    "file/cut-length",
    "file/cut-reset",
    "file/leading-bytes",
    "file/no-location",
    "file/odd-bytes",
    "file/redirects",
    "file/refused",
    "name/absolute",
    "name/hostile",
    "name/hostile-header",
    "name/same",
];

/// Returns every obligation of a receiver: those of its deliveries, then those of its downloads.
///
/// # Errors
/// A built-in text is wrong, which a test rules out.
pub fn catalogue() -> Result<Catalogue, CatalogueError> {
    let (of_hooks, of_clients) = (Catalogue::of_receiver()?, Catalogue::built_in()?);
    let owed = of_clients.obligations().iter().filter(|known| is_owed(known));
    Ok(Catalogue::new(of_hooks.obligations().iter().chain(owed).cloned().collect()))
}

/// Plans the cases for those of the obligations that are about downloads; `None` if there are none.
///
/// # Errors
/// A scenario is missing, which a test rules out.
pub fn plan(clients: &Catalogue, scenarios: &Scenarios, wanted: &[Requirement]) -> Result<Option<Plan>, PlanError> {
    let owed: Vec<&str> = wanted.iter().filter(|known| is_owed(known)).map(|known| known.id.as_str()).collect();
    if owed.is_empty() {
        return Ok(None);
    }
    let selection = Selection { only: SCENARIOS.map(str::to_owned).to_vec(), ..Selection::default() };
    let mut plan = Plan::new(clients, scenarios, &selection)?;
    for case in plan.cases.iter_mut().filter(|case| !case.control) {
        case.judged.retain(|id| owed.contains(&id.as_str()));
    }
    // A twin of a case that is left stays, so that a receiver that refuses everything is not green.
    let left = plan.cases.iter().filter(|case| !case.judged.is_empty() && !case.control);
    let twins: Vec<String> = left.filter_map(|case| case.scenario.twin.clone()).collect();
    for twin in plan.cases.iter_mut().filter(|case| case.judged.is_empty() && twins.contains(&case.scenario.id)) {
        (twin.control, twin.judged) = (true, vec![TWIN_PASSES_BY.to_owned()]);
    }
    plan.cases.retain(|case| !case.judged.is_empty() && (!case.control || twins.contains(&case.scenario.id)));
    Ok(Some(plan))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Returns the ids of all obligations of downloads.
    fn owed() -> Vec<String> {
        let all = catalogue().unwrap();
        all.obligations().iter().filter(|known| is_owed(known)).map(|known| known.id.clone()).collect()
    }

    fn cases(wanted: &[String]) -> Vec<(String, Vec<String>)> {
        let (all, clients) = (catalogue().unwrap(), Catalogue::built_in().unwrap());
        let scenarios = Scenarios::load(&clients, &[] as &[&Path]).unwrap();
        let wanted: Vec<_> = all.obligations().iter().filter(|known| wanted.contains(&known.id)).cloned().collect();
        let plan = plan(&clients, &scenarios, &wanted).unwrap();
        plan.into_iter().flat_map(|plan| plan.cases).map(|case| (case.name(), case.judged)).collect()
    }

    #[test]
    fn each_obligation_of_downloads_is_judged_somewhere() {
        let (owed, planned) = (owed(), cases(&owed()));
        assert_eq!(owed.len(), 9);
        for id in &owed {
            assert!(planned.iter().any(|(_, judged)| judged.contains(id)), "{id}");
        }
        let is_wanted = |id: &String| owed.contains(id) || id == TWIN_PASSES_BY;
        assert!(planned.iter().flat_map(|(_, judged)| judged).all(is_wanted), "{planned:?}");
    }

    #[test]
    fn only_the_cases_of_what_is_asked_for_are_played_with_their_twins() {
        let of_one = owed().into_iter().find(|id| id.ends_with("FILE-02")).unwrap();
        let planned: Vec<String> = cases(&[of_one]).into_iter().map(|(name, _)| name).collect();
        for name in ["file/cut-length", "file/cut-chunked", "file/cut-reset"] {
            assert!(planned.iter().any(|planned| planned == name), "{planned:?}");
        }
        assert!(planned.iter().any(|name| name.starts_with("auth/plain")), "{planned:?}");
        assert!(!planned.iter().any(|name| name.starts_with("name/")), "{planned:?}");
        let first = Catalogue::of_receiver().unwrap().obligations()[0].id.clone();
        assert!(cases(&[first]).is_empty());
    }
}
