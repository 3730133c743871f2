//! Document numbers, made from a pattern such as `PST-#####`.

use compact_str::CompactString;
use rand::RngExt;

use super::dice::Dice;

/// Letters of document numbers; I and O are left out, as issuers do, since they read as digits.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Fills a pattern: `#` becomes a digit, `@` a letter, all else stays.
pub(super) fn document_number(dice: &mut Dice, pattern: &str) -> CompactString {
    let mut text = CompactString::with_capacity(pattern.len());
    for part in pattern.chars() {
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
    use super::super::dice::dice_for;
    use super::*;

    #[test]
    fn a_number_follows_its_pattern() {
        let text = document_number(&mut dice_for(1, 0), "CoC/@@ ####");
        assert_eq!(text.len(), 11);
        assert!(text.starts_with("CoC/"));
        assert!(text[4..6].bytes().all(|byte| byte.is_ascii_uppercase()), "{text}");
        assert!(text[7..].bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    }
}
