//! A run: it listens, causes events in each situation, and lets time pass by the lever or by waiting.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::check::ATTEMPTS;
use super::listener::{Listener, State};
use super::options::{Options, SenderError};
use super::seen::Seen;
use super::situation::Situation;
use crate::client::witness::Monitor;
use crate::requirement::Change;
use crate::server::{Expectation, LeverAction, LeverDriver, READ};

/// The longest wait for one more attempt, in seconds on the clock of the sender.
const LONGEST_WAIT: f64 = 3.0 * 24.0 * 3_600.0;
/// The time that passes behind the last attempt, in seconds, beside a multiple of the last wait.
const REST: f64 = 7.0 * 24.0 * 3_600.0;
/// The shortest move of the clock, in seconds.
const SHORTEST_STEP: f64 = 4.0;
/// The types of events that the gate asks for if it names the callback itself.
const EVENTS: [&str; 3] = ["crew.document.processed", "crew.document.updated", "crew.status.changed"];

/// The state of a run.
struct Run<'a> {
    expect: &'a Expectation,
    options: &'a Options,
    driver: LeverDriver<'a>,
    listener: Listener,
    monitor: Monitor,
    url: String,
    /// The real time that may still be waited.
    left: Duration,
    /// The number of changes of a person so far, and of the document.
    turns: (usize, usize),
    seen: Seen<'a>,
}

/// Judges a sender: causes events by levers, and observes what it delivers. `listening` gets the address.
///
/// # Errors
/// A sender that can't be judged at all: nothing causes an event, or nothing is delivered.
pub async fn run<'a>(
    expect: &'a Expectation,
    options: &'a Options,
    listening: impl FnOnce(SocketAddr),
) -> Result<Seen<'a>, SenderError> {
    let driver = LeverDriver::new(options.control.as_deref(), &expect.levers);
    let (crew, document, status) = subject(expect).ok_or(SenderError::Nobody)?;
    if !driver.has(LeverAction::Event { crew, document, status }) {
        return Err(SenderError::NoLever);
    }
    let has_clock = driver.has(LeverAction::Clock(""));
    let listener = Listener::start(options.listen, has_clock, options.silence).await;
    let listener = listener.map_err(|why| SenderError::Listen { address: options.listen, why })?;
    listening(listener.address);
    let url = options.url.clone().unwrap_or_else(|| format!("http://{}/", listener.address));
    let monitor = Monitor::start().map_err(SenderError::System)?;
    let left = options.wait.unwrap_or_default();
    let seen = Seen {
        expect,
        secret: options.secret.clone(),
        events: expect.webhooks.as_ref().and_then(|known| known.events.clone()),
        attempts: Vec::new(),
        followed: Vec::new(),
        caused: Vec::new(),
        silent_about: [None, None],
        waited: 0.0,
        rested: 0.0,
        dead_letters: None,
        stuck: Vec::new(),
        is_flooded: false,
    };
    let mut run = Run { expect, options, driver, listener, monitor, url, left, turns: (0, 0), seen };
    run.name_callback().await?;
    run.cause_nothing(crew).await;
    for situation in Situation::AT_ONCE {
        run.cause(situation, (crew, document, status)).await?;
    }
    if (has_clock || options.wait.is_some()) && options.needs(&[Change::Clock, Change::DeadLetters, Change::Redeliver])
    {
        for situation in Situation::WITH_TIME {
            run.cause(situation, (crew, document, status)).await?;
        }
        run.let_time_pass(has_clock).await;
    }
    run.pull("reset", LeverAction::Reset).await;
    Ok(run.finish())
}

/// Returns a person about whom document events come, with a document and its status.
fn subject(expect: &Expectation) -> Option<(&str, &str, &str)> {
    let mut people = expect.crew.iter().filter(|(_, person)| person.fleet && person.consents(READ) != Some(false));
    people.find_map(|(id, person)| {
        let document = person.documents.as_ref()?.first()?;
        let status = document.verification_status.clone().flatten();
        let is_verified = status.as_deref() == Some("verified");
        Some((id.as_str(), document.document_id.as_str(), if is_verified { "verified" } else { "rejected" }))
    })
}

