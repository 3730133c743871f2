//! Judges of the walk from page to page: by the cursors that were given, each once, and to the end.

use super::{Page, pages};
use crate::client::judge::view::{CaseView, JudgeResult, RequestView, RunView};
use crate::client::judge::{Finding, Verdict, list};
use crate::operation;

/// Returns the requests whose cursor was not given before them.
fn with_strange_cursor<'r, 'a>(run_view: &'r RunView<'a>, given: &[Page<'r, 'a>]) -> Vec<&'r RequestView<'a>> {
    let is_given = |request: &RequestView<'_>, cursor: &str| {
        given.iter().any(|page| page.next_cursor() == Some(cursor) && page.request.exchange.seq < request.exchange.seq)
    };
    run_view.fleet().filter(|request| request.cursor().is_some_and(|cursor| !is_given(request, cursor))).collect()
}

/// Judges CPK-FLEET-01 (each page once): every page is asked for once, by the cursor that was given, and everybody's
/// documents are saved.
pub(super) fn each_once(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let goes_on = pages.iter().any(|page| page.next_cursor().is_some());
    CaseView::require_exercised(goes_on, "no page of the fleet with a next_cursor was sent to the client in full")?;
    let mut findings = Vec::new();
    findings.extend(
        with_strange_cursor(run_view, &pages).into_iter().map(|request| {
            view.finding(run_view, "the cursor of the page before", "another cursor").at(request).build()
        }),
    );
    for (place, page) in pages.iter().enumerate() {
        if pages[..place].iter().any(|earlier| earlier.request.subject == page.request.subject) {
            let observed = format!("{} was asked for again", page.request.subject.describe());
            let expected = "one request for each page";
            findings.push(view.finding(run_view, expected, observed).at(page.request).build());
        }
        let Some(next) = page.next_cursor() else { continue };
        if !run_view.fleet().any(|request| request.cursor() == Some(next)) && !view.is_cut(run_view) {
            let observed = format!("no request had the cursor of page {}", place + 1);
            let expected = "each page is asked for, up to the last one";
            findings.push(view.finding(run_view, expected, observed).at(page.request).build());
        }
    }
    findings.extend(list::all_saved(view)?);
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-02 (a cursor is opaque): each cursor comes back as the value that was given.
pub(super) fn unchanged_cursors(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let is_odd = |cursor: &str| !cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let given = pages.iter().filter_map(Page::next_cursor).any(is_odd);
    let asked = run_view.fleet().any(|request| request.cursor().is_some());
    CaseView::require_exercised(given && asked, "the client asked for no page behind a cursor with odd characters")?;
    let found = |request: &RequestView<'_>| {
        let expected = "the cursor of the page before, encoded once as a form value";
        let observed = format!("`{}`", request.exchange.target);
        view.finding(run_view, expected, observed).at(request).build()
    };
    Ok(Verdict::from_findings(with_strange_cursor(run_view, &pages).into_iter().map(found).collect()))
}

