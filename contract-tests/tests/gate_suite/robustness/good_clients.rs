//! Good clients, each with a habit that the gate once took for a fault: they stay green.

use std::fs;

use serde_json::Value;

use crate::gate::needs::python_with;
use crate::robustness::gate::{Ended, GOOD, Gate};

const REQUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/requests_client.py");

const HTTPX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/httpx_client.py");

/// What a run came to: its end, and the merged outcome of each obligation.
struct Judged {
    ended: Ended,
    merged: serde_json::Map<String, Value>,
}

impl Judged {
    fn outcome(&self, id: &str) -> &str {
        self.merged[id].as_str().unwrap()
    }

    /// Everything that the gate printed, in one line.
    fn out(&self) -> String {
        self.ended.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The obligations with one of these outcomes.
    fn with(&self, outcomes: &[&str]) -> Vec<&str> {
        let with = self.merged.iter().filter(|(_, outcome)| outcomes.contains(&outcome.as_str().unwrap()));
        with.map(|(id, _)| id.as_str()).collect()
    }
}

fn judged(args: &[&str], client: &[&str]) -> Judged {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let report_option = format!("json={}", report.display());
    let ended =
        Gate::new().run(&[&["client"], args, &["--report", "human", "--report", &report_option]].concat(), client);
    let text = fs::read_to_string(report).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err));
    let report: Value = serde_json::from_str(&text).unwrap();
    Judged { ended, merged: report["merged"].as_object().unwrap().clone() }
}

fn requests(only: &str, fail_on: &str, habits: &[&str]) -> Judged {
    let client = [&["python3", REQUESTS, "{crew_id}", "{out_dir}"], habits].concat();
    judged(&["--only", only, "--fail-on", fail_on], &client)
}

fn shell(only: &str, fail_on: &str, script: &str) -> Judged {
    judged(&["--only", only, "--fail-on", fail_on], &["sh", "-c", &script.replace("GOOD", GOOD)])
}

#[test]
fn a_client_that_reads_netrc_by_default_breaks_only_the_obligation_about_it() {
    if !python_with("requests") {
        return;
    }
    let lax = requests("auth/plain,list/empty,sec/netrc", "should", &["netrc"]);
    assert_eq!(lax.with(&["fail"]), ["CPK-SEC-02"], "{}", lax.ended.out);
    assert!(lax.out().contains("the login of `.netrc` in HOME with the list"), "{}", lax.ended.out);
    assert!(lax.out().contains("trust_env = False"), "{}", lax.ended.out);
    let strict = requests("auth/plain,list/empty,sec/netrc", "should", &[]);
    assert_eq!((strict.ended.code, strict.with(&["fail"])), (Some(0), Vec::new()), "{}", strict.ended.out);
}

/// The limits of a run for clients that wait longer than the deadline: short ones, since their waits are short, too.
const SHORT_WAITS: [&str; 4] = ["--deadline", "2s", "--quiet", "6s"];

/// Runs the client of `requests` with limits of its own that are longer than the deadline.
fn patient(only: &str) -> Judged {
    let args = [&["--only", only, "--fail-on", "should"], &SHORT_WAITS[..]].concat();
    judged(&args, &["python3", REQUESTS, "{crew_id}", "{out_dir}", "patient"])
}

#[test]
fn pauses_between_tries_are_no_overrun() {
    if !python_with("requests") {
        return;
    }
    let good = patient("file/cut-reset,file/cut-length,file/store-lost");
    assert_eq!(good.with(&["fail", "not_exercised"]), Vec::<&str>::new(), "{}", good.ended.out);
    for id in ["CPK-AUTH-04", "CPK-FILE-02", "CPK-OUT-01"] {
        assert!(["pass", "not_judged"].contains(&good.outcome(id)), "{id}: {}", good.ended.out);
    }
}