impl<'a> Run<'a> {
    /// Names the callback, if there is a lever for it.
    async fn name_callback(&mut self) -> Result<(), SenderError> {
        let events = self.seen.events.clone().unwrap_or_else(|| EVENTS.map(str::to_owned).to_vec());
        if self.options.control.is_some() {
            self.seen.events = Some(events.clone());
        }
        let action = LeverAction::Callback { url: &self.url, secret: &self.options.secret, events: &events };
        let named = self.driver.pull(action).await;
        named.map(drop).map_err(|why| SenderError::Lever { name: "callback", why })
    }

    /// Makes the changes that should bring no delivery.
    async fn cause_nothing(&mut self, crew: &'a str) {
        let about_people = self.options.needs(&[Change::PersonEvent]);
        let expect = self.expect;
        self.enter(Situation::OtherType);
        if about_people && self.has_person_event(false) && self.person_event(crew).await {
            self.seen.caused.push(Situation::OtherType);
        }
        self.enter(Situation::OffFleet);
        let off_fleet = expect.crew.iter().find(|(_, person)| !person.fleet);
        if let Some((id, _)) = off_fleet.filter(|_| about_people && self.has_person_event(true))
            && self.person_event(id).await
        {
            self.seen.silent_about[1] = Some(id.clone());
        }
        self.enter(Situation::NoConsent);
        let closed = expect.crew.iter().find_map(|(id, person)| {
            let document = person.documents.as_ref()?.first()?;
            (person.fleet && person.consents(READ) == Some(false)).then_some((id, &document.document_id))
        });
        if let Some((crew, document)) = closed {
            let changes = ["rejected", "verified"].map(|status| LeverAction::Event { crew, document, status });
            if self.driver.has_for_anybody(changes[0])
                && self.pull("event", changes[0]).await.is_some()
                && self.pull("event", changes[1]).await.is_some()
            {
                self.seen.silent_about[0] = Some(crew.clone());
            }
        }
        self.monitor.sleep(self.options.settle).await;
    }

    fn has_person_event(&self, of_anybody: bool) -> bool {
        let action = LeverAction::PersonEvent { crew: "", turn: 0 };
        if of_anybody { self.driver.has_for_anybody(action) } else { self.driver.has(action) }
    }

    async fn person_event(&mut self, crew: &str) -> bool {
        self.turns.0 += 1;
        self.pull("person_event", LeverAction::PersonEvent { crew, turn: self.turns.0 }).await.is_some()
    }

    /// Causes one event in a situation, and waits until it arrived and the sender has the answer.
    async fn cause(&mut self, situation: Situation, about: (&str, &str, &str)) -> Result<(), SenderError> {
        if self.listener.record.lock().is_flooded {
            return Ok(());
        }
        let (crew, document, first) = about;
        self.enter(situation);
        let is_rejection = self.turns.1.is_multiple_of(2) == (first == "verified");
        self.turns.1 += 1;
        let status = if is_rejection { "rejected" } else { "verified" };
        if self.pull("event", LeverAction::Event { crew, document, status }).await.is_none() {
            return match self.seen.stuck.pop() {
                Some((name, why)) if situation == Situation::Taken => Err(SenderError::Lever { name, why }),
                stuck => {
                    self.seen.stuck.extend(stuck);
                    Ok(())
                }
            };
        }
        self.seen.caused.push(situation);
        // After a flood, nothing more is kept.
        let is_over = |state: &State| (state.events(situation) > 0 && state.open == 0) || state.is_flooded;
        let arrived = self.wait_until(self.options.arrival, is_over).await;
        if !arrived && self.listener.record.lock().attempts.is_empty() {
            let seconds = self.options.arrival.as_secs();
            return Err(SenderError::Silent { url: self.url.clone(), seconds });
        }
        Ok(())
    }

