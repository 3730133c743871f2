//! Fields that no documentation names: the versioning policy lets one appear at any time (P, /changelog).

use crate::policy::{Policies, UnknownFields};

/// The value of such a field.
const NEW_FIELD: &str = "not documented yet";

/// Returns the value of a field that no documentation names, where policy `unknown_fields` adds one (D).
pub(crate) fn extra(policies: &Policies) -> Option<&'static str> {
    (policies.unknown_fields == UnknownFields::Extra).then_some(NEW_FIELD)
}
