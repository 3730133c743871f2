//! The run of a scenario: its session at the fake, its sandbox, its receiver, and what was sent so far.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crewpass_mock::{Session, WebhookSecret};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::delivery::{Delivery, Event, PROCESSED};
use super::fake::{Fake, environment, person_id, random_text};
use super::leak::{contains, file_with, last_line};
use super::port::free_port;
use super::run_all::Options;
use super::saved::Saved;
use super::sender::{Connection, Reply, Target};
use super::service::{LOOK, Service, has_passed, ready, within_answer_time};
use crate::client::run::{HarnessError, Sandbox, documents_of};
use crate::client::transport::{ClientEnv, Exec};
use crate::client::witness::{Monitor, Process};
use crate::receiver::facts::{Answer, Effect, ScenarioFacts, Sent, Start};
use crate::receiver::scenario::Scenario;

/// The path of the receiver's endpoint.
pub(super) const PATH: &str = "/hooks/crewpass";

/// The time limit of an effect.
pub(super) const EFFECT: Duration = Duration::from_secs(30);

/// The time limit of an effect after an outage or a restart.
pub(super) const LATE_EFFECT: Duration = Duration::from_mins(1);

/// The time after the last delivery in which a wrong effect would show.
const SETTLE: Duration = Duration::from_millis(500);

/// The run of a scenario.
pub(super) struct ScenarioRun {
    fake: Arc<Fake>,
    pub(super) session: Arc<Session>,
    sandbox: Sandbox,
    exec: Exec,
    env: ClientEnv,
    pub(super) target: Target,
    /// The folder with what the receiver saves, if it can be seen.
    out: Option<PathBuf>,
    /// Is true if the receiver was started by somebody else.
    is_running: bool,
    scenario: Scenario,
    /// The secret that signs deliveries.
    pub(super) secret: WebhookSecret,
    /// The text of the secret; empty where the receiver has none.
    secret_text: String,
    service: Option<Service>,
    start: Start,
    /// What receivers printed that were ended before.
    printed: Vec<Process>,
    saved: Saved,
    /// The hashes of the current documents of people.
    wanted: BTreeMap<String, Vec<String>>,
    sent: Vec<Sent>,
    /// The people of each request.
    people: Vec<Vec<String>>,
    leaks: Vec<String>,
    people_taken: usize,
    events: u64,
    nonce: String,
}

impl ScenarioRun {
    /// Sets a scenario up and starts its receiver.
    pub(super) async fn set_up(fake: Arc<Fake>, scenario: Scenario, options: &Options) -> Result<Self, HarnessError> {
        let running = options.running.as_ref();
        let session = if running.is_some() { fake.server.session() } else { fake.open_session()? };
        let sandbox = Sandbox::new(&env::temp_dir()).map_err(HarnessError::while_doing("making the sandbox"))?;
        let target = match running {
            Some(running) => Target::from(&running.url),
            None => Target::local(free_port().map_err(HarnessError::while_doing("looking for a free port"))?, PATH),
        };
        let out = running.map_or_else(|| Some(sandbox.out()), |running| running.out.clone());
        let nonce = random_text();
        let secret_text = match running {
            Some(running) => running.secret.clone(),
            None if scenario.has_secret() => format!("whsec_{}", random_text()),
            None => String::new(),
        };
        let exec = started_with(&options.exec, &target, scenario, &secret_text);
        let env = environment(&fake, &session, &sandbox);
        let secret = WebhookSecret::new(secret_text.as_str());
        let people_taken = if running.is_some() { fake.people_taken.load(Ordering::Relaxed) } else { 0 };
        let mut run = Self {
            fake,
            session,
            sandbox,
            exec,
            env,
            target,
            out,
            is_running: running.is_some(),
            scenario,
            secret,
            secret_text,
            service: None,
            start: Start::Silent,
            printed: Vec::new(),
            saved: Saved::default(),
            wanted: BTreeMap::new(),
            sent: Vec::new(),
            people: Vec::new(),
            leaks: Vec::new(),
            people_taken,
            events: 0,
            nonce,
        };
        run.start = run.start(scenario == Scenario::Killed).await?;
        Ok(run)
    }

    /// Starts the receiver, and waits until it is ready. If `kill`, its end will be SIGKILL at once.
    pub(super) async fn start(&mut self, kill: bool) -> Result<Start, HarnessError> {
        if self.is_running {
            return Ok(ready(self.target.address, &self.fake.monitor, || false).await);
        }
        let service = Service::start(&self.exec, self.env.clone(), &self.fake.monitor, kill);
        let start = service.ready(self.target.address, &self.fake.monitor).await;
        self.service = Some(service);
        // A command that can't be started is a mistake of the caller, and ends the run.
        if start == Start::Ended {
            self.stop().await?;
        }
        Ok(start)
    }