    /// Lets time pass until the failing event has had all its attempts, and then long enough for one too many.
    async fn let_time_pass(&mut self, has_clock: bool) {
        self.enter(Situation::Waiting);
        let (mut last_wait, mut waited, mut last_at) = (0.0_f64, 0.0_f64, self.seen.waited);
        let mut attempts = self.listener.record.lock().count(Situation::Failing);
        let mut letters_before = String::new();
        while (1..ATTEMPTS).contains(&attempts) && waited < LONGEST_WAIT {
            let step = (last_wait / 4.0).max(waited / 4.0).max(SHORTEST_STEP).ceil();
            if !self.advance(step, has_clock, |state| state.count(Situation::Failing) > attempts).await {
                return;
            }
            waited = self.seen.waited - last_at;
            let found = self.listener.record.lock().count(Situation::Failing);
            if found > attempts {
                (last_wait, waited, last_at, attempts) = (waited, 0.0, self.seen.waited, found);
            }
            if found == ATTEMPTS - 1 && letters_before.is_empty() {
                let letters = self.dead_letters().await.unwrap_or_default();
                // If the last attempt came meanwhile, the event may have been a dead letter with good reason.
                let is_before = self.listener.record.lock().count(Situation::Failing) == found;
                letters_before = if is_before { letters } else { String::new() };
            }
        }
        // What waited in vain for an answer is due by now, and so is what comes once too often.
        self.wait_until(self.options.silence, |state| state.silent == 0).await;
        let rest = if has_clock { REST } else { 0.0 };
        let before = self.seen.waited;
        self.advance(last_wait * 4.0 + rest, has_clock, |_| false).await;
        self.seen.rested = self.seen.waited - before;
        self.wait_until(self.options.settle * 3, |_| false).await;
        if let Some(letters) = self.dead_letters().await {
            self.seen.dead_letters = Some([letters_before, letters]);
        }
        self.send_again(attempts).await;
    }

    /// Sends the dead letters again by hand, and waits for that of the failing event.
    async fn send_again(&mut self, attempts: usize) {
        if self.options.needs(&[Change::Redeliver]) && self.driver.has(LeverAction::Redeliver) {
            self.enter(Situation::Redelivered);
            if self.pull("redeliver", LeverAction::Redeliver).await.is_some() {
                self.seen.caused.push(Situation::Redelivered);
                let is_back = |state: &State| state.count(Situation::Failing) > attempts;
                self.wait_until(self.options.arrival.min(self.options.settle * 10), is_back).await;
            }
        }
    }

    /// Returns the event ids of the dead letters, if they can be listed and are judged.
    async fn dead_letters(&mut self) -> Option<String> {
        let is_wanted = self.options.needs(&[Change::DeadLetters]) && self.driver.has(LeverAction::DeadLetters);
        if is_wanted { self.pull("dead_letters", LeverAction::DeadLetters).await } else { None }
    }

    /// Lets seconds pass on the clock of the sender, or less if `is_done`. Returns false if no more time can pass.
    async fn advance(&mut self, step: f64, has_clock: bool, is_done: impl Fn(&State) -> bool) -> bool {
        if self.listener.record.lock().is_flooded {
            return false;
        }
        if !has_clock {
            let real = Duration::from_secs_f64(step).min(self.left);
            let started = Instant::now();
            self.wait_until(real, is_done).await;
            let passed = started.elapsed();
            self.left = self.left.saturating_sub(passed);
            self.seen.waited += passed.as_secs_f64();
            return !self.left.is_zero();
        }
        self.listener.record.lock().moved.1 += step;
        if self.pull("clock", LeverAction::Clock(&format!("{step:.0}s"))).await.is_none() {
            return false;
        }
        self.wait_until(self.options.settle, is_done).await;
        let mut state = self.listener.record.lock();
        state.moved.0 = state.moved.1;
        drop(state);
        self.seen.waited += step;
        true
    }

    /// Waits for at most so long in which the machine gives the gate its turns; returns true once `is_done`.
    async fn wait_until(&self, long: Duration, is_done: impl Fn(&State) -> bool) -> bool {
        let record = &self.listener.record;
        let done = async {
            loop {
                let changed = record.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if is_done(&record.lock()) {
                    return;
                }
                changed.await;
            }
        };
        tokio::select! {
            () = done => true,
            () = self.monitor.sleep(long) => false,
        }
    }

    fn enter(&self, situation: Situation) {
        self.options.steps.begin(situation.title());
        self.listener.record.lock().situation = situation;
    }

    /// Uses a lever, and returns what it printed; keeps the error, if it failed.
    async fn pull(&mut self, name: &'static str, action: LeverAction<'_>) -> Option<String> {
        match self.driver.pull(action).await {
            Ok(printed) => Some(printed),
            Err(why) => {
                self.seen.stuck.push((name, why));
                None
            }
        }
    }

    fn finish(self) -> Seen<'a> {
        let mut state = self.listener.record.lock();
        let (attempts, followed) = (std::mem::take(&mut state.attempts), std::mem::take(&mut state.followed));
        let is_flooded = state.is_flooded;
        drop(state);
        Seen { attempts, followed, is_flooded, ..self.seen }
    }
}
