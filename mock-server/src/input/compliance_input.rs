//! The query and the body of a compliance check: a vessel, and an empty object.

use std::borrow::Cow;

use super::body::JsonBody;
use super::query::QueryValues;
use crate::error::Mistake;
use crate::policy::{EmptyBody, Policies, UnknownInput};
use crate::request::RequestContext;

/// What a compliance check asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ComplianceInput<'a> {
    /// The vessel, if one is named; an empty name counts as none (D).
    pub(crate) vessel: Option<Cow<'a, str>>,
}

impl<'a> ComplianceInput<'a> {
    /// Reads query and body.
    ///
    /// # Errors
    /// All mistakes in them.
    pub(crate) fn read(context: &RequestContext<'a>, policies: &Policies) -> Result<Self, Vec<Mistake>> {
        let mut values = QueryValues::parse(context.query.unwrap_or_default());
        let vessel = values.take("vessel_id").filter(|vessel| !vessel.is_empty());
        let mut mistakes = Vec::new();
        values.report_unknown(policies.unknown_input, &mut mistakes);
        match JsonBody::read(context) {
            JsonBody::Object(fields) if policies.unknown_input == UnknownInput::Unprocessable => {
                mistakes.extend(fields.iter().map(|(name, value)| Mistake::unknown_field(name, value)));
            }
            JsonBody::Object(_) => {}
            JsonBody::Missing if policies.empty_body == EmptyBody::Accepted => {}
            JsonBody::Missing => mistakes.push(Mistake::missing_body()),
            JsonBody::Other(mistake) => mistakes.push(mistake),
        }
        if mistakes.is_empty() { Ok(Self { vessel }) } else { Err(mistakes) }
    }

    /// Returns all mistakes in query and body.
    pub(crate) fn mistakes(context: &RequestContext<'_>, policies: &Policies) -> Vec<Mistake> {
        ComplianceInput::read(context, policies).err().unwrap_or_default()
    }
}
