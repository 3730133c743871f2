//! The policies of the contract's section 4: behaviour that is not documented, each with a default and the other
//! values that the real service might have. Pure data, which checks, endpoints and sessions read.

mod choice;
mod fleet;
mod person;
mod policies;
mod quantity;
mod value;
mod webhook;

pub use choice::{
    BothKeys, DeadLink, DocumentOrder, FileHeaders, KeyOnFile, LimiterPosition, LinkAfterReupload, LinkUse,
    OptionalFields, Ranges, RateLimits, RecheckOnFollow, RetryAfter, StatusByDate, StoreDownAt, StoreDownBody,
    SupersededDocument, UnknownFields, UnknownValues,
};
pub use fleet::{
    BadCursor, CursorQuery, CursorTtl, EmptyPages, ExpiredCount, FleetOrder, FleetWithoutStatus, LastCursor, LimitOver,
    PageDrift, PageRows, UnknownInput, ValidationPosition, WithheldFields,
};
pub use person::{
    ComplianceProjection, ComplianceVessel, EmptyBody, FullBlockWithoutConsent, LookupWithoutConsent, MeWithoutPlan,
    PendingCountsAs, PhotoUrlWithoutPhoto, RejectedCountsAs, UnparsableBody,
};
pub use policies::{BadPolicy, Policies};
pub use quantity::{FileRedirect, LinkTtl, Nullable, ProjectionLag};
pub use webhook::{WebhookRetryAfter, WebhookRotation, WebhookTimestamp};
