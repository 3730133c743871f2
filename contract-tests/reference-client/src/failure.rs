//! What went wrong, how it counts in the exit code, and whether another try may help.

use std::time::Duration;

/// The classes of the exit code, by the first cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Denied = 20,
    NotFound = 21,
    Unavailable = 22,
    BrokenContract = 23,
    Local = 24,
}

/// Whether another try may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// The answer is final.
    No,
    /// It may pass soon.
    Soon,
    /// It may have passed already, as a variant reads a wait of nothing.
    AtOnce,
    /// The server took too long: once more, since each try costs that long.
    Once,
}

/// The step of a download that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailedStep {
    Fleet,
    List,
    Link,
    File,
}

impl FailedStep {
    /// Returns the name in messages and in the results of a session.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::List => "list",
            Self::Link => "link",
            Self::File => "file",
        }
    }
}

/// A step or a document that failed. Nothing in it is a secret: neither a link nor the key.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) class: Class,
    pub(crate) message: String,
    /// The step, if it is known.
    pub(crate) step: Option<FailedStep>,
    /// The document, if it is about one.
    pub(crate) document: Option<String>,
    /// The status, where the server answered with a refusal.
    pub(crate) status: Option<u16>,
    /// The code of the error envelope, where the body was one.
    pub(crate) code: Option<String>,
    /// Is true if a link's response has no URL to follow.
    pub(crate) lacks_link: bool,
    /// Is true if the body of a list, a link or a page is not JSON.
    pub(crate) is_unreadable: bool,
    pub(crate) again: Again,
    /// The least that the server asks to wait.
    pub(crate) wait: Duration,
}

impl Failure {
    fn new(class: Class, message: impl Into<String>, again: Again) -> Self {
        let (message, wait) = (message.into(), Duration::ZERO);
        let (step, document, status, code, lacks_link, is_unreadable) = (None, None, None, None, false, false);
        Self { class, message, step, document, status, code, lacks_link, is_unreadable, again, wait }
    }

    /// Creates the failure of an answer that the contract does not allow.
    pub(crate) fn contract(message: impl Into<String>) -> Self {
        Self::new(Class::BrokenContract, message, Again::No)
    }

    /// Creates the failure of a link's response without a URL to follow.
    pub(crate) fn no_link() -> Self {
        Self { lacks_link: true, ..Self::contract("the answer has no download_url") }
    }

    /// Creates the failure of a body that is not JSON.
    pub(crate) fn unreadable() -> Self {
        Self { is_unreadable: true, ..Self::contract("the answer is not JSON") }
    }

    /// Creates the failure of this machine or the command line.
    pub(crate) fn local(message: impl Into<String>) -> Self {
        Self::new(Class::Local, message, Again::No)
    }

    /// Creates the failure of a connection that failed or broke.
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::new(Class::Unavailable, message, Again::Soon)
    }

    /// Creates the failure of a server that sent nothing for too long.
    pub(crate) fn slow(message: impl Into<String>) -> Self {
        Self::new(Class::Unavailable, message, Again::Once)
    }

    /// Creates the failure of a status that is not 200, with the code of its body.
    pub(crate) fn refused(status: u16, code: Option<String>, wait: Duration) -> Self {
        let class = match status {
            401 | 403 => Class::Denied,
            404 | 410 => Class::NotFound,
            429 | 500..=599 => Class::Unavailable,
            _ => Class::BrokenContract,
        };
        let again = if matches!(status, 429 | 502..=504) { Again::Soon } else { Again::No };
        let message = match &code {
            Some(code) => format!("HTTP {status} {code}"),
            None => format!("HTTP {status}"),
        };
        Self { status: Some(status), code, wait, ..Self::new(class, message, again) }
    }

    /// Returns true if the link that was followed is dead, so that a new one may work.
    pub(crate) fn is_dead_link(&self) -> bool {
        matches!(self.status, Some(403 | 404 | 410))
    }

    /// Returns true if it is about the consent of one person.
    pub(crate) fn is_of_the_person(&self) -> bool {
        self.code.as_deref() == Some("scope_not_consented")
    }

    /// Returns true if every further link would be refused as well: it is about the key, not about the document.
    pub(crate) fn is_about_the_key(&self) -> bool {
        const CODES: [&str; 4] =
            ["scope_not_granted", "scope_not_consented", "api_not_enabled", "partner_mode_mismatch"];
        self.status == Some(401) || self.code.as_deref().is_some_and(|code| CODES.contains(&code))
    }

    /// Returns the failure as one of the file step: why a link is refused says nothing about the key.
    #[must_use]
    pub(crate) fn of_the_file(self) -> Self {
        Self { status: None, code: None, ..self }.during(FailedStep::File)
    }

    /// Returns the failure as that of a step, whose name its message begins with.
    #[must_use]
    pub(crate) fn during(self, step: FailedStep) -> Self {
        Self { message: format!("{}: {}", step.name(), self.message), step: Some(step), ..self }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::local(error.kind().to_string())
    }
}
