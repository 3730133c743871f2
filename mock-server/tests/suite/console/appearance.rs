//! The look of the pages: accessible, usable on a phone and by keyboard, light and dark.

use std::path::Path;

use serde_json::Value;

use super::browser::Browser;
use super::controls::console;
use crate::support::executable::Fake;
use crate::support::needs;

/// Returns what axe finds on a page, as one line for each finding.
fn findings(page: &mut Browser, axe: &str) -> Vec<String> {
    page.evaluate(axe);
    let found = page.evaluate("axe.run().then(({ violations }) => violations)");
    let line = |finding: &Value| {
        let nodes = finding["nodes"].as_array().into_iter().flatten();
        let places: Vec<_> = nodes.map(|node| node["html"].to_string()).take(3).collect();
        format!("{}: {} {}", finding["id"], finding["help"], places.join(" "))
    };
    found.as_array().unwrap().iter().map(line).collect()
}

#[test]
fn axe_finds_nothing() {
    let target = Path::new(env!("CARGO_BIN_EXE_crewpass-mock")).ancestors().nth(2).unwrap();
    let Some(axe) = needs::installed(&target.join("tools/axe/node_modules/axe-core/axe.min.js"), "axe") else { return };
    let Some((fake, mut page)) = console(&[]) else { return };
    fake.ask_link("crew_001", "doc_1");
    fake.get("/api/v2/employers/me/crew/crew_003/documents");
    page.click_says("#presets button", "is added");
    page.click("#clock-set button");
    page.until("document.querySelectorAll('#entries > li').length === 3");
    page.click("#entries button[aria-label^='Why?']");
    page.until("document.querySelector('#entries').textContent.includes('It would pass:')");
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    for (width, scheme) in [(1280, "light"), (400, "dark")] {
        page.resize(width, 900, scheme);
        assert_eq!(findings(&mut page, &axe), Vec::<String>::new(), "{width} {scheme}");
    }
    page.go(&format!("{}/__mock/reference", fake.base));
    page.until("document.querySelectorAll('details.operation').length > 25");
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    for scheme in ["light", "dark"] {
        page.resize(1280, 900, scheme);
        assert_eq!(findings(&mut page, &axe), Vec::<String>::new(), "reference, {scheme}");
    }
    fake.stop();
}

#[test]
fn a_phone_scrolls_down_only() {
    let Some((fake, mut page)) = console(&[]) else { return };
    let long = format!("/api/v2/{}", "long".repeat(60));
    fake.get(&long);
    page.resize(400, 800, "light");
    page.until("document.querySelectorAll('#entries > li').length === 1");
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    let is_wide = "document.documentElement.scrollWidth > innerWidth";
    assert_eq!(page.evaluate(is_wide), false);
    page.go(&format!("{}/__mock/reference", fake.base));
    page.until("document.querySelectorAll('details.operation').length > 25");
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    assert_eq!(page.evaluate(is_wide), false);
    fake.stop();
}

#[test]
fn the_keyboard_reaches_and_works_every_part() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    let press = |page: &mut Browser, key: &str, code: u32, text: Option<&str>| {
        for kind in ["keyDown", "keyUp"] {
            let mut event = serde_json::json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if let Some(text) = text.filter(|_| kind == "keyDown") {
                event["text"] = text.into();
            }
            page.call("Input.dispatchKeyEvent", event);
        }
    };
    let mut reached = std::collections::BTreeSet::new();
    let mut is_advanced = false;
    for _ in 0..120 {
        press(&mut page, "Tab", 9, None);
        let focused = page.evaluate(
            "(document.activeElement.closest('section, header')?.id || 'header') + ' ' + document.activeElement.textContent",
        );
        let focused = focused.as_str().unwrap().to_owned();
        if focused == "clock +16 min" && !is_advanced {
            press(&mut page, "Enter", 13, Some("\r"));
            page.says("10:16:00");
            is_advanced = true;
        }
        reached.insert(focused.split(' ').next().unwrap().to_owned());
    }
    assert!(is_advanced);
    let parts = ["clock", "crew", "faults", "header", "journal", "keys", "policies", "store"];
    assert!(parts.iter().all(|part| reached.contains(*part)), "{reached:?}");
    assert_eq!(super::controls::api(&fake, "clock")["now"], "2026-06-08T10:16:00Z");
    fake.stop();
}

#[test]
fn the_console_is_small() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/page");
    let sizes = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    let all: u64 = sizes.sum();
    assert!((10 << 10..100 << 10).contains(&all), "{all} bytes");
}

#[test]
fn the_address_of_the_fake_leads_a_browser_to_the_console() {
    let fake = Fake::start(&[]);
    let Some(mut page) = Browser::open(&format!("{}/", fake.base)) else { return };
    page.until("location.pathname === '/__mock/' && document.getElementById('stream-state')?.textContent === 'live'");
    page.behaved(&fake.base);
    fake.stop();
}
