//! Requirements as a terminal shows them: a list of them, and one explained.

use crewpass_diagnostics::terminal::{cut_words, wrap_words};

use super::model::Requirement;

/// The column in which the text of a field begins.
const INDENT: &str = "                ";

/// Returns one line a requirement, no longer than `width`.
pub fn table<'a>(obligations: impl IntoIterator<Item = &'a Requirement>, width: usize) -> String {
    let mut text = String::new();
    let obligations: Vec<_> = obligations.into_iter().collect();
    let grade = obligations.iter().map(|known| known.grade.name().len()).fold(6, usize::max);
    for known in obligations {
        let line = format!("{:<13} {:<grade$} {}  {}", known.id, known.grade.name(), known.source.name(), known.title);
        text += &(cut_words(&line, width) + "\n");
    }
    text
}

/// Returns everything about one requirement, with the scenarios that provoke it, wrapped at `width`.
pub fn explanation(known: &Requirement, scenarios: &[&str], width: usize) -> String {
    let head =
        format!("{}  {}  source {}: {}", known.id, known.grade.name(), known.source.name(), known.source.meaning());
    let mut text = format!("{}\n{}\n\n", wrap_words(&head, width, "", ""), wrap_words(&known.title, width, "", ""));
    let scenarios = if known.is_everywhere() { "every one".to_owned() } else { scenarios.join(", ") };
    let facts = known.obligation();
    let provoked_by = facts.map_or("", |facts| &facts.provoked_by);
    let under = facts.map(|facts| facts.policies.join(", ")).unwrap_or_default();
    let implied = facts.map(|facts| facts.implied_by.join(", ")).unwrap_or_default();
    let exercised_when = known.exercised_when();
    let since = if known.since > 1 { format!("version {} of the catalogue", known.since) } else { String::new() };
    let rows: [(&str, &str); 10] = [
        ("Clause", &known.clause),
        ("Where", &known.place),
        ("Provoked by", provoked_by),
        ("Counts when", &exercised_when),
        ("Kept when", known.kept_when()),
        ("Advice", known.advice().unwrap_or_default()),
        ("Policies", &under),
        ("Implied by", &implied),
        ("Scenarios", &scenarios),
        ("Since", &since),
    ];
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        let lead = format!("  {name:<12}  ");
        text += &wrap_words(value, width, &lead, INDENT);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::Catalogue;

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let catalogue = Catalogue::built_in().unwrap();
        for width in [40, 80, 120] {
            let mut text = table(catalogue.obligations(), width);
            for known in catalogue.obligations() {
                text += &explanation(known, &["plain/three-documents"], width);
            }
            for line in text.lines().filter(|line| !line.contains('/')) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_wrapped_line_goes_on_below_where_it_began() {
        let catalogue = Catalogue::built_in().unwrap();
        let text = explanation(catalogue.find("CPK-NAME-01").unwrap(), &["name/outside"], 60);
        assert!(text.starts_with("CPK-NAME-01  MUST  source H: plain HTTP, or safety\nA file name can't"), "{text}");
        assert!(text.contains("\n  Clause        The \"file_name\""), "{text}");
        assert!(text.contains("\n  Scenarios     name/outside\n"), "{text}");
        assert!(!text.contains("Since"), "{text}");
    }
}
