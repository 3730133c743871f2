//! Text in the encoding of PDF's standard fonts, which have Latin letters only.

/// What of Windows code page 1252 is not in Latin-1 and occurs in titles and names.
const EXTRA: [(char, u8); 18] = [
    ('€', 0x80),
    ('…', 0x85),
    ('Š', 0x8a),
    ('Œ', 0x8c),
    ('Ž', 0x8e),
    ('‘', 0x91),
    ('’', 0x92),
    ('“', 0x93),
    ('”', 0x94),
    ('•', 0x95),
    ('–', 0x96),
    ('—', 0x97),
    ('™', 0x99),
    ('š', 0x9a),
    ('œ', 0x9c),
    ('ž', 0x9e),
    ('Ÿ', 0x9f),
    ('‚', 0x82),
];

/// One byte for each character; a question mark for what the fonts cannot show.
///
/// The alternative, an embedded font for every script, would make a small file a hundred times larger. The whole title
/// is in the document's properties.
pub(super) fn encode(text: &str) -> Vec<u8> {
    text.chars().map(byte).collect()
}

fn byte(part: char) -> u8 {
    match u8::try_from(part) {
        Ok(byte @ (0x20..=0x7e | 0xa0..)) => byte,
        _ => EXTRA.iter().find(|(known, _)| *known == part).map_or(b'?', |(_, byte)| *byte),
    }
}

/// Lines of at most so many characters, broken at spaces where there are some; what is past the last line is left out.
/// None begins with a space.
pub(super) fn wrap(text: &str, width: usize, lines: usize) -> Vec<&str> {
    let mut parts = Vec::with_capacity(lines);
    let mut rest = text.trim();
    while !rest.is_empty() && parts.len() < lines {
        let end = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let cut = if end == rest.len() { end } else { rest[..end].rfind(' ').unwrap_or(end) };
        parts.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fonts_lack_becomes_a_question_mark() {
        assert_eq!(encode("Étoile – Ναυτική"), b"\xc9toile \x96 ???????");
        assert_eq!(encode("a\nb\0c"), b"a?b?c");
    }

    #[test]
    fn lines_break_at_spaces_and_never_inside_a_character() {
        assert_eq!(wrap("Proficiency in Survival Craft", 16, 4), ["Proficiency in", "Survival Craft"]);
        assert_eq!(wrap("証明書証明書", 4, 4), ["証明書証", "明書"]);
        assert_eq!(wrap("one two three", 3, 2), ["one", "two"]);
        assert!(wrap("   ", 3, 2).is_empty());
    }
}
