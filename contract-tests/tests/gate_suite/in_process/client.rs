//! A small client of reqwest's blocking kind, as a partner's crate may have one.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crewpass_contract::client::transport::{Class, Job, Report, ReportedFile};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::blocking::{Client, Response};
use reqwest::{Certificate, Url, redirect};
use serde_json::Value;

/// No answer, or no further byte, for so long is none.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Why something could not be had; whether another try may help.
struct Failure(Class, bool);

type Had<T> = Result<T, Failure>;

const fn broken() -> Failure {
    Failure(Class::ContractError, false)
}

struct Run<'a> {
    job: &'a Job,
    http: Client,
    until: Instant,
}

/// Saves every current document.
#[expect(clippy::needless_pass_by_value, reason = "the form that the gate calls")]
pub(crate) fn download(job: Job) -> Report {
    let mut report = Report::new(Class::Ok);
    match Run::new(&job).and_then(|run| run.all(&mut report)) {
        Err(Failure(class, _)) if report.files.is_empty() => report.outcome = class,
        Err(_) => report.outcome = Class::Partial,
        Ok(()) => {}
    }
    report
}

/// An id as one segment of a path.
fn segment(id: &str) -> Had<String> {
    if matches!(id, "" | "." | "..") {
        Err(broken())
    } else {
        Ok(utf8_percent_encode(id, NON_ALPHANUMERIC).to_string())
    }
}

impl<'a> Run<'a> {
    fn new(job: &'a Job) -> Had<Self> {
        let local = |_| Failure(Class::LocalError, false);
        // reqwest is built without a cryptography provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = Client::builder().redirect(redirect::Policy::none()).no_proxy().timeout(PATIENCE);
        if let Some(pem) = &job.ca_pem {
            http = http.tls_certs_only(Certificate::from_pem_bundle(pem.as_bytes()).map_err(local)?);
        }
        let loopback = job.base.starts_with("https://") || job.base.starts_with("http://127.");
        if !loopback {
            return Err(Failure(Class::LocalError, false));
        }
        Ok(Self { job, http: http.build().map_err(local)?, until: Instant::now() + job.deadline.mul_f64(0.6) })
    }