#[test]
fn a_total_limit_and_a_capped_wait_may_be_longer_than_the_deadline() {
    if !python_with("requests") {
        return;
    }
    let good = patient("time/trickle,rty/retry-after-long");
    for id in ["CPK-TIME-02", "CPK-RTY-10"] {
        assert!(["pass", "not_judged"].contains(&good.outcome(id)), "{id}: {}", good.ended.out);
    }
    // Without any limit of its own, a client is held by one byte per second.
    let list = "-H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/$CREW_ID/documents";
    let endless = format!(
        "id=$(curl -sf {list} | sed 's/.*\"document_id\":\"\\([^\"]*\\)\".*/\\1/'); \
         url=$(curl -sf {list}/$id/download | sed 's/.*\"download_url\":\"\\([^\"]*\\)\".*/\\1/'); curl -sfo $id.pdf $url"
    );
    let most = ["--deadline", "2s", "--quiet", "3s"];
    let held = judged(&[&["--only", "time/trickle"], &most[..]].concat(), &["sh", "-c", &endless]);
    assert!(["fail", "not_judged"].contains(&held.outcome("CPK-TIME-02")), "{}", held.ended.out);
}

#[test]
fn a_head_before_each_get_and_a_request_for_the_partner_are_no_steps() {
    if !python_with("requests") {
        return;
    }
    let only = "auth/plain,list/empty,list/other-crew-id,list/odd-crew-id,link/no-url,link/null-url,err/list-refused,\
                rty/link-503-once,file/redirects";
    let good = requests(only, "should", &["heads", "me"]);
    assert_eq!(good.with(&["fail"]), Vec::<&str>::new(), "{}", good.ended.out);
    assert_eq!(good.ended.code, Some(0), "{}", good.ended.out);
}

#[test]
fn a_summary_is_no_claim_about_an_empty_file() {
    if !python_with("requests") {
        return;
    }
    let good = requests("file/nothing", "should", &["summary"]);
    assert_eq!((good.ended.code, good.outcome("CPK-FILE-08")), (Some(0), "pass"), "{}", good.ended.out);
}

#[test]
fn what_is_not_judged_does_not_come_first() {
    if !python_with("requests") {
        return;
    }
    let both = requests("auth/second-origin", "should", &["both"]);
    assert_eq!(both.ended.code, Some(0), "{}", both.ended.out);
    assert!(!both.out().contains("2 credentials"), "{}", both.ended.out);
}

#[test]
fn a_client_of_requests_keeps_every_must_and_should() {
    if !python_with("requests") {
        return;
    }
    // The cases that need no long waits; a temporary file and a rename is what it does in all of them.
    let only = "auth/plain,auth/tls,auth/wrong-host,list/other-crew-id,list/odd-crew-id,link/data-url,link/escapes,\
                link/other-port,file/cut-length,file/stopped,file/gzip,name/odd,name/same,name/planted-file,\
                err/list-refused,err/odd-bodies,out/run-twice";
    let good = requests(only, "should", &[]);
    assert_eq!(good.with(&["fail"]), ["CPK-NAME-07"], "{}", good.ended.out);
    assert_eq!(good.ended.code, Some(0), "{}", good.ended.out);
    assert!(good.out().ends_with("1 MAY is broken and does not count (--fail-on may counts it)"), "{}", good.ended.out);
}

#[test]
fn a_client_that_asks_for_several_links_at_once_stops_at_a_missing_scope() {
    if !python_with("httpx") {
        return;
    }
    // Four links are requested before the first refusal can be read.
    let only = ["--only", "err/first-of-five", "--fail-on", "should"];
    let good = judged(&only, &["python3", HTTPX, "{crew_id}", "{out_dir}"]);
    assert_eq!((good.ended.code, good.outcome("CPK-ERR-07")), (Some(0), "pass"), "{}", good.ended.out);
}

#[test]
fn exit_255_is_a_refusal() {
    let only = "err/list-refused,err/odd-bodies,err/unknown-crew,list/not-json,link/no-url";
    let dies = shell(only, "should", "GOOD || exit 255");
    assert_eq!(dies.with(&["fail"]), Vec::<&str>::new(), "{}", dies.ended.out);
    let crashes = shell("err/unknown-crew", "must", "GOOD || exit 139");
    assert!(crashes.with(&["fail"]).contains(&"CPK-OUT-01"), "{}", crashes.ended.out);
}

