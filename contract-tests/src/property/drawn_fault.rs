//! A drawn fault: its effect, step, document and number of times.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::client::scenario::{RightExit, StepName};
use crate::operation::masked_file_path;

/// A drawn fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DrawnFault {
    pub(super) what: FaultKind,
    pub(super) step: StepName,
    /// The document, or `None` for all.
    pub(super) document: Option<usize>,
    /// The number of times, or `None` for always.
    pub(super) times: Option<u8>,
}

/// The effect of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    Latency,
    Note,
    GzipHonoured,
    GzipAlways,
    ContentType,
    Drip,
    Status {
        code: u16,
        body: &'static str,
        wait: bool,
    },
    /// A 503 at first, and then a final refusal.
    BusyThenNo,
    Loop,
    /// A redirect to the same path with a page in every answer.
    LoopPage,
    Away,
    /// A redirect of the link step to another origin.
    KeyAway,
    Reset,
    Close,
    Stall,
    StallAfter,
    Cut {
        reset: bool,
    },
    CutChunks,
    Malformed,
    Truncated,
    NoItems,
    ItemsObject,
    NoLink,
    LinkEscaped,
    LinkToDisk,
    LinkRelative,
    LinkElsewhere,
}

const CODES: [u16; 8] = [400, 401, 403, 404, 429, 500, 502, 503];
const BODIES: [&str; 6] = ["envelope", "empty", "html", "text", "json_array", "problem"];

/// Draws a fault that is possible at its step. The document is one of `most`.
pub(super) fn fault(most: usize) -> impl Strategy<Value = DrawnFault> {
    let status = || {
        (select(&CODES[..]), select(&BODIES[..]), any::<bool>()).prop_map(|(code, body, wait)| FaultKind::Status {
            code,
            body,
            wait: wait && matches!(code, 429 | 503),
        })
    };
    let anywhere = [
        FaultKind::Latency,
        FaultKind::GzipHonoured,
        FaultKind::Latency,
        FaultKind::GzipHonoured,
        FaultKind::GzipAlways,
        FaultKind::Drip,
        FaultKind::Loop,
        FaultKind::Reset,
        FaultKind::Close,
        FaultKind::Stall,
        FaultKind::StallAfter,
        FaultKind::Cut { reset: false },
        FaultKind::Cut { reset: true },
        FaultKind::CutChunks,
    ];
    let with = |more: &[FaultKind]| [&anywhere[..], more].concat();
    let json = [FaultKind::Note, FaultKind::Note, FaultKind::Note, FaultKind::Malformed, FaultKind::Truncated];
    let at = move |step: StepName, kinds: Vec<FaultKind>| {
        prop_oneof![4 => select(kinds), 1 => status()].prop_map(move |what| (step, what))
    };
    let list = at(
        StepName::List,
        with(&[&json[..], &[FaultKind::NoItems, FaultKind::ItemsObject, FaultKind::BusyThenNo]].concat()),
    );
    let links = [
        FaultKind::NoLink,
        FaultKind::LinkEscaped,
        FaultKind::LinkEscaped,
        FaultKind::LinkToDisk,
        FaultKind::LinkRelative,
        FaultKind::LinkElsewhere,
        FaultKind::KeyAway,
        FaultKind::BusyThenNo,
    ];
    let link = at(StepName::Link, with(&[&json[..], &links, &links].concat()));
    let file =
        at(StepName::File, with(&[FaultKind::ContentType, FaultKind::Away, FaultKind::LoopPage, FaultKind::LoopPage]));
    let document = prop_oneof![1 => Just(None), 2 => (0..most).prop_map(Some)];
    let times = prop_oneof![3 => Just(None), 2 => Just(Some(1)), 1 => Just(Some(2))];
    (prop_oneof![3 => link, 2 => file, 2 => list], document, times).prop_map(|((step, what), document, times)| {
        DrawnFault { what, step, document: document.filter(|_| step != StepName::List), times }
    })
}

impl DrawnFault {
    /// Returns true if a file breaks off, and not at every try.
    pub(super) fn breaks_off_a_file(&self) -> bool {
        use FaultKind::{Cut, CutChunks, StallAfter};
        self.step == StepName::File && self.times.is_some() && matches!(self.what, Cut { .. } | CutChunks | StallAfter)
    }
}

impl FaultKind {
    /// Returns true if the fault acts before the checks; the first such fault hides all others.
    pub(super) const fn is_front(self) -> bool {
        use FaultKind::{Away, BusyThenNo, Close, KeyAway, Loop, LoopPage, Reset, Stall, Status};
        matches!(self, Status { .. } | BusyThenNo | Loop | LoopPage | Away | KeyAway | Reset | Close | Stall)
    }

    /// Returns the exit of a client that meets the fault at every try.
    pub(super) const fn comes_to(self) -> RightExit {
        use FaultKind::{
            Away, BusyThenNo, Close, ContentType, Cut, CutChunks, Drip, GzipAlways, GzipHonoured, ItemsObject, KeyAway,
            Latency, LinkElsewhere, LinkEscaped, LinkRelative, LinkToDisk, Loop, LoopPage, Malformed, NoItems, NoLink,
            Note, Reset, Stall, StallAfter, Status, Truncated,
        };
        match self {
            Latency | Note | GzipHonoured | LinkEscaped => RightExit::Saved,
            // An unrequested coding, an unusual type, a slow body, another origin: no MUST covers
            // these.
            GzipAlways | ContentType | Drip | Away | LinkElsewhere => RightExit::Either,
            Status { .. }
            | BusyThenNo
            | Loop
            | LoopPage
            | KeyAway
            | Reset
            | Close
            | Stall
            | StallAfter
            | Cut { .. }
            | CutChunks
            | Malformed
            | Truncated
            | NoItems
            | ItemsObject
            | NoLink
            | LinkToDisk
            | LinkRelative => RightExit::Refused,
        }
    }

