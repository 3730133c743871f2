//! The clock, the store, faults, policies and sessions.

use serde_json::{Value, json};

use super::browser::Browser;
use crate::support::executable::Fake;

/// What the control API says at a path.
pub(super) fn api(fake: &Fake, path: &str) -> Value {
    fake.request("GET", &format!("/__mock/{path}")).send().unwrap().json().unwrap()
}

/// A fake, and a browser that shows its console; `None` without a browser.
pub(super) fn console(args: &[&str]) -> Option<(Fake, Browser)> {
    let fake = Fake::start(args);
    let mut browser = Browser::open(&format!("{}/__mock/", fake.base))?;
    browser.is_live();
    Some((fake, browser))
}

const FROZEN: [&str; 2] = ["--clock", "2026-06-08T10:00:00Z"];

#[test]
fn the_clock_follows_its_buttons() {
    let Some((fake, mut page)) = console(&FROZEN) else { return };
    let clock = |fake: &Fake| api(fake, "clock")["now"].as_str().unwrap().to_owned();
    for (label, shows) in [
        ("+1 min", "2026-06-08T10:01:00Z"),
        ("+15 min", "2026-06-08T10:16:00Z"),
        ("+16 min", "2026-06-08T10:32:00Z"),
        ("+1 day", "2026-06-09T10:32:00Z"),
    ] {
        let at = page.evaluate(&format!(
            "[...document.querySelectorAll('#clock-buttons button')].findIndex((one) => one.textContent === '{label}') + 1"
        ));
        let printed = page.click_says(&format!("#clock-buttons button:nth-child({at})"), "The clock shows");
        assert_eq!(clock(&fake), shows, "{label}");
        assert!(printed.contains(&shows[11..19]), "{printed}");
    }
    page.click_says("#clock-buttons button:last-child", "The clock shows");
    assert_eq!((page.text("#clock-state"), &api(&fake, "clock")["frozen"]), ("running".to_owned(), &json!(false)));
    page.click_says("#clock-buttons button:first-child", "The clock shows");
    assert_eq!((page.text("#clock-state"), &api(&fake, "clock")["frozen"]), ("frozen".to_owned(), &json!(true)));
    // An empty field is reported beside it, and nothing is sent.
    let before = api(&fake, "journal")["next"].clone();
    page.click("#clock-set button");
    assert_eq!(page.text("#clock-set .problem"), "Fill in “Time” first; nothing was sent.");
    assert_eq!(api(&fake, "journal")["next"], before);
    page.set("#clock-set input", "2027-01-01T00:00:00Z");
    page.click_says("#clock-set button", "2027-01-01 00:00:00");
    assert_eq!(clock(&fake), "2027-01-01T00:00:00Z");
    assert_eq!(page.evaluate("document.querySelectorAll('.problem').length"), 0);
    page.set("#clock-set input", "tomorrow");
    page.click("#clock-set button");
    assert!(page.text("#clock-set .problem").contains("nothing was sent"));
    // What the page can't know, the fake reports.
    page.set("#clock-set input", "2027-02-30T00:00:00Z");
    assert!(page.click_says("#clock-set button", "can't be used").contains("is not a time"));
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn what_was_read_before_a_change_does_not_hide_it() {
    let Some((fake, mut page)) = console(&FROZEN) else { return };
    // The next answer about the clock is held back.
    page.evaluate(
        "{ const real = window.fetch; let held;
           window.fetch = (url, init) => {
             if (held || init?.method !== 'GET' || !String(url).endsWith('clock')) return real(url, init);
             held = real(url, init);
             return new Promise((give) => {
               held.then(() => { window.release = () => { give(held); setTimeout(() => { window.given = true; }, 50); }; });
             });
           }; }",
    );
    fake.ctl(&["clock", "advance", "1m"]).fine();
    page.until("window.release");
    page.click_says("#clock-buttons button:last-child", "The clock shows");
    page.evaluate("window.release()");
    page.until("window.given");
    assert_eq!(page.text("#clock-state"), "running");
    fake.stop();
}