    /// Ends the receiver.
    pub(super) async fn stop(&mut self) -> Result<(), HarnessError> {
        if let Some(service) = self.service.take() {
            self.printed.push(service.stop().await?);
        }
        Ok(())
    }

    /// Returns true if the receiver takes deliveries.
    pub(super) fn is_ready(&self) -> bool {
        self.start == Start::Ready
    }

    /// Returns a document event about the next person, to whom no event was delivered before.
    pub(super) fn next_event(&mut self) -> Event {
        self.people_taken += 1;
        let number = self.people_taken;
        Event {
            id: self.event_id(),
            kind: PROCESSED.to_owned(),
            person: person_id(number),
            document: format!("doc_{number:03}"),
            version: "1".to_owned(),
            more: String::new(),
            age: 0,
            since: 0,
        }
    }

    /// Returns such an event about a person with one document.
    pub(super) fn single_event(&mut self) -> Event {
        // The first person has two.
        self.people_taken = self.people_taken.max(1);
        self.next_event()
    }

    /// Returns the place of the last request about a person.
    pub(super) fn last_about(&self, person: &str) -> Option<usize> {
        self.people.iter().rposition(|people| people.iter().any(|about| about == person))
    }

    /// Returns the id of another event.
    pub(super) fn event_id(&mut self) -> String {
        self.events += 1;
        format!("evt_{}{:04}", self.nonce, self.events)
    }

    /// Sends a request and records it. Returns its place.
    pub(super) async fn send(&mut self, step: &'static str, what: &str, event: &Event, delivery: Delivery) -> usize {
        let exchanged = exchange(self.target.clone(), delivery.clone(), self.fake.monitor.clone()).await;
        self.record(step, what, std::slice::from_ref(&event.person), &delivery, exchanged)
    }

    /// Sends a valid delivery, waits for its effect, and returns true if it came.
    pub(super) async fn send_valid(
        &mut self,
        step: &'static str,
        what: &str,
        event: &Event,
        delivery: Delivery,
    ) -> bool {
        let place = self.send(step, what, event, delivery).await;
        self.wait_for_effects(&[place], EFFECT).await
    }

    /// Sends a valid delivery, to show that the receiver still works. Returns true if its effect came.
    pub(super) async fn control(&mut self) -> bool {
        let event = self.next_event();
        let delivery = event.signed(&self.secret);
        self.send_valid("control", "the next valid delivery", &event, delivery).await
    }

    /// Returns the monitor of the machine.
    pub(super) fn monitor(&self) -> Monitor {
        self.fake.monitor.clone()
    }

    /// Records a request about these people with its answer. Returns its place.
    pub(super) fn record(
        &mut self,
        step: &'static str,
        what: &str,
        people: &[String],
        delivery: &Delivery,
        (answer, text): Exchanged,
    ) -> usize {
        let right = self.secret.sign(delivery.timestamp.as_deref().unwrap_or_default(), &delivery.body);
        let is_wrong = delivery.signature.as_deref() != Some(right.as_bytes());
        if contains(&text, &self.secret_text) {
            self.leaks.push(format!("the secret is in the answer to {what}"));
        }
        if is_wrong && contains(&text, right.trim_start_matches("v1=")) {
            self.leaks.push(format!("the right signature is in the answer to {what}"));
        }
        let seq = self.sent.len() as u64 + 1;
        let (effect, at_end) = (Effect::default(), Effect::default());
        self.sent.push(Sent { seq, step, what: what.to_owned(), answer, effect, at_end });
        self.people.push(people.to_vec());
        self.sent.len() - 1
    }

    /// Returns the answer to a request.
    pub(super) fn answer(&self, place: usize) -> &Answer {
        &self.sent[place].answer
    }

