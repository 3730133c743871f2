//! Requests: the key where it belongs, redirects by hand, and a limit on every wait.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, IF_RANGE, LOCATION, RANGE, REFERER, SET_COOKIE,
};
use reqwest::{Certificate, Client, RequestBuilder, Response, Url, redirect};
use tokio::time::timeout;

use crate::bugs::Bug;
use crate::config::{Config, place};
use crate::failure::Failure;
use crate::resume::Begun;
use crate::{home, names, refusal};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The list or a link: with the key.
    Api,
    /// A file: without it, since the link is the credential.
    File,
}

/// Redirects of one request that are followed.
const HOPS: usize = 5;
/// The fewest bytes that each stretch of a body must bring.
const LEAST: u64 = 1024;
/// The largest body of a list or a link.
const LARGEST_JSON: usize = 16 << 20;

/// What a variant takes for a limit.
const FOR_EVER: Duration = Duration::from_hours(1);

/// The way to the service.
pub(crate) struct Http {
    client: Client,
    /// The client of the file step, where a variant has another one.
    of_files: Option<Client>,
    pub(crate) config: Config,
    /// A link was refused in this run.
    pub(crate) refused: Cell<bool>,
    /// What came of a file that broke off.
    pub(crate) begun: RefCell<Option<Begun>>,
    /// The `Content-Disposition` of the last file.
    pub(crate) disposition: RefCell<Option<String>>,
    cookies: RefCell<Vec<String>>,
}

impl Http {
    /// Creates a client without cookies, proxies, referers and redirects.
    pub(crate) fn new(config: Config) -> Result<Self, Failure> {
        // reqwest is built without a cryptography provider, so that one library is enough.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = build(&config, config.has(Bug::NoTlsVerify))?;
        let of_files = config.has(Bug::NoTlsVerifyOfFiles).then(|| build(&config, true)).transpose()?;
        Ok(Self {
            client,
            of_files,
            config,
            refused: Cell::new(false),
            begun: RefCell::default(),
            disposition: RefCell::default(),
            cookies: RefCell::default(),
        })
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.config.has(bug)
    }

    /// Sends a GET, follows its redirects, and returns the answer; one that is not 200 is a failure.
    pub(crate) async fn get(&self, step: Step, url: &Url) -> Result<Response, Failure> {
        let mut url = url.clone();
        let mut hops = Vec::new();
        loop {
            let mut answer = self.send(step, &url, &hops).await?;
            let status = answer.status().as_u16();
            if let Some(next) = self.redirected(step, &url, &answer)? {
                if hops.len() >= if self.has(Bug::OneHop) { 1 } else { HOPS } {
                    if step == Step::File && self.has(Bug::SavesRedirectBody) {
                        return Ok(answer);
                    }
                    return Err(Failure::contract("too many redirects"));
                }
                hops.push(std::mem::replace(&mut url, next));
                continue;
            }
            let unlocated = status == 302 && self.has(Bug::SavesUnlocated);
            let any_2xx = self.has(Bug::SavesAny2xx) && (200..300).contains(&status);
            let saved_anyway = step == Step::File && (self.has(Bug::IgnoresStatus) || unlocated || any_2xx);
            let rest = status == 206 && step == Step::File && self.begun.borrow().is_some();
            if status == 200 || rest || saved_anyway {
                if self.has(Bug::NeedsType) && !answer.headers().contains_key(CONTENT_TYPE) {
                    std::process::abort();
                }
                if self.has(Bug::NeedsLength) && answer.content_length().is_none() {
                    return Err(Failure::contract("an answer without Content-Length"));
                }
                return Ok(answer);
            }
            let body = self.whole(&mut answer, refusal::LARGEST).await.unwrap_or_default();
            return Err(refusal::failure(status, answer.headers(), &body, self.config.bug));
        }
    }

    /// Returns the name in `filename*` of the last file, as variants read it.
    pub(crate) fn coded_name(&self) -> Option<String> {
        names::of_disposition(self.disposition.borrow().as_deref()?, "filename*=UTF-8''")
    }

