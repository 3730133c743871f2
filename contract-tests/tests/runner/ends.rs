//! How processes end, and what is seen of that.

use std::time::Duration;

use crewpass_contract::client::run::Options;
use crewpass_contract::client::witness::End;
use serde_json::json;

use crate::harness::{one_run, options, played, scenario, shell};

#[tokio::test]
async fn an_exit_code_is_the_clients() {
    assert_eq!(one_run(&options(&["true"])).await.process.end, End::Exit(0));
    assert_eq!(one_run(&options(&["false"])).await.process.end, End::Exit(1));
    assert_eq!(one_run(&shell("exit 200")).await.process.end, End::Exit(200));
}

#[tokio::test]
async fn a_signal_that_we_did_not_send_is_a_crash() {
    let process = one_run(&shell("kill -TERM $$")).await.process;
    assert_eq!(process.end, End::Signal(15));
    assert!(process.end.is_crash());
}

#[tokio::test]
async fn the_deadline_ends_a_client() {
    let options = Options { deadline: Duration::from_millis(300), ..options(&["sleep", "60"]) };
    let process = one_run(&options).await.process;
    assert_eq!(process.end, End::Deadline);
    assert!(process.took >= Duration::from_millis(300) && process.took < Duration::from_mins(1), "{:?}", process.took);
    assert_eq!(process.left_behind, 0);
}

#[tokio::test]
async fn who_does_not_listen_to_sigterm_is_killed() {
    let stubborn = shell("trap '' TERM; sleep 60 & wait; sleep 60");
    let short = Duration::from_millis(300);
    let process = one_run(&Options { deadline: short, grace: short, ..stubborn }).await.process;
    assert_eq!(process.end, End::Deadline);
    assert!(process.took >= 2 * short, "{:?}", process.took);
}

#[tokio::test]
async fn a_deadline_of_the_scenario_counts_more() {
    let scenario = scenario(json!({"deadline": "250ms"}));
    let case = played(&scenario, &options(&["sleep", "60"])).await;
    assert_eq!((case.deadline, case.runs[0].process.end), (Duration::from_millis(250), End::Deadline));
}

#[tokio::test]
async fn what_is_printed_is_counted_and_kept_to_a_mebibyte() {
    let run = one_run(&shell("yes | head -c 3000000; yes err | head -c 10 >&2")).await;
    assert_eq!(run.process.end, End::Exit(0));
    assert_eq!((run.process.stdout.len(), run.process.stderr.len()), (1 << 20, 10));
    assert_eq!(run.process.printed, 3_000_010);
}

#[tokio::test]
async fn a_client_that_prints_for_ever_is_ended_all_the_same() {
    let options = Options { deadline: Duration::from_millis(500), ..options(&["yes"]) };
    let process = one_run(&options).await.process;
    assert_eq!((process.end, process.stdout.len()), (End::Deadline, 1 << 20));
    assert!(process.printed > 2 << 20, "{}", process.printed);
}

#[tokio::test]
async fn the_peak_of_memory_is_the_clients_own() {
    let large = one_run(&shell("head -c 300000000 /dev/zero | tail -c 300000000 >/dev/null; exit 0")).await.process;
    // A child begins with the size that its parent had.
    let ours = vec![1_u8; 100 << 20];
    let small = one_run(&options(&["sleep", "0.2"])).await.process;
    assert_eq!(ours.iter().map(|byte| usize::from(*byte)).sum::<usize>(), ours.len());
    assert!(large.peak_memory.unwrap() > 250 << 20, "{:?}", large.peak_memory);
    assert!(small.peak_memory.unwrap() < 20 << 20, "{:?}", small.peak_memory);
}

#[tokio::test]
async fn sigterm_goes_out_when_the_fault_has_fired() {
    let scenario = scenario(json!({
        "faults": [{"name": "silent", "match": {"step": "list"}, "then": {"stall": true}}],
        "runs": [{"terminate": {"fault": "silent"}}],
    }));
    let ask = "curl -s -H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/$CREW_ID/documents";
    let case = played(&scenario, &shell(&format!("trap 'exit 9' TERM; {ask} & wait"))).await;
    let process = &case.runs[0].process;
    assert_eq!(process.end, End::Terminated(Some(9)));
    assert!(process.took_to_stop.unwrap() < process.took);
    let [asked] = &case.runs[0].wire[..] else { panic!("{:?}", case.runs[0].wire) };
    assert_eq!((asked.status, asked.fault.as_deref(), asked.whole), (0, Some("silent"), false));

    let case = played(&scenario, &shell(&format!("exec {ask}"))).await;
    assert_eq!(case.runs[0].process.end, End::Terminated(Some(143)));
    let stubborn = Options { grace: Duration::from_millis(200), ..shell(&format!("trap '' TERM; {ask}")) };
    assert_eq!(played(&scenario, &stubborn).await.runs[0].process.end, End::Terminated(None));
}
