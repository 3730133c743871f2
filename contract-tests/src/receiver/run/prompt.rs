//! The request by which a receiver downloads: a valid delivery about the crew member of a case.

use std::collections::BTreeMap;
use std::io;

use crewpass_mock::WebhookSecret;
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval};

use super::delivery::{Event, PROCESSED};
use super::fake::random_text;
use super::port::free_port;
use super::scenario_run::PATH;
use super::sender::{Connection, Target};
use super::service::LOOK;
use crate::client::transport::{Prepared, Prompt};

/// Makes a receiver download by a valid delivery. Each run has another port and secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByDelivery;

impl Prompt for ByDelivery {
    fn prepare(&self, crew_id: &str) -> io::Result<Prepared> {
        let target = Target::local(free_port()?, PATH);
        let secret = format!("whsec_{}", random_text());
        let variables = [
            ("PORT", target.address.port().to_string()),
            ("WEBHOOK_PATH", PATH.to_owned()),
            ("WEBHOOK_SECRET", secret.clone()),
        ];
        let env: BTreeMap<_, _> = variables.map(|(name, value)| (name.to_owned(), value)).into();
        let person = crew_id.to_owned();
        Ok(Prepared { env, send: Box::pin(deliver(target, WebhookSecret::new(secret.as_str()), person)) })
    }
}

/// Waits until a receiver accepts connections, and delivers to it. Its answer is judged in other scenarios.
async fn deliver(target: Target, secret: WebhookSecret, person: String) {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The deadline of the run ends the wait for a receiver that never listens.
    while TcpStream::connect(target.address).await.is_err() {
        look.tick().await;
    }
    let event = Event {
        id: format!("evt_{}", random_text()),
        kind: PROCESSED.to_owned(),
        person,
        document: "doc_1".to_owned(),
        version: "1".to_owned(),
        more: String::new(),
        age: 0,
        since: 0,
    };
    let delivery = event.signed(&secret);
    if let Ok(mut connection) = Connection::open(&target, false).await {
        let _ = connection.send(&target, &delivery).await;
    }
}