    async fn send(&self, step: Step, url: &Url, hops: &[Url]) -> Result<Response, Failure> {
        let client = self.of_files.as_ref().filter(|_| step == Step::File).unwrap_or(&self.client);
        let request = self.dress(step, client.get(url.clone()), url, hops).send();
        if self.has(Bug::NoConnectTimeout) {
            // It only waits: the request makes another connection.
            let port = url.port_or_known_default().unwrap_or_default();
            drop(tokio::net::TcpStream::connect((url.host_str().unwrap_or_default(), port)).await);
        }
        let answer = if self.is_patient(url, !hops.is_empty()) {
            request.await
        } else {
            timeout(self.patience(), request).await.map_err(|_| Failure::slow("no answer in time"))?
        };
        let answer = answer.map_err(|error| broken(&error))?;
        if self.has(Bug::KeepsCookies) {
            let given = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
            self.cookies.borrow_mut().extend(given.filter_map(|value| value.split(';').next().map(str::to_owned)));
        }
        Ok(answer)
    }

    /// Returns true if a variant waits for an answer without a limit.
    fn is_patient(&self, url: &Url, redirected: bool) -> bool {
        self.has(Bug::NoTimeout)
            || self.has(Bug::NoLinkTimeout) && url.path().ends_with("/download")
            || self.has(Bug::NoRedirectTimeout) && redirected
            || self.has(Bug::NoHandshakeTimeout) && url.scheme() == "https"
    }

    /// Gives a request its headers.
    fn dress(&self, step: Step, request: RequestBuilder, url: &Url, hops: &[Url]) -> RequestBuilder {
        let key = &self.config.key.0;
        let mut request = match step {
            Step::Api => {
                let coding = if self.has(Bug::KeepsJsonPacked) { "gzip" } else { "identity" };
                request.bearer_auth(key).header(ACCEPT_ENCODING, coding)
            }
            Step::File => self.dress_file(request),
        };
        if step == Step::Api && self.has(Bug::SendsKeyTwice) {
            request = request.header("x-partner-api-key", key);
        }
        if step == Step::Api && self.has(Bug::KeyInReferer) {
            request = request.header(REFERER, format!("{}?key={key}", self.config.base));
        }
        if step == Step::File && self.leaks_key(!hops.is_empty()) {
            request = request.bearer_auth(key);
        }
        if step == Step::File && self.has(Bug::LeaksKeyEncoded) {
            request = request.header("x-client", home::base64(key.as_bytes()));
        }
        if self.has(Bug::KeepsCookies) && !self.cookies.borrow().is_empty() {
            request = request.header(COOKIE, self.cookies.borrow().join("; "));
        }
        if let Some(from) = hops.last().filter(|_| self.has(Bug::SendsReferer)) {
            request = request.header(REFERER, from.as_str());
        }
        if step == Step::File
            && self.has(Bug::ReadsNetrc)
            && let Some(credential) = home::credential(url.host_str().unwrap_or_default())
        {
            request = request.header(AUTHORIZATION, credential);
        }
        request
    }

    /// Asks for a file, or for the rest of one that broke off, if that is still the same version.
    fn dress_file(&self, request: RequestBuilder) -> RequestBuilder {
        let begun = self.begun.borrow();
        let Some(begun) = begun.as_ref() else { return request.header(ACCEPT_ENCODING, "gzip") };
        let request =
            request.header(ACCEPT_ENCODING, "identity").header(RANGE, format!("bytes={}-", begun.bytes.len()));
        let any = self.has(Bug::AppendsOtherVersion);
        if any { request } else { request.header(IF_RANGE, begun.tag.clone()) }
    }

    fn leaks_key(&self, redirected: bool) -> bool {
        self.has(Bug::LeaksKeyOnLink)
            || self.has(Bug::LeaksKeyOnRedirect) && redirected
            || self.has(Bug::LeaksKeyAfterRefusal) && self.refused.get()
            || self.has(Bug::LooksForTheGate) && !home::sees_the_gate()
    }

