//! One obligation of a run in full: each case with a problem, and the transcript of the first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crewpass_diagnostics::escape;

use super::block::{RowLimits, block, row};
use super::entry::Entry;
use super::human::head;
use super::look::{Look, Style};
use super::run::Run;
use super::tally::word;
use crate::outcome::Outcome;

/// The longest transcript that is shown, in characters.
const LONGEST: usize = 200_000;

/// Renders one obligation of a run in full; `None` if the run did not judge it.
pub fn show(run: &Run, id: &str, look: Look) -> Option<String> {
    let (_, _, outcome) = run.merged.iter().find(|(known, ..)| known == id)?;
    let of_obligation = || run.entries.iter().filter(|entry| entry.id == id);
    let (kept, other): (Vec<&Entry>, Vec<&Entry>) = of_obligation().partition(|entry| entry.outcome == Outcome::Pass);
    let first = of_obligation().find(|entry| entry.outcome == *outcome)?;
    let groups = run.problem_groups(true);
    let shown = groups.iter().find(|group| group.shown.id == id).map_or(first, |group| group.shown);
    let mut blocks: Vec<&Entry> = vec![shown];
    blocks.extend(other.into_iter().filter(|entry| !std::ptr::eq(*entry, shown)));
    // What is broken comes before what no case has shown.
    blocks.sort_by_key(|entry| !matches!(entry.outcome, Outcome::Fail | Outcome::Stale));
    let mut text = head(run, look);
    if !text.is_empty() {
        text.push('\n');
    }
    if *outcome == Outcome::Pass {
        let title = format!("{id} {}: {} is {}", first.grade.name(), first.title, word(*outcome));
        text += &(look.paint(Style::Good, &look.fill(&title, usize::MAX, "", "")) + "\n");
        text += &row("clause", &format!("{}: {}", first.place, first.clause), look, usize::MAX);
        if let Some(observed) = run.observations().find(|entry| entry.id == id) {
            text += &row("observed", observed.reason(), look, usize::MAX);
        }
        for (outcome, names) in unshown_cases(&blocks) {
            let note = format!("{} in {}, which the others make up for: ", word(outcome), cases(names.len()));
            text += &row("note", &(note + &names.join(", ")), look, usize::MAX);
        }
        blocks.clear();
    }
    let written: Vec<_> = blocks.iter().map(|entry| block(entry, &[], look, RowLimits::NONE)).collect();
    text += &written.join("\n");
    let names: Vec<&str> = kept.iter().map(|entry| entry.scenario.as_str()).filter(|name| !name.is_empty()).collect();
    if !names.is_empty() {
        let _ = write!(
            text,
            "\n{}\n",
            look.fill(&format!("kept in {}: {}", cases(names.len()), names.join(", ")), usize::MAX, "", "  ")
        );
    }
    if let Some(transcript) = run.transcripts.get(&shown.scenario) {
        let _ = write!(text, "\n{}\n", look.paint(Style::Heading, &format!("transcript of {}", shown.scenario)));
        text += &escape::block(&transcript.to_string(), LONGEST);
    }
    Some(text)
}

/// Returns the cases of a kept obligation that did not show it, by outcome.
fn unshown_cases<'a>(blocks: &[&'a Entry]) -> BTreeMap<Outcome, Vec<&'a str>> {
    let mut by_outcome: BTreeMap<Outcome, Vec<&str>> = BTreeMap::new();
    for entry in blocks.iter().filter(|entry| entry.outcome != Outcome::Pass) {
        by_outcome.entry(entry.outcome).or_default().push(&entry.scenario);
    }
    by_outcome
}

fn cases(count: usize) -> String {
    if count == 1 { "1 case".to_owned() } else { format!("{count} cases") }
}
