//! The catalogue as a page for readers.

use std::fmt::Write;

use super::lookup::Catalogue;
use super::model::Requirement;
use crate::client::task::Task;

const HEAD: &str = "\
# What a client owes

Written by `crewpass-contract list --markdown`; `crewpass-contract explain ID` prints one entry. MUST, SHOULD and MAY
grade the harm that is done, and decide the exit code. The source of a clause is G (the documents guide), P (another
page of the partner documentation) or H (plain HTTP, or safety).

An obligation is judged in both tasks of a client, `documents` and `fleet`, unless it names one. What is about one
person is judged in the task `fleet` with that person alone on the fleet. The requests that walk the fleet do not count
there, and a 403 `scope_not_consented` or a 404 for that person may end with exit 0.
";

/// Returns the whole catalogue in Markdown.
pub fn markdown(catalogue: &Catalogue) -> String {
    let mut page = HEAD.to_owned();
    for area in catalogue.areas() {
        let _ = write!(page, "\n## {area}\n\n| id | grade | source | title |\n| --- | --- | --- | --- |\n");
        let of_area = || catalogue.obligations().iter().filter(|known| known.area() == area);
        for known in of_area() {
            let anchor = known.id.to_lowercase();
            let _ = writeln!(
                page,
                "| [{}](#{anchor}) | {} | {} | {} |",
                known.id,
                known.grade.name(),
                known.source.name(),
                known.title
            );
        }
        of_area().for_each(|known| entry(&mut page, known));
    }
    page
}

fn entry(page: &mut String, known: &Requirement) {
    let _ = write!(page, "\n### {}\n\n**{}** ({}, {})\n\n", known.id, known.title, known.grade.name(), known.place);
    let provoked_by = known.obligation().map_or("", |facts| &facts.provoked_by);
    let exercised_when = known.exercised_when();
    let rows = [
        ("Clause", known.clause.as_str()),
        ("Provoked by", provoked_by),
        ("Counts when", &exercised_when),
        ("Kept when", known.kept_when()),
        ("Advice", known.advice().unwrap_or_default()),
    ];
    for (name, text) in rows.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = writeln!(page, "- {name}: {text}");
    }
    let policies = known.obligation().map_or(&[][..], |facts| &facts.policies);
    if !policies.is_empty() {
        let _ = writeln!(page, "- Under each value of: {}", policies.join(", "));
    }
    if known.is_everywhere() {
        let _ = writeln!(page, "- Judged in every scenario.");
    }
    if known.obligation().is_some_and(|facts| facts.of_receivers) {
        let _ = writeln!(page, "- Judged for the downloads of a webhook receiver, too.");
    }
    let tasks: Vec<_> = known.tasks.iter().map(|task| task.name()).collect();
    if known.tasks != Task::ALL {
        let _ = writeln!(page, "- Task: {}", tasks.join(", "));
    }
}
