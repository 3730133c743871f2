//! Sequences of requests and changes, put to the fake over HTTP and to a model of the contract at the same time; after
//! each step, status, code and body must agree.
//!
//! The model knows nothing of the fake but where it listens. A sequence that fails is shrunk and printed. Each step can be
//! in both kinds of sequences; in one kind there are webhooks too, whose deliveries are compared after each step.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::{Value, json};

use super::answers::{Body, Expected};
use super::hooks::driver::Driver;
use super::hooks::steps::first_callbacks;
use super::http::{Answer, Connection};
use super::model::{self, Condition, Reach, State};
use super::parts::PersonField;
use super::steps::{self, Step};
use super::world::{self, CREW};

/// Where the one fake of all sequences of a kind listens.
fn host(has_hooks: bool) -> &'static str {
    static HOSTS: [OnceLock<String>; 2] = [const { OnceLock::new() }; 2];
    HOSTS[usize::from(has_hooks)].get_or_init(|| {
        let (sender, host) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let folder = tempfile::tempdir().unwrap();
            let world = World::open(&world::write(folder.path())).unwrap_or_else(|error| panic!("{error}"));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let start = Timestamp::from_second(world::START).unwrap();
                let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
                sender.send(fake.address().to_string()).unwrap();
                std::future::pending::<()>().await;
            });
        });
        host.recv().unwrap()
    })
}

/// The model as a machine, with webhooks or without.
struct Contract<const HOOKS: bool>;

impl<const HOOKS: bool> ReferenceStateMachine for Contract<HOOKS> {
    type State = State;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<State> {
        if !HOOKS {
            return Just(world::begin()).boxed();
        }
        let with = |callbacks: Vec<_>| {
            let mut state = world::begin();
            state.hooks.is_on = true;
            state.hooks.callbacks = callbacks;
            state
        };
        first_callbacks().prop_map(with).boxed()
    }

    fn transitions(state: &State) -> BoxedStrategy<Step> {
        steps::next(state)
    }

    fn apply(mut state: State, step: &Step) -> State {
        let expected = state.take(step);
        state.expected = Some(expected);
        state
    }

    fn preconditions(state: &State, step: &Step) -> bool {
        steps::fits(state, step)
    }
}

/// The fake, with the links that it gave.
struct Fake<const HOOKS: bool> {
    connection: Connection,
    links: Vec<String>,
    cursors: Vec<String>,
    /// The entity tags that were seen since the last reset, by document.
    tags: BTreeMap<String, String>,
    hooks: Option<Driver>,
}

impl<const HOOKS: bool> StateMachineTest for Fake<HOOKS> {
    type SystemUnderTest = Self;
    type Reference = Contract<HOOKS>;

    fn init_test(state: &State) -> Self {
        let mut connection = Connection::to(host(HOOKS));
        assert_eq!(connection.send("POST", "/__mock/reset", None, b"").status, 200);
        assert_eq!(connection.send("DELETE", "/__mock/faults", None, b"").status, 200);
        let hooks = HOOKS.then(|| Driver::new(state, &mut connection));
        Self { connection, links: Vec::new(), cursors: Vec::new(), tags: BTreeMap::new(), hooks }
    }

    fn apply(mut fake: Self, state: &State, step: Step) -> Self {
        fake.hooks.iter_mut().for_each(Driver::begin);
        let answer = fake.send(state, &step);
        let expected = state.expected.as_ref().unwrap();
        let followed = match &step {
            Step::Follow { link, .. } => Some(state.links[*link].document.as_str()),
            _ => None,
        };
        fake.compare(expected, followed, &answer);
        if let Some(hooks) = fake.hooks.as_mut() {
            hooks.compare(state, &mut fake.connection);
        }
        fake
    }
}

