//! What was asked of the server, by whom and when; and what came back.

use crewpass_diagnostics::escape;
use http::HeaderMap;
use serde_json::Value;

/// The longest part of a body that is shown, in characters.
const LONGEST_EXCERPT: usize = 120;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A key of the expectation, by its name.
    Key(String),
    /// Nobody: no key at all.
    Nobody,
    /// The one key that nobody has.
    Unknown,
    /// The key `full` in X-Partner-API-Key.
    Header,
    /// The key `full` behind `bearer`.
    LowerCase,
    /// The key `full`, and the one that nobody has, in two headers.
    Both,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The documents of a crew member.
    List,
    /// A link to one.
    Link,
    /// The file behind a link.
    File,
    /// Something that is not there, or should not be asked for.
    Odd,
}

/// When it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// While everything is well.
    Baseline,
    /// 12 minutes after the link was given.
    Later,
    /// After the link expired.
    Expired,
    /// While the file store is away.
    StoreDown,
    /// After it came back.
    StoreUp,
    /// After a re-upload.
    Reuploaded,
    /// With `--hostile`.
    Hostile,
    /// In a burst.
    Burst,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What for.
    pub step: Step,
    /// Who.
    pub by: Credential,
    /// About whom.
    pub crew: String,
    /// About which document; empty for a list.
    pub document: String,
    /// When.
    pub phase: Phase,
}

/// A question with its answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its place, from 1.
    pub seq: u64,
    /// What was asked.
    pub question: Question,
    /// The method.
    pub method: &'static str,
    /// The path, or the whole URL of a link.
    pub target: String,
    /// The status; 0 where there was no answer.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it is kept.
    pub body: Vec<u8>,
    /// SHA-256 of the whole body, in hexadecimal.
    pub sha256: String,
    /// The whole length.
    pub len: u64,
    /// Why there was no answer.
    pub broken: Option<String>,
    /// Unix seconds of our own clock.
    pub at: i64,
}

impl Question {
    /// A question in a calm moment.
    pub fn new(step: Step, by: Credential, crew: &str, document: &str) -> Self {
        Self { step, by, crew: crew.to_owned(), document: document.to_owned(), phase: Phase::Baseline }
    }

    /// The same at another moment.
    #[must_use]
    pub fn at(self, phase: Phase) -> Self {
        Self { phase, ..self }
    }
}

impl Credential {
    /// The key `full`.
    pub fn full() -> Self {
        Self::Key("full".to_owned())
    }

    /// In words.
    pub fn told(&self) -> String {
        match self {
            Self::Key(name) => format!("key {name}"),
            Self::Nobody => "no key".to_owned(),
            Self::Unknown => "a key that nobody has".to_owned(),
            Self::Header => "key full in X-Partner-API-Key".to_owned(),
            Self::LowerCase => "key full behind `bearer`".to_owned(),
            Self::Both => "key full and one that nobody has".to_owned(),
        }
    }
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The code of the envelope.
    pub fn code(&self) -> Option<String> {
        Some(self.json()["error"]["code"].as_str()?.to_owned())
    }

    /// Whether there was an answer.
    pub const fn came(&self) -> bool {
        self.status != 0
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().cloned().unwrap_or_default()
    }

    /// The link that was given.
    pub fn link(&self) -> Option<String> {
        if self.status != 200 {
            return None;
        }
        self.json()["download_url"].as_str().map(ToOwned::to_owned)
    }

    /// Status, code and the beginning of the body, for findings.
    pub fn told(&self) -> String {
        if let Some(broken) = &self.broken {
            return format!("no answer: {broken}");
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
        match std::str::from_utf8(&self.body) {
            Ok(text) => format!("with {}", escape::line(text, LONGEST_EXCERPT)),
            Err(_) => format!("with {} bytes", self.len),
        }
    }
}
