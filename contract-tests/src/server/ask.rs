//! The HTTP client of the server gate: limited rate, no automatic redirects, and the key only below
//! BASE.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, ClientBuilder, Url, redirect};

use super::expect::Expectation;
use super::question::{Answer, BrokenKind, Credential, Phase, Question, Step};
use super::receive::{Outgoing, exchange, innermost_cause};
use super::unreachable::Unreachable;
use crate::client::witness::Monitor;
use crate::operation::{self, Name};

/// The one key that is guessed.
const UNKNOWN_KEY: &str = "cpk_test_00000000000000000000000000000000";
/// The time limit of a response.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);
/// Each response that does not end halves the time limit of the next, down to this part of the first limit: a server
/// whose bodies have no end costs minutes, and not hours.
const SHORTEST_PART: u32 = 16;
/// The most retries after a 429.
const RETRIES: u32 = 3;
const LONGEST_RETRY_WAIT: f64 = 60.0;

/// A limit on the rate of requests.
#[derive(Debug)]
struct RateLimit {
    gap: Duration,
    next: Instant,
}

impl RateLimit {
    async fn wait(&mut self) {
        tokio::time::sleep_until(self.next.into()).await;
        self.next = Instant::now().max(self.next) + self.gap;
    }
}

/// Returns a builder of clients for a URL, which use the proxy of the environment unless the URL is on this machine.
fn client_for(url: &Url) -> ClientBuilder {
    // Reqwest is built without a cryptography provider. An error means that the program has already chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder();
    if is_loopback(url) { builder.no_proxy() } else { builder }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Returns a client of the control API at a URL.
///
/// # Errors
/// A URL that is not one, and TLS that can't be set up.
pub(super) fn control_client(url: &str) -> Result<Client, String> {
    let url = Url::parse(url).map_err(|error| format!("`{url}` is not a URL: {error}"))?;
    client_for(&url).build().map_err(|error| innermost_cause(&error))
}

/// A client of one server that keeps every answer.
#[derive(Debug)]
pub struct Server<'a> {
    expect: &'a Expectation,
    http: Client,
    base: Url,
    rate_limit: RateLimit,
    monitor: Monitor,
    /// The time limit of the first response, and that of the next one.
    limits: (Duration, Duration),
    answers: Vec<Answer>,
    /// Is true once a lever has moved the clock of the server.
    pub clock_moved: bool,
}

impl<'a> Server<'a> {
    /// Creates a client of a server at a base URL, with at most `rate` requests per second.
    pub fn new(base: &str, rate: u32, ca: Option<&[u8]>, expect: &'a Expectation) -> Result<Self, Unreachable> {
        let bad = |why: String| Unreachable::Base { base: base.to_owned(), why };
        let base_url = Url::parse(base.trim_end_matches('/')).map_err(|error| bad(error.to_string()))?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host_str().is_none() {
            return Err(bad("it needs a scheme and a host".to_owned()));
        }
        let mut client = client_for(&base_url).redirect(redirect::Policy::none());
        if let Some(pem) = ca {
            let bundle =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|error| Unreachable::Ca(innermost_cause(&error)))?;
            client = bundle.into_iter().fold(client, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = client.build().map_err(|error| Unreachable::Ca(innermost_cause(&error)))?;
        let gap = Duration::from_secs(1) / rate.max(1);
        let rate_limit = RateLimit { gap, next: Instant::now() };
        let monitor = Monitor::start().map_err(Unreachable::System)?;
        let (limits, answers) = ((LONGEST_ANSWER, LONGEST_ANSWER), Vec::new());
        Ok(Self { expect, http, base: base_url, rate_limit, monitor, limits, answers, clock_moved: false })
    }

    /// Sets the time limit of the first response.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limits: (limit, limit), ..self }
    }

    /// Returns the base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Returns the answers so far.
    pub(super) fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// Removes the last answer, which proves nothing.
    pub(super) fn forget_last(&mut self) {
        self.answers.pop();
    }

    /// Returns every answer.
    pub fn into_answers(self) -> Vec<Answer> {
        self.answers
    }

    /// Sends one request, so that an unreachable server gives a single clear error.
    pub async fn check_reachable(&mut self, crew: &str) -> Result<(), Unreachable> {
        let answer = self.ask(Question::new(Step::List, Credential::full(), crew, "")).await;
        let base = self.base().to_owned();
        if let Some(broken) = answer.broken {
            let why = broken.why;
            return Err(if broken.kind == BrokenKind::Tls {
                Unreachable::Tls { base, why }
            } else {
                Unreachable::Connect { base, why }
            });
        }
        if (300..400).contains(&answer.status) {
            let to = answer.header("location").unwrap_or("nowhere").to_owned();
            return Err(Unreachable::Redirect { base, status: answer.status, to });
        }
        Ok(())
    }

    /// Sends a request of an operation, with its query and body.
    pub async fn ask(&mut self, question: Question) -> Answer {
        let method = question.step.operation().map_or(Method::GET, method_of);
        let path = question.target(|_, value| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string());
        self.ask_path(question, method, &path).await
    }

    /// Says that the last answer belongs to another phase.
    pub(super) fn move_last_to(&mut self, phase: Phase) {
        if let Some(last) = self.answers.last_mut() {
            last.question.phase = phase;
        }
    }

    /// Says what is unusual about the last request.
    pub(super) fn detail_last(&mut self, detail: &str) {
        if let Some(last) = self.answers.last_mut() {
            detail.clone_into(&mut last.question.detail);
        }
    }

