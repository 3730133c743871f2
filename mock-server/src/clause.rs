//! The clauses that can decide a request, each with its source: what the journal, `explain` and reports rest on.

use serde::Serialize;

/// The source of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Source {
    /// The documents guide.
    G,
    /// Another public page of the partner documentation.
    P,
    /// Plain HTTP, or safety.
    H,
    /// A decision of this project: nothing is documented.
    D,
}

/// What decided an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// A stable name, such as `crew-on-fleet`.
    pub id: &'static str,
    /// The source.
    pub source: Source,
    /// What it says, in one sentence.
    pub text: &'static str,
}

macro_rules! clauses {
    ($($name:ident = $id:literal, $source:ident, $text:literal;)+) => {
        $(#[doc = concat!("`", $id, "`: what the contract says is in `text`.")] pub const $name: &Clause = &Clause { id: $id, source: Source::$source, text: $text };)+

        /// Every clause, in the order of the checks.
        pub const ALL: &[&Clause] = &[$($name),+];
    };
}

clauses! {
    WELL_FORMED = "well-formed", H, "A malformed request is refused before anything else.";
    FAULT = "fault", D, "A fault rule of the test is applied before every check.";
    ROUTE = "route", D, "An unknown path is 404 before any other check.";
    METHOD = "method", D, "A wrong method is 405 with Allow before any check but the path.";
    RATE_LIMIT = "rate-limit", P, "Reads are limited to 60 a second and 1,000 a minute, per partner and scope.";
    KEY = "key", P, "A request without a known, active API key is 401.";
    MODE = "mode", P, "A key of the other mode is 403 partner_mode_mismatch.";
    PLAN = "plan", P, "A partner whose plan has no API access is 403 api_not_enabled.";
    SCOPE_GRANTED = "scope-granted", P, "A scope that the partner was not granted is 403 scope_not_granted.";
    BODY_FITS = "body-fits", D, "A body over 64 KiB is 413, before it is parsed and after the key.";
    INPUT_VALID = "input-valid", D, "A query value or a body that breaks its schema is 422, with all mistakes in one answer.";
    CURSOR_KNOWN = "cursor-known", D, "A cursor that was changed, is of another partner, or has expired is a bad one; the policy says its status.";
    CREW_ON_FLEET = "crew-on-fleet", P, "A person who is not on the partner's fleet is 404, never 403.";
    SCOPE_CONSENTED = "scope-consented", P, "A scope that the crew member did not consent to is 403 scope_not_consented.";
    VESSEL_KNOWN = "vessel-known", D, "A vessel that is not the partner's, or that the person does not serve on, is 404.";
    PHOTO_THERE = "photo-there", P, "The photo of a person without one is 404.";
    DOCUMENT_CURRENT = "document-current", G, "Only the current version of a document is there; any other id is 404.";
    STORE_REACHABLE = "store-reachable", G, "While the file store is unreachable there is a 503, never a storage URL.";
    LINK_KNOWN = "link-known", D, "A link that was never given, or was tampered with, is dead.";
    LINK_ALIVE = "link-alive", G, "A link expires after about 15 minutes.";
    LINK_UNSPENT = "link-unspent", D, "Where the policy says so, a link works once.";
    LINK_VERSION = "link-version", D, "A link is for one version; the policy says what a re-upload does to it.";
    LINK_GROUND = "link-ground", D, "Where the policy says so, a link dies with the key, scope, consent or fleet it was given on.";
    KEY_ON_FILE = "key-on-file", D, "Where the policy says so, an API key at the file step is refused.";
    SERVED = "served", G, "Every check passed.";
}
