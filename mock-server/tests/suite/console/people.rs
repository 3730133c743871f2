//! Keys, crew members and documents.

use serde_json::{Value, json};

use super::browser::Browser;
use super::controls::{api, console};
use crate::support::executable::Fake;

#[test]
fn keys_say_what_they_are_for() {
    let Some((fake, mut page)) = console(&[]) else { return };
    let rows = page.evaluate("[...document.querySelectorAll('#key-list > li')].map((row) => row.textContent)");
    let rows: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
    for (key, purpose) in [
        (
            "full",
            "may do everything: lists documents and gets links; sees fleet, statuses, profiles, full profiles, compliance",
        ),
        ("no_download", "lists documents, but gets no link"),
        ("no_read", "gets links, but no list"),
        ("no_fleet", "lists documents and gets links; sees no fleet"),
        ("revoked", "revoked: 401"),
        ("wrong_mode", "403 partner_mode_mismatch"),
        ("other", "another partner's"),
        ("no_plan", "403 api_not_enabled"),
    ] {
        assert!(rows.iter().any(|row| row.starts_with(key) && row.contains(purpose)), "{key}: {rows:?}");
    }
    assert!(rows.iter().all(|row| !row.contains(&fake.key)), "{rows:?}");
    let line = page.click_says("button[aria-label='Copy curl with the key full']", "Copied");
    assert!(line.contains(&fake.key) && line.contains("crew_001"), "{line}");
    let line = page.click_says("button[aria-label='Copy export of the key full']", "Copied");
    assert!(line.ends_with(&format!("export BASE={} CPK_KEY={}", fake.base, fake.key)), "{line}");
    page.click_says("button[aria-label='Revoke the key full']", "is revoked");
    assert_eq!(fake.get("/api/v2/partners/me").status(), 401);
    page.click_says("button[aria-label='Restore the key full']", "is restored");
    assert_eq!(fake.get("/api/v2/partners/me").status(), 200);
    page.behaved(&fake.base);
    fake.stop();
}

fn documents(fake: &Fake) -> Vec<Value> {
    let world = api(fake, "world?find=crew_001");
    let all = world["crew"][0]["documents"].as_array().unwrap().clone();
    all.into_iter().filter(|document| document["current"] == true).collect()
}

