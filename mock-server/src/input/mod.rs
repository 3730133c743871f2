//! What a request says beside its path: its query and its body. Each endpoint that reads some has a type here, which is
//! read in one step with all mistakes.

mod body;
mod compliance_input;
mod fleet_query;
mod lookup_body;
mod query;

pub(crate) use body::unparsable;
pub(crate) use compliance_input::ComplianceInput;
pub(crate) use fleet_query::FleetQuery;
pub(crate) use lookup_body::LookupBody;
