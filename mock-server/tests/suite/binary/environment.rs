//! The environment of `serve`, and its standard input.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::executable::{Fake, command, run};

/// The executable with these variables.
fn with(variables: &[(&str, &str)]) -> Command {
    let mut command = command();
    command.envs(variables.iter().copied());
    command
}

fn policies(fake: &Fake) -> Value {
    fake.request("GET", "/__mock/policies").send().unwrap().json().unwrap()
}

#[test]
fn each_option_of_serve_has_its_variable() {
    let help = String::from_utf8(command().args(["serve", "--help"]).output().unwrap().stdout).unwrap();
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let options: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("      --")).collect();
    assert!(options.len() > 20, "{help}");
    let names = options.iter().filter(|option| !option.starts_with("help"));
    let names = names.map(|option| option.split([' ', '=']).next().unwrap().to_uppercase().replace('-', "_"));
    for name in names {
        assert!(words.contains(&format!("[env: CREWPASS_MOCK_{name}]")), "{name}: {help}");
    }
}

#[test]
fn the_environment_counts_where_the_command_line_says_nothing() {
    let variables = [
        ("CREWPASS_MOCK_POLICY", "dead_link=410;nullable=issue_date,expiry_date"),
        ("CREWPASS_MOCK_CLOCK", "2026-06-08T10:00:00Z"),
        ("CREWPASS_MOCK_EXPLAIN_HEADER", "true"),
        ("CREWPASS_MOCK_JOURNAL", "0"),
        ("CREWPASS_MOCK_TLS", "false"),
        ("CREWPASS_MOCK_WORLD", ""),
        ("CREWPASS_MOCK_CONTROL_TOKEN", ""),
    ];
    let fake = Fake::spawn(with(&variables), &[]);
    let values = policies(&fake);
    assert_eq!((&values["dead_link"], &values["nullable"]), (&"410".into(), &"issue_date,expiry_date".into()));
    assert_eq!(fake.request("GET", "/api/v2/partners/me").send().unwrap().headers()["x-mock-reason"], "key");
    assert_eq!(fake.ctl(&["clock", "show"]).fine()["now"], "2026-06-08T10:00:00Z");
    assert_eq!(fake.request("GET", "/__mock/journal").send().unwrap().status(), 404);
    fake.stop();
    let fake = Fake::spawn(with(&variables), &["--policy", "dead_link=403", "--clock", "2027-01-01T00:00:00Z"]);
    assert_eq!(policies(&fake)["dead_link"], "403");
    assert_eq!(fake.ctl(&["clock", "show"]).fine()["now"], "2027-01-01T00:00:00Z");
    fake.stop();
}

#[test]
fn the_command_line_wins_over_variables_that_conflict_with_it() {
    let world = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/worlds/starter.yaml");
    let fake =
        Fake::spawn(with(&[("CREWPASS_MOCK_WORLD", world), ("CREWPASS_MOCK_WATCH", "1")]), &["--generate", "2x1"]);
    assert_eq!(fake.ctl(&["health"]).fine()["world"]["name"], "made from seed 1");
    fake.stop();
    let variables = [("CREWPASS_MOCK_GENERATE", "2x1"), ("CREWPASS_MOCK_HOSTILE", "yes")];
    let fake = Fake::spawn(with(&variables), &["--world", world]);
    assert_eq!(fake.ctl(&["health"]).fine()["world"]["name"], "starter");
    fake.stop();
}

#[test]
fn a_variable_that_can_not_be_read_ends_with_two() {
    for (name, value) in [
        ("CREWPASS_MOCK_TLS", "perhaps"),
        ("CREWPASS_MOCK_BIND", "127.0.0.1"),
        ("CREWPASS_MOCK_SESSION_IDLE", "soon"),
        ("CREWPASS_MOCK_POLICY", "dead_link=411"),
    ] {
        let ran = with(&[(name, value)]).arg("serve").output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
        assert!(String::from_utf8_lossy(&ran.stderr).contains(value.split('=').next_back().unwrap()));
    }
    let empty = command().args(["serve", "--control-token", ""]).output().unwrap();
    assert_eq!(empty.status.code(), Some(2));
}

#[test]
fn the_end_of_standard_input_stops_the_fake() {
    let mut command = command();
    command.stdin(Stdio::piped());
    let mut fake = Fake::spawn(command, &["--stop-with-stdin"]);
    let mut stdin = fake.stdin();
    std::io::Write::write_all(&mut stdin, b"whatever\n").unwrap();
    assert_eq!(fake.get("/api/v2/partners/me").status(), 200, "only the end counts");
    drop(stdin);
    let ran = fake.ended();
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
}

#[test]
fn the_line_on_standard_output_is_enough_with_tls_too() {
    let fake = Fake::spawn(command(), &["--tls"]);
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, fake.ready["ca"].as_str().unwrap()).unwrap();
    let answer = fake.ctl(&["--ca", path.to_str().unwrap(), "clock", "show"]).fine();
    assert_eq!(answer["frozen"], false);
}

#[test]
fn the_exit_code_of_health_is_zero_or_one() {
    let fake = Fake::start(&["--control-token", "sesame"]);
    let healthy = fake.ctl(&["health"]);
    assert_eq!((healthy.code, &*healthy.stdout), (Some(0), "{\"status\":\"ok\"}\n"));
    let base = fake.base.clone();
    drop(fake);
    let gone = run(&["ctl", "--base", &base, "health"]);
    assert_eq!((gone.code, &*gone.stdout), (Some(1), ""));
    assert!(gone.stderr.contains("nothing listens there"), "{}", gone.stderr);
}