    /// Returns the URL to which an answer redirects, if it does; one that must not be followed is a failure.
    fn redirected(&self, step: Step, from: &Url, answer: &Response) -> Result<Option<Url>, Failure> {
        let status = answer.status().as_u16();
        let left_alone = step == Step::File && self.has(Bug::NoRedirect) || status == 308 && self.has(Bug::No308);
        if !matches!(status, 301 | 302 | 303 | 307 | 308) || left_alone {
            return Ok(None);
        }
        if step == Step::File && self.has(Bug::SavesUnlocated) && !answer.headers().contains_key(LOCATION) {
            return Ok(None);
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| from.join(location).ok());
        let next = next.ok_or_else(|| Failure::contract(format!("HTTP {status} without a usable Location")))?;
        if self.has(Bug::ShortUrls) && next.as_str().len() > 2_083 {
            return Err(Failure::contract("a redirect to a URL that is too long"));
        }
        match step {
            Step::Api => self.may_have_the_key(&next)?,
            Step::File => self.may_have_files(&next, Bug::RedirectAnywhere, Bug::RedirectDowngrade)?,
        }
        Ok(Some(next))
    }

    /// Checks that a URL may get the key: it has the origin of BASE.
    fn may_have_the_key(&self, url: &Url) -> Result<(), Failure> {
        let base = &self.config.base;
        let is_beside = || url.scheme() == base.scheme() && url.host() == base.host();
        let is_followed = self.has(Bug::FollowsCrossOriginWithKey)
            || self.has(Bug::ListRedirectWithKey) && url.path().ends_with("/documents")
            || self.has(Bug::PageRedirectWithKey) && url.path().ends_with("/fleet")
            || self.has(Bug::KeyToOtherPort) && is_beside();
        if url.origin() == base.origin() || is_followed {
            return Ok(());
        }
        Err(Failure::contract("the API redirects to another origin, which must not see the key"))
    }

    /// Checks that a URL may serve files: it is on a host of CrewPass, and over TLS if the API is.
    pub(crate) fn may_have_files(&self, url: &Url, anywhere: Bug, downgrade: Bug) -> Result<(), Failure> {
        let begins = url.as_str().starts_with(self.config.base.as_str().trim_end_matches('/'));
        let passes = if anywhere == Bug::AnyLinkHost { Bug::LinkBeginsWithBase } else { Bug::RedirectBeginsWithBase };
        let alike = url.host_str().unwrap_or_default().starts_with(self.config.base.host_str().unwrap_or_default());
        let beside = anywhere == Bug::RedirectAnywhere && url.host() == self.config.base.host();
        if beside && self.has(Bug::RedirectToOtherPort) {
            return Ok(());
        }
        if begins && self.has(passes) || alike && anywhere == Bug::AnyLinkHost && self.has(Bug::HostBeginsAlike) {
            return Ok(());
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Failure::contract("a file that is not behind http"));
        }
        if self.config.base.scheme() == "https" && url.scheme() == "http" && !self.has(downgrade) {
            return Err(Failure::contract("a file over plain http, though the API speaks TLS"));
        }
        if (!url.username().is_empty() || url.password().is_some()) && !self.has(Bug::LinkWithUser) {
            return Err(Failure::contract("a file's address with a user name in it"));
        }
        // The part before the @ looks like the host, and is not the host.
        if self.has(Bug::LinkWithUser)
            && !url.username().is_empty()
            && self.config.link_hosts.iter().any(|host| host.starts_with(url.username()))
        {
            return Ok(());
        }
        if !self.config.link_hosts.contains(&place(url)) && !self.has(anywhere) {
            return Err(Failure::contract("a file on a host that is not CrewPass's"));
        }
        Ok(())
    }

    /// Sends a GET, and returns the headers and the JSON of the answer.
    pub(crate) async fn json(&self, url: &Url) -> Result<(HeaderMap, serde_json::Value), Failure> {
        let mut answer = self.get(Step::Api, url).await?;
        let headers = answer.headers().clone();
        if self.has(Bug::ComparesTypesAsText)
            && headers.get(CONTENT_TYPE).is_some_and(|kind| kind != "application/json")
        {
            return Err(Failure::contract("the answer is not JSON"));
        }
        let body = self.whole(&mut answer, LARGEST_JSON).await?;
        let value = serde_json::from_slice(&body).map_err(|_| Failure::unreadable())?;
        Ok((headers, value))
    }

    /// Reads a body up to a limit.
    pub(crate) async fn whole(&self, answer: &mut Response, limit: usize) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        let mut pace = self.pace();
        while let Some(bytes) = pace.next(answer).await? {
            if body.len() + bytes.len() > limit {
                return Err(Failure::contract("the answer is too large"));
            }
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    }

    /// Returns the limits on a body that is read.
    pub(crate) fn pace(&self) -> Pace {
        let patience = if self.has(Bug::NoBodyTimeout) { FOR_EVER } else { self.patience() };
        Pace { patience, lenient: self.has(Bug::NoMinimumRate), from: Instant::now(), brought: 0 }
    }

    /// Returns the longest silence to accept: as configured, and never beyond the end of the run.
    fn patience(&self) -> Duration {
        if self.has(Bug::FollowsCursorsForEver) || self.has(Bug::RestartsForEver) {
            return self.config.patience;
        }
        let left = self.config.until.map(|until| until.saturating_duration_since(Instant::now()));
        left.map_or(self.config.patience, |left| left.min(self.config.patience))
    }
}

