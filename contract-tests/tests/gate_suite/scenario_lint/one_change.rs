//! A scenario changes exactly one thing from the friendly answer under the same policy values: its status, one header or
//! its body.

use std::collections::BTreeSet;

use super::difference::differences;
use super::rules::{Rule, answers, cases};
use crate::judge::scenarios::all;

/// Scenarios in which an answer differs in more, with the reason.
const MORE: [(&str, &str); 1] = [("fleet/drift", "its pages are those of a fleet that has changed between them")];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_faulty_answer_differs_in_one_thing() {
    let all = all();
    let (mut found, mut compared, mut more) = (Vec::new(), 0, BTreeSet::new());
    for (id, scenario) in &all {
        for policies in cases(scenario) {
            for rule in Rule::all_of(scenario) {
                let (friendly, faulty) = answers(&rule, scenario, &policies).await;
                let faulty = faulty.unwrap_or_else(|| panic!("{id}: no answer to {}", rule.rule));
                let each = friendly.iter().map(|friendly| differences(friendly, &faulty));
                let least = each.min_by_key(Vec::len).unwrap_or_else(|| panic!("{id}: no friendly answer"));
                compared += 1;
                if least.len() > 1 {
                    more.insert(id.as_str());
                    found.push(format!("{id} {policies:?} {least:?}: {}", rule.rule));
                }
            }
        }
    }
    assert_eq!(more, MORE.iter().map(|(id, _)| *id).collect(), "{found:#?}");
    assert!(compared > 150, "{compared} answers were compared");
}
