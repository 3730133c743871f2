//! From what a caller asks for to the cases that are played.

use std::collections::BTreeSet;

use super::case::PlannedCase;
use super::select::{PlanError, Selection, Wanted};
use crate::client::scenario::{Scenario, Scenarios};
use crate::requirement::Catalogue;

/// Whether the twin of a refusal passed is read from this obligation alone.
pub(crate) const TWIN_PASSES_BY: &str = "CPK-OUT-01";

/// What is played and judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The cases, in the order of their scenarios' ids; twins that nobody asked for are at the end.
    pub cases: Vec<PlannedCase>,
    /// Obligations that were asked for and that no scenario provokes.
    pub unprovoked: Vec<String>,
    /// An obligation may be judged in fewer cases than there are: a shard, or cases that were named.
    pub partial: bool,
}

impl Plan {
    /// Plans what a selection asks for. An empty selection is an error: nothing played is never a success.
    pub fn new(catalogue: &Catalogue, scenarios: &Scenarios, selection: &Selection) -> Result<Self, PlanError> {
        // A pinned catalogue only gets laxer: what a later version brought is not played.
        let known = scenarios.of_all_tasks().filter(|scenario| scenario.since <= catalogue.version());
        let (known, others): (Vec<_>, Vec<_>) = known.partition(|scenario| scenario.task == selection.task);
        refuse_other_task(selection, &known, &others)?;
        let every: Vec<_> = known.into_iter().flat_map(|scenario| PlannedCase::all_of(scenario, catalogue)).collect();
        let wanted = Wanted::new(selection, catalogue, &every)?;
        let asked: Vec<_> = every.iter().filter_map(|case| narrowed(case, &wanted, catalogue)).collect();
        let judged = |id: &String| every.iter().any(|case| case.judged.contains(id));
        let of_task = catalogue.obligations().iter().filter(|known| known.tasks.contains(&selection.task));
        let asked_for = of_task.filter(|known| wanted.obligation(known));
        let unprovoked: Vec<_> = asked_for.map(|known| known.id.clone()).filter(|id| !judged(id)).collect();
        if asked.is_empty() {
            return Err(PlanError::Empty);
        }
        let mut cases = sharded(asked, selection)?;
        add_twins(&mut cases, &every);
        Ok(Self { cases, unprovoked, partial: selection.shard.is_some() || wanted.names_cases() })
    }
}

/// Returns the scenarios without a difficulty that have a case: friendly ones and twins, by id.
pub fn plain_scenarios<'a>(cases: impl IntoIterator<Item = &'a PlannedCase>) -> BTreeSet<&'a str> {
    let all: Vec<&Scenario> = cases.into_iter().map(|case| case.scenario.as_ref()).collect();
    let twins: BTreeSet<&str> = all.iter().filter_map(|scenario| scenario.twin.as_deref()).collect();
    let is_plain = |scenario: &&&Scenario| {
        let is_twin = twins.contains(scenario.id.as_str()) || scenario.id == scenario.task.friendly_scenario();
        is_twin && scenario.faults.is_empty()
    };
    all.iter().filter(is_plain).map(|scenario| scenario.id.as_str()).collect()
}

/// Refuses the name of a scenario, or of a case, of another task. One about one person has a name in the task `fleet`,
/// too.
fn refuse_other_task(selection: &Selection, known: &[&Scenario], others: &[&Scenario]) -> Result<(), PlanError> {
    for name in &selection.only {
        let id = name.split('[').next().unwrap_or(name);
        let adapted = Scenario::adapted_id(id);
        if known.iter().any(|scenario| scenario.is_adapted && scenario.id == adapted) {
            return Err(PlanError::Adapted { given: name.clone(), name: Scenario::adapted_id(name) });
        }
        if let Some(other) = others.iter().find(|scenario| scenario.id == id) {
            return Err(PlanError::OtherTask { given: name.clone(), task: other.task });
        }
    }
    Ok(())
}

/// Returns the case with only what was asked for judged in it.
fn narrowed(case: &PlannedCase, wanted: &Wanted<'_>, catalogue: &Catalogue) -> Option<PlannedCase> {
    let mut case = case.clone();
    let known: Vec<_> = catalogue.obligations().iter().filter(|known| wanted.there(known, &case)).collect();
    case.judged.retain(|id| known.iter().any(|known| known.id == *id));
    (!case.judged.is_empty()).then_some(case)
}

