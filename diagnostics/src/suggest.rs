//! "Did you mean": the known name nearest to an unknown one, if one is near enough.

/// Returns the candidate nearest to `given`, or `None` if all are far.
///
/// Near is one edit in three characters: `ves_abd` may mean `ves_abc`, `x` never means `y`.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = given.chars().count();
    // Numbers are all near to each other, so none is suggested.
    let limit = if given.chars().any(char::is_alphabetic) { length / 3 } else { 0 };
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (distance(given, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns advice that names the nearest candidate.
pub fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// Counts the edits between two names; letter case costs nothing, and swapped neighbours cost one.
fn distance(given: &str, candidate: &str) -> usize {
    strsim::damerau_levenshtein(&given.to_lowercase(), &candidate.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        assert_eq!(nearest("ves_abd", ["ves_xyz", "ves_abc"]), Some("ves_abc"));
        assert_eq!(nearest("isuer", ["title", "issuer"]), Some("issuer"));
        assert_eq!(nearest("Title", ["title", "issuer"]), Some("title"));
        assert_eq!(nearest("418", ["410"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("vessel", ["partner"]), None);
        assert_eq!(nearest("", ["a"]), None);
        let ids = ["CPK-RTY-01", "CPK-NAME-01", "CPK-NAME-02"];
        assert_eq!(did_you_mean("CPK-NAM-01", ids).unwrap(), "did you mean `CPK-NAME-01`?");
        assert_eq!(did_you_mean("cpk-rty-1", ids).unwrap(), "did you mean `CPK-RTY-01`?");
        assert_eq!(did_you_mean("plain", ids), None);
    }
}
