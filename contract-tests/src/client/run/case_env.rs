//! The environment of a case: its session at the fake, its listeners and its sandbox. Dropping the value removes them.

use std::env;
use std::fs;
use std::sync::Arc;

use crewpass_diagnostics::read_yaml;
use crewpass_mock::{Session, SessionSpec, World};
use memchr::memmem;
use serde_json::Value;

use super::actions::{read_faults, set_clock};
use super::fake::JOURNAL;
use super::limits::Limits;
use super::listeners::{CaseListeners, PREFIX};
use super::placeholders::{CANARY, Placeholders};
use super::{Fake, HarnessError, Options, Sandbox};
use crate::client::case::{Case, Run};
use crate::client::observability::Observability;
use crate::client::scenario::{BaseForm, Scenario, with_one_person};
use crate::client::transport::ClientEnv;

/// The environment of a case.
#[derive(Debug)]
pub(super) struct CaseEnv<'a> {
    pub(super) fake: &'a Fake,
    /// The scenario with the values that it has here.
    pub(super) scenario: Arc<Scenario>,
    pub(super) session: Arc<Session>,
    pub(super) listeners: Arc<CaseListeners>,
    pub(super) sandbox: Sandbox,
    pub(super) placeholders: Placeholders,
    pub(super) key: String,
    /// The host name in `BASE`, if it is not the address.
    host: Option<String>,
    pub(super) limits: Limits,
}

impl<'a> CaseEnv<'a> {
    /// Sets a scenario up.
    pub(super) async fn set_up(fake: &'a Fake, scenario: Scenario, options: &Options) -> Result<Self, HarnessError> {
        let id = scenario.id.clone();
        let wrong = |problem: String| HarnessError::Scenario { scenario: id.clone(), problem };
        let limits = Limits::new(&scenario, options)?;
        let listeners = Arc::new(CaseListeners::opened(fake, &scenario, options).await?);
        let within = options.sandboxes.clone().unwrap_or_else(env::temp_dir);
        let may_share = may_share(&scenario, options, &listeners);
        let sandbox = if may_share { fake.pool.take(&within) } else { Sandbox::new(&within) };
        let sandbox = sandbox.map_err(HarnessError::while_doing("making the sandbox"))?;
        if leads_to(&scenario, options, CANARY) {
            let nonce = listeners.base.address().port().to_string();
            sandbox.plant_canary(&nonce).map_err(HarnessError::while_doing("planting the canary"))?;
        }
        let placeholders = Placeholders::new(&listeners, &sandbox);
        let session = open_session(fake, &scenario, &placeholders, options).map_err(&wrong)?;
        let key = session.key(&scenario.key);
        // From here on the session is closed whatever happens.
        let mut case_env = Self {
            fake,
            session,
            listeners,
            sandbox,
            placeholders,
            limits,
            key: key.unwrap_or_default(),
            host: options.host_for(&scenario).map(|host| host.name().to_owned()),
            scenario: Arc::new(scenario),
        };
        let scenario = Arc::clone(&case_env.scenario);
        if case_env.key.is_empty() {
            return Err(wrong(format!("its world has no key named `{}`", scenario.key)));
        }
        set_clock(&case_env.session, &scenario.clock).map_err(&wrong)?;
        if case_env.listeners.base.is_tls() {
            let written = fs::write(case_env.sandbox.authority(), fake.ca_pem());
            written.map_err(HarnessError::while_doing("writing the certificate to trust"))?;
        }
        let faults = scenario.faults.iter().map(|fault| case_env.placeholders.value(fault)).collect();
        case_env.scenario = Arc::new(Scenario { faults, ..Scenario::clone(&scenario) });
        Ok(case_env)
    }

    /// Keeps the sandbox for another case, where that is a case in this process, too.
    pub(super) fn tear_down(&self, options: &Options, runs: &[Run]) {
        if may_share(&self.scenario, options, &self.listeners) {
            self.fake.pool.give(self.sandbox.clone(), runs);
        }
    }

    /// Returns `BASE` in the form that the scenario wants.
    pub(super) fn base(&self) -> String {
        let base = self.listeners.base.base();
        match self.scenario.base {
            BaseForm::Plain => base,
            BaseForm::TrailingSlash => base + "/",
            BaseForm::Prefix => base + PREFIX,
            BaseForm::Unreachable | BaseForm::Mute => self.silent_base().unwrap_or(base),
            BaseForm::Named => self.named_host().map_or(base, |host| format!("http://{host}")),
        }
    }

    /// Returns the origin that never answers, with the scheme of `BASE`.
    fn silent_base(&self) -> Option<String> {
        let scheme = if self.listeners.base.is_tls() { "https" } else { "http" };
        self.listeners.silent.as_ref().map(|origin| format!("{scheme}://{}", origin.address()))
    }

    /// Returns the origin that files come from and that no connection reaches.
    pub(super) fn unreachable(&self) -> Option<String> {
        self.listeners.silent.as_ref().map(|origin| origin.address().to_string())
    }

    /// Returns the host and port of `BASE`, if it has a host name.
    fn named_host(&self) -> Option<String> {
        self.host.as_ref().map(|host| format!("{host}:{}", self.listeners.base.address().port()))
    }

