//! File names: harmless ones by default, and on request those that a client must never trust.

use compact_str::{CompactString, format_compact};

use super::data;
use super::dice::{Dice, percent};

/// Returns a harmless file name: `PST_certificate.pdf`, sometimes with the person's name in its own script.
pub(super) fn harmless_name(dice: &mut Dice, stem: &str, extension: &str, person: &str) -> CompactString {
    if percent(dice, 4) {
        format_compact!("{person} {stem}.{extension}")
    } else {
        format_compact!("{stem}.{extension}")
    }
}

/// The file names that a client must never trust.
pub(super) struct HostileNames(Box<[CompactString]>);

impl HostileNames {
    /// Parses the list.
    pub(super) fn new() -> Self {
        Self(data::parse(data::HOSTILE_NAMES))
    }

    /// Returns the name at this place; past the end the list begins again.
    pub(super) fn at(&self, place: usize) -> CompactString {
        self.0[place % self.0.len()].clone()
    }

    /// Returns every name once, in the order of the list.
    #[cfg(test)]
    pub(super) fn all(&self) -> &[CompactString] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hostile_list_is_complete_and_its_twins_stay_together() {
        let names = HostileNames::new();
        let all = names.all();
        for name in ["../../x.pdf", "..\\..\\x", "C:\\x", "CON", "NUL.pdf", ".bashrc", "-rf", "", "..", "/tmp/x.pdf"] {
            assert!(all.iter().any(|known| **known == *name), "{name}");
        }
        for part in ["\u{1b}", "\r", "\n", "\0"] {
            assert!(all.iter().any(|known| known.contains(part)), "{part:?}");
        }
        assert!(all.iter().any(|known| known.ends_with('.') && known.len() > 3));
        assert!(all.iter().any(|known| known.ends_with(' ')));
        assert_eq!(all.iter().filter(|known| known.len() == 300 || known.len() == 304).count(), 2);
        assert_eq!((all.len() % 2, names.at(all.len()) == all[0]), (0, true));
        for (one, other) in [("A.pdf", "a.pdf"), ("é.pdf", "e\u{301}.pdf"), ("certificate.pdf", "certificate.pdf")] {
            let at = all.iter().position(|name| **name == *one).unwrap();
            assert_eq!((at % 2, &*all[at + 1]), (0, other));
        }
    }
}
