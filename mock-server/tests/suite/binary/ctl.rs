//! What a person does with a running fake from another terminal, and what comes of it.

use std::net::TcpListener;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::executable::{Fake, run};

/// A file to upload.
fn new_file(bytes: &[u8]) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("new.pdf");
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn an_old_link_is_dead_after_sixteen_minutes() {
    let fake = Fake::start(&[]);
    let old = fake.link("crew_001", "doc_1");
    assert_eq!(fake.follow(&old).0, 200);
    fake.ctl(&["clock", "advance", "14m"]).fine();
    assert_eq!(fake.follow(&old).0, 200);
    fake.ctl(&["clock", "advance", "2m"]).fine();
    assert_eq!(fake.follow(&old).0, 404);
    let new = fake.link("crew_001", "doc_1");
    assert_ne!(new, old);
    assert_eq!(fake.follow(&new).0, 200);
    fake.ctl(&["clock", "advance", "-16m"]).fine();
    assert_eq!(fake.follow(&old).0, 200);
    fake.stop();
}

#[test]
fn the_clock_stops_moves_and_runs() {
    let fake = Fake::start(&["--clock", "2026-06-08T10:00:00Z"]);
    let standing = |at: &str| json!({"now": at, "frozen": true});
    assert_eq!(fake.ctl(&["clock", "show"]).fine(), standing("2026-06-08T10:00:00Z"));
    assert_eq!(fake.ctl(&["clock", "advance", "1h30m"]).fine(), standing("2026-06-08T11:30:00Z"));
    assert_eq!(fake.ctl(&["clock", "set", "2027-01-01T00:00:00Z"]).fine(), standing("2027-01-01T00:00:00Z"));
    let link: Value = fake.ask_link("crew_001", "doc_1").json().unwrap();
    assert_eq!(link["expires_at"], "2027-01-01T00:15:00Z");
    assert_eq!(fake.ctl(&["clock", "run"]).fine()["frozen"], false);
    assert_eq!(fake.ctl(&["clock", "freeze"]).fine()["frozen"], true);
    assert_eq!(fake.ctl(&["reset"]).fine(), json!({"reset": true}));
    assert_eq!(fake.ctl(&["clock", "show"]).fine(), standing("2026-06-08T10:00:00Z"));
    let wrong = fake.ctl(&["clock", "advance", "soon"]).failed(5);
    assert!(wrong.contains("answers 400") && wrong.contains("soon"), "{wrong}");
    let wrong = fake.ctl(&["clock", "set", "tomorrow"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("write it as 2026-06-08T10:00:00Z"), "{wrong:?}");
    fake.stop();
}

#[test]
fn the_store_goes_down_so_many_times() {
    let fake = Fake::start(&[]);
    let link = fake.link("crew_001", "doc_1");
    fake.ctl(&["store", "down", "--times", "2"]).fine();
    let statuses = || fake.ask_link("crew_001", "doc_1").status().as_u16();
    assert_eq!([statuses(), statuses(), statuses()], [503, 503, 200]);
    assert_eq!([fake.follow(&link).0, fake.follow(&link).0, fake.follow(&link).0], [503, 503, 200]);
    fake.stop();
}

#[test]
fn the_store_goes_down_at_one_step() {
    let fake = Fake::start(&[]);
    let link = fake.link("crew_001", "doc_1");
    let both = || (fake.ask_link("crew_001", "doc_1").status().as_u16(), fake.follow(&link).0);
    for (at, expected) in [("file", (200, 503)), ("link", (503, 200)), ("both", (503, 503))] {
        fake.ctl(&["store", "down", "--at", at]).fine();
        assert_eq!(both(), expected, "{at}");
        assert_eq!(both(), expected, "{at}, until told");
        assert_eq!(fake.listed("crew_001").len(), 6, "the list has nothing to do with the store");
        assert_eq!(fake.ctl(&["store", "up"]).fine(), json!({"link": "up", "file": "up"}));
        assert_eq!(both(), (200, 200), "{at}");
    }
    assert_eq!(fake.ctl(&["store", "show"]).fine(), json!({"link": "up", "file": "up"}));
    assert_eq!(fake.ctl(&["store", "down", "--times", "0"]).code, Some(2));
    fake.ctl(&["store", "down"]).fine();
    fake.ctl(&["reset"]).fine();
    let new = fake.link("crew_001", "doc_1");
    assert_eq!((fake.follow(&new).0, fake.follow(&link).0), (200, 404), "after a reset");
    let one = ["--crew", "crew_001", "--document", "doc_1"];
    let ctl = |state: &str| fake.ctl(&[&["store", state], one.as_slice()].concat()).fine();
    assert_eq!(ctl("down")["store"], "down");
    assert_eq!(fake.follow(&new).0, 503);
    assert_eq!(ctl("up")["store"], "up");
    assert_eq!(fake.follow(&new).0, 200);
    fake.stop();
}

#[test]
fn an_upload_supersedes_at_once() {
    let fake = Fake::start(&[]);
    let before = fake.listed("crew_001");
    let old_link = fake.link("crew_001", "doc_1");
    let old_bytes = fake.follow(&old_link).1;
    let (_folder, path) = new_file(b"%PDF-1.7 anew");
    let answer = fake.ctl(&["upload", "crew_001", "doc_1", &path]).fine();
    assert_eq!(answer["supersedes"], "doc_1");
    let id = answer["document_id"].as_str().unwrap();
    let after = fake.listed("crew_001");
    assert!(!after.contains(&"doc_1".to_owned()) && after.contains(&id.to_owned()), "{after:?}");
    assert_eq!(after.len(), before.len());
    assert_eq!(fake.follow(&fake.link("crew_001", id)), (200, b"%PDF-1.7 anew".to_vec()));
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 404);
    assert_eq!(fake.follow(&old_link), (200, old_bytes), "an old link is for the old version");
    let link: Value = fake.ask_link("crew_001", id).json().unwrap();
    assert_eq!(link["file_name"], "PST_certificate.pdf", "its name stays");
    let again = fake.ctl(&["upload", "crew_001", "doc_1", &path]).failed(5);
    assert!(again.contains("already superseded") && again.contains(id), "{again}");
    fake.ctl(&["reset"]).fine();
    assert_eq!(fake.listed("crew_001"), before);
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 200);
    fake.stop();
}