/// Judges CPK-FLEET-03 (the last page ends the walk): after a page whose `next_cursor` is null or absent no other is
/// asked for.
pub(super) fn last_page(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let last = pages.iter().find(|page| page.is_last());
    let Some(last) = last else { return Err(Verdict::NotExercised("no last page of the fleet was sent".to_owned())) };
    let further = run_view.fleet().filter(|request| request.exchange.seq > last.request.exchange.seq);
    let mut findings: Vec<Finding> = further
        .map(|request| {
            let expected = "no further page is asked for: there is no next_cursor";
            let observed = format!("{} was requested", request.subject.describe());
            view.finding(run_view, expected, observed).at(request).build()
        })
        .collect();
    findings.extend(list::all_saved(view)?);
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-04 (pages in a circle have an end): a client that is given a cursor again gives up.
pub(super) fn no_circle(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let given: Vec<&str> = pages.iter().filter_map(Page::next_cursor).collect();
    let again = given.iter().enumerate().any(|(place, cursor)| given[..place].contains(cursor));
    CaseView::require_exercised(again, "no cursor was given to the client twice")?;
    let refused = view.require_refusal(run_view, "the pages of the fleet go in a circle");
    Ok(Verdict::from_findings(refused.into_iter().collect()))
}

/// Judges CPK-FLEET-08 (an empty page need not be the last): the page behind it is asked for.
pub(super) fn empty_page(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let pages = pages(run_view);
    let is_empty = |page: &&Page<'_, '_>| page.rows().is_some_and(Vec::is_empty);
    let empty: Vec<(&Page<'_, '_>, &str)> =
        pages.iter().filter(is_empty).filter_map(|page| Some((page, page.next_cursor()?))).collect();
    CaseView::require_exercised(!empty.is_empty(), "no empty page with a next_cursor was sent to the client in full")?;
    let mut findings = Vec::new();
    for (page, next) in empty {
        if !run_view.fleet().any(|request| request.cursor() == Some(next)) && !view.is_cut(run_view) {
            let expected = "the page behind an empty one is asked for: it has a next_cursor";
            findings.push(view.finding(run_view, expected, "the walk ended there").at(page.request).build());
        }
    }
    findings.extend(list::all_saved(view)?);
    Ok(Verdict::from_findings(findings))
}

/// Returns the `limit` of a request that is not in range.
fn wrong_limit(request: &RequestView<'_>) -> Option<String> {
    let limits = operation::query_values(&request.exchange.target, "limit");
    limits.into_iter().find(|limit| !limit.parse().is_ok_and(|limit: u32| (1..=200).contains(&limit)))
}

/// Returns true if the walk of a run ended at a page that was refused for its limit.
pub(in crate::client::judge) fn ended_at_limit(run_view: &RunView<'_>) -> bool {
    run_view.fleet().last().is_some_and(|request| request.exchange.status == 422 && wrong_limit(request).is_some())
}

/// Judges CPK-FLEET-14 (a limit of 1 to 200): a `limit`, if it is sent, is in range.
pub(super) fn limit_in_range(view: &CaseView<'_>) -> JudgeResult {
    let asked = view.all_requests().any(RequestView::is_fleet);
    CaseView::require_exercised(asked, "no page of the fleet was requested")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.fleet() {
            findings.extend(wrong_limit(request).map(|limit| {
                let observed = format!("`limit={limit}`");
                view.finding(run_view, "a limit of 1 to 200, or none", observed).at(request).build()
            }));
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-FLEET-15 (a broken page is refused): nothing is asked for behind a page that can't be read, and the exit is
/// not 0.
pub(super) fn broken_page(view: &CaseView<'_>) -> JudgeResult {
    let is_readable = |page: &Page<'_, '_>| page.rows().is_some() && (page.is_last() || page.next_cursor().is_some());
    let (mut findings, mut met) = (Vec::new(), false);
    for run_view in &view.runs {
        let pages = pages(run_view);
        let is_read = |request: &RequestView<'_>| {
            pages.iter().any(|page| page.request.exchange.seq == request.exchange.seq && is_readable(page))
        };
        let sent = |request: &&RequestView<'_>| request.is_whole() && request.exchange.status == 200;
        let Some(broken) = run_view.fleet().filter(sent).find(|request| !is_read(request)) else { continue };
        met = true;
        let further = run_view.fleet().filter(|request| request.exchange.seq > broken.exchange.seq);
        findings.extend(further.map(|request| {
            let expected = "no page is asked for behind one that can't be read";
            let observed = format!("{} was requested", request.subject.describe());
            view.finding(run_view, expected, observed).at(request).build()
        }));
        findings.extend(view.require_refusal(run_view, "the fleet can't be read"));
    }
    CaseView::require_exercised(met, "no broken page of the fleet was sent to the client in full")?;
    Ok(Verdict::from_findings(findings))
}