    /// Returns true if the fault may make a client wait.
    pub(super) const fn waits(self) -> bool {
        use FaultKind::{BusyThenNo, Close, Cut, CutChunks, Loop, LoopPage, Reset, Stall, StallAfter, Status};
        matches!(
            self,
            Status { .. } | BusyThenNo | Loop | LoopPage | Reset | Close | Stall | StallAfter | Cut { .. } | CutChunks
        )
    }

    /// Returns true if a client tries again after it, with a pause or after a time limit.
    pub(super) const fn is_retried(self) -> bool {
        use FaultKind::{BusyThenNo, Close, Cut, CutChunks, Reset, Stall, StallAfter, Status};
        match self {
            Status { code, .. } => code == 429 || code >= 500,
            BusyThenNo | Reset | Close | Stall | StallAfter | Cut { .. } | CutChunks => true,
            _ => false,
        }
    }

    /// Returns the fake's name of the effect.
    #[cfg(test)]
    pub(super) fn kind(self) -> &'static str {
        let fault = DrawnFault { what: self, step: StepName::Link, document: None, times: None };
        let rule =
            fault.rules(0, &[]).remove(0).to_string().replace("{foreign}", "{base}").replace("{canary}", "/canary");
        crate::client::run::effect_of_fault(&serde_json::from_str(&rule).unwrap()).unwrap()
    }

    fn then(self) -> Value {
        match self {
            Self::Latency => json!({"latency": "60ms"}),
            Self::Note => json!({"json": {"set": {"/note": "more"}}}),
            Self::GzipHonoured => json!({"gzip": "honoured"}),
            Self::GzipAlways => json!({"gzip": "always"}),
            Self::ContentType => json!({"content_type": "application/x-unknown"}),
            Self::Drip => json!({"drip": {"bytes": 8192, "every": "20ms"}}),
            Self::Status { code, body, wait: false } => json!({"status": {"code": code, "body": body}}),
            Self::Status { code, body, wait: true } => {
                json!({"status": {"code": code, "body": body, "retry_after": {"seconds": 1}}})
            }
            Self::BusyThenNo => json!({"status": 503}),
            Self::Loop => json!({"redirect": {"status": 302, "to": "self"}}),
            Self::LoopPage => json!({"status": {
                "code": 302,
                "headers": {"Location": "?again"},
                "body": {"content_type": "text/html", "text": "<p>The document has moved.</p>"},
            }}),
            Self::Away | Self::KeyAway => json!({"redirect": {"status": 307, "to": "{foreign}{path}"}}),
            Self::Reset => json!({"reset": true}),
            Self::Close => json!({"close": true}),
            Self::Stall => json!({"stall": true}),
            Self::StallAfter => json!({"stall": {"after": 20}}),
            Self::Cut { reset: false } => json!({"cut": {"after": 20}}),
            Self::Cut { reset: true } => json!({"cut": {"after": 20, "how": "reset"}}),
            Self::CutChunks => json!({"cut": {"after": 20, "chunked": true}}),
            Self::Malformed => json!({"malformed": true}),
            Self::Truncated => json!({"truncated": 20}),
            Self::NoItems => json!({"json": {"remove": ["/items"]}}),
            Self::ItemsObject => json!({"json": {"set": {"/items": {}}}}),
            Self::LinkEscaped => json!({"link": format!("{{base}}{}?sig=a%2Fb%2bc+d==~e%2E&x=", masked_file_path())}),
            Self::LinkToDisk => json!({"link": "file://{canary}"}),
            Self::LinkRelative => json!({"link": masked_file_path()}),
            Self::NoLink => json!({"link": null}),
            Self::LinkElsewhere => json!({"link": format!("{{foreign}}{}", masked_file_path())}),
        }
    }
}

impl DrawnFault {
    /// Returns true if the fault changes nothing, or refuses one document's link by a status that
    /// is not about the key.
    pub(super) fn is_a_refusal_of_one(&self) -> bool {
        let refuses = matches!(self.what, FaultKind::Status { code: 404 | 500..=599, .. }) && self.times.is_none();
        self.what.comes_to() == RightExit::Saved || (refuses && self.step == StepName::Link)
    }

    /// Returns true if every try meets the fault.
    pub(super) const fn stays(&self) -> bool {
        self.times.is_none() || matches!(self.what, FaultKind::BusyThenNo)
    }

    /// Returns the fault as rules for the fake.
    pub(super) fn rules(&self, number: usize, ids: &[String]) -> Vec<Value> {
        let step = self.step.name();
        let mut rule = json!({"name": format!("fault-{}", number + 1), "match": {"step": step}});
        if let Some(id) = self.document.and_then(|place| ids.get(place)) {
            rule["match"]["document"] = json!(id);
        }
        let brief = self.what == FaultKind::BusyThenNo;
        if let Some(times) = self.times.or(brief.then_some(1)) {
            rule["when"] = json!({"times": times});
        }
        rule["then"] = self.what.then();
        let no = brief.then(|| {
            let then = json!({"status": {"error": "scope_not_granted", "scope": "crew:documents:download"}});
            json!({"name": format!("fault-{}-no", number + 1), "match": rule["match"], "then": then})
        });
        std::iter::once(rule).chain(no).collect()
    }
}
