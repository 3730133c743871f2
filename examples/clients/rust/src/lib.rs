//! What the clients `crewpass-documents` and `crewpass-fleet` share: requests with their limits and retries, and the
//! download of one person's documents.

mod names;

use std::collections::HashSet;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use reqwest::{Certificate, Client, Response, Url, redirect};
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use names::safe_name;

/// The longest wait for a response, and for 1 KiB of a body.
const PATIENCE: Duration = Duration::from_secs(4);
/// Tries of a step, links of a document, redirects of a request.
const TRIES: u32 = 5;
const LINKS: u32 = 3;
const HOPS: u32 = 5;
const LARGEST: u64 = 256 << 20;
const DENIED_FOR_ALL: [&str; 4] =
    ["scope_not_granted", "scope_not_consented", "api_not_enabled", "partner_mode_mismatch"];

/// A step that failed. Its text holds neither the key nor a link.
#[derive(Debug, Default)]
pub struct Failure {
    /// The exit code of the client.
    pub exit: u8,
    /// What went wrong.
    pub text: String,
    /// The status of the response; 0 without one.
    pub status: u16,
    /// The error code of the response, or nothing.
    pub code: String,
    /// The number of documents that were saved all the same.
    pub saved: usize,
    /// The number of tries that make sense.
    tries: u32,
    wait: Duration,
}

fn failure(exit: u8, text: impl Into<String>, tries: u32) -> Failure {
    Failure { exit, text: text.into(), tries, ..Failure::default() }
}

impl Failure {
    /// Returns a failure that no retry changes.
    pub fn new(exit: u8, text: impl Into<String>) -> Self {
        failure(exit, text, 1)
    }

    /// Returns true if the response is about the key, not about one document.
    pub fn is_for_all(&self) -> bool {
        self.status == 401 || DENIED_FOR_ALL.contains(&&*self.code)
    }

    /// Adds the number of saved documents; then some are saved, and not all.
    #[must_use]
    pub fn after(self, saved: usize) -> Self {
        Self { exit: if saved > 0 { 10 } else { self.exit }, saved, ..self }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        failure(24, error.kind().to_string(), 1)
    }
}

/// A client of the API.
pub struct Crewpass {
    client: Client,
    base: Url,
    key: String,
    /// The hosts that files may come from: BASE's host and those in `CPK_LINK_HOSTS`.
    hosts: Vec<String>,
    end: Instant,
}

