//! Scenarios as a terminal shows them: a list of them, and one explained.

use std::fmt::Write;

use crewpass_diagnostics::terminal::{cut_words, wrap, wrap_words};
use serde::Serialize;
use serde_json::Value;

use super::model::{Action, Clock, Plant, PlantKind, RightExit, RunPlan, Scenario, Terminate};
use crate::client::task::Task;

/// The column in which the text of a field begins.
const INDENT: &str = "                ";

/// The longest text of a value of a fault rule, in characters.
const LONGEST: usize = 200;

/// Returns one line for each scenario, no longer than `width`.
pub fn table<'a>(scenarios: impl IntoIterator<Item = &'a Scenario>, width: usize) -> String {
    let scenarios: Vec<_> = scenarios.into_iter().collect();
    let longest = scenarios.iter().map(|scenario| scenario.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for scenario in scenarios {
        text += &(cut_words(&format!("{:<longest$}  {}", scenario.id, scenario.title), width) + "\n");
    }
    text
}

/// Returns what the server does in a scenario, and what that shows of a client, wrapped at `width`.
pub fn explanation(scenario: &Scenario, width: usize) -> String {
    let cases = scenario.vary.iter().map(|(name, values)| format!("{name} is {}", values.join(", then ")));
    let policies = scenario.policies.iter().map(|(name, value)| format!("{name} is {value}"));
    let right_exit = match scenario.right_exit {
        RightExit::Saved => "0, and every current document is saved",
        RightExit::Refused => "not 0, and not a crash: not every document can be saved",
        RightExit::Either => "0, or an orderly refusal",
    };
    let judged = match (scenario.provokes.is_empty(), scenario.only) {
        (false, true) => format!("{}, and nothing else", scenario.provokes.join(", ")),
        (false, false) => format!("{}, and what is judged in every scenario", scenario.provokes.join(", ")),
        (true, _) => "what is judged in every scenario".to_owned(),
    };
    let mut text = format!("{}\n{}\n\n", scenario.id, wrap(&scenario.title, width, "", ""));
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            let lead = format!("  {name:<12}  ");
            text += &(wrap_words(value, width, &lead, INDENT) + "\n");
        }
    };
    add("Judged", &judged);
    add("Right exit", right_exit);
    add("Twin", scenario.twin.as_deref().unwrap_or_default());
    add("World", &world(&scenario.world));
    match (scenario.task, scenario.is_adapted) {
        (Task::Documents, _) => {
            add("Crew member", &scenario.crew_id);
            add("In a fleet", &in_fleet(scenario));
        }
        (Task::Fleet, true) => add("Task", &format!("{}, with {} alone on it", scenario.task, scenario.crew_id)),
        (Task::Fleet, false) => add("Task", scenario.task.name()),
    }
    add("Key", &scenario.key);
    add("Policies", &policies.collect::<Vec<_>>().join("; "));
    add("Cases", &cases.collect::<Vec<_>>().join("; "));
    add("Clock", &clock(&scenario.clock));
    add("BASE", &if scenario.base.is_plain() { String::new() } else { written(&scenario.base) });
    add("Certificate", &scenario.certificate.as_ref().map(written).unwrap_or_default());
    add(
        "Headers",
        if scenario.header_names.is_lower_case() { "" } else { "written as Content-Type, not as content-type" },
    );
    add("Planted", &scenario.traps.iter().map(|trap| trap.describe()).collect::<Vec<_>>().join("; "));
    add("Time limit", scenario.deadline.as_deref().unwrap_or_default());
    for fault in &scenario.faults {
        add("Fault", &describe_fault(fault));
    }
    if scenario.runs.len() > 1 || scenario.runs.iter().any(|run| *run != RunPlan::default()) {
        for (number, run) in (1..).zip(&scenario.runs) {
            add(&format!("Run {number}"), &describe_run(run));
        }
    }
    let _ = writeln!(
        text,
        "\n{}",
        wrap_words(&format!("Run it: crewpass-contract replay {} -- CMD", scenario.id), width, "", "")
    );
    text
}

/// Returns the id of a scenario in the task `fleet`, or why it is left out there.
fn in_fleet(scenario: &Scenario) -> String {
    match &scenario.not_in_fleet {
        Some(why) => format!("not played: {why}"),
        None => Scenario::adapted_id(&scenario.id),
    }
}

fn world(world: &Value) -> String {
    match world {
        Value::String(name) => format!("{name} (fixtures/scenarios/worlds/{name}.yaml)"),
        _ => "its own".to_owned(),
    }
}

fn clock(clock: &Clock) -> String {
    match clock {
        Clock::Real => String::new(),
        Clock::Behind(time) => format!("{time} behind the real time"),
        Clock::Ahead(time) => format!("{time} ahead of the real time"),
    }
}

/// Returns a choice of a scenario, such as `unknown authority`.
fn written(part: &impl Serialize) -> String {
    match serde_json::to_value(part) {
        Ok(Value::String(text)) => text.replace('_', " "),
        _ => String::new(),
    }
}

