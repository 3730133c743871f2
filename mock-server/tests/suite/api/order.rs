//! The contract's order of checks, over the whole matrix of what can be wrong at once.
//!
//! What is expected comes from a small model here, which lists the checks in the contract's order and knows nothing of
//! the code; a request that is wrong in several ways must get the answer of the first check that it fails.

use crate::api::wire::{Answer, Connection, LIST, bearer, get_as, request, send, starter};
use crewpass_mock::MockServer;
use crewpass_mock::session::{Reach, Store};
use crewpass_mock::world::World;
use serde_json::{Value, json};

const READ: &str = "crew:documents:read";
const DOWNLOAD: &str = "crew:documents:download";
const KEYS: [&str; 8] = ["none", "unknown", "revoked", "revoked_live", "live", "live_no_plan", "no_plan", "ok"];
const FLEETS: [&str; 4] = ["on", "off", "other", "unknown"];
const DOCUMENTS: [&str; 3] = ["current", "superseded", "unknown"];

/// One request with everything that may be wrong about it.
#[derive(Clone, Copy, Debug)]
struct Cell {
    /// The state of the document that a link is asked for; `None` asks for the list.
    document: Option<&'static str>,
    key: &'static str,
    granted: usize,
    fleet: &'static str,
    consented: usize,
    store_down: bool,
}

fn scopes(set: usize) -> Vec<&'static str> {
    [(1, READ), (2, DOWNLOAD)].into_iter().filter(|(bit, _)| set & bit != 0).map(|(_, scope)| scope).collect()
}

impl Cell {
    fn all() -> impl Iterator<Item = Self> {
        let documents = std::iter::once(None).chain(DOCUMENTS.map(Some));
        let steps = documents.flat_map(|document| [false, true].map(|store_down| (document, store_down)));
        let callers =
            steps.flat_map(|step| KEYS.into_iter().flat_map(move |key| (0..4).map(move |set| (step, key, set))));
        callers.flat_map(|((document, store_down), key, granted)| {
            let people = FLEETS.into_iter().flat_map(|fleet| (0..4).map(move |consented| (fleet, consented)));
            people.map(move |(fleet, consented)| Self { document, key, granted, fleet, consented, store_down })
        })
    }

    /// The contract's section 2, line by line: whether the check fails, and what the caller then gets.
    fn expected(self) -> String {
        let is = |kinds: &[&str]| kinds.contains(&self.key);
        let scope = if self.document.is_none() { READ } else { DOWNLOAD };
        let checks = [
            (is(&["none", "unknown", "revoked", "revoked_live"]), "401 invalid_api_key".to_owned()),
            (is(&["live", "live_no_plan"]), "403 partner_mode_mismatch".to_owned()),
            (is(&["no_plan"]), "403 api_not_enabled".to_owned()),
            (!scopes(self.granted).contains(&scope), format!("403 scope_not_granted {scope}")),
            (self.fleet != "on", "404 not_found".to_owned()),
            (!scopes(self.consented).contains(&scope), format!("403 scope_not_consented {scope}")),
            (self.document.is_some_and(|state| state != "current"), "404 not_found".to_owned()),
            (self.document.is_some() && self.store_down, "503 file_store_unavailable".to_owned()),
        ];
        let first = checks.into_iter().find(|(fails, _)| *fails);
        first.map_or_else(|| "200".to_owned(), |(_, outcome)| outcome)
    }

    fn crew(self) -> String {
        format!("c_{}_{}", self.fleet, self.consented)
    }

    fn request(self, fake: &MockServer) -> String {
        let list = format!("/api/v2/employers/me/crew/{}/documents", self.crew());
        let path = match self.document {
            None => list,
            Some(state) => format!("{list}/{}_{state}/download", self.crew()),
        };
        match self.key {
            "none" => request("GET", &path, &[]),
            "unknown" => request("GET", &path, &["Authorization: Bearer cpk_test_ffff"]),
            name => request("GET", &path, &[&bearer(fake, &format!("{name}_{}", self.granted))]),
        }
    }
}

fn partner(name: &str, granted: usize, api_enabled: bool, keys: &[&str]) -> Value {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            let mode = if key.contains("live") { "live" } else { "test" };
            let text = format!("cpk_{mode}_{key}_{granted}");
            json!({"name": format!("{key}_{granted}"), "key": text, "revoked": key.starts_with("revoked")})
        })
        .collect();
    let id = format!("{name}_{granted}");
    json!({"id": id, "api_enabled": api_enabled, "granted_scopes": scopes(granted), "keys": keys})
}

