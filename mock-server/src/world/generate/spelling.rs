//! Document numbers: a shape per type, such as `PST-#####`, filled by the dice.

use compact_str::CompactString;
use rand::RngExt;

use super::dice::Dice;

/// Letters of document numbers; I and O are left out, as issuers do, since they read as digits.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Fills a shape: `#` becomes a digit, `@` a letter, all else stays.
pub(super) fn number(dice: &mut Dice, shape: &str) -> CompactString {
    let mut text = CompactString::with_capacity(shape.len());
    for part in shape.chars() {
        text.push(match part {
            '#' => char::from(b'0' + dice.random_range(0..10_u8)),
            '@' => char::from(LETTERS[dice.random_range(0..LETTERS.len())]),
            other => other,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::dice::dice;
    use super::*;

    #[test]
    fn a_number_has_the_shape_asked_for() {
        let text = number(&mut dice(1, 0), "CoC/@@ ####");
        assert_eq!(text.len(), 11);
        assert!(text.starts_with("CoC/"));
        assert!(text[4..6].bytes().all(|byte| byte.is_ascii_uppercase()), "{text}");
        assert!(text[7..].bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    }
}