fn sharded(asked: Vec<PlannedCase>, selection: &Selection) -> Result<Vec<PlannedCase>, PlanError> {
    let Some(shard) = selection.shard else { return Ok(asked) };
    let cases = asked.len();
    let part: Vec<_> =
        asked.into_iter().enumerate().filter(|(place, _)| shard.has(*place)).map(|(_, case)| case).collect();
    if part.is_empty() { Err(PlanError::EmptyShard { shard, cases }) } else { Ok(part) }
}

/// Adds the control twins: without its twin, a case could pass by refusing everything.
fn add_twins(cases: &mut Vec<PlannedCase>, every: &[PlannedCase]) {
    let twins: Vec<String> = cases.iter().filter_map(|case| case.scenario.twin.clone()).collect();
    let missing = |case: &&PlannedCase| {
        twins.contains(&case.scenario.id) && !cases.iter().any(|known| known.name() == case.name())
    };
    let controls: Vec<_> = every
        .iter()
        .filter(missing)
        .map(|case| PlannedCase { judged: vec![TWIN_PASSES_BY.to_owned()], control: true, ..case.clone() })
        .collect();
    cases.extend(controls);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::client::task::Task;
    use crate::requirement::Grade;

    fn plan(selection: &Selection) -> Result<Plan, PlanError> {
        let catalogue = Catalogue::built_in().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
        let scenarios = Scenarios::of_folder(&catalogue, &folder).unwrap();
        Plan::new(&catalogue, &scenarios, selection)
    }

    fn only(names: &[&str]) -> Selection {
        Selection { only: names.iter().map(|&name| name.to_owned()).collect(), ..Selection::default() }
    }

    fn names(plan: &Plan) -> Vec<String> {
        plan.cases.iter().map(PlannedCase::name).collect()
    }

    #[test]
    fn each_value_that_is_varied_is_a_case_of_its_own() {
        let plan = plan(&only(&["plain/run-twice"])).unwrap();
        let varied =
            ["document_order=newest", "document_order=shuffled", "unknown_fields=none", "unknown_fields=extra"];
        assert_eq!(names(&plan), varied.map(|value| format!("plain/run-twice[{value}]")));
        assert_eq!(plan.cases[1].scenario.policies["document_order"], "shuffled");
        assert_eq!(plan.cases[1].scenario.policies.len(), 1);
        assert!(plan.partial);
    }

    #[test]
    fn one_case_can_be_asked_for() {
        let plan = plan(&only(&["plain/run-twice[unknown_fields=extra]"])).unwrap();
        assert_eq!(names(&plan), ["plain/run-twice[unknown_fields=extra]"]);
    }

    #[test]
    fn an_obligation_brings_the_scenarios_that_provoke_it_and_their_twins() {
        let plan = plan(&only(&["cpk-err-03"])).unwrap();
        assert_eq!(names(&plan), ["plain/unknown-crew", "plain/three-documents"]);
        assert_eq!((plan.cases[0].judged.as_slice(), plan.cases[0].control), (&["CPK-ERR-03".to_owned()][..], false));
        assert_eq!((plan.cases[1].judged.as_slice(), plan.cases[1].control), (&["CPK-OUT-01".to_owned()][..], true));
        assert!(!plan.partial);
    }

    #[test]
    fn what_is_judged_everywhere_is_judged_in_a_scenario_that_does_not_name_it() {
        let plan = plan(&only(&["CPK-AUTH-07"])).unwrap();
        assert!(names(&plan).contains(&"plain/unknown-crew".to_owned()), "{:?}", names(&plan));
        let unknown_crew = plan.cases.iter().find(|case| case.name() == "plain/unknown-crew").unwrap();
        assert_eq!(unknown_crew.judged, ["CPK-AUTH-07"]);
    }

    #[test]
    fn a_plan_has_the_cases_of_one_task() {
        let catalogue = Catalogue::built_in().unwrap();
        let scenarios = Scenarios::load(&catalogue, &[] as &[&Path]).unwrap();
        for task in Task::ALL {
            let plan = Plan::new(&catalogue, &scenarios, &Selection { task, ..Selection::default() }).unwrap();
            assert!(plan.cases.iter().all(|case| case.scenario.task == task), "{task}");
            assert_eq!(plan.unprovoked, [""; 0], "{task}");
            let friendly = task.friendly_scenario();
            assert!(plan.cases.iter().any(|case| case.scenario.id == friendly), "{friendly}");
        }
        for other in ["FLEET-01", "FLEET", "fleet/three-pages", "fleet/three-pages[a=b]"] {
            let refused = Plan::new(&catalogue, &scenarios, &only(&[other])).unwrap_err().to_string();
            assert_eq!(refused, format!("`{other}` is of the task `fleet`: add --task fleet"));
        }
        let of_fleet = |name: &str| {
            let selection = Selection { task: Task::Fleet, ..only(&[name]) };
            Plan::new(&catalogue, &scenarios, &selection).unwrap_err().to_string()
        };
        for other in ["CPK-ERR-03", "err/unknown-crew"] {
            assert_eq!(of_fleet(other), format!("`{other}` is of the task `documents`: add --task documents"));
        }
        let other = of_fleet("auth/plain[link_use=once]");
        assert_eq!(
            other,
            "in the task `fleet`, `auth/plain[link_use=once]` is called `fleet/auth/plain[link_use=once]`"
        );
    }

    #[test]
    fn a_case_about_one_person_is_played_in_the_task_fleet_with_its_twin() {
        let catalogue = Catalogue::built_in().unwrap();
        let scenarios = Scenarios::load(&catalogue, &[] as &[&Path]).unwrap();
        let name = "fleet/list/one-missing";
        let plan = Plan::new(&catalogue, &scenarios, &Selection { task: Task::Fleet, ..only(&[name]) }).unwrap();
        let (asked, twins) = plan.cases.split_first().unwrap();
        assert_eq!((asked.name().as_str(), asked.control), (name, false));
        assert!(["CPK-LIST-09", "CPK-RTY-05"].iter().all(|id| asked.judged.iter().any(|judged| judged == id)));
        assert!(twins.iter().all(|twin| twin.control && twin.name().starts_with("fleet/auth/plain[")), "{twins:?}");
    }

    #[test]
    fn a_grade_takes_the_graver_ones_too() {
        let must = plan(&Selection { grade: Some(Grade::MUST), ..Selection::default() }).unwrap();
        let should = plan(&Selection { grade: Some(Grade::SHOULD), ..Selection::default() }).unwrap();
        let judged = |plan: &Plan, id: &str| plan.cases.iter().any(|case| case.judged.iter().any(|known| known == id));
        assert!(judged(&must, "CPK-OUT-01") && !judged(&must, "CPK-OUT-02"));
        assert!(judged(&should, "CPK-OUT-01") && judged(&should, "CPK-OUT-02") && !judged(&should, "CPK-OUT-04"));
    }

    #[test]
    fn shards_share_the_cases_and_each_brings_its_twins() {
        let whole = plan(&Selection::default()).unwrap();
        let mut found = Vec::new();
        for index in 1..=2 {
            let shard = Some(format!("{index}/2").parse().unwrap());
            let part = plan(&Selection { shard, ..Selection::default() }).unwrap();
            assert!(part.partial);
            for case in part.cases.iter().filter(|case| !case.control) {
                let twin = case.scenario.twin.as_ref();
                assert!(twin.is_none_or(|twin| part.cases.iter().any(|other| other.scenario.id == *twin)));
                found.push(case.name());
            }
        }
        found.sort();
        let mut all = names(&whole);
        all.sort();
        assert_eq!(found, all);
        let shard = Some("400/400".parse().unwrap());
        assert!(matches!(plan(&Selection { shard, ..Selection::default() }), Err(PlanError::EmptyShard { .. })));
    }

    #[test]
    fn nothing_to_play_is_an_error() {
        let error = plan(&only(&["CPK-NMAE-01"])).unwrap_err().to_string();
        assert_eq!(error, "`CPK-NMAE-01` is not an obligation, area or scenario; did you mean `CPK-NAME-01`?");
        let error = plan(&only(&["plain/tree-documents"])).unwrap_err().to_string();
        assert!(error.ends_with("did you mean `plain/three-documents`?"), "{error}");
        let may = Selection { grade: Some(Grade::MUST), ..only(&["CPK-OUT-04"]) };
        assert_eq!(plan(&may), Err(PlanError::Empty));
    }

    #[test]
    fn an_obligation_without_a_scenario_is_an_error() {
        let catalogue = Catalogue::built_in().unwrap();
        let plan = Plan::new(&catalogue, &Scenarios::default(), &Selection::default());
        assert_eq!(plan, Err(PlanError::Empty));
        let plan = self::plan(&Selection::default()).unwrap();
        let judged = |id: &String| plan.cases.iter().any(|case| case.judged.contains(id));
        for known in catalogue.obligations().iter().filter(|known| known.tasks.contains(&Task::Documents)) {
            assert!(judged(&known.id) != plan.unprovoked.contains(&known.id), "{}", known.id);
        }
    }
}