impl<const HOOKS: bool> Fake<HOOKS> {
    fn send(&mut self, state: &State, step: &Step) -> Answer {
        let key = |at: &Option<usize>| at.map(world::key_text);
        let crew = |at: usize| CREW.get(at).copied().unwrap_or("crew_nobody");
        let documents = |at: usize| format!("/api/v2/employers/me/crew/{}/documents", crew(at));
        match step {
            Step::List { key: by, crew } => self.connection.send("GET", &documents(*crew), key(by).as_deref(), b""),
            Step::Burst { key: by, crew, count } => {
                let (target, key) = (documents(*crew), key(by));
                let mut one = || self.connection.send("GET", &target, key.as_deref(), b"");
                (1..*count).for_each(|_| drop(one()));
                one()
            }
            Step::Link { key: by, crew, document } => {
                let target = format!("{}/{document}/download", documents(*crew));
                self.connection.send("GET", &target, key(by).as_deref(), b"")
            }
            Step::Follow { link, key: by, condition } => {
                let tag = self.tags.get(&state.links[*link].document);
                let lines = condition_lines(*condition, tag);
                self.connection.send_with("GET", &self.links[*link], key(by).as_deref(), &lines, b"")
            }
            Step::Me { key: by } => self.connection.send("GET", "/api/v2/partners/me", key(by).as_deref(), b""),
            Step::Vessels { key: by } => {
                self.connection.send("GET", "/api/v2/employers/me/vessels", key(by).as_deref(), b"")
            }
            Step::FleetPage { key: by, query } => {
                let target = format!("/api/v2/employers/me/fleet?{}", query.text(&self.cursors));
                self.connection.send("GET", &target, key(by).as_deref(), b"")
            }
            Step::Lookup { key: by, email } => {
                self.post("/api/v2/employers/me/crew/lookup", key(by).as_deref(), &json!({"email": email}))
            }
            Step::Profile { key: by, crew: of } => {
                self.connection.send("GET", &of_person(crew(*of), "profile"), key(by).as_deref(), b"")
            }
            Step::Photo { key: by, crew: of } => {
                self.connection.send("GET", &of_person(crew(*of), "photo"), key(by).as_deref(), b"")
            }
            Step::Compliance { key: by, crew: of, vessel } => {
                let vessel = vessel.map(|vessel| format!("?vessel_id={}", world::VESSELS[vessel])).unwrap_or_default();
                let target = of_person(crew(*of), &format!("compliance-checks{vessel}"));
                self.post(&target, key(by).as_deref(), &json!({}))
            }
            Step::Tampered { link, at } => {
                let target = flipped(&self.links[*link], *at);
                self.connection.send("GET", &target, None, b"")
            }
            Step::UnknownPath => self.connection.send("GET", "/api/v2/nothing", None, b""),
            Step::Hook(step) => match self.hooks.as_mut() {
                Some(hooks) => hooks.send(state, step, &mut self.connection),
                None => panic!("{step:?} without webhooks"),
            },
            other => self.control(other),
        }
    }

    fn post(&mut self, target: &str, key: Option<&str>, body: &Value) -> Answer {
        let lines = "Content-Type: application/json\r\n";
        self.connection.send_with("POST", target, key, lines, body.to_string().as_bytes())
    }

