//! The report as one HTML page: no script, no network access, readable on a phone, with a
//! transcript of each failure.

use crewpass_diagnostics::escape;
use maud::{DOCTYPE, Markup, html};

use super::run::{Entry, Run};
use super::tally::summary;
use super::transcript::{RunTranscript, Transcript};
use super::unsettled::unsettled_groups;
use crate::outcome::Outcome;

/// The longest text of one field, in characters.
const MOST: usize = 16_000;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0}h2.why::first-letter{text-transform:uppercase}\
article{border-left:.3rem solid #c33;padding:.1rem 0 .1rem .8rem;margin:1.5rem 0}\
dt{font-weight:600}dd{margin:0 0 .4rem}\
@media(min-width:40rem){dl{display:grid;grid-template-columns:6rem 1fr}dt,dd{margin:0 0 .2rem}}\
article.aside{border-color:#b80}\
pre{overflow-x:auto;padding:.6rem;border:1px solid #8886;font-size:.8rem;white-space:pre}pre.line{white-space:pre-wrap}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .4rem;border-bottom:1px solid #8884}\
.pass{color:#275}.fail,.stale,.harness_error,.not_judged{color:#c33}\
@media(prefers-color-scheme:dark){.pass{color:#6c9}.fail,.stale,.harness_error,.not_judged{color:#f77}}";

pub(super) fn render(run: &Run) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "CrewPass contract: exit " (run.exit.code()) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { "CrewPass contract" }
                p { (summary(run)) }
                @for entry in &of_weight(run, true) { (problem_article(entry, "", transcript_of(run, entry))) }
                @let lesser = of_weight(run, false);
                @if !lesser.is_empty() {
                    h2 { "Broken, below the grade that fails the gate" }
                    @for entry in &lesser { (problem_article(entry, "aside", transcript_of(run, entry))) }
                }
                @for group in unsettled_groups(run) {
                    h2.why { (group.title) }
                    ul { @for line in &group.lines { li { (line) } } }
                }
                h2 { "Every obligation" }
                (every(run))
                p { "Seed " (run.seed) }
            }
        }
    };
    page.into_string() + "\n"
}

/// Returns the problems that fail the run, or the others.
fn of_weight(run: &Run, fails: bool) -> Vec<&Entry> {
    let weighs = |entry: &&Entry| (entry.outcome != Outcome::Fail || entry.grade <= run.fail_on) == fails;
    run.problems().filter(weighs).collect()
}

fn transcript_of<'a>(run: &'a Run, entry: &Entry) -> Option<&'a Transcript> {
    run.transcripts.get(&entry.scenario)
}

fn problem_article(entry: &Entry, weight: &str, transcript: Option<&Transcript>) -> Markup {
    let clause = format!("{} ({}, source {})", entry.clause, entry.place, entry.source.name());
    let rows = [
        ("Outcome", entry.outcome.name()),
        ("Scenario", &entry.scenario),
        ("Clause", &clause),
        ("Expected", &entry.expected),
        ("Observed", &entry.observed),
        ("Exchange", entry.exchange.as_deref().unwrap_or_default()),
        ("Note", entry.note.as_deref().unwrap_or_default()),
        ("Advice", &entry.advice),
    ];
    html! {
        article class=(weight) {
            h2 { (entry.id) " " (entry.grade.name()) ": " (entry.title) }
            dl {
                @for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
                    dt { (name) } dd { (escape::markup(value, MOST)) }
                }
            }
            @if !entry.replay.is_empty() { pre class="line" { (entry.replay) } }
            @if let Some(transcript) = transcript {
                details {
                    summary { "Transcript and files" }
                    @for (n, run) in transcript.runs.iter().enumerate() { (of_run(n, run)) }
                }
            }
        }
    }
}

fn of_run(n: usize, run: &RunTranscript) -> Markup {
    html! {
        h3 { "Run " (n + 1) ": " (run.end) }
        pre { @for line in &run.wire { (escape::line(line, MOST)) "\n" } }
        pre { @for line in &run.files { (escape::line(line, MOST)) "\n" } }
        @if !run.printed.is_empty() { pre { (escape::block(&run.printed, MOST)) } }
    }
}

fn every(run: &Run) -> Markup {
    html! {
        table {
            tr { th { "Obligation" } th { "Grade" } th { "Outcome" } }
            @for (id, grade, outcome) in &run.merged {
                tr { td { (id) } td { (grade.name()) } td class=(outcome.name()) { (outcome.name().replace('_', " ")) } }
            }
        }
    }
}