/// Describes what is special in a run.
fn describe_run(run: &RunPlan) -> String {
    let before = run.before.iter().map(describe_action);
    let folder = run.fresh_folder.then(|| "the folder is new and empty".to_owned());
    let terminate =
        run.terminate.iter().map(|Terminate::Fault(name)| format!("SIGTERM when the fault {name} has fired"));
    let parts: Vec<_> = before.chain(folder).chain(run.plant.iter().map(describe_plant)).chain(terminate).collect();
    if parts.is_empty() { "nothing changes".to_owned() } else { parts.join("; ") }
}

fn describe_action(action: &Action) -> String {
    match action {
        Action::Advance(time) => format!("the clock moves forward by {time}"),
        Action::RealTime => "the clock goes to the real time".to_owned(),
        Action::Upload { supersedes } => format!("a new version of {supersedes} is uploaded"),
        Action::Remove { document } => format!("{document} is removed"),
        Action::Vessels { crew, vessels } if vessels.is_empty() => format!("{crew} leaves every vessel"),
        Action::Vessels { crew, vessels } => format!("{crew} is on {}", vessels.join(", ")),
        Action::Withdraw { crew } => format!("{crew} withdraws every consent"),
        Action::Store { up: true } => "the file store is back".to_owned(),
        Action::Store { up: false } => "the file store is cut off".to_owned(),
        Action::Faults(faults) if faults.is_empty() => "there is no fault any more".to_owned(),
        Action::Faults(faults) => faults.iter().map(describe_fault).collect::<Vec<_>>().join("; "),
        Action::Policy { name, value } => format!("{name} is {value}"),
    }
}

fn describe_plant(plant: &Plant) -> String {
    let what = match plant.kind {
        PlantKind::Symlink => "a symbolic link that leads out of the folder",
        PlantKind::OtherFile => "another file",
    };
    format!("the name under which {} was saved is taken by {what}", plant.as_saved)
}

/// Describes a fault rule: its name, the requests that it is for, and what happens to them.
fn describe_fault(rule: &Value) -> String {
    let part = |name: &str| rule.get(name).map(in_words).filter(|text| !text.is_empty());
    let name = part("name").map(|name| format!("{name}: ")).unwrap_or_default();
    let requests = part("match").map_or_else(|| "every request".to_owned(), |about| format!("requests with {about}"));
    let when = part("when").map(|when| format!(", {when}")).unwrap_or_default();
    format!("{name}{requests}{when}: {}", part("then").unwrap_or_default())
}

/// Returns JSON in words: a field is its name and its value, an object has its fields in brackets.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{} …", &text[..end]),
            None => text.clone(),
        },
        Value::Array(all) => all.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| match value {
                Value::Object(_) => format!("{} ({})", name.replace('_', " "), in_words(value)),
                _ => format!("{} {}", name.replace('_', " "), in_words(value)),
            };
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::client::scenario::Scenarios;
    use crate::requirement::Catalogue;

    #[test]
    fn a_scenario_about_one_person_says_whether_it_is_played_in_a_fleet() {
        let scenarios = Scenarios::load(&Catalogue::built_in().unwrap(), &[] as &[&Path]).unwrap();
        let text = |id: &str| explanation(scenarios.get(id).unwrap(), 80);
        let plain = text("link/first-dead");
        assert!(plain.contains("\n  In a fleet    fleet/link/first-dead\n"), "{plain}");
        let left_out = text("err/unknown-crew");
        assert!(left_out.contains("\n  In a fleet    not played: Who is unknown"), "{left_out}");
        let adapted = text("fleet/link/first-dead");
        assert!(adapted.contains("\n  Task          fleet, with crew_001 alone on it\n"), "{adapted}");
    }

    #[test]
    fn every_scenario_says_what_happens_in_it() {
        let scenarios = Scenarios::load(&Catalogue::built_in().unwrap(), &[] as &[&Path]).unwrap();
        let all = table(scenarios.iter(), 80);
        for scenario in scenarios.iter() {
            let text = explanation(scenario, 80);
            let first_word = scenario.title.split(' ').next().unwrap();
            assert!(text.starts_with(&format!("{}\n{first_word}", scenario.id)), "{text}");
            let facts = scenario.faults.len() + scenario.runs.len() - 1;
            assert!(text.matches("\n  Fault ").count() + text.matches("\n  Run ").count() >= facts, "{text}");
            assert!(all.contains(&format!("{} ", scenario.id)), "{}", scenario.id);
            let json = ["{\"match\"", "{\"then\"", "{\"before\"", "\"faults\"", "\"plant\""];
            assert!(json.iter().all(|part| !text.contains(part)), "words, not JSON: {text}");
            let is_json =
                |line: &str| line.starts_with("  ") && line.get(16..).is_some_and(|text| text.starts_with('{'));
            let described = text.lines().filter(|line| line.starts_with("  Fault ") || line.starts_with("  Run "));
            assert_eq!(described.filter(|line| is_json(line)).count(), 0, "words, not JSON: {text}");
        }
        assert!(all.lines().all(|line| line.chars().count() <= 80));
    }
}