    fn control(&mut self, step: &Step) -> Answer {
        let crew = |at: usize| CREW[at];
        let (path, body) = match step {
            Step::Advance { seconds } => ("clock".to_owned(), json!({"advance": format!("{seconds}s")})),
            Step::Store { at, reach } => ("store".to_owned(), store_json(*at, *reach)),
            Step::Grant { partner, scopes, enabled } => {
                let body = json!({"granted_scopes": model::scopes(*scopes), "api_enabled": enabled});
                (format!("partners/{}", model::partner(*partner)), body)
            }
            Step::Revoke { key, revoked } => (format!("keys/{}", world::KEYS[*key]), json!({"revoked": revoked})),
            Step::Fleet { crew: at, vessels } => {
                (format!("crew/{}", crew(*at)), json!({"vessels": model::vessels(vessels)}))
            }
            Step::Consent { crew: at, partner, scopes } => {
                let consent = json!({model::partner(*partner): model::scopes(*scopes)});
                (format!("crew/{}", crew(*at)), json!({"consent": consent}))
            }
            Step::Status { crew: at, document, status } => {
                (format!("crew/{}/documents/{document}", crew(*at)), json!({"verification_status": status}))
            }
            Step::DocumentStore { crew: at, document, is_down } => {
                let store = if *is_down { "down" } else { "up" };
                (format!("crew/{}/documents/{document}", crew(*at)), json!({"store": store}))
            }
            Step::Expire => {
                let rule = json!({"match": {"step": "link"}, "when": {"times": 1}, "then": {"expire": true}});
                ("faults".to_owned(), rule)
            }
            Step::Reset => {
                self.tags.clear();
                return self.connection.send("POST", "/__mock/reset", None, b"");
            }
            Step::Person { crew: at, field } => (format!("crew/{}", crew(*at)), field_json(field)),
            Step::Refresh { crew: at } => {
                let body = at.map_or_else(|| json!({}), |at| json!({"crew": crew(at)}));
                ("compliance/refresh".to_owned(), body)
            }
            Step::Policy { name, value } => ("policies".to_owned(), json!({*name: value})),
            Step::Fault { rule } => {
                let when = json!({"skip": rule.skip, "times": rule.times});
                let then = json!({"status": {"code": rule.status, "body": "empty"}});
                ("faults".to_owned(), json!({"match": {"step": rule.step}, "when": when, "then": then}))
            }
            Step::Upload { crew: at, supersedes, status, bytes } => {
                let mut query =
                    supersedes.as_ref().map_or("type=CoC&title=Fresh".to_owned(), |id| format!("supersedes={id}"));
                query.extend(status.map(|status| format!("&verification_status={status}")));
                let target = format!("/__mock/crew/{}/documents?{query}", crew(*at));
                return self.connection.send("POST", &target, None, bytes);
            }
            Step::Remove { crew: at, document } => {
                let target = format!("/__mock/crew/{}/documents/{document}", crew(*at));
                return self.connection.send("DELETE", &target, None, b"");
            }
            asked => panic!("{asked:?} is no change"),
        };
        self.connection.send("POST", &format!("/__mock/{path}"), None, body.to_string().as_bytes())
    }

    /// Notes the entity tag of a document, which never changes.
    fn note_tag(&mut self, document: &str, answer: &Answer) {
        let tag = answer.header("etag").unwrap();
        assert_eq!(self.tags.entry(document.to_owned()).or_insert_with(|| tag.to_owned()), tag);
    }

