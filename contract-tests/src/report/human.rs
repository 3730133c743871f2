//! The report for people: what was judged, the totals, what to fix first, the rest in short, what was not exercised,
//! and why the exit code is what it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::block::{RowLimits, block, heading, row, two_lines};
use super::entry::Entry;
use super::groups::ProblemGroup;
use super::look::{Look, Style};
use super::run::Run;
use super::tally::{exit_reason, totals, totals_by_grade};
use super::unsettled::{UnsettledGroup, unsettled_groups};
use crate::requirement::Grade;

/// The number of obligations that are shown in full.
pub(super) const FIRST: usize = 5;

/// The most lines of a report that is not verbose, if it can be done.
const LINES: usize = 100;

/// The amount of detail of a report.
#[derive(Clone, Copy, Debug)]
struct Layout {
    /// The lines of the rows of a block.
    rows: RowLimits,
    /// The most lines of a cause for which obligations were not judged.
    cause: usize,
    /// The most of these causes.
    causes: usize,
    /// The number of obligations that have two lines; the others have one.
    doubled: usize,
}

impl Layout {
    /// Everything.
    const FULL: Self = Self { rows: RowLimits::NONE, cause: usize::MAX, causes: usize::MAX, doubled: usize::MAX };

    /// From the roomiest to the tightest.
    const SHORT: [Self; 6] = [
        Self::short([6, 6, 6], (2, 20)),
        Self::short([4, 2, 2], (1, 10)),
        Self::short([3, 1, 1], (1, 6)),
        Self::short([2, 1, 1], (1, 4)),
        Self::short([1, 1, 1], (1, 4)),
        Self::short([1, 1, 0], (1, 3)),
    ];

    const fn short(rows: [usize; 3], (cause, causes): (usize, usize)) -> Self {
        let rows = RowLimits { facts: rows[0], expected: rows[1], clause: rows[2] };
        Self { rows, cause, causes, doubled: usize::MAX }
    }
}

/// Renders the report.
pub(super) fn render(run: &Run, look: Look) -> String {
    if look.verbose || look.whole {
        return laid_out(run, look, Layout::FULL);
    }
    let groups = run.problem_groups(false);
    let rest = groups.get(FIRST..).unwrap_or_default();
    let mildest = rest.iter().rev().take_while(|group| group.shown.grade >= Grade::MAY).count();
    let mut text = String::new();
    let mut tightest = Layout::FULL;
    for layout in Layout::SHORT {
        text = laid_out(run, look, layout);
        let excess = text.lines().count().saturating_sub(LINES);
        if excess == 0 {
            return text;
        }
        // The mildest obligations have one line, as many as it takes.
        if excess <= mildest {
            return laid_out(run, look, Layout { doubled: rest.len() - excess, ..layout });
        }
        tightest = layout;
    }
    let excess = text.lines().count() - LINES;
    laid_out(run, look, Layout { doubled: rest.len().saturating_sub(excess), ..tightest })
}

