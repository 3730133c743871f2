//! Judges of the people on a fleet: each is looked at once, and one of them does not decide about the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Page, pages};
use crate::client::case::Expected;
use crate::client::judge::view::{CaseView, JudgeResult, RequestView, RunView, Subject, describe_end, printed_text};
use crate::client::judge::{Finding, Verdict, list};
use crate::client::witness::Listener;

/// Returns the number of rows of each person on these pages.
fn rows_of_people<'r>(pages: &'r [Page<'_, '_>]) -> BTreeMap<&'r str, usize> {
    let mut rows = BTreeMap::new();
    for id in pages.iter().flat_map(Page::people) {
        *rows.entry(id).or_default() += 1;
    }
    rows
}

/// Returns the list requests for a person.
fn lists_of<'r, 'a>(run_view: &'r RunView<'a>, person: &'r str) -> impl Iterator<Item = &'r RequestView<'a>> {
    run_view.lists().filter(move |request| matches!(&request.subject, Subject::List(crew) if crew == person))
}

/// Returns a finding for each further request for the list of a person who has several rows.
fn listed_again(view: &CaseView<'_>, run_view: &RunView<'_>, people: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for person in people {
        let whole = lists_of(run_view, person).filter(|request| request.is_whole());
        findings.extend(whole.skip(1).map(|request| {
            let observed = format!("the list of `{person}` was requested again");
            view.finding(run_view, "one request for the list of each person", observed).at(request).build()
        }));
    }
    findings
}

/// Returns the people with several rows whose list was requested.
fn with_several_rows<'r>(run_view: &RunView<'_>, pages: &'r [Page<'_, '_>]) -> Vec<&'r str> {
    let rows = rows_of_people(pages).into_iter();
    let several = rows.filter(|(person, rows)| *rows > 1 && lists_of(run_view, person).next().is_some());
    several.map(|(person, _)| person).collect()
}

/// Judges CPK-FLEET-05 (a person on two vessels is one person): the list is asked for once.
pub(super) fn listed_once(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let several = with_several_rows(run_view, &pages);
    CaseView::require_exercised(!several.is_empty(), "the list of nobody with several rows was requested")?;
    Ok(Verdict::from_findings(listed_again(view, run_view, &several)))
}

/// Judges CPK-FLEET-06 (one person does not decide about the others): everybody else is saved, and the exit or the output
/// says who is not.
pub(super) fn withheld(view: &CaseView<'_>) -> JudgeResult {
    let friendly = view.runs.first().map(|run_view| printed_text(run_view.run)).unwrap_or_default();
    let (mut findings, mut met) = (Vec::new(), false);
    for run_view in view.runs.iter().skip(1) {
        let people = run_view.withheld_people();
        met |= !people.is_empty();
        findings.extend(view.require_all_saved(run_view));
        let end = run_view.run.process.end;
        let printed = printed_text(run_view.run);
        let is_named = |person: &&str| has_word(&printed, person) && !has_word(&friendly, person);
        if !end.is_success() {
            findings.extend(view.require_refusal(run_view, "one person's documents can't be saved"));
        } else if let Some(silent) = people.iter().find(|person| !is_named(person)) {
            let expected = format!(
                "an exit that is not 0, or `{silent}` as a word of the output, which the output does not hold when \
                 everybody's documents can be saved"
            );
            findings.push(view.finding(run_view, &expected, describe_end(end)).build());
        }
    }
    CaseView::require_exercised(met, "nobody's list was refused")?;
    Ok(Verdict::from_findings(findings))
}

/// Returns true if a text has an id as a word.
fn has_word(text: &str, id: &str) -> bool {
    let is_of_a_word = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    text.match_indices(id).any(|(place, _)| {
        let before = text[..place].chars().next_back();
        let after = text[place + id.len()..].chars().next();
        !before.is_some_and(is_of_a_word) && !after.is_some_and(is_of_a_word)
    })
}

/// Judges CPK-FLEET-07 (rows are read with tolerance): withheld and new statuses and unknown fields change nothing.
pub(super) fn tolerant(view: &CaseView<'_>) -> JudgeResult {
    let sent = view.last()?.fleet().any(RequestView::is_whole);
    CaseView::require_exercised(sent, "no page of the fleet was sent to the client in full")?;
    Ok(Verdict::from_findings(list::all_saved(view)?))
}

