//! File names: pleasant ones by default, and on request those that a client must never trust.

use compact_str::{CompactString, format_compact};

use super::dice::{Dice, percent};

/// What a file is called: `PST_certificate.pdf`, and now and then with the person's name in their own script.
pub(super) fn pleasant(dice: &mut Dice, stem: &str, extension: &str, person: &str) -> CompactString {
    if percent(dice, 4) {
        format_compact!("{person} {stem}.{extension}")
    } else {
        format_compact!("{stem}.{extension}")
    }
}

/// The hostile name at this place; past the end the list begins again.
pub(super) fn hostile(place: usize) -> CompactString {
    match place % HOSTILE_NAMES {
        at if at < HOSTILE.len() => HOSTILE[at].into(),
        at if at == HOSTILE.len() => format_compact!("{}.pdf", "a".repeat(296)),
        _ => format_compact!("{}.pdf", "証".repeat(100)),
    }
}

/// How many hostile names there are. It is even, so that the twins, which begin at even places, stay neighbours.
pub(super) const HOSTILE_NAMES: usize = HOSTILE.len() + 2;

/// Twins stand side by side from an even place on, so that one member has both.
const HOSTILE: &[&str] = &[
    // The same name twice, and twins by case, by Unicode normalization and by what a file system drops at the end.
    "certificate.pdf",
    "certificate.pdf",
    "A.pdf",
    "a.pdf",
    "é.pdf",
    "e\u{301}.pdf",
    "trailing.pdf",
    "trailing.pdf.",
    "space.pdf",
    "space.pdf ",
    "Straße.pdf",
    "STRASSE.PDF",
    // Paths out of the folder.
    "../../x.pdf",
    "..\\..\\x",
    "/etc/cron.d/x.pdf",
    "/tmp/x.pdf",
    "C:\\x",
    "C:x.pdf",
    "\\\\server\\share\\x.pdf",
    "//server/share/x.pdf",
    "certificates/../../x.pdf",
    "a/b/c.pdf",
    "%2e%2e%2fx.pdf",
    "..%5c..%5cx.pdf",
    ".",
    "..",
    "~/x.pdf",
    "file:///tmp/x.pdf",
    // Names that Windows keeps for devices, and its alternate streams.
    "CON",
    "NUL.pdf",
    "aux.PDF",
    "COM1.pdf",
    "LPT¹.pdf",
    "x.pdf::$DATA",
    "x.pdf:hidden.exe",
    "a<b>c|d?e*f.pdf",
    // Control characters: a terminal, a header and a C string each read them in their own way.
    "esc\u{1b}[31mred.pdf",
    "cr\rx.pdf",
    "lf\nx.pdf",
    "nul\0x.pdf",
    "x.pdf\r\nSet-Cookie: a=b",
    "bell\u{7}tab\t.pdf",
    "rtl\u{202e}fdp.exe",
    "zero\u{200b}width\u{feff}.pdf",
    // Dots and spaces that do not last.
    "dots.pdf...",
    "spaces.pdf   ",
    "  leading.pdf",
    "...",
    "   ",
    "",
    // Names that a shell, a program or a browser takes for something else.
    ".bashrc",
    "-rf",
    "--output=x",
    "$(id).pdf",
    "`id`.pdf",
    "x; rm x.pdf",
    "\"; filename=\"y.pdf",
    "quote'quote.pdf",
    "=1+1.csv",
    "<script>alert(1)</script>.html",
    "desktop.ini",
    "x.pdf.exe",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hostile_list_is_complete_and_its_twins_stay_together() {
        let all: Vec<_> = (0..HOSTILE_NAMES).map(hostile).collect();
        for name in ["../../x.pdf", "..\\..\\x", "C:\\x", "CON", "NUL.pdf", ".bashrc", "-rf", "", "..", "/tmp/x.pdf"] {
            assert!(all.iter().any(|known| **known == *name), "{name}");
        }
        for part in ["\u{1b}", "\r", "\n", "\0"] {
            assert!(all.iter().any(|known| known.contains(part)), "{part:?}");
        }
        assert!(all.iter().any(|known| known.ends_with('.') && known.len() > 3));
        assert!(all.iter().any(|known| known.ends_with(' ')));
        assert!(all.iter().any(|known| known.len() == 300));
        assert_eq!(HOSTILE_NAMES % 2, 0);
        for (one, other) in [("A.pdf", "a.pdf"), ("é.pdf", "e\u{301}.pdf"), ("certificate.pdf", "certificate.pdf")] {
            let at = all.iter().position(|name| **name == *one).unwrap();
            assert_eq!((at % 2, &*all[at + 1]), (0, other));
        }
    }
}
