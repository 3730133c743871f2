//! The fake that a receiver downloads from: one server, and a session with another key for each scenario.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use crewpass_mock::{MockServer, Session, SessionSpec, World};
use serde_json::json;

use super::scenario_run::EFFECT;
use crate::client::run::{HarnessError, Sandbox};
use crate::client::task::Task;
use crate::client::transport::ClientEnv;
use crate::client::witness::Monitor;
use crate::receiver::running::Running;

/// The number of people on the fleet; the largest scenario delivers to 50 of them and more.
const PEOPLE: usize = 64;

/// The number of people where all scenarios share one fleet.
const PEOPLE_OF_ALL: usize = 400;

/// The fake, and the monitor of the machine.
#[derive(Debug)]
pub(in crate::receiver) struct Fake {
    pub(super) server: MockServer,
    pub(super) monitor: Monitor,
    world: Arc<World>,
    /// Makes the keys of this run its own.
    salt: Arc<str>,
    /// The number of people to whom scenarios that share one fleet delivered.
    pub(super) people_taken: AtomicUsize,
}

impl Fake {
    /// Starts it on this machine.
    pub(in crate::receiver) async fn start() -> Result<Self, HarnessError> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), PEOPLE).await
    }

    /// Starts it on an address, for a receiver that runs already. Its key is the same in each run.
    pub(in crate::receiver) async fn start_for(running: &Running) -> Result<Self, HarnessError> {
        Self::start_at(running.bind, PEOPLE_OF_ALL).await
    }

    async fn start_at(address: SocketAddr, people: usize) -> Result<Self, HarnessError> {
        let failed = |error: &dyn std::fmt::Display| HarnessError::Fake(error.to_string());
        let world = World::parse(&world_text(people), "receiver", None).map_err(|error| failed(&error))?;
        let world = Arc::new(world);
        let server = MockServer::builder().without_control().world(Arc::clone(&world)).bind(address);
        let of_caller = address.port() != 0;
        let server = server
            .start()
            .await
            .map_err(|error| if of_caller { HarnessError::Address(error.to_string()) } else { failed(&error) })?;
        let monitor = Monitor::start().map_err(HarnessError::while_doing("starting a thread"))?;
        Ok(Self { server, monitor, world, salt: random_text().into(), people_taken: AtomicUsize::new(0) })
    }

    /// Returns the base URL and the key of the session that scenarios of a running receiver share.
    pub(in crate::receiver) fn base_and_key(&self) -> (String, String) {
        (self.server.base(), self.server.session().key("full").unwrap_or_default())
    }

    /// Opens a session for one scenario. It must be closed at the end.
    pub(super) fn open_session(&self) -> Result<Arc<Session>, HarnessError> {
        let spec = SessionSpec { key_salt: Some(Arc::clone(&self.salt)), ..SessionSpec::new(Arc::clone(&self.world)) };
        self.server.open_session(spec).map_err(|error| HarnessError::Fake(error.to_string()))
    }
}

/// Returns the environment of a receiver in a session of the fake.
pub(super) fn environment(fake: &Fake, session: &Session, sandbox: &Sandbox) -> ClientEnv {
    let base = fake.server.base();
    ClientEnv {
        link_hosts: vec![base.trim_start_matches("http://").to_owned()],
        base,
        key: session.key("full").unwrap_or_default(),
        task: Task::Documents,
        crew_id: String::new(),
        out_dir: sandbox.out(),
        home: sandbox.home(),
        temporary: sandbox.temporary(),
        authority: None,
        deadline: EFFECT,
        sandbox: sandbox.root().to_owned(),
    }
}

/// Returns 32 hexadecimal digits that nobody can guess, from the system's randomness.
pub(super) fn random_text() -> String {
    let [one, other] = [RandomState::new(), RandomState::new()].map(|random| random.hash_one(std::process::id()));
    format!("{one:016x}{other:016x}")
}

/// Returns the id of a person, counted from 1.
pub(super) fn person_id(number: usize) -> String {
    format!("crew_{number:03}")
}

/// Returns the world: the first person has two documents, everybody else one.
fn world_text(people: usize) -> String {
    let scopes = ["crew:documents:read", "crew:documents:download"];
    let crew: Vec<_> = (1..=people)
        .map(|number| {
            let ids = if number == 1 { vec![1, 1001] } else { vec![number] };
            let documents: Vec<_> = ids.into_iter().map(document).collect();
            json!({"id": person_id(number), "vessels": ["ves_abc"], "consent": {"prt_123": scopes}, "documents": documents})
        })
        .collect();
    let partner = json!({"id": "prt_123", "type": "customer", "plan": "management", "granted_scopes": scopes,
        "keys": [{"name": "full"}]});
    let vessel = json!({"id": "ves_abc", "name": "M/Y Halcyon", "partners": ["prt_123"]});
    json!({"name": "receiver", "seed": 71, "partners": [partner], "vessels": [vessel], "crew": crew}).to_string()
}

fn document(number: usize) -> serde_json::Value {
    json!({
        "id": format!("doc_{number:03}"),
        "type": "STCW",
        "title": "Personal Survival Techniques",
        "issuer": "Maritime & Coastguard Agency",
        "verification_status": "verified",
        "issue_date": "2024-03-01",
        "file": {"generate": "bytes", "name": format!("certificate-{number}.bin"), "content_type": "application/octet-stream"},
    })
}