#[test]
fn a_client_that_trusts_no_authority_misses_one_obligation() {
    let only = "auth/plain,auth/tls,auth/unknown-authority,auth/wrong-host,link/no-tls,link/other-port";
    let bare = shell(only, "must", "env -u CPK_CA_FILE -u SSL_CERT_FILE GOOD");
    assert_eq!(bare.with(&["fail", "not_exercised"]), Vec::<&str>::new(), "{}", bare.ended.out);
    assert_eq!(bare.with(&["not_observable"]), ["CPK-AUTH-06"], "{}", bare.ended.out);
    assert_eq!(bare.ended.code, Some(3), "{}", bare.ended.out);
    for id in ["CPK-AUTH-01", "CPK-AUTH-04", "CPK-AUTH-07", "CPK-FILE-03", "CPK-OUT-01"] {
        assert_eq!(bare.outcome(id), "pass", "{id}");
    }
}

#[test]
fn what_can_not_be_observed_by_default_does_not_fail_by_default() {
    let plain = judged(&["--only", "CPK-AUTH-05,CPK-AUTH-01", "--fail-on", "should"], &[GOOD]);
    assert_eq!((plain.ended.code, plain.outcome("CPK-AUTH-05")), (Some(0), "not_observable"), "{}", plain.ended.out);
    // Alone it proves nothing.
    let alone = judged(&["--only", "CPK-AUTH-05", "--fail-on", "should"], &[GOOD]);
    assert_eq!(alone.ended.code, Some(3), "{}", alone.ended.out);
}

#[test]
fn what_breaks_a_should_breaks_no_must() {
    for (bug, only, broken) in [
        ("any-link-host", "link/other-port,link/other-address,link/same-address,link/user-at-host", "CPK-LINK-07"),
        ("link-downgrade", "link/no-tls", "CPK-LINK-07"),
        ("crew-id-not-encoded", "list/odd-crew-id,list/other-crew-id", "CPK-LIST-02"),
        ("follows-symlink", "name/planted-symlink", "CPK-NAME-04"),
        ("doubles-slash", "http/trailing-slash,auth/plain", "CPK-HTTP-02"),
    ] {
        let lax = judged(&["--only", only], &[GOOD, "--bug", bug]);
        assert_eq!((lax.ended.code, lax.with(&["fail"])), (Some(0), vec![broken]), "{bug}: {}", lax.ended.out);
        assert!(lax.out().contains("is broken and does not count"), "{bug}: {}", lax.ended.out);
    }
}

#[test]
fn a_client_with_long_timeouts_gives_up_by_itself() {
    let list = "-H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/$CREW_ID/documents";
    let client = |options: &str| {
        let tries = format!("for i in 1 2 3; do curl -sf {options} -o /dev/null {list} && exec {GOOD}; done; exit 1");
        // Where no connection is made, no try can be seen, and nothing makes the limit longer.
        let only = "time/silent-list,time/silent-list-body,time/silent-handshake";
        judged(&["--only", only, "--deadline", "2s", "--quiet", "6s"], &["sh", "-c", &tries])
    };
    // On a busy machine none of the two is judged. Three tries of three seconds are longer than the deadline, and no silence in between is longer than six.
    let slow = client("-m 3");
    assert!(["pass", "not_judged"].contains(&slow.outcome("CPK-TIME-01")), "{}", slow.ended.out);
    let hangs = client("");
    // It is never kept.
    assert!(["fail", "not_judged"].contains(&hangs.outcome("CPK-TIME-01")), "{}", hangs.ended.out);
    assert_ne!(hangs.ended.code, Some(0), "{}", hangs.ended.out);
}

#[test]
fn two_authorization_headers_are_two_credentials() {
    let twice = "curl -s $BASE/api/v2/employers/me/crew/$CREW_ID/documents -H \"Authorization: Bearer $CPK_KEY\" \
                 -H \"Authorization: Bearer $CPK_KEY\"; exit 1";
    let twice = judged(&["--only", "CPK-AUTH-01"], &["bash", "-c", twice]);
    assert_eq!((twice.ended.code, twice.outcome("CPK-AUTH-01")), (Some(1), "fail"), "{}", twice.ended.out);
    assert!(twice.out().contains("it sends 2 credentials: Authorization and Authorization"), "{}", twice.ended.out);
}