#[test]
fn a_new_document_and_its_removal() {
    let fake = Fake::start(&[]);
    let before = fake.listed("crew_001");
    let (_folder, path) = new_file(b"new");
    let flags =
        ["--type", "ENG1", "--title", "Seafarer Medical", "--content-type", "text/x-new", "--status", "verified"];
    let answer = fake.ctl(&[["upload", "crew_001", &path].as_slice(), &flags].concat()).fine();
    assert_eq!(answer["supersedes"], Value::Null);
    let id = answer["document_id"].as_str().unwrap();
    let list: Value = fake.get(&format!("{}/crew_001/documents", crate::support::raw::CREW)).json().unwrap();
    let item = list["items"].as_array().unwrap().iter().find(|item| item["document_id"] == id).unwrap();
    assert_eq!([&item["type"], &item["title"], &item["verification_status"]], ["ENG1", "Seafarer Medical", "verified"]);
    let link: Value = fake.ask_link("crew_001", id).json().unwrap();
    assert_eq!([&link["file_name"], &link["content_type"]], ["new.pdf", "text/x-new"]);
    let url = link["download_url"].as_str().unwrap();
    assert_eq!(fake.ctl(&["remove", "crew_001", id]).fine(), json!({"removed": id}));
    assert_eq!(fake.follow(url).0, 404);
    assert_eq!(fake.listed("crew_001"), before);
    fake.ctl(&["remove", "crew_001", "doc_1"]).fine();
    assert_eq!(fake.listed("crew_001").len(), before.len() - 1);
    fake.ctl(&["reset"]).fine();
    assert_eq!(fake.listed("crew_001"), before);
    fake.stop();
}

#[test]
fn what_can_not_be_done_is_told() {
    let fake = Fake::start(&[]);
    let (_folder, path) = new_file(b"new");
    let crew = fake.ctl(&["upload", "crew_none", "doc_1", &path]).failed(5);
    assert!(crew.contains("no crew member `crew_none`"), "{crew}");
    let document = fake.ctl(&["upload", "crew_001", "doc_none", &path]).failed(5);
    assert!(document.contains("`crew_001` has no document `doc_none`") && document.contains("doc_1"), "{document}");
    let superseded = fake.ctl(&["remove", "crew_001", "doc_0"]).failed(5);
    assert!(superseded.contains("already superseded by `doc_1`"), "{superseded}");
    let untitled = fake.ctl(&["upload", "crew_001", &path]).failed(5);
    assert!(untitled.contains("`type` and `title`"), "{untitled}");
    let status = fake.ctl(&["upload", "crew_001", "doc_1", &path, "--status", "fine"]);
    assert!(status.code == Some(2) && status.stderr.contains("verified, pending, rejected, expired"), "{status:?}");
    let file = fake.ctl(&["upload", "crew_001", "doc_1", &format!("{path}.gone")]).failed(6);
    assert!(file.contains("new.pdf.gone"), "{file}");
    let folder = fake.ctl(&["upload", "crew_001", "doc_1", "/"]).failed(6);
    assert!(folder.contains("crewpass-mock: /: "), "{folder}");
    fake.stop();
}

#[test]
fn where_no_fake_is() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{free}");
    let line = run(&["ctl", "--base", &base, "clock", "show"]).failed(5);
    assert!(line.contains(&base) && line.contains("nothing listens there"), "{line}");
    for wrong in ["here", "mailto:a@b"] {
        run(&["ctl", "--base", wrong, "clock", "show"]).failed(2);
    }
    for empty in ["", " "] {
        let line = run(&["ctl", "--base", empty, "clock", "show"]).failed(2);
        assert!(line.contains("the base URL is empty: unset the variable BASE, or set it"), "{line}");
    }
}

