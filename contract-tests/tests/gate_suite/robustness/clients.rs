//! Clients that do nothing, hang, crash, flood, stray or leave something behind.

use crate::robustness::gate::{Ended, GOOD, Gate};

/// One plain case.
const PLAIN: [&str; 3] = ["client", "--only", "plain/three-documents"];

fn judged(args: &[&str], client: &[&str]) -> Ended {
    Gate::new().run(args, client)
}

fn shell(script: &str) -> Ended {
    let script = script.replace("GOOD", GOOD);
    judged(&PLAIN, &["sh", "-c", &script])
}

/// That the gate found this obligation broken.
fn breaks(ended: &Ended, id: &str) {
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains(&format!("FAIL {id} ")), "{}", ended.out);
}

/// That the report says at its top, and once, that no request came, and that the other cases were skipped.
fn is_idle(ended: &Ended) -> bool {
    let flat = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.matches("no request came to BASE").count() == 1 && flat.contains("others were skipped")
}

#[test]
fn who_does_nothing_proves_nothing_and_is_soon_found_out() {
    for client in ["true", "false"] {
        let ended = judged(&["client"], &[client]);
        assert_eq!(ended.code, Some(3), "{client}: {}", ended.out);
        assert!(ended.out.starts_with(&format!("{client}\n")) && is_idle(&ended), "{}", ended.out);
        assert!(ended.out.lines().count() < 30, "{client}: {}", ended.out);
    }
}

#[test]
fn who_shows_no_key_is_spared_the_rest_and_breaks_what_it_showed() {
    let list = "curl -sSf $BASE/api/v2/employers/me/crew/$CREW_ID/documents";
    for (script, seen) in [
        (list.to_owned(), "it sends no key"),
        (format!("{list} -H 'Authorization: Bearer cpk_test_{}'", "0".repeat(32)), "it sends a key other than CPK_KEY"),
    ] {
        let client = ["sh", "-c", &script];
        let ended = judged(&["client"], &client);
        assert_eq!(ended.code, Some(1), "{}", ended.out);
        let flat = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&format!("FIRST OF ALL: {seen}")), "{flat}");
        assert!(
            flat.contains("All 4 cases that were played ended so;") && flat.contains("others were skipped"),
            "{flat}"
        );
        assert!(flat.contains("CPK-AUTH-01") && ended.out.lines().count() < 30, "{}", ended.out);
        let doctor = judged(&["doctor"], &client);
        assert!(doctor.out.contains(&format!("✗ {seen}")), "{}", doctor.out);
    }
}

#[test]
fn who_hangs_is_ended_at_the_deadline_and_spared_the_rest() {
    let ended = judged(&["client", "--deadline", "300ms"], &["sleep", "60"]);
    assert!(matches!(ended.code, Some(3 | 4)), "{}", ended.out);
    assert!(is_idle(&ended), "{}", ended.out);
}

#[test]
fn who_hangs_after_a_request_is_no_client_that_does_nothing() {
    let script =
        "curl -s -H \"Authorization: Bearer $CPK_KEY\" $BASE/api/v2/employers/me/crew/crew_001/documents; sleep 60";
    let ended = judged(&[&PLAIN[..], &["--deadline", "10s"]].concat(), &["sh", "-c", script]);
    breaks(&ended, "CPK-TIME-01");
    let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("request 1, the list, was answered, and no other came for"), "{words}");
    assert!(ended.out.contains("a link was requested 0 times, not 3"), "{}", ended.out);
    assert_eq!(ended.out.matches("FAIL ").count(), 1, "{}", ended.out);
}

#[test]
fn a_command_that_is_not_there_is_a_mistake_of_the_command_line() {
    let ended = judged(&["client"], &["no-such-client"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(
        ended.err.ends_with("`no-such-client` was not found: there is no such command on the PATH\n"),
        "{}",
        ended.err
    );
}

#[test]
fn who_dies_by_a_signal_has_crashed_whatever_it_saved() {
    breaks(&shell("GOOD; kill -9 $$"), "CPK-OUT-01");
    assert_eq!(judged(&["client"], &["sh", "-c", "kill -9 $$"]).code, Some(3));
}

#[test]
fn a_flood_of_output_is_read_and_bounded() {
    // A megabyte a second and more, for as long as it may.
    let ended = judged(&["client", "--deadline", "1s"], &["yes", "a line of no interest at all"]);
    // Where the flood and other tests keep all cores busy, nothing is judged.
    assert!(matches!(ended.code, Some(3 | 4)), "{}", ended.out);
    let ended = shell("head -c 30000000 /dev/zero; GOOD");
    assert!(ended.out.len() + ended.err.len() < 100_000);
    assert_ne!(ended.code, Some(4), "{}", ended.out);
}

#[test]
fn who_writes_outside_of_its_folder_is_found_out() {
    let script = format!("echo stray > ../stray.txt; exec {GOOD}");
    breaks(&judged(&["client", "--only", "name/hostile"], &["sh", "-c", &script]), "CPK-NAME-01");
}

#[test]
fn who_leaves_a_daemon_behind_is_found_out() {
    let daemon = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runner/clients/daemon.py");
    let ended = shell(&format!("python3 {daemon}; exec GOOD"));
    breaks(&ended, "CPK-OUT-01");
    assert!(ended.out.contains("1 process of the client still running after it had"), "{}", ended.out);
}

#[test]
fn a_client_that_compares_header_names_letter_by_letter_is_caught() {
    let script = "import json, os, sys, urllib.request\n\
        def get(url, headers={}):\n \
          answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers))\n \
          return dict(answer.getheaders()), answer.read()\n\
        crew, folder = sys.argv[1:]\n\
        url = os.environ['BASE'] + '/api/v2/employers/me/crew/' + crew + '/documents'\n\
        key = {'Authorization': 'Bearer ' + os.environ['CPK_KEY']}\n\
        for item in json.loads(get(url, key)[1])['items']:\n \
          link = json.loads(get(url + '/' + item['document_id'] + '/download', key)[1])['download_url']\n \
          headers, body = get(link)\n \
          ending = {'application/pdf': '.pdf'}.get(headers['content-type'], '.bin')\n \
          open(folder + '/' + item['document_id'] + ending, 'wb').write(body)";
    let client = ["python3", "-c", script, "{crew_id}", "{out_dir}"];
    let run = |only| Gate::new().run(&["client", "--only", only], &client);
    let lower = run("plain/three-documents");
    assert_eq!(lower.code, Some(0), "{}{}", lower.out, lower.err);
    let title = run("http/title-case");
    assert!(title.code == Some(1) && title.out.contains("FAIL CPK-HTTP-01 "), "{}{}", title.out, title.err);
}
