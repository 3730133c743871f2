//! Five hundred sessions on one port at once, each with a world, a clock, rules, a store, a limiter and a journal of its
//! own: nothing of one shows in another.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crewpass_mock::world::generate::{Recipe, generate};
use serde_json::{Value, json};
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;

use crate::support::fake::{Answer, CREW, Fake, download, path_of};

/// How many there are.
const SESSIONS: usize = 500;

/// How many requests are on their way at once; whoever waited longest goes next, so all sessions take turns.
const AT_ONCE: usize = 64;

/// What a dead link gets, by policy.
const DEAD: [(&str, u16, &str); 3] =
    [("404", 404, "not_found"), ("403", 403, "link_expired"), ("410", 410, "link_expired")];

/// What all sessions share: the fake, and nothing else.
struct Port {
    fake: Fake,
    turns: Semaphore,
    together: Barrier,
}

/// One session as its test knows it.
struct Own {
    number: usize,
    id: String,
    key: String,
    /// The current documents of its person.
    documents: BTreeSet<String>,
    /// How many requests it was asked.
    asked: usize,
}

fn crew_of(number: usize) -> String {
    format!("crew_s{number}_001")
}

/// The world of a session, made by a seed of its own, with ids that no other has.
fn world_of(number: usize) -> Value {
    let recipe = Recipe { crew: 1, documents: 3, seed: number as u64, hostile: false };
    let text = serde_json::to_string(&generate(&recipe)).unwrap();
    let own = |prefix: &str| format!("\"{prefix}_s{number}_");
    serde_json::from_str(&text.replace("\"crew_", &own("crew")).replace("\"doc_", &own("doc"))).unwrap()
}

/// The documents of a world that nothing supersedes.
fn current(world: &Value) -> BTreeSet<String> {
    let documents = world["crew"][0]["documents"].as_array().unwrap();
    let superseded: Vec<_> = documents.iter().filter_map(|one| one["supersedes"].as_str()).collect();
    let ids = documents.iter().map(|one| one["id"].as_str().unwrap());
    ids.filter(|id| !superseded.contains(id)).map(str::to_owned).collect()
}

/// When the clock of a session stands still.
fn begins(number: usize) -> String {
    format!("2026-{:02}-{:02}T{:02}:00:00Z", number % 12 + 1, number % 28 + 1, number % 24)
}

/// How often the rule of a session fires: in every third session not at all.
const fn failures(number: usize) -> usize {
    number % 3
}

/// How often the store of a session is down: in three of four sessions not at all.
const fn outages(number: usize) -> usize {
    if number % 4 == 1 { 1 + number % 5 } else { 0 }
}

/// Whether the limits are on.
const fn is_limited(number: usize) -> bool {
    number % 20 == 7
}

impl Own {
    async fn open(port: &Port, number: usize) -> Self {
        let world = world_of(number);
        let documents = current(&world);
        let mut opening = json!({
            "world": world,
            "seed": number * 7 + 1,
            "policies": {"dead_link": DEAD[number % 3].0, "rate_limits": if is_limited(number) { "on" } else { "off" }},
            "clock": begins(number),
        });
        if failures(number) > 0 {
            opening["faults"] = json!([{
                "name": format!("of-{number}"),
                "match": {"step": "list"},
                "when": {"times": failures(number)},
                "then": {"status": 500 + number % 90},
            }]);
        }
        let output = control(port, "POST", "/sessions", &opening).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { number, id: text(&output["id"]), key: text(&output["keys"]["full"]), documents, asked: 0 }
    }

    async fn control(&self, port: &Port, method: &str, path: &str, body: &Value) -> Value {
        control(port, method, &format!("/sessions/{}{path}", self.id), body).await
    }

    async fn get(&mut self, port: &Port, target: &str) -> Answer {
        self.asked += 1;
        let line = format!("Authorization: Bearer {}\r\n", self.key);
        let _turn = port.turns.acquire().await.unwrap();
        port.fake.ask("GET", target, &line).await
    }

    async fn list(&mut self, port: &Port) -> Answer {
        let target = format!("{CREW}/{}/documents", crew_of(self.number));
        self.get(port, &target).await
    }

    async fn link(&mut self, port: &Port) -> Answer {
        let target = download(&crew_of(self.number), &self.first());
        self.get(port, &target).await
    }

    async fn follow(&mut self, port: &Port, path: &str) -> Answer {
        self.asked += 1;
        let _turn = port.turns.acquire().await.unwrap();
        port.fake.follow(path).await
    }

    fn first(&self) -> String {
        self.documents.first().unwrap().clone()
    }

    /// Its rule fires as often as told, and then its list is its world's.
    async fn rule_and_list(&mut self, port: &Port) {
        let expected = 500 + u16::try_from(self.number % 90).unwrap();
        for _ in 0..failures(self.number) {
            assert_eq!(self.list(port).await.status, expected, "{}", self.number);
        }
        let ids: BTreeSet<String> = self.list(port).await.ids().into_iter().collect();
        assert_eq!(ids, self.documents, "{}", self.number);
    }