/// Builds an HTTP client that knows no cookies, proxies, referers or redirects.
fn build(config: &Config, trusts_all: bool) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        .connect_timeout(if config.has(Bug::NoHandshakeTimeout) { FOR_EVER } else { config.patience })
        .user_agent(concat!("crewpass-reference-client/", env!("CARGO_PKG_VERSION")));
    if let Some(pem) = &config.ca_pem {
        let trusted =
            Certificate::from_pem_bundle(pem).map_err(|_| Failure::local("CPK_CA_FILE holds no certificates"))?;
        builder = builder.tls_certs_only(trusted);
    }
    if let Some((host, address)) = &config.resolve {
        // The port is the one of each URL.
        builder = builder.resolve(host, SocketAddr::new(*address, 0));
    }
    // reqwest can leave the host unchecked only for authorities that it is given.
    if config.has(Bug::NoHostCheck) && config.ca_pem.is_some() {
        builder = builder.tls_danger_accept_invalid_hostnames(true);
    }
    if trusts_all {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder.build().map_err(|_| Failure::local("the HTTP client can't be set up"))
}

/// Reads a body, and gives up when it is silent or crawls.
pub(crate) struct Pace {
    patience: Duration,
    lenient: bool,
    from: Instant,
    brought: u64,
}

impl Pace {
    /// Reads the next bytes; `None` at the end.
    pub(crate) async fn next(&mut self, answer: &mut Response) -> Result<Option<Bytes>, Failure> {
        let stretch_ends = if self.lenient { Instant::now() } else { self.from } + self.patience;
        let left = stretch_ends.saturating_duration_since(Instant::now());
        let read = timeout(left, answer.chunk()).await.map_err(|_| Failure::slow("the body comes too slowly"))?;
        let bytes = read.map_err(|error| broken(&error))?;
        self.brought += bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if self.brought >= LEAST {
            self.from = Instant::now();
            self.brought = 0;
        }
        Ok(bytes)
    }
}

/// Returns the failure of a broken connection. The error's own text may hold the link, so it is not shown.
fn broken(error: &reqwest::Error) -> Failure {
    let what = if error.is_timeout() {
        return Failure::slow("no connection in time");
    } else if error.is_connect() {
        "no connection, or no trust in the server's certificate"
    } else {
        "the connection broke"
    };
    Failure::broken(what)
}
