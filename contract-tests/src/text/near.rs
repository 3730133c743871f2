//! Which known name was meant.

/// The known name that is nearest to what was given, as a sentence; `None` where all are far: near is one edit in
/// three characters. Letter case costs nothing, and swapped neighbours cost one.
pub fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let folded = given.to_lowercase();
    let limit = folded.chars().count() / 3;
    let counted = known.into_iter().map(|name| (strsim::damerau_levenshtein(&folded, &name.to_lowercase()), name));
    let (_, name) = counted.filter(|(edits, _)| *edits <= limit).min_by_key(|(edits, _)| *edits)?;
    Some(format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["CPK-RTY-01", "CPK-NAME-01", "CPK-NAME-02"];
        assert_eq!(did_you_mean("CPK-NAM-01", known).unwrap(), "did you mean `CPK-NAME-01`?");
        assert_eq!(did_you_mean("cpk-rty-1", known).unwrap(), "did you mean `CPK-RTY-01`?");
        assert_eq!(did_you_mean("plain", known), None);
        assert_eq!(did_you_mean("", ["a"]), None);
    }
}
