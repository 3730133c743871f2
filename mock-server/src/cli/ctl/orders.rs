//! The orders of `ctl`, as requests to the control API.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crewpass_diagnostics::{Problem, read_yaml};
use http::Method;
use serde_json::{Map, Value, json};

use super::super::error::CliError;
use super::super::standard_output::say;
use super::args::{
    At, ClockOrder, Ctl, FaultsOrder, KeyAction, OneDocument, Order, PartnerOrder, PoliciesOrder, SessionsOrder,
    StoreOrder, UploadOrder,
};
use super::compliance::ComplianceOrder;
use super::fake::Fake;
use super::webhooks::WebhooksOrder;
use super::{compliance, crew, journal, vessel, webhooks};
use crate::fault::Fault;
use crate::regular_file::read_at_most;

/// The largest text of rules in bytes: the control API takes no more.
const MAX_RULES_BYTES: u64 = 2 << 20;

/// Sends the order to the fake, and prints the response.
///
/// The exit code of `health` says by itself whether a fake answers, as the health checks of containers want it.
pub(crate) fn run(args: &Ctl) -> Result<ExitCode, CliError> {
    let fake = Fake::new(&args.at)?;
    match send(&fake, &args.order) {
        Err(error) if matches!(args.order, Order::Health) => {
            error.print();
            Ok(ExitCode::FAILURE)
        }
        sent => sent.map(|()| ExitCode::SUCCESS),
    }
}

/// The time in which a healthy fake answers.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);

fn send(fake: &Fake, order: &Order) -> Result<(), CliError> {
    let answer = match order {
        Order::Clock { order } => clock(fake, order.as_ref().unwrap_or(&ClockOrder::Show)),
        Order::Store { order } => store(fake, order.as_ref().unwrap_or(&StoreOrder::Show)),
        Order::Upload(order) => upload(fake, order),
        Order::Remove { crew, document } => {
            fake.send(fake.request(Method::DELETE, &["crew", crew, "documents", document]))
        }
        Order::Status { crew, document, status } => {
            let request = fake.request(Method::POST, &["crew", crew, "documents", document]);
            fake.send(request.json(&json!({"verification_status": status})))
        }
        Order::Crew(order) => crew::send(fake, order),
        Order::Vessel(order) => vessel::send(fake, order),
        Order::Partner(order) => partner(fake, order),
        Order::Key { name, action } => {
            let change = json!({"revoked": *action == KeyAction::Revoke});
            fake.send(fake.request(Method::POST, &["keys", name]).json(&change))
        }
        Order::Policies { order } => policies(fake, order.as_ref().unwrap_or(&PoliciesOrder::Show)),
        Order::Faults { order } => faults(fake, order.as_ref().unwrap_or(&FaultsOrder::Show)),
        Order::Journal(args) => return journal::print(fake, args),
        Order::Sessions { order } => sessions(fake, order.as_ref().unwrap_or(&SessionsOrder::List)),
        Order::Compliance { order } => compliance::send(fake, order.as_ref().unwrap_or(&ComplianceOrder::Show)),
        Order::Webhooks { order } => {
            webhooks::send(fake, order.as_ref().unwrap_or(&WebhooksOrder::Show { state: None }))
        }
        Order::Health => fake.send(fake.request_to_all(Method::GET, &["health"]).within(HEALTH_TIMEOUT)),
        Order::Reset => fake.send(fake.request(Method::POST, &["reset"])),
    }?;
    say(&format!("{answer}\n"))
}

fn clock(fake: &Fake, order: &ClockOrder) -> Result<Value, CliError> {
    let change = match order {
        ClockOrder::Show => return fake.send(fake.request(Method::GET, &["clock"])),
        ClockOrder::Freeze => json!({"freeze": true}),
        ClockOrder::Run => json!({"run": true}),
        ClockOrder::Advance { by } => json!({"advance": by}),
        ClockOrder::Set { to } => json!({"set": to}),
    };
    fake.send(fake.request(Method::POST, &["clock"]).json(&change))
}

fn store(fake: &Fake, order: &StoreOrder) -> Result<Value, CliError> {
    let change = match order {
        StoreOrder::Show => return fake.send(fake.request(Method::GET, &["store"])),
        StoreOrder::Up { of: OneDocument { crew: Some(crew), document: Some(document) } } => {
            return document_store(fake, crew, document, "up");
        }
        StoreOrder::Down { of: OneDocument { crew: Some(crew), document: Some(document) }, .. } => {
            return document_store(fake, crew, document, "down");
        }
        StoreOrder::Up { .. } => json!({"down": false}),
        StoreOrder::Down { times, at, .. } => {
            let at = match at {
                At::Both => "both",
                At::Link => "link",
                At::File => "file",
            };
            match times {
                Some(times) => json!({"down": true, "at": at, "times": times}),
                None => json!({"down": true, "at": at}),
            }
        }
    };
    fake.send(fake.request(Method::POST, &["store"]).json(&change))
}

fn document_store(fake: &Fake, crew: &str, document: &str, store: &str) -> Result<Value, CliError> {
    fake.send(fake.request(Method::POST, &["crew", crew, "documents", document]).json(&json!({"store": store})))
}