    /// Waits until the effects of these requests are there. Returns false if the time limit passes before.
    pub(super) async fn wait_for_effects(&mut self, places: &[usize], limit: Duration) -> bool {
        // Where nothing can be seen, nothing is waited for.
        let Some(out) = self.out.clone() else { return false };
        let watch = self.fake.monitor.watch(None);
        let begun = Instant::now();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            // Looked at before the files: what a receiver saved before its end counts.
            let has_ended = !self.is_running && self.service.as_ref().is_none_or(Service::is_over);
            let is_over = has_ended || has_passed(begun.elapsed(), limit, &watch);
            self.saved.look(&out);
            let mut all = true;
            for &place in places {
                let effect = self.effect_on(place).await;
                all &= effect.is_whole();
                self.sent[place].effect = effect;
            }
            if all || is_over {
                return all;
            }
        }
    }

    /// Replaces the document of an event by a new version, and returns the id of that.
    pub(super) fn replace_document(&mut self, event: &Event) -> Result<String, HarnessError> {
        let bytes = format!("the version after {}, {}\n", event.document, self.event_id());
        let replaced = self.session.reupload(&event.person, &event.document, bytes.into_bytes());
        // What was current before is not any more.
        self.wanted.remove(&event.person);
        replaced.map_err(|error| HarnessError::Fake(error.to_string()))
    }

    /// Returns the effect of a request as the folder was last looked at.
    async fn effect_on(&mut self, place: usize) -> Effect {
        let mut effect = Effect::default();
        for person in self.people[place].clone() {
            if !self.wanted.contains_key(&person) {
                // A document that can't be read is one that is never found.
                let documents = documents_of(&self.session, &person).await.unwrap_or_default();
                self.wanted.insert(person.clone(), documents.into_iter().map(|one| one.sha256).collect());
            }
            for hash in &self.wanted[&person] {
                let copies = self.saved.copies(hash);
                effect.wanted += 1;
                effect.found += usize::from(copies > 0);
                effect.copies = effect.copies.max(copies);
            }
        }
        effect
    }

    /// Ends the scenario, and returns its facts.
    pub(super) async fn finish(mut self) -> Result<ScenarioFacts, HarnessError> {
        if self.service.is_some() || self.is_running {
            self.fake.monitor.sleep(SETTLE).await;
        }
        self.stop().await?;
        self.fake.people_taken.store(self.people_taken, Ordering::Relaxed);
        if let Some(out) = &self.out {
            self.saved.look(out);
        }
        for place in 0..self.sent.len() {
            self.sent[place].at_end = self.effect_on(place).await;
        }
        let is_printed = |bytes: &[u8]| contains(bytes, &self.secret_text);
        if self.printed.iter().any(|process| is_printed(&process.stdout) || is_printed(&process.stderr)) {
            self.leaks.push("the secret is in what the receiver printed".to_owned());
        }
        // The folder of a receiver that runs already belongs to its owner.
        if !self.is_running
            && let Some(file) = file_with(self.sandbox.root(), &self.secret_text)
        {
            self.leaks.push(format!("the secret is in the file {}", file.rsplit('/').next().unwrap_or_default()));
        }
        let (root, port) = (self.sandbox.root().display().to_string(), self.target.address.port().to_string());
        let hidden = [
            (self.secret_text.as_str(), "{secret}"),
            (&self.env.key, "{key}"),
            (&root, "{sandbox}"),
            (&port, "{port}"),
        ];
        let printed = self.printed.last().map(|process| last_line(&process.stdout, &process.stderr, &hidden));
        Ok(ScenarioFacts {
            scenario: self.scenario,
            start: self.start,
            sent: std::mem::take(&mut self.sent),
            leaks: std::mem::take(&mut self.leaks),
            has_saved: !self.saved.is_empty(),
            printed: printed.unwrap_or_default(),
        })
    }
}

/// Returns the command with its port, path and secret.
fn started_with(exec: &Exec, target: &Target, scenario: Scenario, secret_text: &str) -> Exec {
    let mut exec = exec.clone();
    exec.env.insert("PORT".to_owned(), target.address.port().to_string());
    exec.env.insert("WEBHOOK_PATH".to_owned(), PATH.to_owned());
    exec.env.remove("WEBHOOK_SECRET");
    if scenario != Scenario::SecretUnset {
        exec.env.insert("WEBHOOK_SECRET".to_owned(), secret_text.to_owned());
    }
    exec
}

impl Drop for ScenarioRun {
    fn drop(&mut self) {
        self.fake.server.close_session(self.session.id());
    }
}

/// The answer to a request, with its text.
pub(super) type Exchanged = (Answer, Vec<u8>);

/// Sends a request on a separate connection.
pub(super) async fn exchange(target: Target, delivery: Delivery, monitor: Monitor) -> Exchanged {
    let sending = async {
        let mut connection = Connection::open(&target, delivery.lower_case).await?;
        connection.send(&target, &delivery).await
    };
    let reply = within_answer_time(&monitor, sending).await;
    answer_of(reply)
}

/// Returns what a reply is to the sender.
pub(super) fn answer_of(reply: Option<std::io::Result<Reply>>) -> Exchanged {
    match reply {
        Some(Ok(reply)) => (Answer::Status(reply.status), reply.text),
        Some(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            (Answer::Failed("the connection was refused".to_owned()), Vec::new())
        }
        Some(Err(error)) => (Answer::Failed(error.to_string()), Vec::new()),
        None => (Answer::Late, Vec::new()),
    }
}