    fn compare(&mut self, expected: &Expected, followed: Option<&str>, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, expected.status, "{text}");
        let json = || serde_json::from_slice::<Value>(&answer.body).unwrap_or_else(|error| panic!("{error}: {text}"));
        match &expected.body {
            Body::Json(wanted) => {
                let wanted: Value =
                    serde_json::from_str(&wanted.to_string().replace("//HOST/", &format!("//{}/", host(HOOKS))))
                        .unwrap();
                assert_eq!(json(), wanted);
            }
            Body::Fleet { items, window, has_more, is_absent } => {
                let mut page = json();
                let cursor = page.as_object_mut().unwrap().remove("next_cursor");
                assert_eq!(page, json!({"items": items, "expiring_within_days": window}));
                match cursor {
                    Some(Value::String(cursor)) if *has_more && !cursor.is_empty() => self.cursors.push(cursor),
                    other => {
                        assert!(!has_more, "{other:?}");
                        assert_eq!(other, (!is_absent).then_some(Value::Null));
                    }
                }
            }
            Body::Part { bytes, content_range } => {
                assert_eq!(&answer.body, bytes);
                assert_eq!(answer.header("content-range"), Some(content_range.as_str()));
                self.note_tag(followed.unwrap(), answer);
            }
            Body::Link { document, expires, name, content_type } => {
                let mut link = json();
                let url = link["download_url"].take().as_str().unwrap().to_owned();
                let wanted = json!({
                    "document_id": document, "download_url": null, "content_type": content_type, "file_name": name,
                    "expires_at": Timestamp::from_second(*expires).unwrap().to_string(),
                });
                assert_eq!(link, wanted);
                let target = url.strip_prefix(&format!("http://{}", host(HOOKS))).unwrap_or_else(|| panic!("{url}"));
                assert!(target.starts_with("/api/v2/files/eyJ"), "{target}");
                assert!(!self.links.iter().any(|known| known == target), "a link was given twice");
                self.links.push(target.to_owned());
            }
            Body::File { bytes, content_type, tagged } => {
                assert_eq!(&answer.body, bytes);
                assert_eq!(answer.header("content-type"), Some(content_type.as_str()));
                assert_eq!(answer.header("etag").is_some(), tagged.is_some());
                if let Some(document) = tagged {
                    self.note_tag(document, answer);
                }
            }
            Body::Text(wanted) => assert_eq!(&text, wanted),
            Body::Empty => assert_eq!(text, ""),
            Body::Any => {}
        }
        if ![200, 201, 206, 304].contains(&expected.status) {
            assert_eq!(answer.header("retry-after"), expected.retry_after.as_deref());
        }
    }
}

/// The path of something of a person.
fn of_person(crew: &str, what: &str) -> String {
    format!("/api/v2/employers/me/crew/{crew}/{what}")
}

/// The header lines of a condition; a tag that was never seen is another one.
fn condition_lines(condition: Condition, tag: Option<&String>) -> String {
    let named = |own: bool| tag.filter(|_| own).map_or("\"another\"", String::as_str);
    match condition {
        Condition::None => String::new(),
        Condition::NoneMatch(own) => format!("If-None-Match: {}\r\n", named(own)),
        Condition::Match(own) => format!("If-Match: {}\r\n", named(own)),
        Condition::Range(None) => "Range: bytes=0-3\r\n".to_owned(),
        Condition::Range(Some(own)) => format!("Range: bytes=0-3\r\nIf-Range: {}\r\n", named(own)),
    }
}

/// The body of a change of the store.
fn store_json(at: Option<usize>, reach: Reach) -> Value {
    let at = ["link", "file"].get(at.unwrap_or(2)).unwrap_or(&"both");
    let mut body = json!({"down": reach != Reach::Up, "at": at});
    if let Reach::DownFor(times) = reach {
        body["times"] = json!(times);
    }
    body
}

/// The body of a change of a person.
fn field_json(field: &PersonField) -> Value {
    match field {
        PersonField::Name(name) => json!({"name": name}),
        PersonField::Rank(rank) => json!({"rank": rank}),
        PersonField::Email(email) => json!({"details": {"email": email}}),
        PersonField::Verification(status) => json!({"details": {"verification": status}}),
        PersonField::BackgroundCheck(status) => json!({"details": {"background_check": status}}),
        PersonField::Bio(bio) => json!({"details": {"profile": {"bio": bio}}}),
        PersonField::Born(day) => json!({"details": {"profile": {"date_of_birth": day}}}),
        PersonField::NoPhoto => json!({"details": {"photo": null}}),
    }
}

/// A link of which one character of the token is another one.
fn flipped(link: &str, at: usize) -> String {
    let start = "/api/v2/files/".len();
    let mut bytes = link.as_bytes().to_vec();
    let at = start + at % (bytes.len() - start);
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).unwrap()
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fake_does_what_the_contract_says(sequential 1..40 => Fake<false>);
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_fake_sends_what_the_contract_says(sequential 1..40 => Fake<true>);
}