fn upload(fake: &Fake, order: &UploadOrder) -> Result<Value, CliError> {
    let (document, path) = (order.document.as_deref(), &order.file);
    let failed = |source| CliError::File { path: path.clone(), source };
    let file = File::open(path).map_err(failed)?;
    // A folder can be opened, and would fail only while it is sent, as if the fake were to blame.
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    let own_name = path.file_name().and_then(|name| name.to_str());
    let file_name = order.file_name.as_deref().or(if document.is_none() { own_name } else { None });
    let parameters = [
        ("supersedes", document),
        ("type", order.kind.as_deref()),
        ("title", order.title.as_deref()),
        ("file_name", file_name),
        ("content_type", order.content_type.as_deref()),
        ("verification_status", order.status.as_deref()),
    ];
    let query: Vec<_> = parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let request = fake.request(Method::POST, &["crew", &order.crew, "documents"]);
    fake.send(request.query(&query).file(file))
}

fn partner(fake: &Fake, order: &PartnerOrder) -> Result<Value, CliError> {
    let mut change = Map::new();
    if let Some(scopes) = &order.scopes {
        change.insert("granted_scopes".to_owned(), json!(scopes));
    }
    if let Some(enabled) = order.api_enabled {
        change.insert("api_enabled".to_owned(), json!(enabled));
    }
    something(&change, "--scopes or --api-enabled")?;
    fake.send(fake.request(Method::POST, &["partners", &order.partner]).json(&change))
}

pub(super) fn something(change: &Map<String, Value>, choices: &str) -> Result<(), CliError> {
    let nothing = || CliError::Usage(format!("nothing to change: say {choices}"));
    if change.is_empty() { Err(nothing()) } else { Ok(()) }
}

fn policies(fake: &Fake, order: &PoliciesOrder) -> Result<Value, CliError> {
    match order {
        PoliciesOrder::Show => fake.send(fake.request(Method::GET, &["policies"])),
        PoliciesOrder::Set { settings } => {
            let settings: BTreeMap<_, _> = settings.iter().cloned().collect();
            fake.send(fake.request(Method::POST, &["policies"]).json(&settings))
        }
    }
}

fn faults(fake: &Fake, order: &FaultsOrder) -> Result<Value, CliError> {
    let request = match order {
        FaultsOrder::Show => fake.request(Method::GET, &["faults"]),
        FaultsOrder::Add { rules } => fake.request(Method::POST, &["faults"]).json(&read_rules(rules)?),
        FaultsOrder::Verify => return fake.verify(fake.request(Method::GET, &["faults", "verify"])),
        FaultsOrder::Clear { name: Some(name) } => fake.request(Method::DELETE, &["faults", name]),
        FaultsOrder::Clear { name: None } => fake.request(Method::DELETE, &["faults"]),
    };
    fake.send(request)
}

/// Returns the rules of a text, a file or standard input, as JSON. A rule that makes no sense is reported with its place
/// in the text; the fake would name a place in the JSON.
fn read_rules(from: &str) -> Result<Value, CliError> {
    let failed = |source| CliError::File { path: PathBuf::from(from), source };
    let (name, text) = if from == "-" {
        ("standard input", read_text(std::io::stdin()).map_err(failed)?)
    } else if is_rule(from) {
        ("the rule", from.to_owned())
    } else {
        // It may be a pipe, such as one of the shell.
        (from, File::open(from).and_then(read_text).map_err(|source| failed(with_example(source)))?)
    };
    let wrong = |problem: Problem| CliError::Rules(problem.into());
    let rules: Value = read_yaml(name, &text).map_err(wrong)?;
    let checked = if rules.is_array() {
        read_yaml::<Vec<Fault>>(name, &text).map(drop)
    } else {
        read_yaml::<Fault>(name, &text).map(drop)
    };
    checked.map_err(wrong)?;
    Ok(rules)
}

/// Adds what a rule looks like to the error of a file that is not there: the text may have been meant as a rule.
fn with_example(error: io::Error) -> io::Error {
    const MISSING: &str = "there is no such file, and this is not a rule; a rule looks like \
        '{match: {step: link}, when: {times: 2}, then: {status: 503}}' (docs/faults.md)";
    if error.kind() == io::ErrorKind::NotFound { io::Error::new(error.kind(), MISSING) } else { error }
}

/// Reads a text that a body of the control API can hold.
fn read_text(from: impl Read) -> io::Result<String> {
    let bytes = read_at_most(from, MAX_RULES_BYTES)?;
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Returns true for a text that is a rule itself, in JSON or YAML, and not the path of a file.
fn is_rule(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) || text.contains(": ") || text.contains('\n')
}

fn sessions(fake: &Fake, order: &SessionsOrder) -> Result<Value, CliError> {
    let request = match order {
        SessionsOrder::List => fake.request_to_all(Method::GET, &["sessions"]),
        SessionsOrder::Open { with: None } => fake.request_to_all(Method::POST, &["sessions"]),
        SessionsOrder::Open { with: Some(opening) } => fake.request_to_all(Method::POST, &["sessions"]).json(opening),
        SessionsOrder::Close { id } => fake.request_to_all(Method::DELETE, &["sessions", id]),
    };
    fake.send(request)
}
