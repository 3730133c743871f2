//! The card of one obligation: a line when it is closed, and everything about it when it is open.

use crewpass_diagnostics::escape;
use maud::{Markup, html};

use super::page::MOST;
use crate::report::block::rows;
use crate::report::groups::ProblemGroup;
use crate::report::run::Run;
use crate::report::tally::word;
use crate::report::transcript::{RunTranscript, Transcript};

/// The most other cases of an obligation that a card lists.
const OTHERS: usize = 200;

/// Returns the card.
pub(super) fn card(run: &Run, group: &ProblemGroup<'_>) -> Markup {
    let entry = group.shown;
    let weight = if group.fails(run) { "" } else { " lesser" };
    let cases = match (entry.scenario.as_str(), group.count()) {
        ("", _) => String::new(),
        (_, count) => format!(", {count} of {} cases", group.judged),
    };
    html! {
        details class=(format!("card {} {}{weight}", entry.grade.name(), entry.outcome.name())) {
            summary {
                b class=(entry.outcome.name()) { (word(entry.outcome)) }
                " " b { (entry.id) } " " (entry.grade.name()) ": " (entry.title) span class="dim" { (cases) }
                span class="observed" { (escape::markup(entry.reason(), MOST)) }
            }
            // A link to what is inside opens the card.
            dl id=(entry.id) {
                @for (name, value) in rows(entry, &[]) {
                    dt { (name) } dd { (escape::markup(&value, MOST)) }
                }
                @if !entry.replay.is_empty() { dt { "replay" } dd { code { (entry.replay) } } }
            }
            @if !group.others.is_empty() {
                details {
                    summary { "The other cases (" (group.others.len()) ")" }
                    table {
                        tr { th scope="col" { "case" } th scope="col" { "observed" } }
                        @for other in group.others.iter().take(OTHERS) {
                            tr { td { (other.scenario) } td { (escape::markup(other.reason(), MOST)) } }
                        }
                    }
                }
            }
            @if let Some(transcript) = run.transcripts.get(&entry.scenario) { (of_case(transcript)) }
        }
    }
}

fn of_case(transcript: &Transcript) -> Markup {
    html! {
        details {
            summary { "Transcript and changed files" }
            @for (n, run) in transcript.runs.iter().enumerate() { (of_run(n, run)) }
        }
    }
}

fn of_run(n: usize, run: &RunTranscript) -> Markup {
    html! {
        h3 { "Run " (n + 1) ": " (run.end) }
        @if !run.wire.is_empty() {
            pre { @for one in &run.wire { (escape::block(&one.to_string(), MOST)) } }
        }
        @if !(run.handshakes.is_empty() && run.files.is_empty()) {
            pre { @for line in run.handshakes.iter().chain(&run.files) { (escape::line(line, MOST)) "\n" } }
        }
        @if !run.printed.is_empty() { pre { (escape::block(&run.printed, MOST)) } }
    }
}
