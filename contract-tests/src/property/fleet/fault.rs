//! A drawn fault of a page of the fleet, or of the list of one person.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::client::scenario::RightExit;

/// A fault of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageFault {
    pub(super) what: PageFaultKind,
    /// The number of pages that are served before it.
    pub(super) page: usize,
}

/// The effect of a fault of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageFaultKind {
    /// It is late, or has unknown fields; nothing changes.
    Harmless(Harmless),
    /// It is refused once.
    Brief(Brief),
    /// It is refused from then on.
    Final(Final),
    /// Its cursor is refused, once or in each walk.
    BadCursor { code: u16, each: bool },
    /// The first page is refused as a failed validation is.
    Unprocessable,
    /// Its shape is wrong, once.
    Broken(Broken),
    /// It is no JSON, each time.
    NoJson { is_cut: bool },
}

/// An effect that changes nothing for a right client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harmless {
    Latency,
    Note,
    Gzip,
}

/// A failure that a retry mends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Brief {
    Down,
    DownFor,
    BusyFor,
    BusyInBody,
    Reset,
}

/// A failure that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Final {
    Down,
    Unknown,
    NoKey,
    NotGranted,
}

/// A wrong shape of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    NumberCursor,
    ObjectCursor,
    NoItems,
    ItemsObject,
}

/// A fault of the list of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListFault {
    pub(super) what: ListFaultKind,
    /// The person.
    pub(super) person: usize,
}

/// The effect of a fault of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListFaultKind {
    Harmless(Harmless),
    Brief(Brief),
    Final(Final),
    /// The person left the fleet between page and list, or withdrew the consent.
    Withheld {
        is_gone: bool,
    },
    NoItems,
    NoJson {
        is_cut: bool,
    },
}

const HARMLESS: [Harmless; 3] = [Harmless::Latency, Harmless::Note, Harmless::Gzip];
const BRIEF: [Brief; 5] = [Brief::Down, Brief::DownFor, Brief::BusyFor, Brief::BusyInBody, Brief::Reset];
const FINAL: [Final; 4] = [Final::Down, Final::Unknown, Final::NoKey, Final::NotGranted];
const BROKEN: [Broken; 4] = [Broken::NumberCursor, Broken::ObjectCursor, Broken::NoItems, Broken::ItemsObject];

/// Draws a fault of a page, mostly none.
pub(super) fn page_fault() -> impl Strategy<Value = Option<PageFault>> {
    let bad_cursor = (select(&[400, 404, 422][..]), any::<bool>());
    let what = prop_oneof![
        1 => select(&HARMLESS[..]).prop_map(PageFaultKind::Harmless),
        4 => select(&BRIEF[..]).prop_map(PageFaultKind::Brief),
        3 => select(&FINAL[..]).prop_map(PageFaultKind::Final),
        3 => bad_cursor.prop_map(|(code, each)| PageFaultKind::BadCursor { code, each }),
        2 => Just(PageFaultKind::Unprocessable),
        2 => select(&BROKEN[..]).prop_map(PageFaultKind::Broken),
        1 => any::<bool>().prop_map(|is_cut| PageFaultKind::NoJson { is_cut }),
    ];
    let fault = (what, 0_usize..4).prop_map(|(what, page)| PageFault { what, page });
    prop_oneof![3 => Just(None), 2 => fault.prop_map(Some)]
}

/// Draws a fault of a list, mostly none. The person is one of `most`.
pub(super) fn list_fault(most: usize) -> impl Strategy<Value = Option<ListFault>> {
    let what = prop_oneof![
        1 => select(&HARMLESS[..]).prop_map(ListFaultKind::Harmless),
        2 => select(&BRIEF[..]).prop_map(ListFaultKind::Brief),
        2 => select(&FINAL[..]).prop_map(ListFaultKind::Final),
        4 => any::<bool>().prop_map(|is_gone| ListFaultKind::Withheld { is_gone }),
        1 => Just(ListFaultKind::NoItems),
        1 => any::<bool>().prop_map(|is_cut| ListFaultKind::NoJson { is_cut }),
    ];
    let fault = (what, 0..most).prop_map(|(what, person)| ListFault { what, person });
    prop_oneof![5 => Just(None), 1 => fault.prop_map(Some)]
}

impl Harmless {
    fn then(self) -> Value {
        match self {
            Self::Latency => json!({"latency": "60ms"}),
            Self::Note => json!({"json": {"set": {"/note": "more"}}}),
            Self::Gzip => json!({"gzip": "honoured"}),
        }
    }
}

impl Brief {
    fn then(self) -> Value {
        match self {
            Self::Down => json!({"status": 503}),
            Self::DownFor => json!({"status": {"code": 503, "retry_after": {"seconds": 1}}}),
            Self::BusyFor => {
                json!({"status": {"code": 429, "retry_after_seconds": 0.6, "retry_after": {"seconds": 1}}})
            }
            Self::BusyInBody => json!({"status": {"code": 429, "retry_after_seconds": 0.6}}),
            Self::Reset => json!({"reset": true}),
        }
    }
}

impl Final {
    fn then(self, scope: &str) -> Value {
        match self {
            Self::Down => json!({"status": 503}),
            Self::Unknown => json!({"status": 500}),
            Self::NoKey => json!({"status": {"error": "invalid_api_key"}}),
            Self::NotGranted => json!({"status": {"error": "scope_not_granted", "scope": scope}}),
        }
    }
}

