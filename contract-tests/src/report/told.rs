//! What was found of one obligation, as a line: each thing once, with how often it was found, and not without end.

/// So many different things are told in full.
const IN_FULL: usize = 5;

/// Tells what was found, in the order in which it was found first.
pub(crate) fn told(found: impl IntoIterator<Item = String>) -> String {
    let mut different: Vec<(String, usize)> = Vec::new();
    for text in found {
        match different.iter_mut().find(|(known, _)| *known == text) {
            Some((_, times)) => *times += 1,
            None => different.push((text, 1)),
        }
    }
    let more = different.len().saturating_sub(IN_FULL);
    let full = different.into_iter().take(IN_FULL).map(|(text, times)| match times {
        1 => text,
        _ => format!("{text} (seen {times} times)"),
    });
    full.chain((more > 0).then(|| format!("and {more} more"))).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn each_thing_is_told_once_with_how_often_it_was_found() {
        let told = |found: &[&str]| told(found.iter().map(ToString::to_string));
        assert_eq!(told(&[]), "");
        assert_eq!(told(&["a"]), "a");
        assert_eq!(told(&["b", "a", "b", "c", "b"]), "b (seen 3 times); a; c");
        assert_eq!(told(&["1", "2", "3", "4", "5", "5"]), "1; 2; 3; 4; 5 (seen 2 times)");
        assert_eq!(told(&["1", "2", "3", "4", "5", "6", "7", "6"]), "1; 2; 3; 4; 5; and 2 more");
    }
}
