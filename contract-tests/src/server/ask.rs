//! The HTTP client of the server gate: limited rate, no automatic redirects, and the key only below
//! BASE.

use std::time::{Duration, Instant};

use crewpass_diagnostics::to_hex;
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use reqwest::{Client, Url, redirect};
use sha2::{Digest, Sha256};

use super::expect::Expectation;
use super::question::{Answer, Credential, Question, Step};
use crate::client::witness::Monitor;
use crate::operation::{self, Name};

/// The one key that is guessed.
const UNKNOWN_KEY: &str = "cpk_test_00000000000000000000000000000000";
/// The time limit of an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of a body that are kept.
const KEPT: usize = 1 << 20;
/// The most retries after a 429.
const RETRIES: u32 = 3;
const LONGEST_RETRY_WAIT: f64 = 60.0;

/// The reason why the server can't be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// The base URL is wrong.
    #[error("--base {base} is not an http or https URL: {why}")]
    Base {
        /// The given base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// No connection.
    #[error("{base} can't be reached: {why}")]
    Connect {
        /// The base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// A problem with its certificate or with TLS.
    #[error("{base} can't be trusted: {why}; if it has a private CA, name the certificate with --ca FILE")]
    Tls {
        /// The base URL.
        base: String,
        /// The reason.
        why: String,
    },
    /// A redirect, such as by a proxy.
    #[error(
        "{base} redirects ({status}) to {to}; the key is not sent there. If that server is yours, use its address in --base"
    )]
    Redirect {
        /// The base URL.
        base: String,
        /// The status.
        status: u16,
        /// The target of the redirect.
        to: String,
    },
    /// A CA certificate that can't be read.
    #[error("the CA certificate can't be used: {0}")]
    Ca(String),
    /// An error of the system.
    #[error("the system can't create a thread: {0}")]
    System(std::io::Error),
}

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

/// Installs ring for clients of this process: reqwest is built without a cryptography provider.
pub(super) fn install_ring() {
    // An error means that the program has already chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client of one server that keeps every answer.
#[derive(Debug)]
pub struct Server<'a> {
    expect: &'a Expectation,
    http: Client,
    base: Url,
    rate_limit: RateLimit,
    monitor: Monitor,
    answers: Vec<Answer>,
}

