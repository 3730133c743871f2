//! The life of a link: given for one document, for a while, and asked for again when it is over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::is_dead;
use crate::client::judge::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, Subject};
use crate::client::judge::{Finding, Verdict, list};
use crate::client::scenario::{Clock, RightExit};

/// CPK-LINK-03.
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
            findings.push(view.found(run_view, expected, observed).at(request).done());
        }
        findings.extend(used_for_another(view, link, &follows));
    }
    Ok(Verdict::of(findings))
}

/// A link whose file was taken whole twice, while another document's link was left aside.
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
    let observed = format!("that of `{}` was taken twice, and that of `{}` never", link.document, aside.document);
    Some(view.found(run_view, "each link is used for its own document", observed).at(again).done())
}

/// CPK-LINK-04.
pub(in crate::client::judge) fn asked_again(view: &CaseView<'_>) -> JudgeResult {
    /// Where all are dead, one more would not help.
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
            let found = view.found(run_view, expected, observed);
            match last {
                Some(request) => found.at(request).done(),
                None => found.done(),
            }
        };
        if all_dead && links.len() > AT_MOST {
            let observed = format!("{} were asked for `{document}`", links.len());
            findings.push(finding("at most 3 links per document where all are dead", observed));
        }
        if all_dead {
            continue;
        }
        let tries = run_view.requests.iter().filter(|request| request.subject.document() == Some(document));
        let mut since = tries.skip_while(|request| !(request.is_file() && is_dead(request.exchange.status)));
        if !since.any(RequestView::is_link) {
            let observed = format!("none was asked for `{document}`");
            findings.push(finding("another link is asked for when one was dead", observed));
        }
        if run_view.current(document).is_some_and(|one| !run_view.has(view.out(), one)) {
            let observed = format!("the bytes of `{document}` are nowhere");
            findings.push(finding("the document is saved by the next link", observed));
        }
    }
    if all_dead {
        findings.extend(view.must_refuse(run_view, "every link is dead"));
    }
    Ok(Verdict::of(findings))
}

/// CPK-LINK-05.
pub(in crate::client::judge) fn just_in_time(view: &CaseView<'_>) -> JudgeResult {
    let follows = view.all_requests().filter(|request| request.is_file()).count();
    CaseView::require_exercised(follows >= 2, "fewer than two links were followed")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in run_view.files().filter(|request| is_dead(request.exchange.status)) {
            let observed = format!("{} was asked for when its link had expired", request.subject.named());
            findings.push(
                view.found(run_view, "a link is asked for when its file is fetched", observed).at(request).done(),
            );
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-LINK-06.
pub(in crate::client::judge) fn none_kept(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.two()?;
    let both = !first.issued_links.is_empty() && !last.issued_links.is_empty();
    let reused: Vec<&RequestView<'_>> = first.issued_links.iter().flat_map(|link| last.followed(link)).collect();
    // A client that keeps its links may not ask for new ones at all.
    CaseView::require_exercised(both || !reused.is_empty(), "not both runs got links")?;
    let expected = "no link of an earlier run is followed: links expire";
    let found = |request: &&RequestView<'_>| view.found(last, expected, request.subject.named()).at(request).done();
    Ok(Verdict::of(reused.iter().map(found).collect()))
}

/// CPK-LINK-09.
pub(in crate::client::judge) fn echo(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let told = |link: &IssuedLink<'_>| link.answer.get("document_id").and_then(Value::as_str).map(ToOwned::to_owned);
    let others: Vec<&IssuedLink<'_>> =
        run_view.issued_links.iter().filter(|link| told(link).is_some_and(|id| id != link.document)).collect();
    if others.is_empty() {
        let silent = run_view.issued_links.iter().any(|link| told(link).is_none());
        CaseView::require_exercised(silent, "every link that was given says whose it is")?;
        let mut findings: Vec<Finding> = view.must_end_rightly(run_view).into_iter().collect();
        if run_view.run.process.end.is_success() {
            findings.extend(view.must_have_all(run_view));
        }
        return Ok(Verdict::of(findings));
    }
    let mut findings = Vec::new();
    for link in others {
        let saved = run_view.current(&link.document).filter(|one| run_view.has(view.out(), one));
        findings.extend(saved.map(|one| {
            let expected = "a link that says it is another document's is not used";
            view.found(run_view, expected, format!("what it led to was saved for `{}`", one.id)).done()
        }));
    }
    findings.extend(view.must_refuse(run_view, "a link answered for another document"));
    Ok(Verdict::of(findings))
}

/// CPK-LINK-11.
pub(in crate::client::judge) fn expired_at_issue(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    CaseView::require_exercised(!run_view.issued_links.is_empty(), "no link was given to the client")?;
    if view.case.scenario.clock != Clock::Real {
        return Ok(Verdict::of(list::all_saved(view)?));
    }
    let over: BTreeSet<&str> =
        run_view.issued_links.iter().filter(|link| is_over(link)).map(|link| link.document.as_str()).collect();
    CaseView::require_exercised(!over.is_empty(), "no link was over when it was given")?;
    let mut findings = Vec::new();
    for document in over {
        let links = run_view.links().filter(|request| request.subject.document() == Some(document)).count();
        if links != 2 {
            let times = if links == 1 { "once".to_owned() } else { format!("{links} times") };
            let observed = format!("a link was asked for `{document}` {times}");
            let expected = "a link that is over when it is given is asked for once more, and no oftener";
            findings.push(view.found(run_view, expected, observed).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// Whether a link was over when it was given, by the server's own clock.
fn is_over(link: &IssuedLink<'_>) -> bool {
    let expires = link.answer.get("expires_at").and_then(Value::as_str);
    let expires = expires.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let date = link.exchange.response_header("date").next().and_then(|text| httpdate::parse_http_date(text).ok());
    let now = date.and_then(|date| jiff::Timestamp::try_from(date).ok());
    match (expires, now) {
        (Some(expires), Some(now)) => expires <= now,
        _ => false,
    }
}

/// CPK-LINK-12.
pub(in crate::client::judge) fn none_too_many(view: &CaseView<'_>) -> JudgeResult {
    let any = view.runs.iter().any(|run_view| !run_view.issued_links.is_empty());
    CaseView::require_exercised(any, "no link was given to the client")?;
    let mut findings = Vec::new();
    for run_view in &view.runs {
        let unfollowed =
            run_view.issued_links.iter().filter(|link| run_view.followed(link).next().is_none() && !is_over(link));
        findings.extend(unfollowed.map(|link| {
            let observed = format!("a link of `{}` was given and never followed", link.document);
            view.found(run_view, "no link is asked for in vain", observed).done()
        }));
        for link in &run_view.issued_links {
            let tries = run_view.tries(&Subject::File(Some(link.document.clone()))).len().max(1);
            let links = run_view.issued_links.iter().filter(|other| other.document == link.document).count();
            let is_first = run_view.issued_links.iter().find(|other| other.document == link.document);
            if links > tries && is_first.is_some_and(|first| first.exchange.seq == link.exchange.seq) {
                let observed = format!("{links} for {tries} tries of `{}`", link.document);
                findings.push(view.found(run_view, "one link for each try of a document", observed).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
