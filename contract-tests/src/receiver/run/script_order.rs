//! Deliveries that come twice, out of order, all at once, during an outage, and before a restart.

use std::time::Duration;

use crewpass_mock::{Reach, Store};
use tokio::task::JoinSet;

use super::delivery::{Delivery, Event, UPDATED};
use super::scenario_run::{EFFECT, Exchanged, LATE_EFFECT, ScenarioRun, exchange};
use crate::client::run::HarnessError;
use crate::sender::ATTEMPTS;

/// The number of deliveries at once.
const BURST: usize = 50;

/// The time between two attempts. The sender waits longer; a receiver has no use for more.
const BETWEEN: Duration = Duration::from_secs(1);

/// Sends the same event twice: one after the other, and at once.
pub(super) async fn twice(run: &mut ScenarioRun) {
    let event = run.next_event();
    let delivery = event.signed(&run.secret);
    if run.send_valid("first", "a valid delivery", &event, delivery).await {
        for attempt in 1..=3 {
            let again = event.signed(&run.secret);
            let place = run.send("again", "the same event again", &event, again).await;
            // It may still be busy with the first one for a moment after the effect.
            if !run.answer(place).is_busy() || attempt == 3 {
                break;
            }
            run.monitor().sleep(BETWEEN).await;
        }
    }
    let event = run.next_event();
    let both = [event.signed(&run.secret), event.signed(&run.secret)];
    let answers = at_once(run, &both).await;
    let mut places = Vec::new();
    for (delivery, answer) in both.iter().zip(answers) {
        let what = "one of two deliveries of an event at once";
        places.push(run.record("at-once", what, std::slice::from_ref(&event.person), delivery, answer));
    }
    run.wait_for_effects(&places, EFFECT).await;
    run.control().await;
}

/// Sends deliveries at once, each on a separate connection. Returns the answers in the order of the deliveries.
pub(super) async fn at_once(run: &ScenarioRun, deliveries: &[Delivery]) -> Vec<Exchanged> {
    let mut sending = JoinSet::new();
    for (place, delivery) in deliveries.iter().cloned().enumerate() {
        let (target, monitor) = (run.target.clone(), run.monitor());
        sending.spawn(async move { (place, exchange(target, delivery, monitor).await) });
    }
    let mut answers = sending.join_all().await;
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// How many seconds before the newer event the older one happened.
const EARLIER: i64 = 120;

/// Sends an event about a version that has been replaced, after the event about the version that replaced it.
pub(super) async fn order(run: &mut ScenarioRun) -> Result<(), HarnessError> {
    let older = Event { since: EARLIER, ..run.next_event() };
    let document = run.replace_document(&older)?;
    let newer = Event { id: run.event_id(), kind: UPDATED.to_owned(), document, since: 0, ..older.clone() };
    let delivery = newer.signed(&run.secret);
    if run.send_valid("newer", "the event about the current version", &newer, delivery).await {
        let late = older.signed(&run.secret);
        run.send("older", "the older event about the version before it", &older, late).await;
        let other = Event { since: EARLIER, ..run.next_event() };
        let delivery = other.signed(&run.secret);
        run.send_valid("other", "an event about another person, as old as that", &other, delivery).await;
    }
    run.control().await;
    Ok(())
}

/// Sends many deliveries at once, and again those that the receiver did not take.
pub(super) async fn burst(run: &mut ScenarioRun) {
    let events: Vec<Event> = (0..BURST).map(|_| run.next_event()).collect();
    let mut left: Vec<&Event> = events.iter().collect();
    let mut places = Vec::new();
    for attempt in 0..ATTEMPTS {
        let deliveries: Vec<_> = left.iter().map(|event| event.signed(&run.secret)).collect();
        let answers = at_once(run, &deliveries).await;
        let (step, what) = match attempt {
            0 => ("burst", "one of 50 deliveries at once"),
            _ => ("redelivery", "a delivery that is sent again"),
        };
        let mut busy = Vec::new();
        for ((event, delivery), answer) in left.iter().zip(&deliveries).zip(answers) {
            let place = run.record(step, what, std::slice::from_ref(&event.person), delivery, answer);
            if run.answer(place).is_busy() {
                busy.push(*event);
            }
            if attempt == 0 {
                places.push(place);
            }
        }
        left = busy;
        if left.is_empty() {
            break;
        }
        run.monitor().sleep(BETWEEN).await;
    }
    run.wait_for_effects(&places, BURST_EFFECT).await;
}

/// The time limit of the effects of a burst: a receiver may handle one event after another.
const BURST_EFFECT: Duration = Duration::from_mins(3);

/// The time from the answer to an event to the end of the outage in which it came.
const OUTAGE: Duration = Duration::from_secs(10);

/// Makes links and files unavailable, or available.
fn set_store(run: &ScenarioRun, reach: Reach) {
    run.session.set_store(Store { link: reach, file: reach });
}

/// Sends an event that can't be handled, since the API answers 503.
pub(super) async fn outage(run: &mut ScenarioRun) {
    set_store(run, Reach::Down);
    let event = run.next_event();
    let delivery = event.signed(&run.secret);
    let place = run.send("during", "a valid delivery while the API answers 503", &event, delivery).await;
    if run.answer(place).is_success() {
        // A worker meets the outage more than once.
        run.monitor().sleep(OUTAGE).await;
        set_store(run, Reach::Up);
        run.wait_for_effects(&[place], LATE_EFFECT).await;
        return;
    }
    set_store(run, Reach::Up);
    if run.answer(place).is_sent_again() {
        let again = event.signed(&run.secret);
        run.send_valid("again", "the same event again, after the outage", &event, again).await;
    }
}

/// Kills the receiver after it took an event whose documents it could not get yet.
pub(super) async fn killed(run: &mut ScenarioRun) -> Result<(), HarnessError> {
    set_store(run, Reach::Down);
    let event = run.next_event();
    let delivery = event.signed(&run.secret);
    let place = run.send("before", "a valid delivery while the API answers 503", &event, delivery).await;
    if run.answer(place).is_success() {
        run.stop().await?;
        set_store(run, Reach::Up);
        run.start(false).await?;
        run.wait_for_effects(&[place], LATE_EFFECT).await;
    }
    Ok(())
}
