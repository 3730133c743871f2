//! Clients that leave, send or nest more than anybody can look at: a finding against them, never a gate that breaks.

use std::fs;
use std::time::{Duration, Instant};

use crate::robustness::gate::{Ended, GOOD, Gate};

/// What the gate itself may have resident at any time, in MiB, whatever a client leaves or sends.
const MEMORY: u64 = 150;

/// One plain case.
const PLAIN: [&str; 3] = ["client", "--only", "plain/three-documents"];

fn judged(script: &str) -> Ended {
    bounded(&PLAIN, &["bash", "-c", &script.replace("GOOD", GOOD)])
}

/// Runs the gate, which must not need more than `MEMORY`.
fn bounded(args: &[&str], client: &[&str]) -> Ended {
    let (ended, peak) = Gate::new().run_measured(args, client);
    assert!((1..MEMORY).contains(&peak), "{peak} MiB\n{}{}", ended.out, ended.err);
    ended
}

fn breaks(ended: &Ended, id: &str, observed: &str) {
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains(&format!("FAIL {id} ")), "{}", ended.out);
    let words = ended.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(observed), "{words}");
}

#[test]
fn a_sparse_file_of_a_tebibyte_is_not_read() {
    breaks(
        &judged("GOOD; truncate -s 1T big.bin"),
        "CPK-OUT-01",
        "a file of 1099511627776 bytes that is not a current",
    );
}

#[test]
fn a_large_cache_in_home_is_not_kept_in_memory() {
    let three = ["client", "--only", "plain/three-documents,list/empty,name/same", "--jobs", "3"];
    let script = format!("head -c 45000000 /dev/urandom > $HOME/cache; exec {GOOD}");
    let ended = bounded(&three, &["bash", "-c", &script]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
fn paths_that_are_too_long_to_open_are_found() {
    let nest = "for n in $(seq 60); do mkdir $(printf %0200d 0); cd $(printf %0200d 0); done; echo x > deep";
    breaks(&judged(&format!("GOOD; {nest}")), "CPK-OUT-02", "paths that are longer than the system can open");
}

#[test]
fn folders_that_are_nested_very_deep_are_found_and_removed() {
    let nest = "import os\nfor n in range(3000):\n os.mkdir('d')\n os.chdir('d')";
    breaks(&judged(&format!("GOOD; python3 -c \"{nest}\"")), "CPK-OUT-02", "paths that are longer than the system");
}

#[test]
fn a_client_that_never_stops_asking_is_ended_soon() {
    let script = "import http.client, os\n\
        url = os.environ['BASE'].split('//')[1]\n\
        heads = {'Authorization': 'Bearer ' + os.environ['CPK_KEY'], 'X-Long': 'x' * 14900}\n\
        while True:\n \
          one = http.client.HTTPConnection(url)\n \
          one.request('GET', '/api/v2/employers/me/crew/crew_001/documents', headers=heads)\n \
          one.getresponse().read()";
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("hot.py");
    fs::write(&file, script).unwrap();
    // It would go on for two minutes.
    let args = [&PLAIN[..], &["--deadline", "2m"]].concat();
    let ended = bounded(&args, &["python3", file.to_str().unwrap()]);
    breaks(&ended, "CPK-TIME-01", "ended by the gate after too many requests or connections in");
    assert_eq!(ended.out.matches("FAIL ").count(), 1 + ended.out.matches("FAIL CPK-LIST").count(), "{}", ended.out);
}

#[test]
fn a_client_that_only_connects_is_ended_soon() {
    // A part of a request, and a connection with nothing that a server understands.
    for sent in ["b'GET'", "b'\\x16\\x03\\x01\\x00\\x05hello'"] {
        let script = format!(
            "import os, socket, urllib.request as http\n\
             url = os.environ['BASE'] + '/api/v2/employers/me/crew/crew_001/documents'\n\
             key = {{'Authorization': 'Bearer ' + os.environ['CPK_KEY']}}\n\
             http.urlopen(http.Request(url, headers=key)).read()\n\
             host, port = os.environ['BASE'].split('//')[1].split(':')\n\
             while True:\n \
               one = socket.create_connection((host, int(port)))\n \
               one.sendall({sent})\n \
               one.close()"
        );
        let args = [&PLAIN[..], &["--deadline", "2m"]].concat();
        let begun = Instant::now();
        let ended = bounded(&args, &["python3", "-c", &script]);
        breaks(&ended, "CPK-TIME-01", "ended by the gate after too many requests or connections in");
        assert!(!ended.out.contains("not judged"), "{}", ended.out);
        assert!(begun.elapsed() < Duration::from_secs(100), "it would go on for two minutes");
    }
}

#[test]
fn files_that_are_longer_than_each_document_are_not_read() {
    let begun = Instant::now();
    let ended = judged("GOOD; for n in 1 2 3 4; do truncate -s 511M big$n; done");
    breaks(&ended, "CPK-OUT-01", "a file of 535822336 bytes that is not a current");
    assert!(begun.elapsed() < Duration::from_mins(1), "hashing 2 GiB, twice, takes longer");
}

#[test]
fn a_wait_that_shows_no_attempt_ends_at_the_deadline_of_the_caller() {
    let args = ["client", "--only", "time/unreachable", "--deadline", "4s", "--quiet", "6s"];
    let begun = Instant::now();
    let ended = bounded(&args, &[GOOD, "--bug", "no-connect-timeout"]);
    breaks(&ended, "CPK-TIME-01", "the client");
    assert!(begun.elapsed() < Duration::from_secs(140), "the scenario's own limit is 150 s");
}

#[test]
fn a_process_that_shed_everything_is_a_leftover() {
    let ended = judged("GOOD; code=$?; cd /; setsid -f env -i sleep 600 < /dev/null > /dev/null 2>&1; exit $code");
    breaks(&ended, "CPK-OUT-01", "1 process of the client still running after it had");
}