impl<'a> Server<'a> {
    /// Creates a client of a server at a base URL, with at most `rate` requests per second.
    pub fn new(base: &str, rate: u32, ca: Option<&[u8]>, expect: &'a Expectation) -> Result<Self, Unreachable> {
        let bad = |why: String| Unreachable::Base { base: base.to_owned(), why };
        let base_url = Url::parse(base.trim_end_matches('/')).map_err(|error| bad(error.to_string()))?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host_str().is_none() {
            return Err(bad("it needs a scheme and a host".to_owned()));
        }
        install_ring();
        let mut client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
        if let Some(pem) = ca {
            let bundle =
                reqwest::Certificate::from_pem_bundle(pem).map_err(|error| Unreachable::Ca(innermost_cause(&error)))?;
            client = bundle.into_iter().fold(client, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = client.build().map_err(|error| Unreachable::Ca(innermost_cause(&error)))?;
        let gap = Duration::from_secs(1) / rate.max(1);
        let rate_limit = RateLimit { gap, next: Instant::now() };
        let monitor = Monitor::start().map_err(Unreachable::System)?;
        Ok(Self { expect, http, base: base_url, rate_limit, monitor, answers: Vec::new() })
    }

    /// Returns the base URL, without a slash at its end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Returns every answer.
    pub fn into_answers(self) -> Vec<Answer> {
        self.answers
    }

    /// Sends one request, so that an unreachable server gives a single clear error.
    pub async fn check_reachable(&mut self, crew: &str) -> Result<(), Unreachable> {
        let answer = self.ask(Question::new(Step::List, Credential::full(), crew, "")).await;
        let base = self.base().to_owned();
        if let Some(why) = answer.broken {
            let tls = ["certificate", "tls", "TLS", "UnknownIssuer", "HandshakeFailure", "corrupt message"];
            return Err(if tls.iter().any(|word| why.contains(word)) {
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

    /// Requests a list or a link.
    pub async fn ask(&mut self, question: Question) -> Answer {
        let path = match question.step {
            Step::Link => operation::path(Name::GetDownloadLink, &[&question.crew, &question.document]),
            _ => operation::path(Name::ListDocuments, &[&question.crew]),
        };
        self.ask_path(question, Method::GET, &path).await
    }

    /// Requests a path below BASE, without changing it.
    pub async fn ask_path(&mut self, question: Question, method: Method, path: &str) -> Answer {
        let headers = self.headers(&question.by);
        let url = format!("{}{path}", self.base());
        for _ in 0..RETRIES {
            let answer = self.send(question.clone(), &method, &url, path, headers.clone()).await;
            let wait = answer.json()["error"]["retry_after_seconds"].as_f64().unwrap_or(1.0);
            if answer.status != 429 || !(0.0..=LONGEST_RETRY_WAIT).contains(&wait) {
                return answer;
            }
            tokio::time::sleep(Duration::from_secs_f64(wait)).await;
        }
        self.send(question, &method, &url, path, headers).await
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
            let (target, headers) = (url.as_str().to_owned(), HeaderMap::new());
            let answer = self.send(question.clone(), &Method::GET, &target, &target, headers).await;
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
        let mut headers = HeaderMap::new();
        let values = match by {
            Credential::Key(name) => vec![("authorization", bearer("Bearer", key(name)))],
            Credential::Nobody => vec![],
            Credential::Unknown => vec![("authorization", bearer("Bearer", UNKNOWN_KEY))],
            Credential::Header => vec![("x-partner-api-key", HeaderValue::from_str(key("full")))],
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
        method: &Method,
        url: &str,
        target: &str,
        headers: HeaderMap,
    ) -> Answer {
        self.rate_limit.wait().await;
        let asked = self.http.request(method.clone(), url).headers(headers).header("accept", "*/*");
        let answer = read(question, method, target, asked, &self.monitor).await;
        self.record(answer)
    }

    fn record(&mut self, answer: Answer) -> Answer {
        let seq = self.answers.len() as u64 + 1;
        self.answers.push(Answer { seq, ..answer });
        self.answers[self.answers.len() - 1].clone()
    }

    /// Sends the same list request `count` times at once, without a rate limit.
    pub async fn burst(&mut self, question: &Question, count: usize) -> Duration {
        let path = operation::path(Name::ListDocuments, &[&question.crew]);
        let url = format!("{}{path}", self.base());
        let started = Instant::now();
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..count {
            let asked = self.http.get(&url).headers(self.headers(&question.by));
            let (question, path, monitor) = (question.clone(), path.clone(), self.monitor.clone());
            running.spawn(async move { read(question, &Method::GET, &path, asked, &monitor).await });
        }
        for answer in running.join_all().await {
            self.record(answer);
        }
        started.elapsed()
    }
}

async fn read(
    question: Question,
    method: &Method,
    target: &str,
    asked: reqwest::RequestBuilder,
    monitor: &Monitor,
) -> Answer {
    let mut answer = Answer {
        seq: 0,
        question,
        method: if *method == Method::GET {
            "GET"
        } else if *method == Method::HEAD {
            "HEAD"
        } else {
            "POST"
        },
        target: target.to_owned(),
        status: 0,
        headers: HeaderMap::new(),
        body: Vec::new(),
        sha256: String::new(),
        len: 0,
        broken: None,
        at: 0,
    };
    let broken = tokio::select! {
        received = receive(&mut answer, asked) => received.err().map(|error| innermost_cause(&error)),
        () = monitor.sleep(ANSWER_TIMEOUT) => Some(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
    };
    if broken.is_some() {
        (answer.status, answer.broken) = (0, broken);
    }
    answer.at = Timestamp::now().as_second();
    answer
}

async fn receive(answer: &mut Answer, asked: reqwest::RequestBuilder) -> Result<(), reqwest::Error> {
    let mut got = asked.send().await?;
    answer.status = got.status().as_u16();
    answer.headers = std::mem::take(got.headers_mut());
    let mut hash = Sha256::new();
    while let Some(piece) = got.chunk().await? {
        hash.update(&piece);
        answer.len += piece.len() as u64;
        let room = KEPT.saturating_sub(answer.body.len()).min(piece.len());
        answer.body.extend_from_slice(&piece[..room]);
    }
    answer.sha256 = to_hex(&hash.finalize());
    Ok(())
}

/// Returns true if a host belongs to CrewPass.
pub(super) fn is_crewpass(host: &str) -> bool {
    host == "crewpass.co.uk" || host.ends_with(".crewpass.co.uk")
}

/// Returns the innermost cause of an error; the outer ones repeat the URL.
fn innermost_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if cause.is::<reqwest::Error>() { "the connection broke off".to_owned() } else { cause.to_string() }
}