    /// Returns the case with its runs, as one that is seen on the wire only.
    pub(super) fn case(&self, runs: Vec<Run>) -> Case {
        Case {
            scenario: Arc::clone(&self.scenario),
            variant: None,
            crew_id: self.scenario.crew_id.clone(),
            key: self.key.clone(),
            base: self.base(),
            out_dir: Sandbox::out_from_root(),
            deadline: self.limits.deadline,
            client_deadline: self.limits.env,
            unreachable: self.unreachable(),
            exit_classes: false,
            observability: Observability::Wire,
            runs,
        }
    }

    /// Returns the environment that the client gets.
    pub(super) fn client_env(&self) -> ClientEnv {
        let mut link_hosts = vec![self.listeners.base.address().to_string()];
        link_hosts.extend(self.named_host());
        link_hosts.extend(self.unreachable());
        let second = self.listeners.second.as_ref().filter(|_| self.scenario.second_is_ours);
        link_hosts.extend(second.map(|listener| listener.address().to_string()));
        ClientEnv {
            base: self.base(),
            key: self.key.clone(),
            task: self.scenario.task,
            crew_id: self.scenario.crew_id.clone(),
            out_dir: self.sandbox.out(),
            home: self.sandbox.home(),
            temporary: self.sandbox.temporary(),
            authority: self.listeners.base.is_tls().then(|| self.sandbox.authority()),
            link_hosts,
            deadline: self.limits.env,
            sandbox: self.sandbox.root().to_owned(),
        }
    }
}

/// Returns true if a case may have the sandbox of an earlier one: a client in this process leaves no process behind
/// that works there, and neither a certificate nor a trap is in it.
fn may_share(scenario: &Scenario, options: &Options, listeners: &CaseListeners) -> bool {
    let has_traps = !scenario.traps.is_empty() || leads_to(scenario, options, CANARY);
    options.subject.observability() == Observability::InProcess && !listeners.base.is_tls() && !has_traps
}

/// Returns true if a scenario or its world contains a placeholder.
pub(super) fn leads_to(scenario: &Scenario, options: &Options, placeholder: &str) -> bool {
    let text = serde_json::to_string(scenario).unwrap_or_default();
    // A world that a scenario names may contain it, too.
    let world = scenario.world.as_str().and_then(|name| options.worlds.get(name)).map_or("", String::as_str);
    [&text, world].iter().any(|text| memmem::find(text.as_bytes(), placeholder.as_bytes()).is_some())
}

impl Drop for CaseEnv<'_> {
    fn drop(&mut self) {
        self.fake.server.close_session(self.session.id());
    }
}

fn open_session(
    fake: &Fake,
    scenario: &Scenario,
    placeholders: &Placeholders,
    options: &Options,
) -> Result<Arc<Session>, String> {
    let world = world(scenario, placeholders, options)?;
    let mut spec = SessionSpec { journal: JOURNAL, key_salt: Some(Arc::clone(&fake.salt)), ..SessionSpec::new(world) };
    for (name, value) in &scenario.policies {
        spec.policies.set(name, value).map_err(|error| error.to_string())?;
    }
    spec.faults.extend(read_faults(&scenario.faults, placeholders)?);
    fake.server.open_session(spec).map_err(|error| error.to_string())
}

fn world(scenario: &Scenario, placeholders: &Placeholders, options: &Options) -> Result<Arc<World>, String> {
    let (name, text) = match &scenario.world {
        Value::String(name) => match options.worlds.get(name) {
            Some(text) => (name.as_str(), placeholders.text(text)),
            None if name == "starter" => return Ok(World::starter()),
            None => return Err(format!("there is no world `{name}`")),
        },
        whole => ("world", placeholders.value(whole).to_string()),
    };
    let text = if scenario.is_adapted { on_fleet(scenario, name, &text)? } else { text };
    World::parse(&text, name, None).map(Arc::new).map_err(|error| error.to_string())
}

/// Returns the text of a world with the crew member of a scenario alone on the fleet.
fn on_fleet(scenario: &Scenario, name: &str, text: &str) -> Result<String, String> {
    let world = read_yaml(name, text).map_err(|problem| problem.to_string())?;
    Ok(with_one_person(world, &scenario.crew_id, &scenario.key).to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::client::scenario::Scenarios;
    use crate::requirement::Catalogue;

    #[test]
    fn the_person_of_an_adapted_scenario_is_alone_on_the_fleet_with_the_same_documents() {
        let scenarios = Scenarios::load(&Catalogue::built_in().unwrap(), &[] as &[&Path]).unwrap();
        let worlds = scenarios.world_texts();
        let mut count = 0;
        for scenario in scenarios.of_all_tasks().filter(|scenario| scenario.is_adapted) {
            let name = scenario.world.as_str().unwrap();
            let parsed = |text: &str| World::parse(text, name, None).unwrap();
            let (written, adapted) = (parsed(&worlds[name]), parsed(&on_fleet(scenario, name, &worlds[name]).unwrap()));
            let person = |world: &World| world.crew.iter().position(|person| *person.id == *scenario.crew_id);
            let place = person(&adapted).unwrap_or_else(|| panic!("{}: nobody is on the fleet", scenario.id));
            assert_eq!(adapted.crew[place].documents, written.crew[place].documents, "{}", scenario.id);
            let on_fleet = adapted.crew.iter().map(|person| person.vessels.len()).enumerate();
            let on_fleet: Vec<_> = on_fleet.filter(|(_, vessels)| *vessels > 0).collect();
            assert_eq!(on_fleet, [(place, 1)], "{}", scenario.id);
            count += 1;
        }
        assert!(count > 150, "{count} scenarios");
    }
}
