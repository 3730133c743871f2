//! The wire transcript: what arrived at our listeners, as it arrived, and what went back.
//!
//! Nothing here is a type of the fake: what a request means is read from its target by the gate itself, so that a
//! mistake of the fake can't pass for a client that is right.

use std::time::Duration;

use bytes::Bytes;

use crate::operation::{self, Name};

/// Which of our listeners a request came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Listener {
    /// The one that `BASE` names.
    Base,
    /// A second origin that the client gets as a CrewPass domain.
    Second,
    /// A host that is not one of the trusted origins.
    Foreign,
}

/// A step of the contract, read from a request's target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A page of the fleet.
    Fleet {
        /// The cursor, decoded once as a form value; `None` for the first page.
        cursor: Option<String>,
    },
    /// Another operation that names no crew member in its path.
    Partner {
        /// The operation.
        operation: Name,
    },
    /// Another operation about a crew member; the id as the path has it.
    Person {
        /// The operation.
        operation: Name,
        /// Still percent-encoded.
        crew: String,
    },
    /// The list of a crew member's documents; the id as the path has it.
    List {
        /// Still percent-encoded.
        crew: String,
    },
    /// A link to a document; the ids as the path has them.
    Link {
        /// Still percent-encoded.
        crew: String,
        /// Still percent-encoded.
        document: String,
    },
    /// A link that is followed.
    File {
        /// The last segment with its query, as the target has it.
        token: String,
    },
    /// Anything else.
    Other,
}

impl Step {
    /// Classifies a request target by the operations of the API (contract section 1). Nothing is decoded.
    pub fn from_target(target: &str) -> Self {
        let Some(known) = operation::classify(target) else { return Self::Other };
        match (known.name, known.raw.as_slice()) {
            // An empty cursor counts as none.
            (Name::ListFleet, []) => {
                let cursor = operation::query_values(target, "cursor").pop();
                Self::Fleet { cursor: cursor.filter(|cursor| !cursor.is_empty()) }
            }
            (operation, []) => Self::Partner { operation },
            (operation @ (Name::GetProfile | Name::GetPhoto | Name::CheckCompliance), [crew]) => {
                Self::Person { operation, crew: (*crew).to_owned() }
            }
            (Name::ListDocuments, [crew]) => Self::List { crew: (*crew).to_owned() },
            (Name::GetDownloadLink, [crew, document]) => {
                Self::Link { crew: (*crew).to_owned(), document: (*document).to_owned() }
            }
            (Name::FollowLink, [token]) => Self::File { token: (*token).to_owned() },
            _ => Self::Other,
        }
    }
}

/// One request and its answer.
#[derive(Clone)]
pub struct Exchange {
    /// Its place in the order in which requests were decided, over all listeners of the scenario.
    pub seq: u64,
    /// The listener that it came to.
    pub listener: Listener,
    /// Is true if it came over TLS.
    pub tls: bool,
    /// Which connection it came by.
    pub connection: u64,
    /// When it was decided, since the run began.
    pub started: Duration,
    /// When its answer had ended, since the run began; `None` if it had not when the run was over.
    pub ended: Option<Duration>,
    /// The method.
    pub method: String,
    /// The request target, byte for byte; where `BASE` has a path, without that path, or with `/outside` in front of it
    /// if it was left out.
    pub target: String,
    /// The request's headers in their order, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The status; 0 where the fault sent none.
    pub status: u16,
    /// The answer's headers.
    pub response_headers: Vec<(String, Vec<u8>)>,
    /// The answer's body, where it is JSON.
    pub json: Option<Bytes>,
    /// The number of bytes of the body that went out.
    pub bytes: u64,
    /// Is true if the body went out whole.
    pub whole: bool,
    /// The fault of the scenario that fired, by name.
    pub fault: Option<String>,
}

impl Exchange {
    /// Returns the step that the request is for.
    pub fn step(&self) -> Step {
        Step::from_target(&self.target)
    }

    /// Returns the values of a request header, by its name in lower case, as far as they are text.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.headers, name)
    }

    /// Returns the values of an answer's header, by its name in lower case, as far as they are text.
    pub fn response_header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.response_headers, name)
    }

    /// Returns the answer's JSON, parsed at each call.
    pub fn answer(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(self.json.as_deref()?).ok()
    }
}

fn values<'a>(headers: &'a [(String, Vec<u8>)], name: &'a str) -> impl Iterator<Item = &'a str> {
    let of_name = headers.iter().filter(move |(known, _)| known == name);
    of_name.filter_map(|(_, value)| std::str::from_utf8(value).ok())
}

impl std::fmt::Debug for Exchange {
    /// Formats what holds no secret: headers and bodies are left out, and the token of a target is shortened.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let step = match self.step() {
            Step::File { .. } => "file".to_owned(),
            other => format!("{other:?}"),
        };
        write!(f, "#{} {} {} -> {} ({} bytes)", self.seq, self.method, step, self.status, self.bytes)
    }
}

/// A TLS connection that carried no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The listener that it came to.
    pub listener: Listener,
    /// Is true if the handshake was completed. A client that refuses the certificate breaks it off; some look at the
    /// host's name only after it.
    pub completed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_keeps_its_ids_as_they_stand_in_the_target() {
        let link = operation::raw_path(Name::GetDownloadLink, &["a%2Fb", "d"]);
        assert_eq!(Step::from_target(&link), Step::Link { crew: "a%2Fb".into(), document: "d".into() });
        let list = operation::raw_path(Name::ListDocuments, &["crew_001"]);
        assert_eq!(Step::from_target(&format!("{list}?x=1")), Step::List { crew: "crew_001".into() });
        let file = operation::raw_path(Name::FollowLink, &["eyJ%2f?sig=~"]);
        assert_eq!(Step::from_target(&file), Step::File { token: "eyJ%2f?sig=~".into() });
        assert_eq!(Step::from_target(&format!("{list}/")), Step::Other);
        let fleet = operation::template(Name::ListFleet);
        let cursor = |query: &str| Step::from_target(&format!("{fleet}?{query}"));
        assert_eq!(cursor("limit=2&cursor=a%2Bb"), Step::Fleet { cursor: Some("a+b".into()) });
        assert_eq!(cursor("cursor="), Step::Fleet { cursor: None });
        let photo = operation::path(Name::GetPhoto, &["a/b"]);
        let step = Step::Person { operation: Name::GetPhoto, crew: "a%2Fb".into() };
        assert_eq!(Step::from_target(&photo), step);
        let me = operation::template(Name::GetPartner);
        assert_eq!(Step::from_target(me), Step::Partner { operation: Name::GetPartner });
    }
}
