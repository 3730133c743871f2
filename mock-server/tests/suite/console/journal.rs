//! The journal: what is shown of each request, why it was refused, and the lines to paste.

use std::process::Command;

use serde_json::json;

use super::controls::{api, console};
use crate::support::raw::CREW;

/// Runs a line in a shell, in an empty folder, as a person who pastes it.
fn paste(line: &str, key: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("CPK_KEY", key).env("NO_PROXY", "*").current_dir(folder.path());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    match std::fs::read(folder.path().join("file.bin")) {
        Ok(bytes) => format!("{} bytes", bytes.len()),
        Err(_) => String::from_utf8(output.stdout).unwrap(),
    }
}

/// Returns the line that the page copied.
fn copied(said: &str) -> &str {
    said.strip_prefix("Copied: ").unwrap_or_else(|| panic!("{said}"))
}

#[test]
fn requests_appear_with_reasons_and_lines_to_paste() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    assert_eq!(page.evaluate("document.getElementById('journal-empty').hidden"), false);
    let leaking = format!("{CREW}/crew_003/documents?api_key={}", fake.key);
    assert_eq!(fake.get(&leaking).status(), 404);
    let row = "#entries > li.refused.leaky";
    let shown = page.text(row);
    for part in ["GET", "404", "crew-on-fleet (P)", "leak: key-in-query", "crew_003"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains(&fake.key), "{shown}");
    page.click(&format!("{row} button[aria-label^='Why?']"));
    page.until("document.querySelector('#entries').textContent.includes('It would pass:')");
    assert!(page.text(row).contains("crew_003 is off the fleet of prt_123"));

    let line = page.click_says(&format!("{row} button[aria-label^='Copy curl']"), "Copied");
    assert!(line.contains("$CPK_KEY") && !line.contains(&fake.key), "{line}");
    assert!(paste(copied(&line), &fake.key).contains("not_found"));

    let given = fake.link("crew_001", "doc_1");
    assert_eq!(fake.follow(&given).0, 200);
    page.until("document.getElementById('link-list').textContent.includes('15 min 0 s left')");
    fake.ctl(&["clock", "advance", "16m"]).fine();
    page.until("document.getElementById('link-list').textContent.includes('expired 1 min 0 s ago')");
    assert!(page.text("#link-list").contains("404 link-alive"));
    assert_eq!(fake.follow(&given).0, 404);
    // The request for a dead link is repeated with a new one. The line that was pasted is an entry too.
    page.until("document.querySelectorAll('#entries > li.refused').length === 3");
    let dead = "#entries > li.refused:not(.leaky)";
    page.click(&format!("{dead} button[aria-label^='Why?']"));
    page.until("document.querySelector('#entries').textContent.includes('The link expired')");
    let line = page.click_says(&format!("{dead} button[aria-label^='Copy curl']"), "Copied");
    assert!(paste(copied(&line), &fake.key).ends_with(" bytes"));

    page.set("#journal-show", "refused");
    let hidden = "[...document.querySelectorAll('#entries > li')].filter((row) => getComputedStyle(row).display !== 'none').length";
    assert_eq!(page.evaluate(hidden), 3);
    page.set("#journal-show", "all");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn a_fault_and_a_reset_are_told_in_words() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    let legend = page.text("#journal");
    for letter in ["G the documents guide", "P another page", "H HTTP or safety", "D a decision of this fake"] {
        assert!(legend.contains(letter), "{legend}");
    }
    fake.ctl(&["faults", "add", "{name: once, match: {step: list}, when: {times: 1}, then: {status: 503}}"]).fine();
    fake.get(&format!("{CREW}/crew_001/documents"));
    page.until("document.querySelectorAll('#entries > li.refused').length === 1");
    page.click("#entries > li.refused button[aria-label^='Why?']");
    page.until(
        "document.querySelector('#entries').textContent.includes('When it was sent, the fault “once” made this answer.')",
    );
    fake.link("crew_001", "doc_1");
    page.until("document.getElementById('link-list').textContent.includes('15 min 0 s left')");
    // A reset ends the life of every link, whatever it was.
    page.click_says("#session-reset", "as it was at its start");
    page.until("document.getElementById('link-list').textContent.includes('dead before its time')");
    let links = page.text("#link-list");
    assert!(!links.contains(" left") && links.contains("404 "), "{links}");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn a_delivery_is_told_in_words_and_opened_as_json() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    // Nobody listens there.
    fake.ctl(&["webhooks", "add", "http://127.0.0.1:9/hooks", "--secret", "whsec_test"]).fine();
    fake.ctl(&["webhooks", "fire", "crew.document.updated", "--crew", "crew_001"]).fine();
    let row = "document.querySelector('#entries > li:nth-child(1)')";
    let words = "crew.document.updated -> http://127.0.0.1:9/hooks: Connection refused, attempt 1 of 8, next in 30 s";
    page.until(&format!("{row}?.innerText.includes('{words}')"));
    let text = page.evaluate(&format!("{row}.innerText"));
    assert!(!text.as_str().unwrap().contains('{'), "{text}");
    page.click("#entries > li:nth-child(1) summary");
    page.until(&format!("{row}.innerText.includes('\"event_type\":\"crew.document.updated\"')"));
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn the_stream_is_stopped_followed_and_cleared() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    page.click("#stream-toggle");
    page.until("document.getElementById('stream-state').textContent === 'stopped'");
    fake.listed("crew_001");
    // A later answer of the same server is here, and the entry is not.
    page.click_says("#faults-verify", "There are no rules");
    assert_eq!(page.evaluate("document.querySelectorAll('#entries > li').length"), 0);
    page.click("#stream-toggle");
    page.until("document.querySelectorAll('#entries > li').length === 1");
    let har = page.evaluate("fetch(document.getElementById('har').href).then((answer) => answer.json())");
    assert_eq!(har["log"]["entries"].as_array().unwrap().len(), 1);
    let line = page.click_says("#from-har-copy", "Copied");
    let file = page.evaluate("document.getElementById('har').download");
    assert!(line.contains(&format!("crewpass-contract scenario from-har {} ", file.as_str().unwrap())), "{line}");
    page.click_says("#journal-clear", "1 removed");
    assert_eq!(api(&fake, "journal")["entries"], json!([]));
    assert_eq!(page.evaluate("document.querySelectorAll('#entries > li').length"), 0);
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn a_journal_that_is_off_is_reported() {
    let fake = crate::support::executable::Fake::start(&["--journal", "0"]);
    let Some(mut page) = super::browser::Browser::open(&format!("{}/__mock/", fake.base)) else { return };
    page.says("the journal of this session is off");
    page.behaved(&fake.base);
    fake.stop();
}
