//! Plays a case of property mode: the gate is the sender, and sends again what was not taken.

use std::sync::Arc;
use std::time::Duration;

use crewpass_mock::{Reach, Store};

use super::delivery::{Delivery, Event, UPDATED};
use super::fake::Fake;
use super::run_all::Options;
use super::scenario_run::ScenarioRun;
use super::script_order::at_once;
use crate::client::run::HarnessError;
use crate::receiver::facts::{ScenarioFacts, Sent, Start};
use crate::receiver::order::{OrderCase, Step};
use crate::receiver::scenario::Scenario;
use crate::sender::ATTEMPTS;

/// The time between two attempts.
const BETWEEN: Duration = Duration::from_secs(1);

/// How many seconds ago the first event of a person happened.
const FIRST: i64 = 240;

/// The seconds between two events of a person.
const BETWEEN_EVENTS: i64 = 10;

/// The time limits of the final state: without an outage, and with one.
const FINAL: [Duration; 2] = [Duration::from_secs(30), Duration::from_mins(1)];

/// The same where a wrong verdict does no harm.
const QUICK: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(20)];

/// What a receiver did in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayedOrder {
    /// What is wrong, one line each; empty if nothing is.
    pub wrong: Vec<String>,
    /// The requests with their answers, one line each.
    pub requests: Vec<String>,
    /// The start of the receiver.
    pub start: Start,
    /// Is true if the receiver saved anything.
    pub has_saved: bool,
    /// The last line that it printed.
    pub printed: String,
}

/// The events of a person, the oldest first.
struct Person {
    events: Vec<Event>,
}

/// Plays a case. With `is_quick` the final state is not waited for as long, so that a slow receiver may fail.
///
/// # Errors
/// The command can't be started, or the gate itself failed.
pub(in crate::receiver) async fn play_order(
    fake: Arc<Fake>,
    case: &OrderCase,
    options: &Options,
    is_quick: bool,
) -> Result<PlayedOrder, HarnessError> {
    let mut run = ScenarioRun::set_up(fake, Scenario::Order, options).await?;
    let mut people: Vec<Person> =
        (0..case.people).map(|_| Person { events: vec![Event { since: FIRST, ..run.single_event() }] }).collect();
    let mut last = Vec::new();
    if run.is_ready() {
        deliver(&mut run, case, &mut people).await?;
        last = final_places(&mut run, &people);
        let limits = if is_quick { QUICK } else { FINAL };
        let has_outage = case.steps.contains(&Step::Down);
        run.wait_for_effects(&last, limits[usize::from(has_outage)]).await;
    }
    let facts = run.finish().await?;
    Ok(outcome(facts, &last))
}

async fn deliver(run: &mut ScenarioRun, case: &OrderCase, people: &mut [Person]) -> Result<(), HarnessError> {
    let mut untaken: Vec<Event> = Vec::new();
    for step in &case.steps {
        match *step {
            Step::Upload { person } => upload(run, &mut people[person - 1])?,
            Step::Deliver { person, version, copies } => {
                let event = &people[person - 1].events[version];
                let what = format!("{copies} of version {version} of person {person}");
                if !send(run, event, copies, &what).await {
                    untaken.push(event.clone());
                }
            }
            Step::Down => set_store(run, Reach::Down),
            Step::Up => set_store(run, Reach::Up),
        }
    }
    set_store(run, Reach::Up);
    for _ in 1..ATTEMPTS {
        if untaken.is_empty() {
            break;
        }
        let mut left = Vec::new();
        for event in untaken {
            if !send(run, &event, 1, &format!("1 again for {}", event.person)).await {
                left.push(event);
            }
        }
        untaken = left;
        if !untaken.is_empty() {
            run.monitor().sleep(BETWEEN).await;
        }
    }
    Ok(())
}

/// Sends copies of an event at once. Returns false if the sender sends it again.
async fn send(run: &mut ScenarioRun, event: &Event, copies: usize, what: &str) -> bool {
    let deliveries: Vec<Delivery> = (0..copies).map(|_| event.signed(&run.secret)).collect();
    let answers = at_once(run, &deliveries).await;
    let mut is_taken = false;
    for (delivery, answer) in deliveries.iter().zip(answers) {
        let place = run.record("order", what, std::slice::from_ref(&event.person), delivery, answer);
        is_taken |= !run.answer(place).is_sent_again();
    }
    is_taken
}

fn set_store(run: &ScenarioRun, reach: Reach) {
    run.session.set_store(Store { link: reach, file: reach });
}

fn upload(run: &mut ScenarioRun, person: &mut Person) -> Result<(), HarnessError> {
    let Some(newest) = person.events.last() else { return Ok(()) };
    let document = run.replace_document(newest)?;
    let (id, since) = (run.event_id(), newest.since - BETWEEN_EVENTS);
    person.events.push(Event { id, kind: UPDATED.to_owned(), document, since, ..newest.clone() });
    Ok(())
}

/// Returns the place of the last request about each person.
fn final_places(run: &mut ScenarioRun, people: &[Person]) -> Vec<usize> {
    people.iter().filter_map(|person| run.last_about(&person.events.first()?.person)).collect()
}

fn outcome(facts: ScenarioFacts, last: &[usize]) -> PlayedOrder {
    let mut wrong = Vec::new();
    for (number, sent) in last.iter().filter_map(|place| facts.sent.get(*place)).enumerate() {
        wrong.extend(wrong_at_end(number + 1, sent));
    }
    wrong.extend(facts.leaks.iter().cloned());
    let line = |sent: &Sent| format!("#{} {} -> {}", sent.seq, sent.what, sent.answer.text());
    let requests = facts.sent.iter().map(line).collect();
    PlayedOrder { wrong, requests, start: facts.start, has_saved: facts.has_saved, printed: facts.printed }
}

/// Returns what is wrong about a person's documents at the end.
fn wrong_at_end(person: usize, sent: &Sent) -> Option<String> {
    match sent.at_end.copies {
        0 => Some(format!("person {person}: the newest version is not in OUT_DIR")),
        1 => None,
        copies => Some(format!("person {person}: {copies} copies of the newest version in OUT_DIR")),
    }
}
