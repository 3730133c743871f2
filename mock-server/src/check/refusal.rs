//! Refusals that several checks share.

use http::header::HeaderValue;
use jiff::Timestamp;

use crate::clause::{self, Clause};
use crate::error::{self, Mistake, Refusal};
use crate::policy::{BadCursor, DeadLink, Policies, RetryAfter};

/// Refuses a dead link with the status that policy `dead_link` selects (D).
pub(super) fn dead_link(policies: &Policies, clause: &'static Clause) -> Refusal {
    let code = match policies.dead_link {
        DeadLink::NotFound => error::NOT_FOUND,
        DeadLink::Forbidden => error::LINK_EXPIRED_403,
        DeadLink::Gone => error::LINK_EXPIRED_410,
    };
    Refusal::new(clause, code)
}

/// Refuses a bad cursor with the status that policy `bad_cursor` selects (D).
pub(crate) fn bad_cursor(policies: &Policies, cursor: &str) -> Refusal {
    match policies.bad_cursor {
        BadCursor::BadRequest => Refusal::new(clause::CURSOR_KNOWN, error::INVALID_CURSOR),
        BadCursor::NotFound => Refusal::new(clause::CURSOR_KNOWN, error::NOT_FOUND),
        BadCursor::Unprocessable => {
            let mistake = Mistake::in_query("cursor", "value_error", "Value error, invalid cursor", cursor);
            Refusal { clause: clause::CURSOR_KNOWN, ..Refusal::invalid(vec![mistake]) }
        }
    }
}

/// `Retry-After` of the 503, in seconds (D).
const RETRY_AFTER_SECONDS: f64 = 2.0;

/// Refuses a request for a file that the store can't give now, in the form that the policies select (D).
pub(crate) fn store_unavailable(policies: &Policies, now: Timestamp) -> Refusal {
    let refusal = Refusal::new(clause::STORE_REACHABLE, error::FILE_STORE_UNAVAILABLE);
    let retry_after = retry_after(policies.retry_after, RETRY_AFTER_SECONDS, now);
    Refusal { retry_after, body: policies.store_down_body, ..refusal }
}

/// Returns the value of `Retry-After` in the form that the policy selects: the wait, rounded up to
/// whole seconds (D), or the date of the first whole second after the wait.
pub(super) fn retry_after(policy: RetryAfter, wait: f64, now: Timestamp) -> Option<HeaderValue> {
    #[expect(clippy::cast_possible_truncation, reason = "a wait of a minute at most")]
    let milliseconds = (wait * 1_000.0).ceil() as i64;
    match policy {
        RetryAfter::Absent => None,
        RetryAfter::Seconds => Some(HeaderValue::from(whole_seconds(milliseconds))),
        RetryAfter::HttpDate => {
            let over = whole_seconds(now.as_millisecond().saturating_add(milliseconds));
            HeaderValue::from_str(&crate::time_format::http_date(over)).ok()
        }
    }
}

/// Rounds milliseconds up to whole seconds.
fn whole_seconds(milliseconds: i64) -> i64 {
    milliseconds.div_euclid(1_000) + i64::from(milliseconds.rem_euclid(1_000) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let header =
            |policy, wait, now| retry_after(policy, wait, at(now)).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(header(RetryAfter::Absent, 2.0, "2026-06-08T10:00:00Z"), None);
        assert_eq!(header(RetryAfter::Seconds, 0.017, "2026-06-08T10:00:00Z").as_deref(), Some("1"));
        let date = |wait, now| header(RetryAfter::HttpDate, wait, now).unwrap();
        assert_eq!(date(2.0, "2026-06-08T10:00:00Z"), "Mon, 08 Jun 2026 10:00:02 GMT");
        assert_eq!(date(0.017, "2026-06-08T10:00:00.999Z"), "Mon, 08 Jun 2026 10:00:02 GMT");
    }
}
