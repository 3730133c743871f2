//! Judges of a link's life: issued for one document, for a limited time, and requested again when
//! it is over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::is_dead;
use crate::client::judge::view::{CaseView, FindingBuilder, IssuedLink, JudgeResult, RequestView, RunView, Subject};
use crate::client::judge::{Finding, Verdict, list};
use crate::client::scenario::{Clock, RightExit};

/// Judges CPK-LINK-03 (a link is for one document): a dead link is not followed again, nor used for
/// another document.
pub(in crate::client::judge) fn single_purpose(view: &CaseView<'_>) -> JudgeResult {
    let issued_links = view.runs.iter().flat_map(|run_view| &run_view.issued_links);
    let documents: BTreeSet<&str> = issued_links.map(|link| &*link.document).collect();
    CaseView::require_exercised(documents.len() >= 2, "links were not given for two documents")?;
    let mut findings = Vec::new();
    for link in view.runs.iter().flat_map(|run_view| &run_view.issued_links) {
        let follows: Vec<(&RunView<'_>, &RequestView<'_>)> = view
            .runs
            .iter()
            .flat_map(|run_view| run_view.followed(link).map(move |request| (run_view, request)))
            .collect();
        let over = follows.iter().position(|(_, request)| is_dead(request.exchange.status));
        for (run_view, request) in follows.iter().skip(over.map_or(usize::MAX, |at| at + 1)) {
            let observed = format!("the link of `{}` was followed again", link.document);
            let expected = "a link that was answered 403, 404 or 410 is not followed again";
            findings.push(view.finding(run_view, expected, observed).at(request).build());
        }
        findings.extend(used_for_another(view, link, &follows));
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns a finding if a link's file was taken in full twice while another document's link was
/// never followed.
fn used_for_another(
    view: &CaseView<'_>,
    link: &IssuedLink<'_>,
    follows: &[(&RunView<'_>, &RequestView<'_>)],
) -> Option<Finding> {
    let taken = follows.iter().filter(|(_, request)| request.is_whole() && request.exchange.method == "GET");
    let (run_view, again) = taken.copied().nth(1)?;
    let aside = run_view
        .issued_links
        .iter()
        .find(|other| other.document != link.document && run_view.followed(other).next().is_none())?;
    let observed =
        format!("the link of `{}` was used twice, and the link of `{}` never", link.document, aside.document);
    Some(view.finding(run_view, "each link is used for its own document", observed).at(again).build())
}

/// Judges CPK-LINK-04 (asks again for a dead link): a new link is requested after 403, 404 or 410,
/// up to 3 per document.
pub(in crate::client::judge) fn asked_again(view: &CaseView<'_>) -> JudgeResult {
    /// The most link requests for a document whose links are all dead; one more would not help.
    const AT_MOST: usize = 3;
    let run_view = view.last()?;
    let dead: Vec<&RequestView<'_>> = run_view.files().filter(|request| is_dead(request.exchange.status)).collect();
    CaseView::require_exercised(!dead.is_empty(), "no link was dead when it was followed")?;
    let all_dead = view.case.scenario.right_exit == RightExit::Refused;
    let documents: BTreeSet<&str> = dead.iter().filter_map(|request| request.subject.document()).collect();
    let mut findings = Vec::new();
    for document in documents {
        let last = dead.iter().rfind(|request| request.subject.document() == Some(document));
        let links: Vec<&RequestView<'_>> =
            run_view.links().filter(|request| request.subject.document() == Some(document)).collect();
        let finding = |expected: &str, observed: String| {
            let found = view.finding(run_view, expected, observed);
            match last {
                Some(request) => found.at(request).build(),
                None => found.build(),
            }
        };
        if all_dead && links.len() > AT_MOST {
            let observed = format!("{} links were requested for `{document}`", links.len());
            findings.push(finding("at most 3 links per document when all links are dead", observed));
        }
        if all_dead || view.is_cut(run_view) {
            continue;
        }
        let tries = run_view.requests.iter().filter(|request| request.subject.document() == Some(document));
        let mut since = tries.skip_while(|request| !(request.is_file() && is_dead(request.exchange.status)));
        if !since.any(RequestView::is_link) {
            let observed = format!("no further link was requested for `{document}`");
            findings.push(finding("a new link is requested after a dead one", observed));
        }
        if run_view.current_document(document).is_some_and(|one| !run_view.has_document(view.out_dir(), one)) {
            let observed = format!("the bytes of `{document}` are not on disk");
            findings.push(finding("the document is saved through the next link", observed));
        }
    }
    if all_dead {
        findings.extend(view.require_refusal(run_view, "every link is dead"));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LINK-05 (links are asked for just in time): no link expires before the client follows
/// it.
pub(in crate::client::judge) fn just_in_time(view: &CaseView<'_>) -> JudgeResult {
    let follows = view.all_requests().filter(|request| request.is_file()).count();
    CaseView::require_exercised(follows >= 2, "fewer than two links were followed")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.files().filter(|request| is_dead(request.exchange.status)) {
            let observed = format!("{} was requested after its link had expired", request.subject.describe());
            findings.push(
                view.finding(run_view, "a link is requested just before its file is fetched", observed)
                    .at(request)
                    .build(),
            );
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LINK-06 (links are not kept for another run): the second run follows none of the
/// first run's links.
pub(in crate::client::judge) fn none_kept(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.first_and_last()?;
    let both = !first.issued_links.is_empty() && !last.issued_links.is_empty();
    let reused: Vec<&RequestView<'_>> = first.issued_links.iter().flat_map(|link| last.followed(link)).collect();
    // A client that keeps its links may not request new ones at all.
    CaseView::require_exercised(both || !reused.is_empty(), "not both runs received links")?;
    let expected = "no link of an earlier run is followed: links expire";
    let found =
        |request: &&RequestView<'_>| view.finding(last, expected, request.subject.describe()).at(request).build();
    Ok(Verdict::from_findings(reused.iter().map(found).collect()))
}

/// Judges CPK-LINK-09 (a link for another document is refused): an answer with another
/// `document_id` is not used.
pub(in crate::client::judge) fn echo(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let named_id =
        |link: &IssuedLink<'_>| link.answer.get("document_id").and_then(Value::as_str).map(ToOwned::to_owned);
    let others: Vec<&IssuedLink<'_>> =
        run_view.issued_links.iter().filter(|link| named_id(link).is_some_and(|id| id != link.document)).collect();
    if others.is_empty() {
        let silent = run_view.issued_links.iter().any(|link| named_id(link).is_none());
        CaseView::require_exercised(silent, "every link answer names its document")?;
        let mut findings: Vec<Finding> = view.require_expected_exit(run_view).into_iter().collect();
        if run_view.run.process.end.is_success() {
            findings.extend(view.require_all_saved(run_view));
        }
        return Ok(Verdict::from_findings(findings));
    }
    let mut findings = Vec::new();
    for link in others {
        let saved = run_view.current_document(&link.document).filter(|one| run_view.has_document(view.out_dir(), one));
        findings.extend(saved.map(|one| {
            let expected = "a link answer that names another document is not used";
            view.finding(run_view, expected, format!("its file was saved as `{}`", one.id)).build()
        }));
    }
    findings.extend(view.require_refusal(run_view, "a link answer named another document"));
    Ok(Verdict::from_findings(findings))
}

/// Returns true if a link was sent with a `Date` that is none.
fn has_odd_date(run_view: &RunView<'_>) -> bool {
    let mut links = run_view.requests.iter().filter(|request| request.is_link());
    let is_odd = |value: &str| httpdate::parse_http_date(value).is_err();
    links.any(|request| request.exchange.response_header("date").any(is_odd))
}

/// Judges CPK-LINK-11 (`expires_at` is not a clock): a link that has expired on arrival is requested
/// once more.
pub(in crate::client::judge) fn expired_at_issue(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(!run_view.issued_links.is_empty(), "no link was issued to the client")?;
    let of_links = |findings: Vec<Finding>| findings.into_iter().map(|found| about_its_link(run_view, found)).collect();
    if view.case.scenario.clock != Clock::Real {
        return Ok(Verdict::from_findings(of_links(list::all_saved(view)?)));
    }
    let over: BTreeSet<&str> =
        run_view.issued_links.iter().filter(|link| is_over(link)).map(|link| link.document.as_str()).collect();
    let is_unreadable = |link: &IssuedLink<'_>| expiry(link).is_none();
    if over.is_empty() && (run_view.issued_links.iter().any(is_unreadable) || has_odd_date(run_view)) {
        return Ok(Verdict::from_findings(of_links(list::all_saved(view)?)));
    }
    CaseView::require_exercised(!over.is_empty(), "no link had expired when it was issued")?;
    let mut findings = Vec::new();
    for document in over {
        let links = run_view.links().filter(|request| request.subject.document() == Some(document)).count();
        if links != 2 {
            let times = if links == 1 { "once".to_owned() } else { format!("{links} times") };
            let observed =
                format!("the link of `{document}` was requested {times}: its expires_at was before its Date");
            let expected = "one more request for a link whose expires_at is before the Date of the same response";
            let link = run_view.links().find(|request| request.subject.document() == Some(document));
            let found = view.finding(run_view, expected, observed);
            findings.push(link.into_iter().fold(found, FindingBuilder::answered).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Says that a finding is about the first link of the run, unless it names another answer.
fn about_its_link(run_view: &RunView<'_>, mut found: Finding) -> Finding {
    let link = run_view.issued_links.first().map(|link| link.exchange.seq);
    found.answer = found.answer.or(link);
    found
}

/// Returns the time at which a link expires; `None` if the answer has no time that can be read.
fn expiry(link: &IssuedLink<'_>) -> Option<jiff::Timestamp> {
    link.answer.get("expires_at")?.as_str()?.parse().ok()
}

/// Returns true if a link had expired when it was issued, by the server's own clock.
fn is_over(link: &IssuedLink<'_>) -> bool {
    let date = link.exchange.response_header("date").next().and_then(|text| httpdate::parse_http_date(text).ok());
    let now = date.and_then(|date| jiff::Timestamp::try_from(date).ok());
    match (expiry(link), now) {
        (Some(expires), Some(now)) => expires <= now,
        _ => false,
    }
}

/// Judges CPK-LINK-12 (no link without use): each issued link is followed, and there is one link
/// per try.
pub(in crate::client::judge) fn none_too_many(view: &CaseView<'_>) -> JudgeResult {
    let any = view.runs.iter().any(|run_view| !run_view.issued_links.is_empty());
    CaseView::require_exercised(any, "no link was issued to the client")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        let unfollowed =
            run_view.issued_links.iter().filter(|link| run_view.followed(link).next().is_none() && !is_over(link));
        let unfollowed = unfollowed.filter(|_| !view.is_cut(run_view));
        findings.extend(unfollowed.map(|link| {
            let observed = format!("a link of `{}` was issued and never followed", link.document);
            view.finding(run_view, "no link is requested and left unused", observed).build()
        }));
        for link in &run_view.issued_links {
            let tries = run_view.tries(&Subject::File(Some(link.document.clone()))).len().max(1);
            let links = run_view.issued_links.iter().filter(|other| other.document == link.document).count();
            let is_first = run_view.issued_links.iter().find(|other| other.document == link.document);
            if links > tries && is_first.is_some_and(|first| first.exchange.seq == link.exchange.seq) {
                let observed = format!("{links} for {tries} tries of `{}`", link.document);
                findings.push(view.finding(run_view, "one link for each try of a document", observed).build());
            }
        }
    }
    Ok(Verdict::from_findings(findings))
}
