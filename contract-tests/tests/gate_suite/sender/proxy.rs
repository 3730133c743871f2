//! A proxy between the fake and the gate that breaks deliveries, or what is answered to them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use crewpass_contract::sender::sign;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::redirect;
use serde_json::Value;

use crate::sender::harness::SECRET;
use crate::server::harness::expectation;
use crate::support::http_client::http_client_builder;

/// An attempt on its way to the gate.
#[derive(Clone, Debug)]
pub(crate) struct Passing {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The id of the event as the fake sends it.
    pub(crate) event: String,
    /// The number of the event, from 1.
    pub(crate) number: usize,
    /// The number of the attempt of its event, from 1.
    pub(crate) attempt: usize,
}

impl Passing {
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    /// Changes the body, and signs it as the sender does.
    pub(crate) fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        let mut body = serde_json::from_slice(&self.body).unwrap();
        change(&mut body);
        self.body = body.to_string().into_bytes();
        self.sign();
    }

    /// Signs the delivery as it is.
    pub(crate) fn sign(&mut self) {
        let signature = sign(SECRET, self.headers["x-crewpass-timestamp"].as_bytes(), &self.body);
        self.set("x-crewpass-signature", &signature);
    }
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It goes on to the gate.
    Pass,
    /// It goes on to the gate twice.
    Twice,
    /// The gate never gets it, and the fake gets this status.
    Swallow(u16),
}

/// What a proxy remembers.
pub(crate) type Memory = HashMap<String, String>;

/// What is broken, and which clauses fail then.
#[derive(Clone, Copy)]
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) sent: fn(&mut Passing, &mut Memory) -> Way,
    /// The status that the fake gets instead of the gate's; of a connection without an answer it is 502.
    pub(crate) answered: fn(u16, &Passing, &mut Memory) -> u16,
    /// Redirects are followed.
    pub(crate) follows: bool,
    /// What the tester knows.
    pub(crate) expectation: fn() -> String,
    /// Exactly these clauses fail.
    pub(crate) caught_by: &'static [&'static str],
}

/// A bug of what is sent.
pub(crate) const fn sends(
    name: &'static str,
    sent: fn(&mut Passing, &mut Memory) -> Way,
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { name, sent, answered: |status, _, _| status, follows: false, expectation, caught_by }
}

/// A bug of how answers are heard.
pub(crate) const fn hears(
    name: &'static str,
    answered: fn(u16, &Passing, &mut Memory) -> u16,
    caught_by: &'static [&'static str],
) -> Bug {
    Bug { name, sent: |_, _| Way::Pass, answered, follows: false, expectation, caught_by }
}

struct Shared {
    bug: Bug,
    http: reqwest::Client,
    gate: OnceLock<SocketAddr>,
    memory: Mutex<Memory>,
    /// The attempts of each event, in the order of the events.
    events: Mutex<Vec<(String, usize)>>,
}

/// A running proxy. It ends with the test.
pub(crate) struct Proxy {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(crate) async fn start(bug: Bug) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let policy = if bug.follows { redirect::Policy::default() } else { redirect::Policy::none() };
        let http = http_client_builder().redirect(policy).build().unwrap();
        let (memory, events) = (Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { bug, http, gate: OnceLock::new(), memory, events });
        let app = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, shared }
    }

    pub(crate) fn forward_to(&self, gate: SocketAddr) {
        self.shared.gate.set(gate).unwrap();
    }
}

async fn pass(State(proxy): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let event = parts.headers["x-crewpass-event-id"].to_str().unwrap().to_owned();
    let (number, attempt) = proxy.count(&event);
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let mut passing = Passing { method: parts.method, headers, body, event, number, attempt };
    let way = (proxy.bug.sent)(&mut passing, &mut proxy.memory.lock().unwrap());
    let status = match way {
        Way::Swallow(status) => status,
        Way::Pass => proxy.forward(&passing).await,
        Way::Twice => {
            proxy.forward(&passing).await;
            proxy.forward(&passing).await
        }
    };
    let status = (proxy.bug.answered)(status, &passing, &mut proxy.memory.lock().unwrap());
    StatusCode::from_u16(status).unwrap().into_response()
}

impl Shared {
    /// Counts an attempt, and returns the number of its event and its own.
    fn count(&self, event: &str) -> (usize, usize) {
        let mut events = self.events.lock().unwrap();
        let at = events.iter().position(|(known, _)| known == event).unwrap_or_else(|| {
            events.push((event.to_owned(), 0));
            events.len() - 1
        });
        events[at].1 += 1;
        (at + 1, events[at].1)
    }

    /// Returns the status that the gate answers with, or 502.
    async fn forward(&self, passing: &Passing) -> u16 {
        let url = format!("http://{}/hooks", self.gate.get().unwrap());
        let request = self.http.request(passing.method.clone(), url).headers(passing.headers.clone());
        match request.body(passing.body.clone()).send().await {
            Ok(answer) => answer.status().as_u16(),
            Err(_) => 502,
        }
    }
}
