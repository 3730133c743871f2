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

/// Shortens joined findings for people: neighbours that differ only in the name at their end become one with all names.
pub(super) fn fold_alike(joined: &str) -> String {
    let mut folded: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in joined.split("; ") {
        let (head, name) = split_last_name(finding);
        match folded.last_mut() {
            Some((known, names)) if !name.is_empty() && *known == head => names.push(name),
            _ => folded.push((head, vec![name])),
        }
    }
    let whole = |(head, names): (&str, Vec<&str>)| match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{head}{} and {last}", others.join(", ")),
        _ => format!("{head}{}", names.concat()),
    };
    folded.into_iter().map(whole).collect::<Vec<_>>().join("; ")
}

/// Splits off the name in backticks at the end of a finding, which is empty if there is none.
fn split_last_name(finding: &str) -> (&str, &str) {
    let begin = finding.strip_suffix('`').and_then(|rest| rest.rfind('`'));
    begin.map_or((finding, ""), |begin| finding.split_at(begin))
}

#[cfg(test)]
mod tests {
    use super::{fold_alike, join_findings};

    #[test]
    fn neighbours_that_differ_in_a_name_become_one() {
        for (joined, folded) in [
            ("", ""),
            ("the key in `a`", "the key in `a`"),
            ("the key in `a`; the key in `b`", "the key in `a` and `b`"),
            ("the key in `a`; the key in `b`; the key in `c`; x", "the key in `a`, `b` and `c`; x"),
            ("the key in `a`; a link in `b`; the key in `c`", "the key in `a`; a link in `b`; the key in `c`"),
            ("exit 0; exit 0 `x`", "exit 0; exit 0 `x`"),
        ] {
            assert_eq!(fold_alike(joined), folded);
        }
    }

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