    /// Requests a path below BASE, without changing it. A request over the rate limit is sent again.
    pub async fn ask_path(&mut self, question: Question, method: Method, path: &str) -> Answer {
        for _ in 0..RETRIES {
            let answer = self.ask_once(question.clone(), method.clone(), path).await;
            let wait = answer.json()["error"]["retry_after_seconds"].as_f64().unwrap_or(1.0);
            if answer.status != 429 || !(0.0..=LONGEST_RETRY_WAIT).contains(&wait) {
                return answer;
            }
            // It is not the answer to the question, which follows.
            self.move_last_to(Phase::Limited);
            tokio::time::sleep(Duration::from_secs_f64(wait)).await;
        }
        self.ask_once(question, method, path).await
    }

    /// Requests a path below BASE, without changing it.
    pub async fn ask_once(&mut self, question: Question, method: Method, path: &str) -> Answer {
        let headers = self.headers(&question.by);
        let url = format!("{}{path}", self.base());
        // A cursor is as good as a key to the rows behind it.
        let has_query = !question.input.query.is_empty();
        let masked = |name: &str, value: &str| if name == "cursor" { "{cursor}".to_owned() } else { value.to_owned() };
        let target = if has_query { question.target(masked) } else { path.to_owned() };
        self.send(question, method, &url, target, headers).await
    }

    /// Follows a link without the key, with up to five redirects on allowed hosts. A link to
    /// another host is not followed.
    pub async fn follow(&mut self, question: Question, link: &str) -> Option<Answer> {
        let mut url = Url::parse(link).ok()?;
        let mut left = 5;
        loop {
            if !self.is_here(&url) {
                return None;
            }
            let target = url.as_str().to_owned();
            let answer = self.send(question.clone(), Method::GET, url.as_str(), target, HeaderMap::new()).await;
            let next = answer.header("location").and_then(|to| url.join(to).ok());
            match next {
                Some(next) if (300..400).contains(&answer.status) && left > 0 => (url, left) = (next, left - 1),
                _ => return Some(answer),
            }
        }
    }

    fn is_here(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        (url.origin() == self.base.origin()) || (url.scheme() == "https" && is_crewpass(host))
    }

    fn headers(&self, by: &Credential) -> HeaderMap {
        let key = |name: &str| self.expect.keys.get(name).map_or(UNKNOWN_KEY, |known| known.key.reveal());
        let bearer = |scheme: &str, key: &str| HeaderValue::from_str(&format!("{scheme} {key}"));
        let basic = |pair: String| bearer("Basic", &BASE64_STANDARD.encode(pair));
        let mut headers = HeaderMap::new();
        let values = match by {
            Credential::Key(name) => vec![("authorization", bearer("Bearer", key(name)))],
            Credential::Nobody => vec![],
            Credential::Unknown => vec![("authorization", bearer("Bearer", UNKNOWN_KEY))],
            Credential::Header => vec![("x-partner-api-key", HeaderValue::from_str(key("full")))],
            Credential::Basic => vec![("authorization", bearer("Basic", key("full")))],
            Credential::BasicUser => vec![("authorization", basic(format!("{}:", key("full"))))],
            Credential::BasicPassword => vec![("authorization", basic(format!(":{}", key("full"))))],
            Credential::Bare => vec![("authorization", HeaderValue::from_str(key("full")))],
            Credential::LowerCase => vec![("authorization", bearer("bearer", key("full")))],
            Credential::Both => {
                vec![("authorization", bearer("Bearer", key("full"))), ("authorization", bearer("Bearer", UNKNOWN_KEY))]
            }
        };
        for (name, value) in values {
            // The expectation was checked for keys that can't be sent.
            if let Ok(mut value) = value {
                value.set_sensitive(true);
                headers.append(name, value);
            }
        }
        headers
    }

    async fn send(
        &mut self,
        question: Question,
        method: Method,
        url: &str,
        target: String,
        headers: HeaderMap,
    ) -> Answer {
        self.rate_limit.wait().await;
        let mut request = self.http.request(method.clone(), url).headers(headers).header("accept", "*/*");
        if let Some(body) = &question.input.body {
            request = request.body(body.text.clone());
            if let Some(kind) = body.content_type {
                request = request.header("content-type", kind);
            }
        }
        let answer = exchange(Outgoing { question, method, target, request }, self.limits.1, &self.monitor).await;
        if answer.is_timeout() {
            self.limits.1 = (self.limits.1 / 2).max(self.limits.0 / SHORTEST_PART);
        }
        self.record(answer)
    }

    fn record(&mut self, answer: Answer) -> Answer {
        let seq = self.answers.len() as u64 + 1;
        let answer = Answer { seq, clock_moved: self.clock_moved, ..answer };
        self.answers.push(answer.clone());
        answer
    }

    /// Sends the same list request `count` times at once, without a rate limit.
    pub async fn burst(&mut self, question: &Question, count: usize) {
        let path = operation::path(Name::ListDocuments, &[&question.crew]);
        let url = format!("{}{path}", self.base());
        let limit = self.limits.0;
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..count {
            let request = self.http.get(&url).headers(self.headers(&question.by));
            let (question, target, monitor) = (question.clone(), path.clone(), self.monitor.clone());
            let outgoing = Outgoing { question, method: Method::GET, target, request };
            running.spawn(async move { exchange(outgoing, limit, &monitor).await });
        }
        for answer in running.join_all().await {
            self.record(answer);
        }
    }
}

/// Returns the method of an operation.
fn method_of(name: Name) -> Method {
    let operation = operation::operations().iter().find(|operation| operation.id == name.id());
    operation.and_then(|operation| operation.method.parse().ok()).unwrap_or_default()
}

/// Returns true if a host belongs to CrewPass.
pub(super) fn is_crewpass(host: &str) -> bool {
    host == "crewpass.co.uk" || host.ends_with(".crewpass.co.uk")
}