#[test]
fn whatever_can_change_is_changed_from_another_terminal() {
    let fake = Fake::start(&[]);
    let status = |crew: &str| {
        let list = fake.get(&format!("/api/v2/employers/me/crew/{crew}/documents"));
        let status = list.status().as_u16();
        let code = list.json::<Value>().unwrap()["error"]["code"].as_str().unwrap_or_default().to_owned();
        (status, code)
    };
    let fine = (200, String::new());
    let scopes = "crew:documents:read,crew:documents:download";
    fake.ctl(&["partner", "prt_123", "--scopes", "crew:documents:download"]).fine();
    assert_eq!(status("crew_001"), (403, "scope_not_granted".to_owned()));
    fake.ctl(&["partner", "prt_123", "--scopes", scopes, "--api-enabled", "false"]).fine();
    assert_eq!(status("crew_001"), (403, "api_not_enabled".to_owned()));
    fake.ctl(&["partner", "prt_123", "--api-enabled", "true"]).fine();
    fake.ctl(&["crew", "crew_001", "--consent", "prt_123="]).fine();
    assert_eq!(status("crew_001"), (403, "scope_not_consented".to_owned()));
    fake.ctl(&["crew", "crew_001", "--consent", &format!("prt_123={scopes}")]).fine();
    assert_eq!(status("crew_001"), fine);
    fake.ctl(&["crew", "crew_001", "--off-fleet"]).fine();
    assert_eq!(status("crew_001"), (404, "not_found".to_owned()));
    fake.ctl(&["key", "full", "revoke"]).fine();
    assert_eq!(status("crew_001"), (401, "invalid_api_key".to_owned()));
    fake.ctl(&["key", "full", "restore"]).fine();
    fake.ctl(&["reset"]).fine();
    assert_eq!(fake.ctl(&["status", "crew_001", "doc_1", "rejected"]).fine()["verification_status"], "rejected");
    assert_eq!(fake.ctl(&["policies", "set", "dead_link=410", "link_ttl=960s"]).fine()["link_ttl"], "960s");
    assert_eq!(fake.ctl(&["policies", "show"]).fine()["dead_link"], "410");
    assert_eq!(fake.ctl(&["health"]).fine()["status"], "ok");
    for nothing in [&["crew", "crew_001"][..], &["partner", "prt_123"]] {
        assert!(fake.ctl(nothing).failed(2).contains("nothing to change"));
    }
    fake.stop();
}

#[test]
fn a_session_is_opened_worked_on_and_closed_from_another_terminal() {
    let fake = Fake::start(&[]);
    let opened = fake.ctl(&["sessions", "open", "--with", r#"{"clock": "2026-06-08T10:00:00Z"}"#]).fine();
    let id = opened["id"].as_str().unwrap();
    assert_eq!(fake.ctl(&["--session", id, "clock", "show"]).fine()["now"], "2026-06-08T10:00:00Z");
    assert_eq!(fake.ctl(&["clock", "show"]).fine()["frozen"], false);
    assert_eq!(fake.ctl(&["sessions", "list"]).fine()["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(fake.ctl(&["sessions", "close", id]).fine(), json!({"closed": id}));
    assert!(fake.ctl(&["--session", id, "clock", "show"]).failed(5).contains("there is no session"));
    let wrong = fake.ctl(&["sessions", "open", "--with", "{"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("not JSON"), "{wrong:?}");
    fake.stop();
}

#[test]
fn clear_takes_no_filter() {
    let fake = Fake::start(&[]);
    fake.link("crew_001", "doc_1");
    for (order, says) in [
        (&["journal", "clear", "--only", "status=404"][..], "unexpected argument '--only'"),
        (&["journal", "--only", "status=404", "clear"], "takes no --only"),
        (&["journal", "--json", "clear"], "takes no --json"),
        (&["journal", "har", "--json"], "unexpected argument '--json'"),
    ] {
        let refused = fake.ctl(order);
        assert!(refused.code == Some(2) && refused.stderr.contains(says), "{refused:?}");
    }
    let kept = fake.ctl(&["journal", "show", "--json"]).fine();
    assert_eq!(kept["entries"].as_array().unwrap().len(), 1, "{kept}");
    fake.stop();
}

#[test]
fn verify_ends_with_one_if_something_did_not_happen() {
    let fake = Fake::start(&[]);
    fake.ctl(&["faults", "add", "{name: never, then: {status: 503}, when: {times: 1}}"]).fine();
    let unmet = fake.ctl(&["faults", "verify"]);
    assert!(unmet.code == Some(1) && unmet.stderr.contains("never"), "{unmet:?}");
    fake.ctl(&["webhooks", "verify"]).fine();
    fake.stop();
    let gone = run(&["ctl", "--base", "http://127.0.0.1:9", "faults", "verify"]);
    assert_eq!(gone.code, Some(5), "{gone:?}");
}

#[test]
fn a_port_alone_is_on_loopback() {
    for bind in ["0", "localhost:0", ":0"] {
        let fake = Fake::start_on(bind);
        fake.link("crew_001", "doc_1");
        fake.stop();
    }
    let refused = run(&["serve", "--bind", "nowhere"]);
    assert!(refused.code == Some(2) && refused.stderr.contains("write ADDRESS:PORT"), "{refused:?}");
}
