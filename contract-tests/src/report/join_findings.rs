//! The findings of one obligation as a line: each once, with the number of times, and at most five.

/// The most findings that are shown in full.
const IN_FULL: usize = 5;

/// Joins findings in order of first appearance.
pub(crate) fn join_findings(found: impl IntoIterator<Item = String>) -> String {
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
    use super::join_findings;

    #[test]
    fn each_finding_appears_once_with_its_count() {
        let join_findings = |found: &[&str]| join_findings(found.iter().map(ToString::to_string));
        assert_eq!(join_findings(&[]), "");
        assert_eq!(join_findings(&["a"]), "a");
        assert_eq!(join_findings(&["b", "a", "b", "c", "b"]), "b (seen 3 times); a; c");
        assert_eq!(join_findings(&["1", "2", "3", "4", "5", "5"]), "1; 2; 3; 4; 5 (seen 2 times)");
        assert_eq!(join_findings(&["1", "2", "3", "4", "5", "6", "7", "6"]), "1; 2; 3; 4; 5; and 2 more");
    }
}
