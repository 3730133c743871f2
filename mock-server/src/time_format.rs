//! The wire formats of instants: HTTP dates, and RFC 3339 in UTC with `Z` (G by example).

use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;

/// Formats a second since 1970 as an HTTP date (RFC 9110 section 5.6.7).
pub(crate) fn http_date(second: i64) -> String {
    let distance = Duration::from_secs(second.unsigned_abs());
    let at = if second < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    // The clock has years that HTTP dates lack: the nearest valid date is used.
    let earliest: SystemTime = UNIX_EPOCH;
    httpdate::fmt_http_date(at.filter(|at| *at >= earliest).unwrap_or(earliest))
}

/// Formats a second since 1970 as `2026-06-08T10:15:00Z`.
pub(crate) fn rfc3339(second: i64) -> String {
    let mut text = String::with_capacity(20);
    let days = i32::try_from(second.div_euclid(86_400)).unwrap_or_default();
    text.push_str(crate::world::WrittenDay::from_days(days).as_str());
    let of_day = second.rem_euclid(86_400);
    let _ = write!(text, "T{:02}:{:02}:{:02}Z", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    text
}

thread_local! {
    static LAST: std::cell::RefCell<(i64, Bytes)> = const { std::cell::RefCell::new((i64::MIN, Bytes::new())) };
}

/// Formats like [`http_date`], with a cache of the last second per thread.
pub(crate) fn http_date_now(second: i64) -> Bytes {
    LAST.with_borrow_mut(|last| {
        // Every response has a date, and most come within the same second.
        if last.0 != second {
            *last = (second, Bytes::from(http_date(second)));
        }
        last.1.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_the_guide_shows() {
        assert_eq!(rfc3339(1_780_913_700), "2026-06-08T10:15:00Z");
        assert_eq!(http_date(1_780_913_700), "Mon, 08 Jun 2026 10:15:00 GMT");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
    }
}
