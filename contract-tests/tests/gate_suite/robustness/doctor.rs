//! The doctor: each thing that can be wrong with a command is told, with what to change.

use std::fs;

use crate::robustness::gate::{Ended, GOOD, Gate};

fn looked_at(args: &[&str], client: &[&str]) -> Ended {
    Gate::new().run(&[&["doctor"], args].concat(), client)
}

/// What the doctor says of a script, in one line, so that the width does not matter.
fn output(args: &[&str], script: &str, code: i32) -> String {
    let script = script.replace("GOOD", GOOD).replace("LIST", "$BASE/api/v2/employers/me/crew/$CREW_ID/documents");
    flat(&looked_at(args, &["bash", "-c", &script]), code)
}

fn flat(ended: &Ended, code: i32) -> String {
    assert_eq!(ended.code, Some(code), "{}{}", ended.out, ended.err);
    ended.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(output: &str, parts: &[&str]) {
    for part in parts {
        assert!(output.contains(part), "`{part}` is not in {output}");
    }
}

#[test]
fn a_good_client_can_be_judged() {
    let output = flat(&looked_at(&[], &[GOOD]), 0);
    let steps = "✓ the client starts ✓ it sends requests to BASE ✓ it requests the list ✓ it sends the key \
                 ✓ it receives the list ✓ it saves documents to OUT_DIR: 3 of 3 ✓ it ends with exit code 0 \
                 ✓ it works over TLS, with the certificate of CPK_CA_FILE \
                 ✓ it ends with exit code 21 if the crew member is unknown \
                 ✓ it sends no login from a `.netrc` This command can be tested:";
    says(&output, &[steps, &format!("crewpass-contract client -- {GOOD}")]);
}

#[test]
fn a_script_that_is_not_where_the_client_works() {
    let output = output(&[], "python3 my_client.py", 1);
    says(
        &output,
        &[
            "✗ no request came to BASE; it ended with exit code 2",
            "the client runs in a new, empty folder",
            "$PWD/my_client.py",
        ],
    );
    says(&output, &["Its last output: | ", "can't open file '{out_dir}/my_client.py'"]);
}

#[test]
fn base_not_read() {
    for script in ["curl -s http://127.0.0.1:9/api", "true"] {
        says(
            &output(&[], script, 1),
            &["✗ no request came to BASE", "Read the server's address from the environment variable BASE"],
        );
    }
}

#[test]
fn arguments_forgotten() {
    let script = "import argparse; args = argparse.ArgumentParser(); args.add_argument('crew'); args.parse_args()";
    for script in [format!("python3 -c \"{script}\"").as_str(), "echo 'usage: my_client CREW_ID OUT_DIR' >&2; exit 2"] {
        let output = output(&[], script, 1);
        says(&output, &["✗ no request came to BASE", "→ It may lack arguments.", "my_client.py {crew_id} {out_dir}`"]);
    }
    assert!(!output(&[], "true", 1).contains("lack arguments"));
}

#[test]
fn a_command_in_quotes() {
    for command in ["python3 my_client.py", "./my_client --fast {crew_id}"] {
        for args in [&["doctor"][..], &["client", "--only", "plain/three-documents"]] {
            let ended = Gate::new().run(args, &[command]);
            assert_eq!(ended.code, Some(2), "{}{}", ended.out, ended.err);
            let all = format!("{} {}", ended.out, ended.err).split_whitespace().collect::<Vec<_>>().join(" ");
            says(&all, &[&format!("`{command}` was not found: it is one word, and no shell splits it.")]);
            says(&all, &[&format!("Leave out the quotes around it: `-- {command}`")]);
        }
    }
}

#[test]
fn one_case_alone_has_its_cause_at_the_top() {
    // In an empty list there is nothing to save, so that this case decides in no run of several.
    let alone = |client: &str| Gate::new().run(&["client", "--only", "list/empty"], &["bash", "-c", client]);
    let ended = alone("true");
    assert!(
        ended.out.contains("\nFIRST OF ALL: no request came to BASE; it ended with exit code 0\n"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("  → Read the server's address from the environment variable BASE"), "{}", ended.out);
    let elsewhere = alone("curl -s $BASE/documents");
    assert!(elsewhere.out.contains("\nFIRST OF ALL: it never requested the list; "), "{}", elsewhere.out);
    let good = alone(GOOD);
    assert!(good.code == Some(0) && !good.out.contains("FIRST OF ALL"), "{}", good.out);
}

#[test]
fn a_variable_that_is_not_let_in() {
    let output = output(&[], "python3 -c 'import os; os.environ[\"SETTINGS\"]'", 1);
    says(&output, &["✗ no request came to BASE", "Pass one of yours with `--keep-env NAME`", "KeyError: 'SETTINGS'"]);
}

#[test]
fn the_key_not_read_from_its_variable() {
    let other = "cpk_test_00000000000000000000000000000000";
    let shown = output(&[], &format!("curl -s LIST -H 'Authorization: Bearer {other}'"), 1);
    says(
        &shown,
        &[
            "✓ it requests the list ✗ it sends a key other than CPK_KEY",
            "Read the key from the environment variable CPK_KEY",
        ],
    );
    says(&output(&[], "curl -s LIST", 1), &["✗ it sends no key → Read the key from the environment variable CPK_KEY"]);
}

#[test]
fn two_credentials_or_another_scheme() {
    let twice = "curl -s LIST -H \"Authorization: Bearer $CPK_KEY\" -H \"Authorization: Bearer $CPK_KEY\"";
    let shown = output(&[], twice, 1);
    says(
        &shown,
        &["✗ it sends 2 credentials: Authorization and Authorization with one request", "Send exactly one credential"],
    );
    assert!(!shown.contains("CREW_ID"), "the id is right: {shown}");
    let joined = output(&[], "curl -s LIST -H \"Authorization: Bearer $CPK_KEY, Bearer $CPK_KEY\"", 1);
    says(&joined, &["✗ it sends 2 credentials in one Authorization with one request", "Send exactly one credential"]);
    assert!(!joined.contains("from the environment variable CPK_KEY"), "it did: {joined}");
    for options in ["-H \"Authorization: Basic $CPK_KEY\"", "-u \"me:$CPK_KEY\"", "-H \"Authorization: $CPK_KEY\""] {
        let other = output(&[], &format!("curl -s LIST {options}"), 1);
        says(&other, &["✗ it sends the key, but not as a Bearer token", "Write the word `Bearer`"]);
        assert!(!other.contains("from the environment variable CPK_KEY"), "it did: {other}");
    }
    let own = output(&[], "curl -s LIST -H \"X-Partner-API-Key: Bearer $CPK_KEY\"", 1);
    says(&own, &["✗ it sends the key and something else in X-Partner-API-Key", "takes the key alone"]);
}

#[test]
fn what_an_obligation_would_show_late() {
    let never_refuses = output(&[], "GOOD || true", 0);
    says(&never_refuses, &["! it ends with exit code 0 if the crew member is unknown", "This command can be tested"]);
    let crashes = output(&[], "GOOD || exit 134", 0);
    says(&crashes, &["! it ends with exit code 134 if the crew member is unknown → In this run", "mean a crash"]);
    let no_authority = output(&[], "env -u CPK_CA_FILE -u SSL_CERT_FILE GOOD", 0);
    says(
        &no_authority,
        &["! over TLS, it does not trust the certificate of CPK_CA_FILE", "CPK-AUTH-06 is not observable"],
    );
    let netrc = output(&[], "curl -s --netrc LIST; GOOD", 0);
    says(&netrc, &["! it sends the login of `.netrc` in HOME instead of the key", "no `--netrc` for curl"]);
}

#[test]
fn another_path_or_another_person() {
    let elsewhere = output(&[], "curl -s $BASE/documents -H \"Authorization: Bearer $CPK_KEY\"", 1);
    says(
        &elsewhere,
        &["✗ it never requested the list; its first request was GET /documents -> 404", "employers/me/crew/CREW_ID"],
    );
    let nobody = output(&[], "CREW_ID=crew_9; curl -s LIST -H \"Authorization: Bearer $CPK_KEY\"", 1);
    says(&nobody, &["✗ its list request was refused: GET ", "/crew/crew_9/documents -> 404", "`crew_001` in this run"]);
}

#[test]
fn saved_elsewhere_than_in_out_dir() {
    says(
        &output(&[], "OUT_DIR=$HOME GOOD", 1),
        &["✗ it saved a document outside of OUT_DIR, as `", "Save to the folder in the environment variable OUT_DIR"],
    );
    let place = tempfile::tempdir().unwrap();
    let far = output(&[], &format!("OUT_DIR={} GOOD", place.path().display()), 1);
    says(
        &far,
        &["✗ it downloaded a document, but OUT_DIR is empty; it ended with exit code 0", "`{out_dir}` in the command"],
    );
}

#[test]
fn nothing_downloaded_or_something_else_saved() {
    let listed = "curl -s LIST -H \"Authorization: Bearer $CPK_KEY\"";
    says(
        &output(&[], listed, 1),
        &["✗ it downloaded nothing; it ended with exit code 0", "`download_url` without the key"],
    );
    let saved = output(&[], &format!("{listed} > list.pdf"), 1);
    says(
        &saved,
        &[
            "✗ OUT_DIR has `list.pdf` (",
            "bytes), whose bytes are not those of a document",
            "not the JSON answer that contains the link",
        ],
    );
}

#[test]
fn the_wrong_end() {
    says(
        &output(&[], "GOOD; exit 3", 0),
        &["! it ended with exit code 3, with 3 of 3 documents saved", "Exit with code 0 if every document"],
    );
    says(
        &output(&[], "GOOD; rm \"$(ls | head -1)\"", 0),
        &[
            "! it ends with exit code 0, but 1 of 3 documents are missing → In this run the server works",
            "with its `document_id`",
            "This command can be tested, but mend this first",
        ],
    );
    says(
        &output(&["--deadline", "10s"], "GOOD; sleep 60", 1),
        &["✗ it was still running after 10 s, with 3 of 3 documents saved"],
    );
    says(&output(&[], "GOOD; kill -9 $$", 1), &["✗ it was ended by signal 9, with 3 of 3 documents saved"]);
}

#[test]
fn a_command_that_can_not_be_started() {
    let nowhere = flat(&looked_at(&[], &["no-such-client"]), 2);
    says(
        &nowhere,
        &[
            "✗ the command can't be started: `no-such-client` was not found",
            "Write the command after `--`, as you would in a shell",
        ],
    );
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("client");
    fs::write(&script, "#!/no/such/python\n").unwrap();
    let shut = flat(&looked_at(&[], &[script.to_str().unwrap()]), 2);
    says(&shut, &["is not executable: run `chmod +x` on it"]);
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = flat(&looked_at(&[], &[script.to_str().unwrap()]), 2);
    says(&output, &["needs the interpreter `/no/such/python`, which does not exist"]);
}

#[test]
fn tls_and_its_absence() {
    let bare = "env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl -s LIST";
    says(
        &output(&["--tls"], bare, 1),
        &["✗ no request came to BASE", "refused the certificate of BASE", "CPK_CA_FILE"],
    );
    let strict = output(&[], "curl -sS --proto =https LIST", 1);
    says(&strict, &["✗ no request came to BASE", "Add `--tls`"]);
    says(&output(&["--tls"], "GOOD", 0), &["✓ it sends requests to BASE", "This command can be tested"]);
}
