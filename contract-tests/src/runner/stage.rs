//! The stage of a case: its session at the fake, its doors and its sandbox. All of it goes away with its value.

use std::env;
use std::fs;
use std::sync::Arc;

use crewpass_mock::session::{Session, SessionSpec};
use crewpass_mock::world::World;
use serde_json::Value;

use super::actions::{read_faults, set_clock};
use super::doors::{Doors, PREFIX};
use super::fake::JOURNAL;
use super::fill::Places;
use super::limits::Limits;
use super::{Fake, HarnessError, Options, Sandbox};
use crate::case::Run;
use crate::scenario::{BaseForm, Scenario};
use crate::sight::Sight;
use crate::subject::Told;

/// The stage of a case.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) fake: &'a Fake,
    /// The scenario with the values that it has here.
    pub(super) scenario: Arc<Scenario>,
    pub(super) session: Arc<Session>,
    pub(super) doors: Doors,
    pub(super) sandbox: Sandbox,
    pub(super) places: Places,
    pub(super) key: String,
    /// The name under which `BASE` is told, if not its address.
    host: Option<String>,
    pub(super) limits: Limits,
}

impl<'a> Stage<'a> {
    /// Sets a scenario up.
    pub(super) async fn set(fake: &'a Fake, scenario: Scenario, options: &Options) -> Result<Self, HarnessError> {
        let id = scenario.id.clone();
        let wrong = |problem: String| HarnessError::Scenario { scenario: id.clone(), problem };
        let limits = Limits::of(&scenario, options)?;
        let doors = Doors::opened(fake, &scenario, options).await?;
        let nonce = doors.base.address().port().to_string();
        let within = options.sandboxes.clone().unwrap_or_else(env::temp_dir);
        let sandbox =
            if may_share(options, &doors) { fake.pool.take(&nonce, &within) } else { Sandbox::new(&nonce, &within) };
        let sandbox = sandbox.map_err(HarnessError::while_doing("making the sandbox"))?;
        let places = Places::new(&doors, &sandbox);
        let session = open_session(fake, &scenario, &places, options).map_err(&wrong)?;
        let key = session.live().key_named(Some(&scenario.key)).map(|key| key.reveal().to_owned());
        // From here on the session is closed whatever happens.
        let mut stage = Self {
            fake,
            session,
            doors,
            sandbox,
            places,
            limits,
            key: key.unwrap_or_default(),
            host: options.host_for(&scenario).map(|host| host.name().to_owned()),
            scenario: Arc::new(scenario),
        };
        let scenario = Arc::clone(&stage.scenario);
        if stage.key.is_empty() {
            return Err(wrong(format!("its world has no key named `{}`", scenario.key)));
        }
        set_clock(&stage.session, &scenario.clock).map_err(&wrong)?;
        if stage.doors.base.is_tls() {
            let written = fs::write(stage.sandbox.authority(), fake.ca_pem());
            written.map_err(HarnessError::while_doing("writing the certificate to trust"))?;
        }
        let faults = scenario.faults.iter().map(|fault| stage.places.value(fault)).collect();
        stage.scenario = Arc::new(Scenario { faults, ..Scenario::clone(&scenario) });
        Ok(stage)
    }

    /// Keeps the sandbox for another case, where that is a case in this process, too.
    pub(super) fn strike(&self, options: &Options, runs: &[Run]) {
        if may_share(options, &self.doors) {
            self.fake.pool.give(self.sandbox.clone(), runs);
        }
    }

    /// `BASE` as the scenario has it written.
    pub(super) fn base(&self) -> String {
        let base = self.doors.base.base();
        match self.scenario.base {
            BaseForm::Plain => base,
            BaseForm::TrailingSlash => base + "/",
            BaseForm::Prefix => base + PREFIX,
            BaseForm::Named => self.named_host().map_or(base, |host| format!("http://{host}")),
        }
    }

    /// The host and port of `BASE`, where it is told by a name.
    fn named_host(&self) -> Option<String> {
        self.host.as_ref().map(|host| format!("{host}:{}", self.doors.base.address().port()))
    }

    /// What the client is told.
    pub(super) fn told(&self) -> Told {
        let mut link_hosts = vec![self.doors.base.address().to_string()];
        link_hosts.extend(self.named_host());
        let second = self.doors.second.as_ref().filter(|_| self.scenario.second_is_ours);
        link_hosts.extend(second.map(|door| door.address().to_string()));
        Told {
            base: self.base(),
            key: self.key.clone(),
            crew_id: self.scenario.crew_id.clone(),
            out_dir: self.sandbox.out(),
            home: self.sandbox.home(),
            temporary: self.sandbox.temporary(),
            authority: self.doors.base.is_tls().then(|| self.sandbox.authority()),
            link_hosts,
            deadline: self.limits.told,
            sandbox: self.sandbox.root().to_owned(),
        }
    }
}

/// Whether a case may have the sandbox of an earlier one: a client in this process leaves no process behind that works
/// there, and without TLS no certificate lies in it.
fn may_share(options: &Options, doors: &Doors) -> bool {
    options.subject.sight() == Sight::InProcess && !doors.base.is_tls()
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        self.fake.server.close_session(&self.session.id);
    }
}

fn open_session(fake: &Fake, scenario: &Scenario, places: &Places, options: &Options) -> Result<Arc<Session>, String> {
    let world = world(&scenario.world, places, options)?;
    let mut spec = SessionSpec { journal: JOURNAL, key_salt: Some(Arc::clone(&fake.salt)), ..SessionSpec::of(world) };
    for (name, value) in &scenario.policies {
        spec.policies.set(name, value).map_err(|error| error.to_string())?;
    }
    spec.faults.extend(read_faults(&scenario.faults, places)?);
    fake.server.open_session(spec).map_err(|error| error.to_string())
}

fn world(wanted: &Value, places: &Places, options: &Options) -> Result<Arc<World>, String> {
    let (name, text) = match wanted {
        Value::String(name) => match options.worlds.get(name) {
            Some(text) => (name.as_str(), places.text(text)),
            None if name == "starter" => return Ok(World::starter()),
            None => return Err(format!("there is no world `{name}`")),
        },
        whole => ("world", places.value(whole).to_string()),
    };
    World::parse(&text, name, None).map(Arc::new).map_err(|error| error.to_string())
}
