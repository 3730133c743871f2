//! What a request says beside its path: the values of its query. Each endpoint that reads some has a
//! type here, which is read in one step with all mistakes.

mod fleet_query;
mod query;

pub(crate) use fleet_query::FleetQuery;
