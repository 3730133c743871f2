//! Receives CrewPass webhooks, and keeps the current documents of the people that they name.
//!
//! ```console
//! $ PORT=9000 WEBHOOK_PATH=/webhooks WEBHOOK_SECRET=whsec_… BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… \
//!     OUT_DIR=documents crewpass-receiver
//! ```
//!
//! Events wait in a folder below HOME until their work is done, so none is lost if this program ends. SIGTERM ends it.

mod inbox;
mod signature;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use crewpass_documents::Crewpass;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use inbox::Inbox;
use signature::{is_fresh, is_signed};

/// The types of events after which documents are saved.
const DOCUMENT_EVENTS: [&str; 2] = ["crew.document.processed", "crew.document.updated"];
/// The most bytes of a body.
const LARGEST: usize = 2 << 20;
/// The most attempts of one event; the waits between them grow to 30 seconds.
const ATTEMPTS: u32 = 30;

struct Receiver {
    secret: String,
    inbox: Inbox,
}

/// Answers one delivery.
async fn deliver(State(receiver): State<Arc<Receiver>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    match to_bytes(body, LARGEST).await {
        Ok(body) => receiver.decide(&head.headers, &body),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

impl Receiver {
    /// Decides about one delivery, and returns the status of the answer. An event is kept before it is answered.
    fn decide(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        if !is_signed(&self.secret, headers, body) || !is_fresh(headers) {
            return StatusCode::UNAUTHORIZED;
        }
        // The id, the type and the person come from the body: the other headers are not signed.
        let event: Value = serde_json::from_slice(body).unwrap_or_default();
        let (Some(id), Some(kind)) = (event["event_id"].as_str(), event["event_type"].as_str()) else {
            return StatusCode::BAD_REQUEST;
        };
        if !DOCUMENT_EVENTS.contains(&kind) {
            // Also a type that is new: the sender would send it again.
            return StatusCode::NO_CONTENT;
        }
        let Some(person) = event["data"]["crew_unique_id"].as_str() else { return StatusCode::BAD_REQUEST };
        match self.inbox.add(id, person) {
            Ok(()) => StatusCode::ACCEPTED,
            // The sender comes again.
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Handles one event after another. An event is done once its documents are saved, not before.
    async fn work(&self, folder: &Path) {
        loop {
            let (name, attempts) = self.inbox.next().await;
            let attempt = attempts + 1;
            let is_done = match self.inbox.person(&name) {
                Ok(person) => bring(&person, folder, attempt).await,
                Err(_) => attempt >= ATTEMPTS,
            };
            self.inbox.settle(&name, is_done, attempt);
        }
    }
}

/// Saves a person's current documents. Returns false if it should be tried again.
async fn bring(person: &str, folder: &Path, attempt: u32) -> bool {
    let saved = match Crewpass::new() {
        Ok(crewpass) => crewpass.person(person, folder).await,
        Err(failure) => Err(failure),
    };
    let Err(failure) = saved else { return true };
    eprintln!("attempt {attempt}: {}", failure.text);
    matches!(failure.status, 401 | 403 | 404) || attempt >= ATTEMPTS
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let set = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let secret = set("WEBHOOK_SECRET", "");
    if secret.is_empty() {
        return Err("WEBHOOK_SECRET is not set: no delivery can be verified".into());
    }
    let folder = PathBuf::from(set("OUT_DIR", "documents"));
    std::fs::create_dir_all(&folder)?;
    let inbox = Inbox::open(&Path::new(&set("HOME", ".")).join(".crewpass-receiver"))?;
    let receiver = Arc::new(Receiver { secret, inbox });
    let deliveries = Router::new().route(&set("WEBHOOK_PATH", "/webhooks"), post(deliver));
    let listener = TcpListener::bind(("127.0.0.1", set("PORT", "9000").parse()?)).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        served = async { axum::serve(listener, deliveries.with_state(Arc::clone(&receiver))).await } => served?,
        () = receiver.work(&folder) => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
