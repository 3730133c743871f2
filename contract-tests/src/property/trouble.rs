//! A fault as it is drawn: what happens, at which step, to which document and how often.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::scenario::{RightExit, StepName};

/// A fault.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) what: What,
    pub(super) step: StepName,
    /// One document, or all of them.
    pub(super) document: Option<usize>,
    /// So often, or always.
    pub(super) times: Option<u8>,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
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
    /// Refused as briefly down, then for good.
    BusyThenNo,
    Loop,
    /// The same with a page in every answer.
    LoopPage,
    Away,
    /// The key is asked to another origin.
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

/// A fault, of a kind that can be at its step. The document is one of `most`.
pub(super) fn trouble(most: usize) -> impl Strategy<Value = Trouble> {
    let status = || {
        (select(&CODES[..]), select(&BODIES[..]), any::<bool>()).prop_map(|(code, body, wait)| What::Status {
            code,
            body,
            wait: wait && matches!(code, 429 | 503),
        })
    };
    let anywhere = [
        What::Latency,
        What::GzipHonoured,
        What::Latency,
        What::GzipHonoured,
        What::GzipAlways,
        What::Drip,
        What::Loop,
        What::Reset,
        What::Close,
        What::Stall,
        What::StallAfter,
        What::Cut { reset: false },
        What::Cut { reset: true },
        What::CutChunks,
    ];
    let with = |more: &[What]| [&anywhere[..], more].concat();
    let json = [What::Note, What::Note, What::Note, What::Malformed, What::Truncated];
    let at = move |step: StepName, kinds: Vec<What>| {
        prop_oneof![4 => select(kinds), 1 => status()].prop_map(move |what| (step, what))
    };
    let list = at(StepName::List, with(&[&json[..], &[What::NoItems, What::ItemsObject, What::BusyThenNo]].concat()));
    let links = [
        What::NoLink,
        What::LinkEscaped,
        What::LinkEscaped,
        What::LinkToDisk,
        What::LinkRelative,
        What::LinkElsewhere,
        What::KeyAway,
        What::BusyThenNo,
    ];
    let link = at(StepName::Link, with(&[&json[..], &links, &links].concat()));
    let file = at(StepName::File, with(&[What::ContentType, What::Away, What::LoopPage, What::LoopPage]));
    let document = prop_oneof![1 => Just(None), 2 => (0..most).prop_map(Some)];
    let times = prop_oneof![3 => Just(None), 2 => Just(Some(1)), 1 => Just(Some(2))];
    (prop_oneof![3 => link, 2 => file, 2 => list], document, times).prop_map(|((step, what), document, times)| {
        Trouble { what, step, document: document.filter(|_| step != StepName::List), times }
    })
}

impl What {
    /// Whether it stands in front of the checks, where the first that fires keeps all others from being asked.
    pub(super) const fn is_front(self) -> bool {
        use What::{Away, BusyThenNo, Close, KeyAway, Loop, LoopPage, Reset, Stall, Status};
        matches!(self, Status { .. } | BusyThenNo | Loop | LoopPage | Away | KeyAway | Reset | Close | Stall)
    }

    /// What a client comes to that meets it at every try.
    pub(super) const fn comes_to(self) -> RightExit {
        use What::{
            Away, BusyThenNo, Close, ContentType, Cut, CutChunks, Drip, GzipAlways, GzipHonoured, ItemsObject, KeyAway,
            Latency, LinkElsewhere, LinkEscaped, LinkRelative, LinkToDisk, Loop, LoopPage, Malformed, NoItems, NoLink,
            Note, Reset, Stall, StallAfter, Status, Truncated,
        };
        match self {
            Latency | Note | GzipHonoured | LinkEscaped => RightExit::Saved,
            // Coding that nobody asked for, an odd type, a slow body, another origin: no MUST says what to do.
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

    /// Whether a client may have to wait on account of it.
    pub(super) const fn waits(self) -> bool {
        use What::{BusyThenNo, Close, Cut, CutChunks, Loop, LoopPage, Reset, Stall, StallAfter, Status};
        matches!(
            self,
            Status { .. } | BusyThenNo | Loop | LoopPage | Reset | Close | Stall | StallAfter | Cut { .. } | CutChunks
        )
    }

    /// What the fake calls it.
    #[cfg(test)]
    pub(super) fn kind(self) -> &'static str {
        let trouble = Trouble { what: self, step: StepName::Link, document: None, times: None };
        let rule =
            trouble.rules(0, &[]).remove(0).to_string().replace("{foreign}", "{base}").replace("{canary}", "/canary");
        let fault: crewpass_mock::Fault = serde_json::from_str(&rule).unwrap();
        fault.effect()
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
            Self::LinkEscaped => json!({"link": "{base}/api/v2/files/{token}?sig=a%2Fb%2bc+d==~e%2E&x="}),
            Self::LinkToDisk => json!({"link": "file://{canary}"}),
            Self::LinkRelative => json!({"link": "/api/v2/files/{token}"}),
            Self::NoLink => json!({"link": null}),
            Self::LinkElsewhere => json!({"link": "{foreign}/api/v2/files/{token}"}),
        }
    }
}

impl Trouble {
    /// Whether it refuses one document's link by a status that says nothing of the key, or changes nothing.
    pub(super) fn is_a_refusal_of_one(&self) -> bool {
        let refuses = matches!(self.what, What::Status { code: 404 | 500..=599, .. }) && self.times.is_none();
        self.what.comes_to() == RightExit::Saved || (refuses && self.step == StepName::Link)
    }

    /// Whether it is there at every try.
    pub(super) const fn stays(&self) -> bool {
        self.times.is_none() || matches!(self.what, What::BusyThenNo)
    }

    /// The rules as the fake takes them.
    pub(super) fn rules(&self, number: usize, ids: &[String]) -> Vec<Value> {
        let step = match self.step {
            StepName::List => "list",
            StepName::Link => "link",
            StepName::File => "file",
        };
        let mut rule = json!({"name": format!("fault-{}", number + 1), "match": {"step": step}});
        if let Some(id) = self.document.and_then(|place| ids.get(place)) {
            rule["match"]["document"] = json!(id);
        }
        let brief = self.what == What::BusyThenNo;
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