/// Judges CPK-FLEET-11 (a person on two pages is saved once): no list is asked for again, and no document is there twice.
pub(super) fn saved_once(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let several = with_several_rows(run_view, &pages);
    CaseView::require_exercised(!several.is_empty(), "the list of nobody with several rows was requested")?;
    let mut findings = Vec::new();
    for one in run_view.run.current.iter().filter(|one| several.contains(&one.crew_id.as_str())) {
        let copies = run_view.run.saved_under(view.out_dir()).filter(|(_, hash)| *hash == one.sha256).count();
        if copies > 1 {
            let observed = format!("`{}` {copies} times", one.id);
            findings.push(view.finding(run_view, "each document is there once", observed).build());
        }
    }
    findings.extend(list::all_saved_in(view, run_view));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-13 (a large fleet is taken in small steps): few requests at once, and little memory.
pub(super) fn modest(view: &CaseView<'_>) -> JudgeResult {
    /// The most requests at once.
    const AT_ONCE: usize = 8;
    /// The most memory over that with a small fleet.
    const MORE: u64 = 64 << 20;
    let (first, last) = view.first_and_last()?;
    let asked = |run_view: &RunView<'_>| run_view.lists().count();
    CaseView::require_exercised(asked(last) >= 1_000, "not a thousand lists were requested")?;
    let mut findings = Vec::new();
    let all = || last.requests.iter().map(|request| request.exchange);
    let open_at = |at: Duration| all().filter(move |one| one.started <= at && one.ended.is_none_or(|end| end > at));
    let many = last.requests.iter().find(|request| open_at(request.exchange.started).count() > AT_ONCE);
    findings.extend(many.map(|request| {
        let observed = format!("{} at once", open_at(request.exchange.started).count());
        view.finding(last, "8 requests in flight at most", observed).at(request).build()
    }));
    let grown = last.run.process.peak_memory.zip(first.run.process.peak_memory);
    let grown = grown.map(|(large, small)| large.saturating_sub(small));
    if let Some(grown) = grown.filter(|grown| *grown >= MORE) {
        let observed = format!("{} MiB more", grown >> 20);
        findings.push(view.finding(last, "less than 64 MiB more memory than with ten people", observed).build());
    }
    if findings.is_empty() && grown.is_none() {
        return Ok(Verdict::Pass(Some("the memory of the client was not seen".to_owned())));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-16 (texts of a fleet lead nowhere): each crew id is one segment, and nothing is written outside of the
/// folder.
pub(super) fn stay_in_place(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let people: BTreeSet<&str> = pages.iter().flat_map(Page::people).collect();
    let goes_on = run_view.requests.iter().any(|request| !request.is_fleet());
    CaseView::require_exercised(!people.is_empty() && goes_on, "nothing was requested about anybody on the fleet")?;
    let expected = "each crew id of the fleet as one path segment, encoded once";
    let strange = run_view.requests.iter().filter(|request| match &request.subject {
        Subject::List(crew) | Subject::Link(crew, _) | Subject::Person(_, crew) => !people.contains(crew.as_str()),
        Subject::Other => request.exchange.listener == Listener::Base,
        Subject::Fleet(_) | Subject::Partner(_) | Subject::File(_) => false,
    });
    let mut findings: Vec<Finding> = strange
        .map(|request| {
            let observed = format!("`{}`", request.exchange.target);
            view.finding(run_view, expected, observed).at(request).build()
        })
        .collect();
    findings.extend(
        view.changes_outside(run_view).into_iter().map(|path| {
            view.finding(run_view, "nothing changes outside of OUT_DIR", "a change").in_file(&path).build()
        }),
    );
    // No URL can hold a segment of dots, so that it may be refused.
    let (may_be_refused, others): (Vec<&Expected>, Vec<&Expected>) =
        run_view.missing(view.out_dir()).partition(|one| matches!(one.crew_id.as_str(), "." | ".."));
    let saved = "the documents of everybody whose id a path can hold are saved";
    let missing = others.into_iter().filter(|_| !view.is_cut(run_view));
    findings.extend(
        missing.map(|one| view.finding(run_view, saved, format!("the bytes of `{}` are not there", one.id)).build()),
    );
    if !may_be_refused.is_empty() {
        findings.extend(view.require_refusal(run_view, "one person's documents are not saved"));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-17 (two people, one name): documents of one file name are both saved. A client that takes one of
/// the two for the other asks for no second link.
pub(super) fn same_names(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let current = &run_view.run.current;
    let pages = pages(run_view);
    let shown: BTreeSet<&str> = pages.iter().flat_map(Page::people).collect();
    let is_shown = |one: &&Expected| shown.contains(one.crew_id.as_str());
    let has_same = |one: &&Expected| {
        let is_other = |other: &Expected| other.crew_id != one.crew_id && other.file_name == one.file_name;
        one.file_name.is_some() && current.iter().filter(is_shown).any(is_other)
    };
    let is_followed = |one: &Expected| run_view.links().any(|request| request.subject.document() == Some(&one.id));
    let met = current.iter().filter(is_shown).filter(has_same).any(is_followed);
    CaseView::require_exercised(met, "no document of a name that another person's has was requested")?;
    Ok(Verdict::from_findings(list::all_saved(view)?))
}