impl Crewpass {
    /// Reads the environment. Uses no proxy, cookies or automatic redirects. Checks TLS, only against `CPK_CA_FILE` if
    /// it is set.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn new() -> Result<Self, Failure> {
        let set = |name: &str| env::var(name).map_err(|_| failure(24, format!("{name} is not set"), 1));
        let base = Url::parse(&set("BASE")?).map_err(|_| failure(24, "BASE is not a URL", 1))?;
        let host = base.host_str().unwrap_or_default();
        if base.scheme() != "https" && !host.starts_with("127.") && !matches!(host, "localhost" | "[::1]") {
            return Err(failure(24, "BASE is not https, and the key must not travel in the open", 1));
        }
        // reqwest's own choice, aws-lc, needs a C compiler and cmake.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder().no_proxy().referer(false).redirect(redirect::Policy::none());
        if let Ok(path) = set("CPK_CA_FILE") {
            let trusted = Certificate::from_pem_bundle(&fs::read(path)?);
            client = client.tls_certs_only(trusted.map_err(|_| failure(24, "CPK_CA_FILE holds no certificates", 1))?);
        }
        let seconds = set("CPK_DEADLINE_S").ok().and_then(|text| text.parse().ok()).unwrap_or(3600);
        let listed = set("CPK_LINK_HOSTS").unwrap_or_default().to_lowercase();
        Ok(Self {
            client: client.build().map_err(|_| failure(24, "no HTTP client", 1))?,
            key: set("CPK_KEY")?,
            hosts: listed.split(',').map(str::to_owned).chain([place(&base)]).collect(),
            end: Instant::now() + Duration::from_millis(700 * u64::from(u32::min(seconds, 1_000_000))),
            base,
        })
    }

    /// Refuses an address that must not get the key, or must not give a file.
    fn check(&self, url: &Url, with_key: bool) -> Result<(), Failure> {
        if with_key && url.origin() != self.base.origin() {
            return Err(failure(23, "a redirect to another origin, which must not see the key", 1));
        }
        let known = matches!(url.scheme(), "http" | "https") && self.hosts.contains(&place(url));
        if !known || !url.username().is_empty() || (self.base.scheme() == "https" && url.scheme() == "http") {
            return Err(failure(23, "a file that is not on a CrewPass host", 1));
        }
        Ok(())
    }

    /// Returns the 200 response to a GET, and follows redirects.
    async fn get(&self, url: &Url, with_key: bool) -> Result<Response, Failure> {
        let mut url = url.clone();
        for hop in 0.. {
            self.check(&url, with_key)?;
            let mut request = self.client.get(url.clone()).header("Accept-Encoding", "identity");
            if with_key {
                request = request.bearer_auth(&self.key);
            }
            let left = PATIENCE.min(self.end.saturating_duration_since(Instant::now()));
            let sent = timeout(left, request.send()).await.map_err(|_| failure(22, "no answer in time", 2))?;
            let mut answer = sent.map_err(|_| failure(22, "no connection, or one that is not to be trusted", TRIES))?;
            let status = answer.status().as_u16();
            let location = answer.headers().get("Location").and_then(|value| value.to_str().ok());
            match location.and_then(|location| url.join(location).ok()) {
                Some(next) if hop < HOPS && matches!(status, 301 | 302 | 303 | 307 | 308) => url = next,
                _ if status == 200 => return Ok(answer),
                _ => return Err(self.refused(&mut answer).await),
            }
        }
        Err(failure(23, "too many redirects", 1))
    }

    /// Returns the failure for a refusal, whose body may be any text.
    async fn refused(&self, answer: &mut Response) -> Failure {
        let mut body = Vec::new();
        // A refusal whose body can't be read is still a refusal.
        let _ = self.read(answer, 1 << 16, |piece| body.write_all(piece)).await;
        let error = serde_json::from_slice::<Value>(&body).unwrap_or_default()["error"].clone();
        let code = error["code"].as_str().unwrap_or_default();
        let code = if code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') { code } else { "" };
        let after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let date = httpdate::parse_http_date(after).ok().and_then(|date| date.duration_since(SystemTime::now()).ok());
        let header = after.parse().ok().map(Duration::from_secs).or(date).unwrap_or_default();
        let in_body = error["retry_after_seconds"].as_f64().unwrap_or_default();
        let status = answer.status().as_u16();
        let exit = match status {
            401 | 403 => 20,
            404 | 410 => 21,
            429 | 500.. => 22,
            _ => 23,
        };
        Failure {
            exit,
            text: format!("HTTP {status} {code}"),
            status,
            code: code.to_owned(),
            tries: if matches!(status, 429 | 502..=504) { TRIES } else { 1 },
            wait: header.max(Duration::try_from_secs_f64(in_body).unwrap_or_default()),
            ..Failure::default()
        }
    }

    /// Reads a body in pieces; fails if it is truncated, too slow or endless. Returns its length.
    async fn read(
        &self,
        answer: &mut Response,
        largest: u64,
        mut take: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<u64, Failure> {
        if answer.content_length().is_some_and(|length| length > largest) {
            return Err(failure(23, "the body is too large", 1));
        }
        let (mut total, mut fresh, mut since) = (0, 0, Instant::now());
        loop {
            let left = (since + PATIENCE).min(self.end).saturating_duration_since(Instant::now());
            let read = timeout(left, answer.chunk()).await.map_err(|_| failure(22, "the body comes too slowly", 2))?;
            let Some(piece) = read.map_err(|_| failure(22, "the body breaks off", TRIES))? else { return Ok(total) };
            total += piece.len() as u64;
            fresh += piece.len();
            if fresh >= 1024 {
                (fresh, since) = (0, Instant::now());
            }
            if total > largest {
                return Err(failure(23, "the body is too large", 1));
            }
            take(&piece)?;
        }
    }

    /// Retries temporary failures: later each time, and not earlier than the server says.
    async fn retried<T>(&self, mut attempt: impl AsyncFnMut() -> Result<T, Failure>) -> Result<T, Failure> {
        let mut number = 1;
        loop {
            let failure = match attempt().await {
                Ok(done) => return Ok(done),
                Err(failure) => failure,
            };
            let pause = failure.wait.max(Duration::from_millis(250) * 2u32.pow(number));
            if number >= failure.tries || pause > self.end.saturating_duration_since(Instant::now()) {
                return Err(failure);
            }
            sleep(pause).await;
            number += 1;
        }
    }

    /// Returns the JSON of a response and the `Date` of its head.
    ///
    /// # Errors
    /// The request failed at each try, or the response is not JSON.
    pub async fn json(&self, url: &Url) -> Result<(Value, Option<SystemTime>), Failure> {
        let fetched = self.retried(async || {
            let mut body = Vec::new();
            let mut answer = self.get(url, true).await?;
            self.read(&mut answer, 16 << 20, |piece| body.write_all(piece)).await?;
            let date = answer.headers().get("Date").and_then(|value| value.to_str().ok());
            Ok((body, date.and_then(|date| httpdate::parse_http_date(date).ok())))
        });
        let (body, date) = fetched.await?;
        Ok((serde_json::from_slice(&body).map_err(|_| failure(23, "the answer is not JSON", 1))?, date))
    }

    /// Returns the address below BASE with these segments, each percent-encoded.
    ///
    /// # Errors
    /// No path can hold one of them.
    pub fn address(&self, segments: &[&str]) -> Result<Url, Failure> {
        if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(failure(23, "an id that no path can hold", 1));
        }
        let mut url = self.base.clone();
        let path = url.path_segments_mut();
        path.map_err(|()| failure(24, "BASE is not a URL", 1))?.pop_if_empty().extend(segments);
        Ok(url)
    }

    /// Requests a link and saves its file; replaces a dead link by a new one, a few times.
    async fn document(&self, crew_id: &str, id: &str, folder: &Path) -> Result<String, Failure> {
        let url = self.address(&["api", "v2", "employers", "me", "crew", crew_id, "documents", id, "download"])?;
        for number in 1.. {
            let (link, date) = self.json(&url).await?;
            if link["document_id"].as_str().is_some_and(|echo| echo != id) {
                return Err(failure(23, "the link is another document's", 1));
            }
            let text = link["download_url"].as_str().unwrap_or_default();
            let target = Url::parse(text).map_err(|_| failure(23, "no download_url that can be followed", 1))?;
            let sent = [target.path(), target.query().map_or("", |_| "?"), target.query().unwrap_or_default()].concat();
            if !text.ends_with(&sent) {
                return Err(failure(23, "a download_url that can't be followed as it is", 1));
            }
            if number == 1 && is_over(&link, date) {
                continue;
            }
            match self.retried(async || self.save(&target, &link, id, folder).await).await {
                Err(dead) if matches!(dead.status, 403 | 404 | 410) && number < LINKS => {}
                // A refused link says nothing about the key.
                saved => return saved.map_err(|failure| Failure { status: 0, code: String::new(), ..failure }),
            }
        }
        Err(failure(23, "no link works", 1))
    }

    /// Follows a link and saves the complete file under its final name, or nothing.
    async fn save(&self, url: &Url, link: &Value, id: &str, folder: &Path) -> Result<String, Failure> {
        let mut answer = self.get(url, false).await?;
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = header("Content-Type").split(';').next().unwrap_or_default().trim().to_lowercase();
        if matches!(&*kind, "text/html" | "application/json") && link["content_type"] != *kind {
            return Err(failure(23, "a page instead of the file", 1));
        }
        if !header("Content-Encoding").is_empty() {
            return Err(failure(23, "a content coding that was not asked for", 1));
        }
        let part = Part(folder.join(format!("download-{}.part", std::process::id())));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&part.0)?;
        if self.read(&mut answer, LARGEST, |piece| file.write_all(piece)).await? == 0 {
            return Err(failure(23, "the file is empty", 1));
        }
        file.sync_all()?;
        let name = safe_name(id, link["file_name"].as_str().unwrap_or_default());
        let path = folder.join(&name);
        // A hard link replaces nothing and follows no symlink.
        if fs::hard_link(&part.0, &path).is_err() {
            let same = path.symlink_metadata()?.is_file() && fs::read(&path)? == fs::read(&part.0)?;
            if !same {
                return Err(failure(24, "another file has the document's name", 1));
            }
        }
        Ok(name)
    }

    /// Saves every current document of a crew member, and returns how many.
    ///
    /// # Errors
    /// Not all of them were saved.
    pub async fn person(&self, crew_id: &str, folder: &Path) -> Result<usize, Failure> {
        let (list, _) =
            self.json(&self.address(&["api", "v2", "employers", "me", "crew", crew_id, "documents"])?).await?;
        let others = list["crew_unique_id"].as_str().is_some_and(|echo| echo != crew_id);
        let items = list["items"].as_array().filter(|_| !others);
        let items = items.ok_or_else(|| failure(23, "this is not the crew member's list", 1))?;
        let ids: Option<Vec<_>> = items.iter().map(|item| item["document_id"].as_str()).collect();
        let ids = ids.ok_or_else(|| failure(23, "an item has no document_id", 1))?;
        let (mut saved, mut first, mut seen) = (0, None::<Failure>, HashSet::new());
        for id in ids.into_iter().filter(|id| seen.insert(*id)) {
            match self.document(crew_id, id, folder).await {
                Ok(name) => {
                    println!("saved {name}");
                    saved += 1;
                }
                Err(failure) => {
                    eprintln!("document {}: {}", id.escape_default(), failure.text);
                    let is_for_all = failure.is_for_all();
                    let (status, code) = (failure.status, failure.code.clone());
                    let first = first.get_or_insert(failure);
                    // Only what is about the key, and so about the person, is handed on.
                    (first.status, first.code) = if is_for_all { (status, code) } else { (0, String::new()) };
                    if is_for_all {
                        break;
                    }
                }
            }
        }
        first.map_or(Ok(saved), |first| Err(first.after(saved)))
    }
}

/// An incomplete file, which is deleted when this is dropped.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Returns host and port.
fn place(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

/// Returns true if a link had expired already when the server sent it, by the server's clock.
fn is_over(link: &Value, date: Option<SystemTime>) -> bool {
    let expiry = link["expires_at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let sent = date.and_then(|date| Timestamp::try_from(date).ok());
    expiry.zip(sent).is_some_and(|(expiry, sent)| expiry <= sent)
}

/// Runs a client to its end, or until SIGTERM, and returns its exit code. The folder is created first.
pub async fn run(folder: &Path, work: impl AsyncFnOnce(&Crewpass) -> Result<(), Failure>) -> ExitCode {
    let work = async {
        let crewpass = Crewpass::new()?;
        fs::create_dir_all(folder)?;
        work(&crewpass).await
    };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut term) => term.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        _ = terminated => Err(failure(24, "terminated", 1)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.text);
            ExitCode::from(failure.exit)
        }
    }
}