fn no_json(is_cut: bool) -> Value {
    if is_cut { json!({"truncated": 20}) } else { json!({"malformed": true}) }
}

impl PageFault {
    /// Returns true if the fault needs a page with a cursor.
    pub(super) const fn needs_cursor(self) -> bool {
        matches!(self.what, PageFaultKind::BadCursor { .. })
    }

    /// Returns true if a client may wait.
    pub(super) const fn waits(self) -> bool {
        matches!(self.what, PageFaultKind::Brief(_) | PageFaultKind::Final(_) | PageFaultKind::BadCursor { .. })
    }

    /// Returns the exit of a client that keeps every MUST.
    pub(super) const fn comes_to(self) -> RightExit {
        match self.what {
            PageFaultKind::Harmless(_) => RightExit::Saved,
            PageFaultKind::Brief(_) | PageFaultKind::BadCursor { .. } => RightExit::Either,
            PageFaultKind::Final(_)
            | PageFaultKind::Unprocessable
            | PageFaultKind::Broken(_)
            | PageFaultKind::NoJson { .. } => RightExit::Refused,
        }
    }

    /// Returns the fault as a rule for the fake. `pages` is the number of pages.
    pub(super) fn rule(self, pages: usize) -> Value {
        let (then, times) = match self.what {
            PageFaultKind::Harmless(what) => (what.then(), None),
            PageFaultKind::Brief(what) => (what.then(), Some(1)),
            PageFaultKind::Final(what) => (what.then("vessels:fleet:read"), None),
            PageFaultKind::BadCursor { code, each } => (bad_cursor(code), (!each).then_some(1)),
            PageFaultKind::Unprocessable => (unprocessable(), None),
            PageFaultKind::Broken(what) => (what.then(), Some(1)),
            PageFaultKind::NoJson { is_cut } => (no_json(is_cut), None),
        };
        let when = match (self.what, times) {
            // The last page of each walk.
            (PageFaultKind::BadCursor { each: true, .. }, _) => json!({"every": pages}),
            (PageFaultKind::Unprocessable, _) => json!({}),
            (_, Some(times)) => json!({"skip": self.page, "times": times}),
            (_, None) => json!({"skip": self.page}),
        };
        json!({"name": "page", "match": {"step": "fleet"}, "when": when, "then": then})
    }
}

fn bad_cursor(code: u16) -> Value {
    match code {
        400 => json!({"status": {"error": "invalid_cursor"}}),
        404 => json!({"status": {"error": "not_found"}}),
        _ => unprocessable(),
    }
}

fn unprocessable() -> Value {
    let text = r#"{"detail":[{"loc":["query","cursor"],"msg":"bad cursor","type":"value_error"}]}"#;
    json!({"status": {"code": 422, "body": {"content_type": "application/json", "text": text}}})
}

impl Broken {
    fn then(self) -> Value {
        match self {
            Self::NumberCursor => json!({"json": {"set": {"/next_cursor": 7}}}),
            Self::ObjectCursor => json!({"json": {"set": {"/next_cursor": {"cursor": "next"}}}}),
            Self::NoItems => json!({"json": {"remove": ["/items"]}}),
            Self::ItemsObject => json!({"json": {"set": {"/items": {}}}}),
        }
    }
}

impl ListFault {
    /// Returns true if the person left, or does not consent.
    pub(super) const fn withholds(self) -> bool {
        matches!(self.what, ListFaultKind::Withheld { .. })
    }

    /// Returns true if a client may wait.
    pub(super) const fn waits(self) -> bool {
        matches!(self.what, ListFaultKind::Brief(_) | ListFaultKind::Final(_))
    }

    /// Returns the exit of a client that keeps every MUST.
    pub(super) const fn comes_to(self) -> RightExit {
        match self.what {
            ListFaultKind::Harmless(_) => RightExit::Saved,
            ListFaultKind::Brief(_) | ListFaultKind::Withheld { .. } => RightExit::Either,
            ListFaultKind::Final(_) | ListFaultKind::NoItems | ListFaultKind::NoJson { .. } => RightExit::Refused,
        }
    }

    /// Returns the fault as a rule for the fake. `crew` is the person's id.
    pub(super) fn rule(self, crew: &str) -> Value {
        let (then, times) = match self.what {
            ListFaultKind::Harmless(what) => (what.then(), None),
            ListFaultKind::Brief(what) => (what.then(), Some(1)),
            ListFaultKind::Final(what) => (what.then("crew:documents:read"), None),
            ListFaultKind::Withheld { is_gone: true } => (json!({"status": {"error": "not_found"}}), None),
            ListFaultKind::Withheld { is_gone: false } => {
                (json!({"status": {"error": "scope_not_consented", "scope": "crew:documents:read"}}), None)
            }
            ListFaultKind::NoItems => (json!({"json": {"remove": ["/items"]}}), None),
            ListFaultKind::NoJson { is_cut } => (no_json(is_cut), None),
        };
        let mut rule = json!({"name": "list", "match": {"step": "list", "crew": crew}, "then": then});
        if let Some(times) = times {
            rule["when"] = json!({"times": times});
        }
        rule
    }
}
