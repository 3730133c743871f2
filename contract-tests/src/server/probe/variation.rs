//! The names of the requests whose query or body varies: a check finds its answers by them.

/// A page of the fleet without any parameter.
pub(in crate::server) const NO_PARAMETERS: &str = "no parameter";
/// A page with its cursor, and without any other parameter.
pub(in crate::server) const CURSOR_ALONE: &str = "a cursor alone";
/// A page with a changed cursor.
pub(in crate::server) const CHANGED_CURSOR: &str = "a changed cursor";
/// A page with the cursor of another partner.
pub(in crate::server) const FOREIGN_CURSOR: &str = "the cursor of another partner";
/// A page with an empty cursor.
pub(in crate::server) const EMPTY_CURSOR: &str = "an empty cursor";
/// A page with a parameter that is not documented.
pub(in crate::server) const UNKNOWN_PARAMETER: &str = "an unknown parameter";
/// A page with a limit over the maximum.
pub(in crate::server) const LIMIT_OVER: &str = "limit=201";
/// A page with a limit of 0.
pub(in crate::server) const LIMIT_ZERO: &str = "limit=0";
/// A page with a window over the maximum.
pub(in crate::server) const WINDOW_OVER: &str = "a window of 731 days";
/// A page with a limit that is not a number.
pub(in crate::server) const NOT_A_NUMBER: &str = "limit=many";

/// A lookup before the name of the field was known.
pub(in crate::server) const OTHER_FIELD: &str = "another field";
/// A lookup with an address in other letters.
pub(in crate::server) const OTHER_CASE: &str = "an address in capital letters";
/// A lookup with an address between blanks.
pub(in crate::server) const BLANKS: &str = "an address between blanks";

/// A check without a vessel, of a person on several.
pub(in crate::server) const NO_VESSEL: &str = "no vessel_id";
/// A check on a vessel that is not the person's.
pub(in crate::server) const OTHER_VESSEL: &str = "a vessel that is not the person's";

/// A body without its field.
pub(in crate::server) const EMPTY_OBJECT: &str = "an object without the field";
/// A body that is an array.
pub(in crate::server) const ARRAY: &str = "an array";
/// A body that is not JSON.
pub(in crate::server) const NOT_JSON: &str = "a body that is not JSON";
/// No body.
pub(in crate::server) const NO_BODY: &str = "no body";
/// A body of another type.
pub(in crate::server) const TEXT_BODY: &str = "a body as text/plain";
/// A body with an unknown field.
pub(in crate::server) const UNKNOWN_FIELD: &str = "an unknown field";
/// A body of more than 64 KiB.
pub(in crate::server) const LARGE_BODY: &str = "a body of 65 KiB";