#[test]
fn documents_are_changed_replaced_and_removed() {
    let Some((fake, mut page)) = console(&[]) else { return };
    let find = |fake: &Fake, id: &str| documents(fake).into_iter().find(|one| one["id"] == id);
    let row = page.text("[data-document='doc_1']");
    assert!(row.contains("expires 2028-03-01") && row.contains("version 2, replaced doc_0"), "{row}");
    page.set("[data-document='doc_1'] select", "rejected");
    page.says("doc_1 is rejected");
    assert_eq!(find(&fake, "doc_1").unwrap()["verification_status"], "rejected");
    page.click_says("button[aria-label='Store down for doc_1']", "down for doc_1");
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 503);
    page.click_says("button[aria-label='Store up for doc_1']", "up for doc_1");
    assert_eq!(fake.ask_link("crew_001", "doc_1").status(), 200);

    // A file is dropped on the row.
    page.evaluate(
        "{ const data = new DataTransfer(); data.items.add(new File(['%PDF-1.7 dropped'], 'new.pdf'));
           document.querySelector(\"[data-document='doc_1']\").dispatchEvent(
               new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data })); }",
    );
    page.says("doc_u1 replaces doc_1 (16 bytes of new.pdf)");
    assert_eq!(fake.follow(&fake.link("crew_001", "doc_u1")).1, b"%PDF-1.7 dropped");

    // The same with the keyboard: a button, and the browser's own dialog.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chosen.pdf");
    std::fs::write(&path, "%PDF-1.7 chosen").unwrap();
    page.click("button[aria-label='New version of doc_u1']");
    let root = page.call("DOM.getDocument", json!({}))["root"]["nodeId"].clone();
    let field = page.call("DOM.querySelector", json!({"nodeId": root, "selector": "#new-version"}));
    page.call("DOM.setFileInputFiles", json!({"nodeId": field["nodeId"], "files": [path]}));
    page.says("doc_u2 replaces doc_u1 (15 bytes of chosen.pdf)");
    assert_eq!(fake.follow(&fake.link("crew_001", "doc_u2")).1, b"%PDF-1.7 chosen");

    page.click_says("button[aria-label='Remove doc_u2']", "is removed");
    assert_eq!(find(&fake, "doc_u2"), None);
    page.set("#crew-find input", "no such person");
    page.click_says("#crew-find button", "0 found");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn people_vessels_and_webhooks_are_shown_and_follow_a_change() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    let person = page.text("[data-crew='crew_001']");
    for shown in ["verified", "background check completed", "Chief Officer on ves_abc:", "non_compliant", "a photo"] {
        assert!(person.contains(shown), "{shown}: {person}");
    }
    assert!(!person.contains("marina.kovac@"), "{person}");
    let vessels = page.text("#vessel-list");
    assert!(vessels.contains("M/Y Halcyon") && vessels.contains("Motor Yacht, Malta, IMO 9074729"), "{vessels}");
    page.set("#callback-add input[name='url']", "http://127.0.0.1:9/hooks");
    page.set("#callback-add input[name='secret']", "whsec_0123456789abcdef");
    page.click_says("#callback-add button", "http://127.0.0.1:9/hooks gets all events");
    fake.ctl(&["crew", "crew_001", "--background-check", "expired"]).fine();
    page.until("document.querySelector('#delivery-list')?.textContent.includes('crew.status.changed')");
    page.until("document.querySelector(\"[data-crew='crew_001']\").textContent.includes('background check expired')");
    let whole = page.text("#webhooks");
    assert!(
        whole.contains("crew_001, background_check_status expired") && !whole.contains("whsec_0123456789"),
        "{whole}"
    );
    page.click_says("#webhooks-verify", "deliveries that have not arrived: 1");
    page.click_says("#callbacks-clear", "No callback is left.");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn an_event_is_fired_once_and_twice() {
    let Some((fake, mut page)) = console(&["--clock", "2026-06-08T10:00:00Z"]) else { return };
    page.click_says("#fire-twice", "no callback of `prt_123` would get it");
    fake.ctl(&["webhooks", "add", "http://127.0.0.1:9/hooks", "--secret", "whsec_test"]).fine();
    page.click_says("#fire button:not([type])", "is sent: 1 delivery.");
    page.set("#fire select", "crew.status.changed");
    page.set("#fire input", "crew_002");
    page.click_says("#fire-twice", "is sent: 2 deliveries.");
    let deliveries = api(&fake, "webhooks")["deliveries"].as_array().unwrap().clone();
    let events: Vec<_> = deliveries.iter().map(|one| (&one["event_type"], &one["data"]["crew_unique_id"])).collect();
    let (first, then) = (json!("crew.document.processed"), json!("crew.status.changed"));
    let (one, other) = (json!("crew_001"), json!("crew_002"));
    assert_eq!(events, [(&first, &one), (&then, &other), (&then, &other)]);
    assert_eq!(deliveries[1]["event_id"], deliveries[2]["event_id"]);
    page.set("#fire input", "crew_02");
    page.click_says("#fire-twice", "did you mean `crew_002`?");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn hostile_texts_stay_texts() {
    let Some((fake, mut page)) = console(&[]) else { return };
    let hostile = "<img src=x onerror='document.title=1'><script>document.title=2</script>";
    let world = json!({
        "name": hostile,
        "partners": [{"id": "prt", "display_name": hostile, "granted_scopes": ["crew:documents:read"], "keys": [{"name": hostile}]}],
        "vessels": [{"id": "ves", "name": hostile, "partners": ["prt"]}],
        "crew": [{"id": hostile, "name": hostile, "rank": hostile, "vessels": ["ves"], "consent": {"prt": ["crew:documents:read"]},
            "documents": [{"id": "doc", "type": hostile, "title": hostile, "verification_status": "verified",
                "file": {"generate": "pdf", "name": "x.pdf"}}]}],
    });
    let body = json!({"world": world, "faults": [{"name": "hostile", "then": {"status": 503}}]}).to_string();
    let opened = fake.request("POST", "/__mock/sessions").body(body).send().unwrap();
    let opened: Value = opened.json().unwrap();
    let id = opened["id"].as_str().unwrap_or_else(|| panic!("{opened}"));
    let key = opened["key"].as_str().unwrap();
    page.go(&format!("{}/__mock/?session={id}", fake.base));
    page.is_live();
    let crew = percent_encoding::utf8_percent_encode(hostile, percent_encoding::NON_ALPHANUMERIC);
    let change = fake.request("POST", &format!("/__mock/sessions/{id}/crew/{crew}")).body(r#"{"vessels": []}"#);
    assert_eq!(change.send().unwrap().status(), 200);
    let list = format!("{}/{crew}/documents", crate::support::raw::CREW);
    assert_eq!(fake.request("GET", &list).bearer_auth(key).send().unwrap().status(), 503);
    page.until("document.getElementById('entries').textContent.includes('fault: hostile')");
    for place in ["#world-line", "#people", "#key-list", "#entries"] {
        assert!(page.text(place).contains("<img src=x"), "{place}");
    }
    assert_eq!(page.evaluate("document.querySelectorAll('img, main script').length"), 0);
    assert_eq!(page.evaluate("document.title"), "crewpass-mock console");
    page.behaved(&fake.base);
    fake.stop();
}

#[test]
fn the_reference_is_one_click_away() {
    let fake = Fake::start(&[]);
    let Some(mut page) = Browser::open(&format!("{}/__mock/", fake.base)) else { return };
    page.is_live();
    let link = page.evaluate("document.getElementById('to-reference').href");
    page.go(link.as_str().unwrap());
    page.until("document.querySelectorAll('details.operation').length > 25");
    let form = |summary: &str| {
        format!(
            "[...document.querySelectorAll('details.operation')].find((one) => one.textContent.includes('{summary}')).querySelector('form')"
        )
    };
    let send = |summary: &str| format!("{}.querySelector('button').click()", form(summary));
    let answer =
        |summary: &str, text: &str| format!("{}.querySelector('pre').textContent.includes('{text}')", form(summary));
    page.evaluate(&send("Read the clock"));
    page.until(&answer("Read the clock", "frozen"));
    // An empty required field is reported, and nothing is sent.
    let remove = form("Remove a fault rule");
    page.evaluate(&format!("{remove}.querySelector('input').value = ''"));
    page.evaluate(&send("Remove a fault rule"));
    page.until(&format!("{remove}.querySelector('.problem').textContent.includes('nothing was sent')"));
    // A stream shows its events, and can be stopped.
    page.evaluate(&send("server-sent events"));
    fake.listed("crew_001");
    page.until(&answer("server-sent events", "event: exchange"));
    page.evaluate(&format!("{}.querySelector('[aria-label^=\"Stop\"]').click()", form("server-sent events")));
    page.until(&answer("server-sent events", "Stopped."));
    page.behaved(&fake.base);
    fake.stop();
}
