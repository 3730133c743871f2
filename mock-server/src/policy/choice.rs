//! Policies that are one of a few named values, the default first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PolicyValue;

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value as it is written in worlds and on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl PolicyValue for $name {
            const CHOICES: &'static str = concat_choices!($($text),+);

            fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == text)
            }

            fn written(&self) -> String { self.name().to_owned() }
        }
    };
}

macro_rules! concat_choices {
    ($first:literal $(, $rest:literal)*) => { concat!("`", $first, "`" $(, ", `", $rest, "`")*) };
}

choices!(/// Status of a link that is expired, tampered with or unknown.
DeadLink { /// 404 `not_found`.
    #[default] NotFound = "404", /// 403 `link_expired`.
    Forbidden = "403", /// 410 `link_expired`.
    Gone = "410" });
choices!(/// How often a link works.
LinkUse { /// Until it expires.
    #[default] Many = "many", /// Once: reserved when a GET begins, spent when its last byte is out, free again when it breaks off.
    Once = "once" });
choices!(/// At which steps a store that is down shows.
StoreDownAt { /// At both.
    #[default] Both = "both", /// No link is given; links given before still work.
    Link = "link", /// Links are given, and answer 503.
    File = "file" });
choices!(/// The body of the 503.
StoreDownBody { /// The error envelope.
    #[default] Envelope = "envelope", /// No body.
    Empty = "empty", /// An HTML page.
    Html = "html", /// A line of text.
    Text = "text" });
choices!(/// `Retry-After` on 503 and 429.
RetryAfter { /// No such header.
    #[default] Absent = "absent", /// In seconds.
    Seconds = "seconds", /// As an HTTP date.
    HttpDate = "http_date" });
choices!(/// What a superseded version's id gets at the link step.
SupersededDocument { /// 404.
    #[default] NotFound = "404", /// A link to the current version.
    Current = "current" });
choices!(/// What a link to a version does once that version is superseded.
LinkAfterReupload { /// It still gives that version's bytes.
    #[default] Works = "works", /// It is dead.
    Dead = "dead" });
choices!(/// Whether scope, consent and fleet are asked again when a link is followed.
RecheckOnFollow { /// No: the link is the credential.
    #[default] Works = "works", /// Yes, and a link whose ground is gone is dead.
    Dead = "dead" });
choices!(/// The order of a list.
DocumentOrder { /// The newest upload first.
    #[default] Newest = "newest", /// By document id.
    Id = "id", /// Shuffled by the seed.
    Shuffled = "shuffled" });
choices!(/// How an unknown `content_type` or `file_name` is shown.
OptionalFields { /// As null.
    #[default] Null = "null", /// Not at all.
    Absent = "absent" });
choices!(/// Whether answers carry fields that are not documented.
UnknownFields { /// No.
    #[default] None = "none", /// Yes, in answers, items and links.
    Extra = "extra" });
choices!(/// Whether a list shows values that are not documented.
UnknownValues { /// No.
    #[default] None = "none", /// The first item has a new `type`, the last a new `verification_status`.
    New = "new" });
choices!(/// Where `expired` comes from.
StatusByDate { /// From the fixture.
    #[default] Fixture = "fixture", /// `verified` past its `expiry_date` is shown as `expired`.
    Clock = "clock" });
choices!(/// The headers of a file.
FileHeaders { /// Content-Length and Content-Disposition.
    #[default] Full = "full", /// Chunked, without a length.
    Chunked = "chunked", /// No Content-Disposition.
    NoDisposition = "no_disposition" });
choices!(/// Range requests on files.
Ranges { /// Ignored: 200 and the whole body.
    #[default] Ignored = "ignored", /// 206 and 416 (RFC 9110 section 14).
    Honoured = "honoured" });
choices!(/// An API key sent to the file step.
KeyOnFile { /// Accepted, and marked as a leak in the journal.
    #[default] Accepted = "accepted", /// 400.
    Refused = "refused" });
choices!(/// Both key headers, with different keys.
BothKeys { /// The Bearer key decides.
    #[default] Bearer = "bearer", /// 401.
    Refused = "refused" });
choices!(/// Where the rate limiter stands in the order of the checks (two pages contradict each other).
LimiterPosition { /// Before the key.
    #[default] BeforeKey = "before_key", /// After the scope.
    AfterScope = "after_scope" });
choices!(/// Whether the documented rate limits are on.
RateLimits { /// Off.
    #[default] Off = "off", /// 60 a second and 1,000 a minute, per partner and scope.
    On = "on" });