fn laid_out(run: &Run, look: Look, layout: Layout) -> String {
    let groups = run.problem_groups(look.verbose);
    let parts = [
        head(run, look),
        cause(run, look),
        grades(run, look),
        problems(&groups, look, layout),
        unsettled(run, look, layout),
        observations(run, look),
        coming(run, look, layout),
        end(run, &groups, look),
    ];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

/// Returns what was judged, by what and where; nothing for a run that does not know its subject.
pub(super) fn head(run: &Run, look: Look) -> String {
    if run.head.subject.is_empty() {
        return String::new();
    }
    let subject = look.fill(&run.head.subject, 2, "", "  ");
    let mut text = look.paint(Style::Heading, &subject) + "\n";
    for facts in [&run.head.selection, &run.head.facts(run.seed)] {
        if !facts.is_empty() {
            text += &(look.paint(Style::Dim, &look.fill(facts, 2, "", "  ")) + "\n");
        }
    }
    text
}

/// Returns the cause of most cases, with what to do about it.
fn cause(run: &Run, look: Look) -> String {
    let Some(cause) = &run.cause else { return String::new() };
    let heading = format!("FIRST OF ALL: {}", cause.seen);
    let mut text = look.paint(Style::Bad, &look.fill(&heading, usize::MAX, "", "  ")) + "\n";
    if !cause.printed.is_empty() {
        text += &row("last line", &cause.printed, look, usize::MAX);
    }
    for advice in &cause.advice {
        text += &(look.fill(advice, usize::MAX, "  → ", "    ") + "\n");
    }
    if !cause.replay.is_empty() {
        text.extend(["  → ", &cause.replay, "\n"]);
    }
    text + &look.fill(&cause.describe_extent(run), usize::MAX, "  ", "  ") + "\n"
}

/// Returns the totals of each grade; nothing if one line at the end says all.
fn grades(run: &Run, look: Look) -> String {
    let totals = totals_by_grade(run);
    if totals.len() < 2 {
        return String::new();
    }
    let line = |(grade, text): (Grade, String)| {
        format!("{:<8}  {}\n", grade.name(), look.paint_counts(&look.fill(&text, 1, "", "")))
    };
    totals.into_iter().map(line).collect()
}

fn problems(groups: &[ProblemGroup<'_>], look: Look, layout: Layout) -> String {
    if look.verbose {
        let all = groups.iter().flat_map(|group| std::iter::once(group.shown).chain(group.others.iter().copied()));
        return all.map(|entry| block(entry, &[], look, layout.rows)).collect::<Vec<_>>().join("\n");
    }
    let (first, rest) = groups.split_at(groups.len().min(FIRST));
    if first.is_empty() {
        return String::new();
    }
    let spaced = layout.rows.facts > 1;
    let gap = if spaced { "\n" } else { "" };
    let mut text = String::new();
    if !rest.is_empty() {
        let _ = write!(
            text,
            "{}\n{gap}",
            look.paint(Style::Heading, &format!("Fix these first ({FIRST} of {}):", groups.len()))
        );
    }
    let blocks = first.iter().map(|group| block(group.shown, &group.others, look, layout.rows));
    text += &blocks.collect::<Vec<_>>().join(gap);
    if !rest.is_empty() {
        let _ = write!(text, "\n{}\n{gap}", look.paint(Style::Heading, "Then these:"));
    }
    for (place, group) in rest.iter().enumerate() {
        text += &if place < layout.doubled {
            two_lines(group, look)
        } else {
            heading(group.shown, Look { whole: false, ..look }, 1) + "\n"
        };
    }
    text
}

/// Returns what was neither kept nor broken, one line for each reason.
fn unsettled(run: &Run, look: Look, layout: Layout) -> String {
    let groups = unsettled_groups(run, look.verbose);
    let mut left = layout.causes;
    let mut text = String::new();
    for UnsettledGroup { title, lines } in &groups {
        let _ = writeln!(text, "{}:", look.paint(Style::Heading, title));
        for line in lines.iter().take(left) {
            text += &(look.fill(line, layout.cause, "  ", "    ") + "\n");
        }
        if lines.len() > left {
            let _ = writeln!(text, "  and {} more reasons", lines.len() - left);
        }
        left = left.saturating_sub(lines.len());
    }
    text
}

/// Returns what was observed where nothing is documented, and the notes of what is kept, if there is room for
/// everything.
fn observations(run: &Run, look: Look) -> String {
    let mut said = BTreeSet::new();
    let is_new = |entry: &&Entry| said.insert((entry.id.clone(), entry.reason().to_owned()));
    let line = |entry: &Entry| look.fill(&format!("{}: {}", entry.id, entry.reason()), usize::MAX, "  ", "    ") + "\n";
    let lines: String = run.observations().filter(|_| look.verbose).filter(is_new).map(line).collect();
    if lines.is_empty() { lines } else { format!("{}:\n{lines}", look.paint(Style::Heading, "observed")) }
}

fn coming(run: &Run, look: Look, layout: Layout) -> String {
    if run.coming.is_empty() {
        return String::new();
    }
    let text = format!("coming with the next catalogue: {}", run.coming.join(", "));
    look.fill(&text, layout.cause.saturating_add(1), "", "  ") + "\n"
}

/// Returns how to see more, the totals, and the exit code with its reason.
fn end(run: &Run, groups: &[ProblemGroup<'_>], look: Look) -> String {
    let mut text = String::new();
    let example = groups.get(FIRST).or(groups.first()).map(|group| group.shown.id.as_str());
    let example = example.or(run.broken().next()).filter(|_| look.is_saved && !look.verbose);
    if let Some(id) = example {
        let hint = format!("More: crewpass-contract show {id} (without an id: everything)");
        text += &(look.fill(&hint, 1, "", "") + "\n\n");
    }
    let style = if run.exit.code() == 0 { Style::Good } else { Style::Bad };
    text += &(look.fill(&totals(run), 2, "", "  ") + "\n");
    let reason = look.fill(&exit_reason(run), usize::MAX, "", "  ");
    text + &look.paint(style, &reason) + "\n"
}
