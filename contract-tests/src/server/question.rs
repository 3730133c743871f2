//! The requests of the server gate and their responses.

use crewpass_diagnostics::escape;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::operation::{self, Name};

/// The longest part of a body that is shown, in characters.
const LONGEST_EXCERPT: usize = 120;

/// The credential of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A key of the expectation, by its name.
    Key(String),
    /// No key at all.
    Nobody,
    /// A key that does not exist.
    Unknown,
    /// The key `full` in X-Partner-API-Key.
    Header,
    /// The key `full` behind `bearer`.
    LowerCase,
    /// The key `full` behind `Basic`.
    Basic,
    /// The key `full` as the user name of `Basic`, in base64.
    BasicUser,
    /// The key `full` as the password of `Basic`, in base64.
    BasicPassword,
    /// The key `full` in Authorization, without a scheme.
    Bare,
    /// The key `full`, and the one that does not exist, in two headers.
    Both,
}

/// The kind of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The documents of a crew member.
    List,
    /// A link to one.
    Link,
    /// The file behind a link.
    File,
    /// The partner of the key.
    Me,
    /// The vessels of the fleet.
    Vessels,
    /// A page of the fleet.
    Fleet,
    /// A crew member by e-mail address.
    Lookup,
    /// The profile of a crew member.
    Profile,
    /// The photo of a crew member.
    Photo,
    /// The compliance of a crew member.
    Compliance,
    /// Something that does not exist, or that no good client requests.
    Odd,
}

/// The state of the server at the time of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was changed, or time alone.
    Baseline,
    /// 12 minutes after the link was given.
    Later,
    /// After the link expired.
    Expired,
    /// While the file store is down.
    StoreDown,
    /// After it came back.
    StoreUp,
    /// After a re-upload.
    Reuploaded,
    /// A query or a body that a good client does not send, or whose response is not documented.
    Variation,
    /// With `--hostile`.
    Hostile,
    /// In a burst.
    Burst,
    /// After a burst met the limit: in the scope of a link, or once the promised wait is over.
    AfterBurst,
    /// A request that met the rate limit and was sent again.
    Limited,
}

/// A request in the terms of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The kind.
    pub step: Step,
    /// The credential.
    pub by: Credential,
    /// The crew member's id.
    pub crew: String,
    /// The document's id; empty for a list.
    pub document: String,
    /// The query and the body.
    pub input: Input,
    /// The state of the server.
    pub phase: Phase,
    /// The unusual part of the request, in words; empty for a usual one.
    pub detail: String,
}

/// What a request has beside its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// The parameters of the query, in order.
    pub query: Vec<(&'static str, String)>,
    /// The body.
    pub body: Option<Body>,
}

/// The body of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The Content-Type, if there is one.
    pub content_type: Option<&'static str>,
    /// The bytes.
    pub text: String,
}

/// The reason why there was no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The reason in words.
    pub why: String,
    /// The kind of the reason.
    pub kind: BrokenKind,
}

/// The kind of a reason why there was no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenKind {
    /// TLS failed: a certificate, or a server that does not speak it.
    Tls,
    /// The response, or its body, did not end in time.
    Timeout,
    /// Any other reason.
    Connection,
}

/// A request with its response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The number of the exchange, from 1.
    pub seq: u64,
    /// The request.
    pub question: Question,
    /// The method.
    pub method: &'static str,
    /// The path, or the whole URL of a link.
    pub target: String,
    /// The status; 0 without a response.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The kept part of the body.
    pub body: Vec<u8>,
    /// SHA-256 of the whole body, in hexadecimal.
    pub sha256: String,
    /// The whole length.
    pub len: u64,
    /// The reason if there was no response.
    pub broken: Option<Broken>,
    /// The time of the response by the clock of the gate, in Unix seconds.
    pub at: i64,
    /// Is true if the server's clock had been moved: a Date of a proxy does not follow it.
    pub clock_moved: bool,
}

impl Question {
    /// Creates a request in the baseline phase.
    pub fn new(step: Step, by: Credential, crew: &str, document: &str) -> Self {
        Self {
            step,
            by,
            crew: crew.to_owned(),
            document: document.to_owned(),
            input: Input::default(),
            phase: Phase::Baseline,
            detail: String::new(),
        }
    }

    /// Returns the same request in another phase.
    #[must_use]
    pub fn at(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }

    /// Returns the same request with another parameter in its query.
    #[must_use]
    pub fn with_query(mut self, name: &'static str, value: &str) -> Self {
        self.input.query.push((name, value.to_owned()));
        self
    }

    /// Returns the same request with a JSON body.
    #[must_use]
    pub fn with_json(self, body: &Value) -> Self {
        self.with_body(Some("application/json"), body.to_string())
    }

