//! The values of a query, decoded once as a form has them: `+` is a blank.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::error::Mistake;
use crate::policy::UnknownInput;

/// The values of a query, in their order.
pub(super) struct QueryValues<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

/// What a number over the maximum counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// A mistake.
    Mistake,
    /// The maximum.
    Maximum,
}

impl<'a> QueryValues<'a> {
    /// Decodes a query.
    pub(super) fn parse(query: &'a str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// Takes the value of a parameter. Of several values the last one counts (D).
    pub(super) fn take(&mut self, name: &str) -> Option<Cow<'a, str>> {
        let value = self.0.iter().rposition(|(known, _)| known == name).map(|at| self.0.swap_remove(at).1);
        self.0.retain(|(known, _)| known != name);
        value
    }

    /// Takes a whole number.
    pub(super) fn take_number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u16>,
        too_large: TooLarge,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<u16> {
        let text = self.take(name)?;
        match number(&text) {
            None => {
                let msg = "Input should be a valid integer, unable to parse string as an integer";
                mistakes.push(Mistake::in_query(name, "int_parsing", msg, &text));
                None
            }
            Some(value) if value < i64::from(*range.start()) => {
                let msg = format!("Input should be greater than or equal to {}", range.start());
                mistakes.push(Mistake::in_query(name, "greater_than_equal", msg, &text));
                None
            }
            Some(value) if value > i64::from(*range.end()) && too_large == TooLarge::Mistake => {
                let msg = format!("Input should be less than or equal to {}", range.end());
                mistakes.push(Mistake::in_query(name, "less_than_equal", msg, &text));
                None
            }
            Some(value) => Some(u16::try_from(value).unwrap_or(u16::MAX).min(*range.end())),
        }
    }

    /// Reports the parameters that no reader used, if the policy asks for it (D).
    pub(super) fn report_unknown(self, policy: UnknownInput, mistakes: &mut Vec<Mistake>) {
        if policy == UnknownInput::Unprocessable {
            mistakes.extend(self.0.iter().map(|(name, value)| Mistake::unknown_parameter(name, value)));
        }
    }
}

/// Reads a whole number; one that is larger than any other counts as the largest.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let largest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    is_number.then(|| text.parse().unwrap_or(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_whatever_their_size() {
        for (text, value) in [("50", Some(50)), (" 7 ", Some(7)), ("-1", Some(-1)), ("+3", Some(3)), ("007", Some(7))] {
            assert_eq!(number(text), value, "{text}");
        }
        assert_eq!(number("99999999999999999999"), Some(i64::MAX));
        assert_eq!(number("-99999999999999999999"), Some(i64::MIN));
        for text in ["", "+", "1.0", "1e3", "0x10", "ten", "１", "--1", "5 0", "1\u{0}"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_of_several_values_counts_and_is_decoded_once() {
        let mut values = QueryValues::parse("a=1&b=%2B+%252B&a=2&a");
        assert_eq!(values.take("a").as_deref(), Some(""));
        assert_eq!(values.take("b").as_deref(), Some("+ %2B"));
        assert_eq!(values.take("a"), None);
    }
}
