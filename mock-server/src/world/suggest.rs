//! "Did you mean": the known name that is nearest to an unknown one, if any is near enough to be meant.

/// The candidate nearest to `given`, or `None` where all are far.
///
/// Near is one edit in three characters: `ves_abd` may mean `ves_abc`, `x` never means `y`.
pub(crate) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = given.chars().count();
    // One number is as near to another as any.
    let limit = if given.chars().any(char::is_alphabetic) { length / 3 } else { 0 };
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (distance(given, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The help that names the nearest candidate.
pub(super) fn did_you_mean<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, candidates).map(|name| format!("did you mean `{name}`?"))
}

/// Edits between two names; letter case costs nothing, and swapped neighbours cost one.
fn distance(given: &str, candidate: &str) -> usize {
    strsim::damerau_levenshtein(&given.to_lowercase(), &candidate.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_suggested() {
        assert_eq!(nearest("ves_abd", ["ves_xyz", "ves_abc"]), Some("ves_abc"));
        assert_eq!(nearest("isuer", ["title", "issuer"]), Some("issuer"));
        assert_eq!(nearest("Title", ["title", "issuer"]), Some("title"));
        assert_eq!(nearest("418", ["410"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("vessel", ["partner"]), None);
        assert_eq!(nearest("", ["a"]), None);
    }
}
