//! The body of a lookup: an e-mail address. Its query has no parameter.

use serde_json::Value;

use super::body::JsonBody;
use super::query::QueryValues;
use crate::error::Mistake;
use crate::policy::{Policies, UnknownInput};
use crate::request::RequestContext;

/// The field of the address (D).
const EMAIL: &str = "email";

/// What a lookup asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LookupBody {
    /// The address, as it was sent.
    pub(crate) email: String,
}

impl LookupBody {
    /// Reads query and body.
    ///
    /// # Errors
    /// All mistakes in them.
    pub(crate) fn read(context: &RequestContext<'_>, policies: &Policies) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        QueryValues::parse(context.query.unwrap_or_default()).report_unknown(policies.unknown_input, &mut mistakes);
        let mut fields = match JsonBody::read(context) {
            JsonBody::Object(fields) => fields,
            JsonBody::Missing => {
                mistakes.push(Mistake::missing_body());
                return Err(mistakes);
            }
            JsonBody::Other(mistake) => {
                mistakes.push(mistake);
                return Err(mistakes);
            }
        };
        let email = match fields.remove(EMAIL) {
            Some(Value::String(email)) => Some(email),
            Some(other) => {
                mistakes.push(Mistake::in_body(EMAIL, "string_type", "Input should be a valid string", &other));
                None
            }
            None => {
                mistakes.push(Mistake::in_body(EMAIL, "missing", "Field required", &Value::Object(fields.clone())));
                None
            }
        };
        if policies.unknown_input == UnknownInput::Unprocessable {
            mistakes.extend(fields.iter().map(|(name, value)| Mistake::unknown_field(name, value)));
        }
        email.filter(|_| mistakes.is_empty()).map(|email| Self { email }).ok_or(mistakes)
    }

    /// Returns all mistakes in query and body.
    pub(crate) fn mistakes(context: &RequestContext<'_>, policies: &Policies) -> Vec<Mistake> {
        Self::read(context, policies).err().unwrap_or_default()
    }
}
