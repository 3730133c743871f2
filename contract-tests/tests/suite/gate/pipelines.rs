//! The workflow that people copy is one, and every command in it is one of the gate's.

use std::process::Command;

use serde_json::{Value, json};

use crate::gate::generated::read;

fn workflow() -> Value {
    serde_saphyr::from_str(&read("examples/pipelines/github.yml")).unwrap()
}

/// What the steps run, a line a command, with what the runner would fill in.
fn commands(workflow: &Value) -> Vec<String> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    let steps = jobs.flat_map(|job| job["steps"].as_array().unwrap());
    let texts = steps.filter_map(|step| step["run"].as_str()).map(|text| text.replace("${{ matrix.shard }}", "1"));
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn the_workflow_is_one_by_githubs_schema() {
    let schema: Value = serde_json::from_str(&read("fixtures/schemas/github-workflow.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let right = workflow();
    let wrong: Vec<_> = schema.iter_errors(&right).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (place, value) in [
        ("/jobs/client/runs-on", json!(5)),
        ("/jobs/client/strategy", json!({"matrix": [], "fail_fast": true})),
        ("/jobs/server/steps/0", json!({"uses": "actions/checkout@v4", "runs": "ls"})),
        ("/on", json!("pushed")),
    ] {
        let mut broken = right.clone();
        *broken.pointer_mut(place).unwrap() = value;
        assert!(!schema.is_valid(&broken), "{place} may be anything");
    }
}

#[test]
fn every_need_of_the_workflow_is_a_job() {
    let workflow = workflow();
    for job in workflow["jobs"].as_object().unwrap().values() {
        let need = job.get("needs").and_then(Value::as_str);
        assert!(need.is_none_or(|need| workflow["jobs"].get(need).is_some()), "{need:?}");
    }
}

/// `--help` behind the options has them all read, and nothing done.
#[test]
fn every_command_of_the_workflow_is_one_of_the_gates() {
    let mut names = Vec::new();
    for line in commands(&workflow()) {
        let Some((before, told)) = line.split_once("crewpass-contract ") else { continue };
        let of_gate = before.is_empty() || before == ".gate/";
        if !of_gate {
            continue;
        }
        let told = told.split(" -- ").next().unwrap();
        let words = shlex::split(told).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
        let output = command.args(&words).arg("--help").output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        names.push(words[0].clone());
    }
    assert_eq!(names, ["doctor", "client", "server", "merge"]);
    let shards = workflow()["jobs"]["client"]["strategy"]["matrix"]["shard"].as_array().unwrap().len();
    assert!(commands(&workflow()).iter().any(|line| line.contains(&format!("--shard 1/{shards}"))));
}