#[test]
fn the_store_and_the_policies_follow() {
    let Some((fake, mut page)) = console(&FROZEN) else { return };
    page.click_says("#store-twice", "down for 2");
    assert_eq!(api(&fake, "store"), json!({"link": {"down_for": 2}, "file": {"down_for": 2}}));
    // The page counts along with the requests that find it down.
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 503);
    page.until("document.getElementById('store-link').textContent === 'down for 1'");
    page.set("#store-at", "file");
    page.click_says("#store-down", "file down");
    assert_eq!(api(&fake, "store")["file"], "down");
    page.set("#store-at", "both");
    page.click_says("#store-up", "link up, file up");
    assert_eq!(api(&fake, "store"), json!({"link": "up", "file": "up"}));

    assert_eq!(
        page.evaluate("document.querySelectorAll('.policy').length"),
        api(&fake, "policies").as_object().unwrap().len()
    );
    page.set("#policy-dead_link", "410");
    page.says("dead_link is 410");
    page.set("#policy-link_ttl", "16m");
    page.says("link_ttl is 16m");
    let policies = api(&fake, "policies");
    assert_eq!((&policies["dead_link"], &policies["link_ttl"]), (&json!("410"), &json!("960s")));
    page.until("document.getElementById('policy-summary').textContent.includes('2 of')");
    page.set("#policy-link_ttl", "soon");
    page.says("link_ttl");
    page.until("document.getElementById('policy-link_ttl').value === '960s'");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn faults_are_added_shown_and_removed() {
    let Some((fake, mut page)) = console(&FROZEN) else { return };
    let names = |fake: &Fake| -> Vec<String> {
        let faults = api(fake, "faults")["faults"].clone();
        faults.as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap().to_owned()).collect()
    };
    for (at, (name, effect)) in [
        ("503-twice-on-the-link", "status"),
        ("next-link-is-dead", "expire"),
        ("cut-after-100-bytes", "cut"),
        ("hang-in-the-body", "stall"),
        ("hostile-name", "json"),
    ]
    .into_iter()
    .enumerate()
    {
        page.click_says(&format!("#presets button:nth-child({})", at + 1), name);
        let rules = api(&fake, "faults");
        assert_eq!((&rules["faults"][0]["name"], &rules["faults"][0]["effect"]), (&json!(name), &json!(effect)));
        page.click_says("#rules button", "is removed");
        assert_eq!(names(&fake), Vec::<String>::new());
    }
    for _ in 0..2 {
        page.click_says("#presets button", "is added");
    }
    assert_eq!(names(&fake), ["503-twice-on-the-link", "503-twice-on-the-link-2"]);
    page.click_says("#faults-verify", "503-twice-on-the-link");
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 503);
    page.until("document.getElementById('rules').textContent.includes('fired 1 of 2')");
    page.click_says("#faults-clear", "No fault rules");
    page.click_says("#faults-verify", "There are no rules");
    page.click("#fault-add button");
    assert!(page.text("#fault-add .problem").contains("nothing was sent"));
    page.set("#fault-add textarea", "{");
    page.click("#fault-add button");
    page.until("document.querySelector('#fault-add .problem').textContent.includes('not JSON')");
    assert_eq!(names(&fake), Vec::<String>::new());
    page.set("#fault-add textarea", r#"{"name": "own", "then": {"status": 500}}"#);
    page.click_says("#fault-add button", "is added");
    assert_eq!(names(&fake), ["own"]);
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn sessions_are_opened_shown_reset_and_closed() {
    let Some((fake, mut page)) = console(&[]) else { return };
    page.set("#session-open input", "2026-06-08T10:00:00Z");
    page.click_says("#session-open button", "is open");
    let session = page.evaluate("document.getElementById('session').value").as_str().unwrap().to_owned();
    assert_eq!(api(&fake, &format!("sessions/{session}/clock"))["now"], "2026-06-08T10:00:00Z");
    page.is_live();
    page.click_says("#store-down", "link down");
    let store = |session: &str| api(&fake, &format!("sessions/{session}/store"))["link"].clone();
    assert_eq!((store(&session), store("default")), (json!("down"), json!("up")));
    page.click_says("#session-reset", "as it was at its start");
    assert_eq!(store(&session), json!("up"));
    // A reload shows the same session.
    let url = page.evaluate("location.href").as_str().unwrap().to_owned();
    page.go(&url);
    page.is_live();
    assert_eq!(page.evaluate("document.getElementById('session').value"), json!(session));
    page.set("#session", "default");
    page.until("document.getElementById('session-close').disabled && document.getElementById('stream-state').textContent === 'live'");
    page.set("#session", &session);
    page.until("!document.getElementById('session-close').disabled && document.getElementById('stream-state').textContent === 'live'");
    page.click_says("#session-close", "is closed");
    assert_eq!(api(&fake, "sessions")["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(page.evaluate("document.getElementById('session').value"), "default");
    page.behaved(&fake.base);
    fake.stop();
}