    /// Returns the same request with a body.
    #[must_use]
    pub fn with_body(mut self, content_type: Option<&'static str>, text: String) -> Self {
        self.input.body = Some(Body { content_type, text });
        self
    }

    /// Returns a parameter of the query.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.input.query.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the path with the query; each value passes `shown`.
    pub(super) fn target(&self, shown: impl Fn(&str, &str) -> String) -> String {
        let path = self.step.operation().map(|name| operation::path(name, &[&self.crew, &self.document]));
        let path = path.unwrap_or_default();
        if self.input.query.is_empty() {
            return path;
        }
        let pairs: Vec<_> =
            self.input.query.iter().map(|(name, value)| format!("{name}={}", shown(name, value))).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    /// Returns the same request with its unusual part in words.
    #[must_use]
    pub fn with_detail(self, detail: &str) -> Self {
        Self { detail: detail.to_owned(), ..self }
    }
}

impl Step {
    /// Returns the operation of the API; `None` for a link that is followed, and for what is not an operation.
    pub(super) const fn operation(self) -> Option<Name> {
        match self {
            Self::List => Some(Name::ListDocuments),
            Self::Link => Some(Name::GetDownloadLink),
            Self::Me => Some(Name::GetPartner),
            Self::Vessels => Some(Name::ListVessels),
            Self::Fleet => Some(Name::ListFleet),
            Self::Lookup => Some(Name::LookUpCrew),
            Self::Profile => Some(Name::GetProfile),
            Self::Photo => Some(Name::GetPhoto),
            Self::Compliance => Some(Name::CheckCompliance),
            Self::File | Self::Odd => None,
        }
    }

    /// Returns true if a response shows personal data that no report may repeat.
    const fn is_personal(self) -> bool {
        matches!(self, Self::Profile | Self::Lookup)
    }
}

impl Credential {
    /// Returns the key `full`.
    pub fn full() -> Self {
        Self::Key("full".to_owned())
    }

    /// Returns the credential in words.
    pub fn description(&self) -> String {
        match self {
            Self::Key(name) => format!("key {name}"),
            Self::Nobody => "no key".to_owned(),
            Self::Unknown => "a key that does not exist".to_owned(),
            Self::Header => "key full in X-Partner-API-Key".to_owned(),
            Self::LowerCase => "key full behind `bearer`".to_owned(),
            Self::Basic => "key full behind `Basic`".to_owned(),
            Self::BasicUser => "key full as the user name of Basic".to_owned(),
            Self::BasicPassword => "key full as the password of Basic".to_owned(),
            Self::Bare => "key full without a scheme".to_owned(),
            Self::Both => "key full and one that does not exist".to_owned(),
        }
    }
}

impl Answer {
    /// Returns the body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Returns the text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the time of the response in Unix seconds: its Date, or else the time by the clock of the gate.
    pub fn server_time(&self) -> i64 {
        let date = self.header("date").and_then(|text| httpdate::parse_http_date(text).ok());
        date.and_then(|date| Timestamp::try_from(date).ok()).map_or(self.at, Timestamp::as_second)
    }

    /// Returns the code of the error.
    pub fn code(&self) -> Option<String> {
        Some(self.json()["error"]["code"].as_str()?.to_owned())
    }

    /// Returns true if there was a response.
    pub const fn came(&self) -> bool {
        self.status != 0
    }

    /// Returns true if the response did not end in time.
    pub fn is_timeout(&self) -> bool {
        self.broken.as_ref().is_some_and(|broken| broken.kind == BrokenKind::Timeout)
    }

    /// Returns the items of a list.
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().cloned().unwrap_or_default()
    }

    /// Returns the link of a successful response.
    pub fn link(&self) -> Option<String> {
        if self.status != 200 {
            return None;
        }
        self.json()["download_url"].as_str().map(ToOwned::to_owned)
    }

    /// Returns status, code and the beginning of the body, for findings.
    pub fn summary(&self) -> String {
        if let Some(broken) = &self.broken {
            return format!("no answer: {}", broken.why);
        }
        let scope = self.json()["error"]["scope"].as_str().map(|scope| format!(", scope {scope}")).unwrap_or_default();
        match self.code() {
            Some(code) => format!("{} `{code}`{scope}", self.status),
            None => format!("{} {}", self.status, self.excerpt()),
        }
    }

    fn excerpt(&self) -> String {
        if self.len == 0 {
            return "without a body".to_owned();
        }
        if self.question.step.is_personal() && self.status < 400 {
            return format!("with {} bytes", self.len);
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) => format!("with {}", escape::line(text, LONGEST_EXCERPT)),
            Err(_) => format!("with {} bytes", self.len),
        }
    }
}
