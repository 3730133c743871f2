//! Advice for the checks of what a request says in its query or body.

use super::advice::{Advice, NAMES_AT_MOST, Situation};
use super::words::shown;
use crate::error::{Extra, Refusal};

impl Situation<'_> {
    /// Advises on mistakes in a query or body.
    pub(crate) fn invalid_input(refusal: &Refusal) -> Advice {
        let Extra::Mistakes(mistakes) = &refusal.extra else { return Advice::new("The request has a mistake.", None) };
        let named = mistakes.iter().take(NAMES_AT_MOST).map(|mistake| shown(&mistake.describe()));
        let more = if mistakes.len() > NAMES_AT_MOST { " Among other mistakes:" } else { "" };
        let why =
            format!("The request has {} mistakes.{more}", mistakes.len()).replace("has 1 mistakes", "has a mistake");
        Advice::new(why, named)
    }

    /// Advises on a cursor that is not one of this session and partner, or is too old.
    pub(crate) fn cursor(&self) -> Advice {
        let policies = [self.ctl("policies set cursor_ttl=never"), self.ctl("policies set cursor_query=carried")];
        let why = "The cursor was changed, is of another partner or session, is of before a reset or another world, or \
                   has expired; or its snapshot is too long ago.";
        Advice::new(why, std::iter::once("begin with the first page, without a cursor".to_owned()).chain(policies))
    }
}