    fn all(&self, report: &mut Report) -> Had<()> {
        let base = self.job.base.trim_end_matches('/');
        let list = format!("{base}/api/v2/employers/me/crew/{}/documents", segment(&self.job.crew_id)?);
        let listed = self.json(&list)?;
        if listed["crew_unique_id"].as_str().is_some_and(|id| id != self.job.crew_id) {
            return Err(broken());
        }
        report.items.clone_from(listed["items"].as_array().ok_or_else(broken)?);
        let ids: Vec<String> = report
            .items
            .iter()
            .map(|item| item["document_id"].as_str().map(str::to_owned).ok_or_else(broken))
            .collect::<Had<_>>()?;
        let mut failed = None;
        for (number, id) in ids.iter().enumerate() {
            match self.document(&list, number, id) {
                Ok(file) => report.files.push(file),
                Err(failure) => {
                    let denied = failure.0 == Class::Denied;
                    failed = failed.or(Some(failure));
                    if denied {
                        break;
                    }
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn document(&self, list: &str, number: usize, id: &str) -> Had<ReportedFile> {
        let address = format!("{list}/{}/download", segment(id)?);
        let mut had = Err(broken());
        // A link may die before it is followed, or its file break off.
        for _ in 0..3 {
            let link = self.json(&address)?;
            if link["document_id"].as_str().is_some_and(|echo| echo != id) {
                return Err(broken());
            }
            let url = link["download_url"].as_str().and_then(|url| Url::parse(url).ok()).ok_or_else(broken)?;
            had = self.file(&url);
            match &had {
                Err(Failure(Class::NotFound | Class::Denied, _) | Failure(Class::Unavailable, true)) => pause(1),
                _ => break,
            }
        }
        let bytes = had.map_err(|Failure(class, again)| {
            Failure(if class == Class::Denied { Class::NotFound } else { class }, again)
        })?;
        self.save(number, id, &bytes)
    }

    /// Saves under a name of our own, so that no name that is served can do harm.
    fn save(&self, number: usize, id: &str, bytes: &[u8]) -> Had<ReportedFile> {
        let local = |_| Failure(Class::LocalError, false);
        let safe: String = id.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
        for name in [safe.clone(), format!("{safe}-{number}"), format!("{safe}-{number}-new")] {
            let path = self.job.out_dir.join(name);
            if path.symlink_metadata().is_ok_and(|found| found.is_file()) && fs::read(&path).map_err(local)? == bytes {
                return Ok(ReportedFile { document_id: id.to_owned(), path, sha256: None });
            }
            if let Ok(mut file) = OpenOptions::new().write(true).create_new(true).open(&path) {
                file.write_all(bytes).map_err(local)?;
                return Ok(ReportedFile { document_id: id.to_owned(), path, sha256: None });
            }
        }
        Err(Failure(Class::LocalError, false))
    }

    /// A JSON answer of the API, asked for a few times if need be.
    fn json(&self, address: &str) -> Had<Value> {
        let url = Url::parse(address).map_err(|_| broken())?;
        let mut tried = 0;
        loop {
            tried += 1;
            let (failure, wait) = match self.get(&url, true) {
                Ok(answer) => match self.read(answer) {
                    Ok(bytes) => return serde_json::from_slice(&bytes).map_err(|_| broken()),
                    Err(failure) => (failure, Duration::ZERO),
                },
                Err(failed) => failed,
            };
            let late = Instant::now() + wait + Duration::from_secs(1) > self.until;
            if !failure.1 || tried == 3 || late {
                return Err(failure);
            }
            pause(tried);
            sleep(wait);
        }
    }

    /// A whole body. The timeout of this kind of client begins again with each read, so it ends no slow body.
    fn read(&self, mut answer: Response) -> Had<Vec<u8>> {
        let (mut bytes, mut part) = (Vec::new(), [0; 16 << 10]);
        loop {
            let late = Instant::now() > self.until;
            match answer.read(&mut part) {
                Ok(0) => return Ok(bytes),
                Ok(length) if !late => bytes.extend_from_slice(&part[..length]),
                _ => return Err(Failure(Class::Unavailable, true)),
            }
        }
    }

    fn file(&self, url: &Url) -> Had<Vec<u8>> {
        let answer = self.get(url, false).map_err(|(failure, _)| failure)?;
        let page = answer.headers().get("Content-Type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let coded = answer.headers().contains_key("Content-Encoding");
        let bytes = self.read(answer)?;
        if page || coded || bytes.is_empty() { Err(broken()) } else { Ok(bytes) }
    }

    /// A 200, over redirects on our own hosts; the key goes to `BASE` alone.
    fn get(&self, url: &Url, with_key: bool) -> Result<Response, (Failure, Duration)> {
        let at_once = |failure| (failure, Duration::ZERO);
        let mut url = url.clone();
        for _ in 0..=5 {
            self.allow(&url, with_key).map_err(at_once)?;
            if Instant::now() > self.until {
                return Err(at_once(Failure(Class::Unavailable, false)));
            }
            let mut request = self.http.get(url.clone()).header("Accept-Encoding", "identity");
            if with_key {
                request = request.bearer_auth(&self.job.key);
            }
            let answer = request.send().map_err(|_| at_once(Failure(Class::Unavailable, true)))?;
            let status = answer.status().as_u16();
            let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
            match (status, header("Location").and_then(|to| url.join(to).ok())) {
                (200, _) => return Ok(answer),
                (301..=303 | 307 | 308, Some(next)) => url = next,
                _ => {
                    let wait = header("Retry-After").and_then(|text| text.parse().ok()).unwrap_or_default();
                    return Err((refused(status), Duration::from_secs(wait)));
                }
            }
        }
        Err(at_once(broken()))
    }

    fn allow(&self, url: &Url, with_key: bool) -> Had<()> {
        let base = Url::parse(&self.job.base).map_err(|_| broken())?;
        let place = |url: &Url| {
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
        };
        let ours = place(url) == place(&base) || self.job.link_hosts.contains(&place(url));
        let scheme = url.scheme() == base.scheme() || (url.scheme() == "https" && base.scheme() == "http");
        let fits = ours && scheme && url.username().is_empty() && (!with_key || url.origin() == base.origin());
        if fits { Ok(()) } else { Err(broken()) }
    }
}

fn pause(tried: u32) {
    sleep(Duration::from_millis(400) * tried);
}

const fn refused(status: u16) -> Failure {
    match status {
        401 | 403 => Failure(Class::Denied, false),
        404 | 410 => Failure(Class::NotFound, false),
        429 | 502..=504 => Failure(Class::Unavailable, true),
        500..=599 => Failure(Class::Unavailable, false),
        _ => broken(),
    }
}