fn person(fleet: &str, consented: usize, partners: &[String]) -> Value {
    let id = format!("c_{fleet}_{consented}");
    let vessels: &[&str] = match fleet {
        "on" => &["ves_on"],
        "other" => &["ves_other"],
        _ => &[],
    };
    let consent: serde_json::Map<_, _> = partners.iter().map(|id| (id.clone(), json!(scopes(consented)))).collect();
    let document = |state: &str, supersedes: Option<String>| {
        json!({"id": format!("{id}_{state}"), "supersedes": supersedes, "type": "STCW", "title": "Basic safety",
               "verification_status": "verified", "file": {"generate": "bytes"}})
    };
    let superseded = document("superseded", None);
    let current = document("current", Some(format!("{id}_superseded")));
    json!({"id": id, "vessels": vessels, "consent": consent, "documents": [superseded, current]})
}

fn world() -> World {
    let plain = (0..4).map(|granted| partner("p", granted, true, &["revoked", "revoked_live", "live", "ok"]));
    let without = (0..4).map(|granted| partner("q", granted, false, &["no_plan", "live_no_plan"]));
    let mut partners: Vec<Value> = plain.chain(without).collect();
    let ids: Vec<String> = partners.iter().map(|partner| partner["id"].as_str().unwrap().to_owned()).collect();
    partners.push(json!({"id": "other"}));
    let people = FLEETS.into_iter().filter(|fleet| *fleet != "unknown");
    let crew: Vec<Value> = people
        .flat_map(|fleet| (0..4).map(move |set| (fleet, set)))
        .map(|(fleet, set)| person(fleet, set, &ids))
        .collect();
    let vessels = json!([{"id": "ves_on", "name": "On", "partners": ids},
                         {"id": "ves_other", "name": "Other", "partners": ["other"]}]);
    let text = json!({"partners": partners, "vessels": vessels, "crew": crew}).to_string();
    World::parse(&text, "matrix.json", None).unwrap()
}

fn seen(answer: &Answer) -> String {
    let json = answer.json();
    let scope = json["error"]["scope"].as_str().unwrap_or_default();
    format!("{} {scope}", answer.outcome()).trim_end().to_owned()
}

#[tokio::test]
async fn the_first_check_that_fails_decides() {
    let fake = MockServer::builder().world(world()).start().await.unwrap();
    let mut connection = Connection::open(fake.address()).await;
    let (mut cells, mut wrong) = (0, Vec::new());
    for cell in Cell::all() {
        let reach = if cell.store_down { Reach::Down } else { Reach::Up };
        fake.session().lock().store = Store { link: reach, file: reach };
        let answer = connection.send(&cell.request(&fake)).await;
        cells += 1;
        if seen(&answer) != cell.expected() {
            wrong.push(format!("{cell:?}: expected {}, got {}", cell.expected(), seen(&answer)));
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, 4_096);
    assert!(
        wrong.is_empty(),
        "{} cells are wrong, the first ones:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
}

#[tokio::test]
async fn route_and_method_come_before_the_key_and_the_limiter() {
    let fake = starter(&["rate_limits=on"]).await;
    for _ in 0..60 {
        assert_eq!(send(&fake, "GET", LIST, &[]).await.status(), 401);
    }
    assert_eq!(send(&fake, "GET", LIST, &[]).await.status(), 429);
    assert_eq!(send(&fake, "GET", "/api/v2/nowhere", &[]).await.outcome(), "404 not_found");
    assert_eq!(send(&fake, "POST", LIST, &["Content-Length: 0"]).await.outcome(), "405 method_not_allowed");
}

#[tokio::test]
async fn the_limiter_stands_where_the_policy_puts_it() {
    for (position, key, last) in [
        ("before_key", "revoked", "429 partner_rate_limited"),
        ("after_scope", "revoked", "401 invalid_api_key"),
        ("before_key", "wrong_mode", "429 partner_rate_limited"),
        ("after_scope", "wrong_mode", "403 partner_mode_mismatch"),
        ("before_key", "no_read", "429 partner_rate_limited"),
        ("after_scope", "no_read", "403 scope_not_granted"),
        ("before_key", "full", "429 partner_rate_limited"),
        ("after_scope", "full", "429 partner_rate_limited"),
    ] {
        let fake = starter(&["rate_limits=on", &format!("limiter_position={position}")]).await;
        // Off the fleet, so that a limiter after the fleet's check would count nothing.
        let path = "/api/v2/employers/me/crew/crew_003/documents";
        for _ in 0..60 {
            assert_ne!(get_as(&fake, key, path).await.status(), 429);
        }
        assert_eq!(get_as(&fake, key, path).await.outcome(), last, "{position} {key}");
    }
}

#[tokio::test]
async fn who_has_no_key_that_holds_is_counted_by_address() {
    let fake = starter(&["rate_limits=on"]).await;
    for _ in 0..60 {
        assert_eq!(get_as(&fake, "revoked", LIST).await.status(), 401);
    }
    // The address has used up its share, and no partner has.
    assert_eq!(send(&fake, "GET", LIST, &[]).await.status(), 429);
    assert_eq!(get_as(&fake, "revoked", LIST).await.status(), 429);
    assert_eq!(get_as(&fake, "full", LIST).await.status(), 200);
}
