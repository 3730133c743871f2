//! Each scenario about one person is played in the task `fleet`, too, or says why not.

use std::collections::BTreeSet;
use std::path::Path;

use crewpass_contract::client::scenario::Scenarios;
use crewpass_contract::client::task::Task;
use crewpass_contract::requirement::Catalogue;

/// The scenarios that are left out, so that one more is a decision.
const LEFT_OUT: [&str; 1] = ["err/unknown-crew"];

fn scenarios() -> Scenarios {
    Scenarios::load(&Catalogue::built_in().unwrap(), &[] as &[&Path]).unwrap()
}

#[test]
fn what_the_task_fleet_leaves_out_says_why() {
    let all = scenarios();
    let left_out = all.iter().filter_map(|scenario| Some((scenario.id.as_str(), scenario.not_in_fleet.as_deref()?)));
    let left_out: Vec<(&str, &str)> = left_out.collect();
    assert_eq!(left_out.iter().map(|(id, _)| *id).collect::<Vec<_>>(), LEFT_OUT);
    for (id, why) in left_out {
        assert!(why.ends_with('.') && why.split(' ').count() >= 8, "{id}: a sentence, not `{why}`");
    }
    for scenario in all.iter().filter(|scenario| scenario.task == Task::Documents) {
        let adapted = all.get(&format!("fleet/{}", scenario.id));
        assert!(adapted.is_some() != scenario.not_in_fleet.is_some(), "{}", scenario.id);
    }
}

#[test]
fn an_obligation_names_the_tasks_in_which_it_is_provoked() {
    let all = scenarios();
    let provoked = |task: Task| -> BTreeSet<String> {
        let of_task = all.of_all_tasks().filter(|scenario| scenario.task == task);
        of_task.flat_map(|scenario| scenario.provokes.clone()).collect()
    };
    let provoked = Task::ALL.map(|task| (task, provoked(task)));
    for known in Catalogue::built_in().unwrap().obligations() {
        let tasks: Vec<Task> =
            provoked.iter().filter(|(_, ids)| ids.contains(&known.id)).map(|(task, _)| *task).collect();
        assert_eq!(known.tasks, tasks, "{}", known.id);
    }
}
