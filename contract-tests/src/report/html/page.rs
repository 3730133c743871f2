//! The page: what was judged, the totals, a table of all obligations with filters, and a card for each that is broken.

use crewpass_diagnostics::escape;
use maud::{DOCTYPE, Markup, html};

use super::card::card;
use super::style::STYLE;
use crate::outcome::Outcome;
use crate::report::cause::Cause;
use crate::report::groups::ProblemGroup;
use crate::report::run::Run;
use crate::report::tally::{exit_reason, totals, totals_by_grade, word};
use crate::report::unsettled::unsettled_groups;
use crate::requirement::Grade;

/// The longest text of one field, in characters.
pub(super) const MOST: usize = 16_000;

/// Renders the page.
pub(in crate::report) fn render(run: &Run) -> String {
    let groups = run.problem_groups(false);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "CrewPass contract: exit " (run.exit.code()) }
                style { (maud::PreEscaped(STYLE.to_owned() + &filter_rules(run))) }
            }
            body {
                header { (head(run)) }
                main {
                    @if let Some(cause) = &run.cause { (first_of_all(run, cause)) }
                    h2 { "Every " (run.noun.one) }
                    (filters(run))
                    (table(run, &groups))
                    @if !groups.is_empty() {
                        h2 { "What to fix, the gravest first" }
                        @for group in &groups { (card(run, group)) }
                    }
                    @for group in unsettled_groups(run, true) {
                        details {
                            summary { b { (group.title) } }
                            ul { @for line in &group.lines { li { (line) } } }
                        }
                    }
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn head(run: &Run) -> Markup {
    html! {
        h1 { "CrewPass contract" }
        @if !run.head.subject.is_empty() { p { code { (escape::markup(&run.head.subject, MOST)) } } }
        @if !run.head.selection.is_empty() { p { code { (escape::markup(&run.head.selection, MOST)) } } }
        p class="dim" {
            (escape::markup(&run.head.facts(run.seed), MOST))
            @if !run.head.time.is_empty() { ", " time { (run.head.time) } }
        }
        p { b class=(if run.exit.code() == 0 { "pass" } else { "fail" }) { (exit_reason(run)) } }
        p { (totals(run)) }
        @for (grade, counts) in totals_by_grade(run) { p { b { (grade.name()) } ": " (counts) } }
    }
}

fn first_of_all(run: &Run, cause: &Cause) -> Markup {
    html! {
        section class="box" {
            h2 class="cause" { "First of all: " (cause.seen) }
            @if !cause.printed.is_empty() { p { "Its last line: " code { (cause.printed) } } }
            ul { @for advice in &cause.advice { li { (advice) } } }
            p { code { (cause.replay) } }
            p { (cause.describe_extent(run)) }
        }
    }
}

/// Returns the grades and the outcomes that the run has.
fn kinds(run: &Run) -> (Vec<Grade>, Vec<Outcome>) {
    let mut grades: Vec<_> = run.merged.iter().map(|(_, grade, _)| *grade).collect();
    let mut outcomes: Vec<_> = run.merged.iter().map(|(_, _, outcome)| *outcome).collect();
    grades.sort();
    grades.dedup();
    outcomes.sort();
    outcomes.dedup();
    (grades, outcomes)
}

/// Returns the rules by which a box that is not ticked hides the rows and cards of its class.
fn filter_rules(run: &Run) -> String {
    let (grades, outcomes) = kinds(run);
    let names = grades.into_iter().map(Grade::name).chain(outcomes.into_iter().map(Outcome::name));
    let rule = |name| format!("body:has(#show-{name}:not(:checked)) main .{name}:is(tr,details){{display:none}}");
    names.map(rule).collect::<Vec<_>>().concat()
}

fn filters(run: &Run) -> Markup {
    let (grades, outcomes) = kinds(run);
    let grades: Vec<_> = grades.into_iter().map(|grade| (grade.name(), grade.name().to_owned())).collect();
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| (outcome.name(), word(outcome).to_owned())).collect();
    html! {
        form {
            @for (title, boxes) in [("Grade", grades), ("Outcome", outcomes)] {
                fieldset {
                    legend { (title) }
                    @for (name, shown) in boxes {
                        label { input type="checkbox" id=(format!("show-{name}")) checked; " " (shown) }
                    }
                }
            }
        }
    }
}

/// Returns the table of contents: the problems in the order of their cards, then the others in the catalogue's order.
fn table(run: &Run, groups: &[ProblemGroup<'_>]) -> Markup {
    let place = |id: &str| groups.iter().position(|group| group.shown.id == id);
    let mut rows: Vec<_> = run.merged.iter().collect();
    rows.sort_by_key(|(id, _, outcome)| (place(id).unwrap_or(usize::MAX), *outcome));
    let title = |id: &str| run.entries.iter().find(|entry| entry.id == id).map_or("", |entry| entry.title.as_str());
    let observations: Vec<_> = run.observations().collect();
    let observed = |id: &str| observations.iter().find(|entry| entry.id == id).map_or("", |entry| entry.reason());
    html! {
        table {
            tr { th scope="col" { "Id" } th scope="col" { "Grade" } th scope="col" { "Outcome" } th scope="col" { "Title" } }
            @for (id, grade, outcome) in rows {
                tr class=(format!("{} {}", grade.name(), outcome.name())) {
                    td { @if place(id).is_some() { a href=(format!("#{id}")) { (id) } } @else { (id) } }
                    td { (grade.name()) }
                    td class=(outcome.name()) { (word(*outcome)) }
                    td {
                        (title(id))
                        @if !observed(id).is_empty() { span class="note" { (escape::markup(observed(id), MOST)) } }
                    }
                }
            }
        }
    }
}