    /// Whom another session knows, this one does not.
    async fn strangers(&mut self, port: &Port) {
        for other in [(self.number + 1) % SESSIONS, (self.number + 250) % SESSIONS] {
            let document = format!("doc_s{other}_1");
            for target in [
                format!("{CREW}/{}/documents", crew_of(other)),
                download(&crew_of(other), &document),
                download(&crew_of(self.number), &document),
            ] {
                let answer = self.get(port, &target).await;
                assert_eq!(answer.status_and_code(), (404, "not_found".to_owned()), "{}: {target}", self.number);
            }
        }
    }

    /// Its store is down as often as told, and its link dies by its clock.
    async fn store_and_clock(&mut self, port: &Port) {
        if outages(self.number) > 0 {
            let down = json!({"down": true, "at": "link", "times": outages(self.number)});
            self.control(port, "POST", "/store", &down).await;
        }
        for _ in 0..outages(self.number) {
            assert_eq!(self.link(port).await.status, 503, "{}", self.number);
        }
        let path = path_of(&self.link(port).await.url()).to_owned();
        assert_eq!(self.follow(port, &path).await.status, 200, "{}", self.number);
        let step = self.number % 14 + 1;
        self.control(port, "POST", "/clock", &json!({"advance": format!("{step}m")})).await;
        assert_eq!(self.follow(port, &path).await.status, 200, "{}", self.number);
        self.control(port, "POST", "/clock", &json!({"advance": format!("{}m", 15 - step)})).await;
        let (_, status, code) = DEAD[self.number % 3];
        assert_eq!(self.follow(port, &path).await.status_and_code(), (status, code.to_owned()), "{}", self.number);
    }

    /// The clock stood still since its bucket was full: it holds sixty, whatever the others took.
    async fn limiter(&mut self, port: &Port) {
        if !is_limited(self.number) {
            return;
        }
        for _ in 0..60 {
            assert_eq!(self.list(port).await.status, 200, "{}", self.number);
        }
        assert_eq!(self.list(port).await.status, 429, "{}", self.number);
    }

    /// Its journal holds what it was asked, and nothing else.
    async fn journal(&self, port: &Port) {
        let journal = self.control(port, "GET", "/journal", &Value::Null).await;
        let entries = journal["entries"].as_array().unwrap();
        let exchanges: Vec<_> = entries.iter().filter(|entry| entry["kind"] == "exchange").collect();
        assert_eq!(exchanges.len(), self.asked, "{}", self.number);
        let key_end = &self.key[self.key.len() - 4..];
        for exchange in &exchanges {
            let key = exchange["key"].as_str();
            assert!(key.is_none_or(|key| key.ends_with(key_end)), "{}: {exchange}", self.number);
            let crew = exchange["crew"].as_str().unwrap();
            assert!(crew == crew_of(self.number) || exchange["status"] == 404, "{}: {exchange}", self.number);
        }
        let fired = exchanges.iter().filter(|exchange| exchange["faults"] == json!([format!("of-{}", self.number)]));
        assert_eq!(fired.count(), failures(self.number));
        assert!(exchanges.iter().filter(|exchange| exchange["faults"] != json!([])).count() == failures(self.number));
        let topics: Vec<_> = entries.iter().filter_map(|entry| entry["change"].as_str()).collect();
        let store = usize::from(outages(self.number) > 0);
        assert_eq!(topics, [&["store"][..store], &["clock", "clock"]].concat(), "{}", self.number);
        let started: jiff::Timestamp = begins(self.number).parse().unwrap();
        let now = (started + jiff::SignedDuration::from_mins(15)).to_string();
        assert_eq!(self.control(port, "GET", "/clock", &Value::Null).await["now"], now);
    }
}

async fn control(port: &Port, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let _turn = port.turns.acquire().await.unwrap();
    port.fake.done(method, path, &body).await
}

/// The life of one session among the others; gives its key.
async fn live(port: Arc<Port>, number: usize) -> String {
    let mut own = Own::open(&port, number).await;
    // Every one is open before the first is used, and was used before the first journal is read.
    port.together.wait().await;
    own.rule_and_list(&port).await;
    own.strangers(&port).await;
    own.store_and_clock(&port).await;
    own.limiter(&port).await;
    port.together.wait().await;
    own.journal(&port).await;
    own.key
}

async fn live_all(port: &Arc<Port>, numbers: Range<usize>) -> BTreeSet<String> {
    let mut tasks: JoinSet<String> = numbers.map(|number| live(Arc::clone(port), number)).collect();
    let mut keys = BTreeSet::new();
    while let Some(key) = tasks.join_next().await {
        // The first one that fails ends the test; the rest would wait for it for ever.
        keys.insert(key.unwrap());
    }
    keys
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_hundred_sessions_at_once_never_meet() {
    let fake = Fake::start(&[]).await;
    let port = Port { fake, turns: Semaphore::new(AT_ONCE), together: Barrier::new(SESSIONS) };
    let port = Arc::new(port);
    let keys = live_all(&port, 0..SESSIONS).await;
    assert_eq!(keys.len(), SESSIONS, "each has a key of its own");
    assert_eq!(port.fake.server.journal().entries.len(), 0, "nobody asked the session that the fake began with");
    let open = port.fake.done("GET", "/sessions", "").await;
    assert_eq!(open["sessions"].as_array().unwrap().len(), SESSIONS + 1);
}
