//! The fault rules of scenarios, and the answers that one of them changes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use crewpass_contract::client::scenario::{Action, Scenario};
use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::answer::Answer;
use crate::judge::scenarios::filled;

const EMPLOYERS: &str = "/api/v2/employers/me";
const START: &str = "2026-06-08T10:00:00Z";

/// A fault rule of a scenario, with what fires beside it.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The rule without its condition: it fires at each match.
    pub(super) rule: Value,
    /// The other rules that may fire at the same answer.
    beside: Vec<Value>,
}

impl Rule {
    /// Returns the rules of a scenario that change an answer.
    pub(super) fn all_of(scenario: &Scenario) -> Vec<Self> {
        phases(scenario).iter().flat_map(|phase| Self::of_phase(phase)).collect()
    }

    /// Returns those of rules that are there at the same time.
    fn of_phase(phase: &[Value]) -> Vec<Self> {
        let all: Vec<Value> = phase.iter().map(unconditional).collect();
        let answering = all.iter().filter(|rule| changes_answer(rule));
        let one = |rule: &Value| {
            let together = |other: &&Value| {
                *other != rule && other["match"] == rule["match"] && is_on_response(other) && is_on_response(rule)
            };
            Self { rule: rule.clone(), beside: all.iter().filter(together).cloned().collect() }
        };
        answering.map(one).collect()
    }

    /// Returns the name of the rule's effect.
    pub(super) fn effect(&self) -> &str {
        effect(&self.rule)
    }

    /// Returns the step whose answer it changes.
    pub(super) fn step(&self) -> &str {
        self.rule["match"]["step"].as_str().unwrap_or("list")
    }

    fn then(&self) -> &Value {
        &self.rule["then"][self.effect()]
    }

    /// Returns the rules of the friendly answer: what describes the state of the server, and not its answer.
    fn friendly(&self) -> Vec<Value> {
        let state = self.beside.iter().filter(|rule| effect(rule) == "other_version").cloned();
        let status = match self.effect() {
            "redirect" => self.then()["status"].as_u64().or(Some(302)),
            "status" => self.then()["code"].as_u64().or(self.then().as_u64()),
            _ => None,
        };
        let reference = match (self.effect(), status) {
            (_, Some(code @ (301 | 302 | 303 | 307 | 308))) => {
                Some(json!({"redirect": {"status": code, "to": "self"}}))
            }
            // Only the answer itself is the friendly one.
            (_, Some(200)) => None,
            ("status", _) => Some(json!({"status": envelope(self.then())})),
            _ => None,
        };
        state.chain(reference.map(|then| json!({"match": self.rule["match"], "then": then}))).collect()
    }

    fn faulty(&self) -> Vec<Value> {
        std::iter::once(&self.rule).chain(&self.beside).cloned().collect()
    }
}

/// Returns the friendly refusal of the same kind: in the envelope, and without headers of its own.
fn envelope(then: &Value) -> Value {
    let Some(fields) = then.as_object() else { return then.clone() };
    let kept = |name: &str| ["code", "error", "scope", "retry_after_seconds"].contains(&name);
    let mut plain = json!({});
    // The API's own 429 always has it.
    if then["code"] == 429 {
        plain["retry_after_seconds"] = json!(1.0);
    }
    for (name, value) in fields.iter().filter(|(name, _)| kept(name)) {
        plain[name] = value.clone();
    }
    plain
}

fn unconditional(rule: &Value) -> Value {
    let mut rule = rule.clone();
    if let Some(fields) = rule.as_object_mut() {
        fields.remove("when");
        fields.remove("name");
    }
    if let Some(then) = rule["then"].as_object_mut() {
        then.remove("latency");
    }
    rule
}

fn effect(rule: &Value) -> &str {
    rule["then"].as_object().and_then(|then| then.keys().next()).map_or("", String::as_str)
}

/// Returns the rules at the start, and those of each later change.
fn phases(scenario: &Scenario) -> Vec<&[Value]> {
    let later = scenario.runs.iter().flat_map(|run| &run.before).filter_map(|action| match action {
        Action::Faults(rules) => Some(rules.as_slice()),
        _ => None,
    });
    std::iter::once(scenario.faults.as_slice()).chain(later).collect()
}

/// Returns true if a rule has an answer to compare.
fn changes_answer(rule: &Value) -> bool {
    let is_silent = effect(rule) == "stall" && rule["then"]["stall"] == json!(true);
    // Another version of a file is a state of the server.
    !is_silent && !["", "reset", "close", "other_version"].contains(&effect(rule))
}

/// Returns true if a rule changes an answer that the checks let through; of those, several may fire.
fn is_on_response(rule: &Value) -> bool {
    !["status", "redirect", "reset", "close"].contains(&effect(rule))
}

/// Returns the policies of each case of a scenario.
pub(super) fn cases(scenario: &Scenario) -> Vec<BTreeMap<String, String>> {
    let varied = scenario.vary.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let mut cases: Vec<_> = varied
        .map(|(name, value)| {
            let mut policies = scenario.policies.clone();
            policies.insert(name.clone(), value.clone());
            policies
        })
        .collect();
    if cases.is_empty() {
        cases.push(scenario.policies.clone());
    }
    cases
}

/// A fake with the world of a scenario and some rules.
struct Stage {
    server: MockServer,
    authorization: String,
}

