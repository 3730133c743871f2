//! Tests of the escaping of foreign text.

use proptest::prelude::*;

use super::*;

#[test]
fn control_characters_are_shown_as_escapes() {
    assert_eq!(line("a\u{1b}[2J\r\nb\tc", 100), "a\\u{1b}[2J\\r\\nb\\tc");
    assert_eq!(block("a\u{1b}[2J\r\nb\tc", 100), "a\\u{1b}[2J\\r\nb\tc");
    assert_eq!(markup("a\0\tb\n\u{ffff}", 100), "a\\u{0}\\tb\n\\u{ffff}");
    assert_eq!(line("\u{202e}fdp.exe\u{9b}", 100), "\\u{202e}fdp.exe\\u{9b}");
    assert_eq!(visible("\u{1b}\té"), "\\u{1b}\té");
    assert!(matches!(line("José \"Q\" \\ a::b", 100), Cow::Borrowed(_)));
}

#[test]
fn commands_of_runners_lose_their_power() {
    assert_eq!(block("::error::x\n  ::stop::", 100), "\\::error::x\n  \\::stop::");
    assert_eq!(line("std::io ::error::", 100), "std::io \\::error::");
    assert_eq!(line("##[error]x ###vso[task] a##[", 100), "##\\[error]x ###vso\\[task] a##\\[");
}

#[test]
fn a_long_text_is_cut_visibly_between_escapes() {
    assert_eq!(line("abcdef", 6), "abcdef");
    assert_eq!(line("abcdefg", 6), "abcde…");
    assert_eq!(line("abc\u{1b}", 6), "abc…");
    assert_eq!(line("abc", 0), "");
}

#[test]
fn each_form_is_escaped_for_its_reader() {
    assert_eq!(markdown_cell("a|b\n<script>![x](http://a)", 100), "a&#124;b\\n&lt;script>![x]&#40;http://a)");
    assert_eq!(github_message("50%\n::error::x", 100), "50%25%0A\\::error::x");
    assert_eq!(github_property("a:b,c%\n", 100), "a%3Ab%2Cc%25\\n");
}

proptest! {
    #[test]
    fn any_text_becomes_harmless_and_bounded(text in foreign(), most in 0_usize..60) {
        for (shown, allowed) in [(line(&text, most), ""), (markup(&text, most), "\n"), (block(&text, most), "\n\t")] {
            prop_assert!(shown.chars().count() <= most);
            prop_assert!(!shown.chars().any(|c| c.is_control() && !allowed.contains(c)), "{shown:?}");
            prop_assert!(!shown.contains("##["), "{shown:?}");
            for line in shown.lines() {
                prop_assert!(!line.trim_start().starts_with("::"), "{shown:?}");
            }
        }
    }

    #[test]
    fn escaping_twice_is_escaping_once(text in foreign(), most in 0_usize..60) {
        for escape in [line, markup, block] {
            let once = escape(&text, most).into_owned();
            prop_assert_eq!(&*escape(&once, most), &*once);
        }
    }

    #[test]
    fn a_cut_is_seen(text in foreign(), most in 1_usize..60) {
        let (cut, whole) = (line(&text, most), line(&text, usize::MAX));
        prop_assert!(cut == whole || cut.ends_with(CUT));
    }
}

/// Parts of texts that runners and terminals obey.
const PIECES: [&str; 16] =
    ["::", ":", "#", "##[", "##vso[", "[", "\\", " ", "\n", "\r", "\t", "\u{1b}", "é", "…", "a", "\u{2028}"];

/// Generates any text, and texts of pieces that runners and terminals obey.
fn foreign() -> impl Strategy<Value = String> {
    let made = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..30);
    prop_oneof![any::<String>(), made.prop_map(|pieces| pieces.concat())]
}
