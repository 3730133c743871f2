//! The query of a fleet: window, limit and cursor.

use std::borrow::Cow;

use super::query::{QueryValues, TooLarge};
use crate::error::Mistake;
use crate::policy::{LimitOver, Policies};
use crate::request::RequestContext;

/// The parameter of the window.
const WINDOW: &str = "include_documents_expiring_within_days";

/// The days of the window: up to two years (P).
const WINDOW_DAYS: std::ops::RangeInclusive<u16> = 0..=730;

/// The rows of a page: the maximum is P, the minimum D.
const LIMIT_ROWS: std::ops::RangeInclusive<u16> = 1..=200;

/// What the query of a fleet asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FleetQuery<'a> {
    /// The window in days.
    pub(crate) window: Option<u16>,
    /// The most rows of a page.
    pub(crate) limit: Option<u16>,
    /// The cursor; an empty one counts as none (D).
    pub(crate) cursor: Option<Cow<'a, str>>,
}

impl<'a> FleetQuery<'a> {
    /// Reads the query.
    ///
    /// # Errors
    /// All mistakes in it.
    pub(crate) fn read(context: &RequestContext<'a>, policies: &Policies) -> Result<Self, Vec<Mistake>> {
        let Some(query) = context.query.filter(|query| !query.is_empty()) else { return Ok(Self::default()) };
        let (mut values, mut mistakes) = (QueryValues::parse(query), Vec::new());
        let over = match policies.limit_over {
            LimitOver::Unprocessable => TooLarge::Mistake,
            LimitOver::Clamped => TooLarge::Maximum,
        };
        let read = Self {
            window: values.take_number(WINDOW, WINDOW_DAYS, TooLarge::Mistake, &mut mistakes),
            limit: values.take_number("limit", LIMIT_ROWS, over, &mut mistakes),
            cursor: values.take("cursor").filter(|cursor| !cursor.is_empty()),
        };
        values.report_unknown(policies.unknown_input, &mut mistakes);
        if mistakes.is_empty() { Ok(read) } else { Err(mistakes) }
    }

    /// Returns all mistakes in the query.
    pub(crate) fn mistakes(context: &RequestContext<'_>, policies: &Policies) -> Vec<Mistake> {
        FleetQuery::read(context, policies).err().unwrap_or_default()
    }
}