impl Stage {
    async fn start(scenario: &Scenario, policies: &BTreeMap<String, String>, rules: &[Value]) -> Self {
        let name = scenario.world.as_str().unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/scenarios/worlds");
        let text = filled(&std::fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap());
        let start: Timestamp = START.parse().unwrap();
        let builder = MockServer::builder().world(World::parse(&text, name, None).unwrap()).frozen_at(start);
        let builder = builder.signing_secret("one for all");
        let builder = policies.iter().fold(builder, |builder, (name, value)| builder.policy(name, value).unwrap());
        let faults = rules.iter().map(|rule| filled(&rule.to_string()).parse().unwrap());
        let server = faults.fold(builder, |builder, fault| builder.fault(fault).unwrap()).start().await.unwrap();
        let authorization = format!("Authorization: Bearer {}", server.key_of(&scenario.key).unwrap());
        Self { server, authorization }
    }

    fn address(&self) -> SocketAddr {
        self.server.base().strip_prefix("http://").unwrap().parse().unwrap()
    }

    fn get(&self, target: &str, more: &[&str], enough: Option<usize>) -> Option<Answer> {
        let lines = [&self.authorization, "Accept-Encoding: gzip"].into_iter().chain(more.iter().copied());
        Answer::get(self.address(), target, &lines.map(str::to_owned).collect::<Vec<_>>(), enough)
    }

    /// Follows the friendly link of a document.
    fn file(&self, link: &str, more: &[&str], enough: Option<usize>) -> Option<Answer> {
        let url = self.get(link, &[], None)?.json()?["download_url"].as_str()?.to_owned();
        let path = url.splitn(4, '/').nth(3)?;
        Answer::get(
            self.address(),
            &format!("/{path}"),
            &more.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(),
            enough,
        )
    }
}

fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

/// Returns the friendly answers to one request, of which a fleet has one for each page, and the one that a rule makes.
pub(super) async fn answers(
    rule: &Rule,
    scenario: &Scenario,
    policies: &BTreeMap<String, String>,
) -> (Vec<Answer>, Option<Answer>) {
    let friendly = Stage::start(scenario, policies, &rule.friendly()).await;
    let faulty = Stage::start(scenario, policies, &rule.faulty()).await;
    let (known, changed) = asked(rule, scenario, &friendly, &faulty);
    let known = known.into_iter().map(|answer| answer.normalized(friendly.address())).collect();
    (known, changed.map(|answer| answer.normalized(faulty.address())))
}

fn asked(rule: &Rule, scenario: &Scenario, friendly: &Stage, faulty: &Stage) -> (Vec<Answer>, Option<Answer>) {
    let crew = rule.rule["match"]["crew"].as_str().unwrap_or(&scenario.crew_id);
    let list = format!("{EMPLOYERS}/crew/{}/documents", encoded(crew));
    let document = || {
        let items = friendly.get(&list, &[], None).and_then(|answer| answer.json()).unwrap_or_default();
        let first = items["items"][0]["document_id"].as_str().map(str::to_owned);
        rule.rule["match"]["document"].as_str().map(str::to_owned).or(first).unwrap()
    };
    let link = || format!("{list}/{}/download", encoded(&document()));
    let more: &[&str] = match rule.effect() {
        "range" => &["Accept-Encoding: gzip", "Range: bytes=100-"],
        _ => &["Accept-Encoding: gzip"],
    };
    match rule.step() {
        "fleet" => {
            let target = format!("{EMPLOYERS}/fleet");
            (pages(friendly, &target), faulty.get(&target, &[], enough(rule, usize::MAX)))
        }
        "link" => {
            let (link, known) = (link(), |known: &Option<Answer>| known.as_ref().map_or(0, |known| known.body.len()));
            let first = friendly.get(&link, &[], None);
            let most = known(&first);
            (first.into_iter().collect(), faulty.get(&link, &[], enough(rule, most)))
        }
        "file" => {
            let link = link();
            let first = friendly.file(&link, more, None);
            let most = first.as_ref().map_or(0, |known| known.body.len());
            (first.into_iter().collect(), faulty.file(&link, more, enough(rule, most)))
        }
        _ => {
            let first = friendly.get(&list, &[], None);
            let most = first.as_ref().map_or(0, |known| known.body.len());
            (first.into_iter().collect(), faulty.get(&list, &[], enough(rule, most)))
        }
    }
}

/// Returns the number of bytes after which nothing more comes, or comes very slowly.
fn enough(rule: &Rule, most: usize) -> Option<usize> {
    match rule.effect() {
        "stall" => Some(usize::try_from(rule.then()["after"].as_u64()?).ok()?.min(most)),
        "drip" => Some(1),
        _ => None,
    }
}

/// Returns each page of a fleet, in pages of three lengths.
fn pages(friendly: &Stage, target: &str) -> Vec<Answer> {
    let mut all = Vec::new();
    for limit in [100, 2, 1] {
        let mut next = Some(format!("{target}?limit={limit}"));
        while let Some(page) = next.and_then(|target| friendly.get(&target, &[], None)) {
            let cursor = page.json().and_then(|json| json["next_cursor"].as_str().map(encoded));
            next = cursor.map(|cursor| format!("{target}?limit={limit}&cursor={cursor}"));
            all.push(page);
        }
    }
    all
}
