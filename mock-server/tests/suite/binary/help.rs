//! What the command line says of itself, and of what it can't do: whole, as a terminal of 100 columns shows it.

use insta::assert_snapshot;

use crate::support::executable::run;

/// The help of a command.
fn help(command: &[&str]) -> String {
    let ran = run(&[command, &["--help"]].concat());
    assert_eq!((ran.code, &*ran.stderr), (Some(0), ""));
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ran.stdout);
    // What is written in lines of its own is torn by a narrower terminal.
    let sections = ["Completions and manual pages:", "Environment:", "Exit codes:"];
    let own = ran.stdout.lines().skip_while(|line| !sections.contains(line));
    assert!(own.clone().all(|line| line.chars().count() <= 80), "{:?}", own.collect::<Vec<_>>());
    ran.stdout
}

/// An error, with its exit code.
fn error(args: &[&str]) -> String {
    let ran = run(args);
    assert_eq!(ran.stdout, "");
    format!("{}exit code {}\n", ran.stderr, ran.code.unwrap())
}

#[test]
fn helps() {
    assert_snapshot!("main", help(&[]));
    for command in
        ["serve", "new", "check-world", "schema", "generate", "explain", "describe", "ctl", "completions", "man"]
    {
        assert_snapshot!(command, help(&[command]));
    }
    for order in [
        "clock", "store", "upload", "remove", "status", "crew", "partner", "key", "policies", "faults", "journal",
        "sessions", "health", "reset",
    ] {
        assert_snapshot!(format!("ctl-{order}"), help(&["ctl", order]));
    }
    assert_snapshot!("ctl-clock-advance", help(&["ctl", "clock", "advance"]));
    assert_snapshot!("ctl-store-down", help(&["ctl", "store", "down"]));
}

#[test]
fn errors() {
    assert_snapshot!("no-command", error(&[]));
    assert_snapshot!("unknown-command", error(&["sreve"]));
    assert_snapshot!("unknown-flag", error(&["serve", "--wrold", "x"]));
    assert_snapshot!("bad-bind", error(&["serve", "--bind", "127.0.0.1"]));
    assert_snapshot!("bad-timeout", error(&["serve", "--header-timeout", "soon"]));
    assert_snapshot!("bad-clock", error(&["serve", "--clock", "tomorrow"]));
    assert_snapshot!("bad-public-url", error(&["serve", "--public-url", "example.com"]));
    assert_snapshot!("unknown-policy", error(&["serve", "--bind", "127.0.0.1:0", "--policy", "ded_link=404"]));
    assert_snapshot!("bad-policy-value", error(&["serve", "--bind", "127.0.0.1:0", "--policy", "dead_link=411"]));
    assert_snapshot!("no-world", error(&["check-world", "no-such-world.yaml"]));
    assert_snapshot!("bad-base", error(&["ctl", "--base", "here", "reset"]));
    assert_snapshot!("no-times", error(&["ctl", "store", "down", "--times", "0"]));
}
