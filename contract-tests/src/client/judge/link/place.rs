//! Judges of where requests go: to the link unchanged, and to no forbidden place.

use std::collections::BTreeSet;

use crate::client::judge::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, Subject, target_of};
use crate::client::judge::{Finding, Verdict, list};
use crate::client::witness::{Kind, Listener};
use crate::operation;

/// Returns `NotExercised` unless some run was issued a link.
fn require_a_link(view: &CaseView<'_>) -> Result<(), Verdict> {
    CaseView::require_exercised(
        view.runs.iter().any(|run_view| !run_view.issued_links.is_empty()),
        "no link was issued to the client",
    )
}

/// Judges CPK-LINK-01 (a link is followed as it is): the target of a file request is equivalent to
/// the link by RFC 3986 section 6.2.2, which many HTTP libraries apply to every URL.
pub(in crate::client::judge) fn as_given(view: &CaseView<'_>) -> JudgeResult {
    let mut findings = Vec::new();
    let mut followed = false;
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let target = target_of(&request.exchange.target);
            if request.is_file() || target.starts_with(operation::file_prefix().trim_end_matches('/')) {
                followed = true;
                let issued_links = run_view.issued_links.iter().filter_map(IssuedLink::target);
                let all: Vec<&str> = issued_links.chain(known.iter().copied()).collect();
                if !all.iter().any(|link| link == &target || normalized(link) == normalized(target)) {
                    let expected = "a link is followed as it was issued";
                    findings.push(view.finding(run_view, expected, nearest(target, &all)).at(request).build());
                }
            }
            known.extend(request.exchange.response_header("location").map(target_of));
        }
        known.extend(run_view.issued_links.iter().filter_map(IssuedLink::target));
    }
    CaseView::require_exercised(followed, "no link was followed")?;
    Ok(Verdict::from_findings(findings))
}

/// Returns a target with its percent-escapes in the one form of RFC 3986 section 6.2.2: upper-case
/// digits, and no escapes of letters, digits and `-._~`.
fn normalized(target: &str) -> String {
    let mut parts = target.split('%');
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => normal.push(char::from(byte)),
            Some(_) => {
                normal.push('%');
                normal += &part[..2].to_ascii_uppercase();
            }
            None => normal.push('%'),
        }
        normal += if byte.is_some() { &part[2..] } else { part };
    }
    normal
}

/// Describes the first difference between a target and the most similar link, both in their one form: another spelling
/// is not a difference.
fn nearest(target: &str, issued_links: &[&str]) -> String {
    let target = &normalized(target);
    let issued_links: Vec<_> = issued_links.iter().map(|link| normalized(link)).collect();
    let shared = |link: &str| link.bytes().zip(target.bytes()).take_while(|(one, other)| one == other).count();
    let Some(link) = issued_links.iter().max_by_key(|link| shared(link)) else {
        return "a request to the file step before any link was issued".to_owned();
    };
    let at = shared(link);
    let rest = |text: &str| match text.as_bytes().get(at..) {
        None | Some([]) => "nothing".to_owned(),
        Some(rest) => format!("`{}`", String::from_utf8_lossy(&rest[..rest.len().min(8)])),
    };
    format!("at byte {at} the target has {}, and the link has {}", rest(target), rest(link))
}

/// Judges CPK-LINK-02 (a document id is one path segment): an id with `/`, `?`, `#` or `%` is
/// encoded once.
pub(in crate::client::judge) fn every_id_a_segment(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_odd = |id: &str| id.contains(['/', '?', '#', '%']);
    let odd: Vec<&str> = run_view.run.current.iter().map(|one| &*one.id).filter(|id| is_odd(id)).collect();
    let sent = list::whole_lists(run_view).next().is_some() && !odd.is_empty();
    CaseView::require_exercised(sent, "no list with such an id was sent to the client in full")?;
    let crew = &view.case.crew_id;
    let is_right = |request: &RequestView<'_>| match &request.subject {
        Subject::Link(of, document) => of == crew && run_view.current_document(document).is_some(),
        Subject::List(of) => of == crew,
        Subject::File(_) => true,
        Subject::Other | Subject::Fleet(_) | Subject::Partner(_) | Subject::Person(..) => false,
    };
    let expected = "each document id is one encoded path segment below the crew member of the job";
    let strange =
        run_view.about_documents().filter(|request| request.exchange.listener == Listener::Base && !is_right(request));
    let found = |request: &RequestView<'_>| {
        let status = request.exchange.status;
        let observed = format!("it requested `{}`, which was answered with {status}", request.exchange.target);
        view.finding(run_view, expected, observed).at(request).build()
    };
    let mut findings: Vec<Finding> = strange.map(found).collect();
    let asked = |id: &str| run_view.links().any(|request| request.subject.document() == Some(id));
    if odd.iter().any(|id| !asked(id)) {
        findings.extend(view.require_refusal(run_view, "a document with such an id is missing"));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LINK-07 (a link elsewhere is not followed): no request or handshake reaches a foreign
/// host.
pub(in crate::client::judge) fn own_domain(view: &CaseView<'_>) -> JudgeResult {
    require_a_link(view)?;
    strayed(view)
}

/// Judges CPK-FILE-06 (a redirect elsewhere is not followed): no request or handshake reaches a
/// foreign host.
pub(in crate::client::judge) fn stayed_on_domain(view: &CaseView<'_>) -> JudgeResult {
    let redirected =
        view.all_requests().any(|request| request.is_file() && matches!(request.exchange.status, 300..=399));
    CaseView::require_exercised(redirected, "no link was answered with a redirect")?;
    strayed(view)
}

/// Returns findings for requests to a host that is not CrewPass's in this run, or without TLS under
/// an https BASE.
fn strayed(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let ours = view.case.scenario.second_is_ours;
    let over_tls = view.case.base.starts_with("https://");
    let is_foreign = |listener: &Listener| match listener {
        Listener::Base => false,
        Listener::Second => !ours,
        Listener::Foreign => true,
    };
    let expected = "no request goes to a host that is not a CrewPass domain, or without TLS if BASE has TLS";
    let mut findings = Vec::new();
    for run_view in &view.runs {
        for request in &run_view.requests {
            let astray = is_foreign(&request.exchange.listener);
            if astray || (over_tls && !request.exchange.tls) {
                let what = if astray { "a host that is not a CrewPass domain" } else { "plain HTTP" };
                findings.push(view.finding(run_view, expected, format!("a request to {what}")).at(request).build());
            }
        }
        let shaken = run_view.run.handshakes.iter().filter(|one| is_foreign(&one.listener));
        findings.extend(shaken.map(|_| view.finding(run_view, expected, "a TLS connection to such a host").build()));
    }
    findings.extend(view.require_refusal(run_view, "the documents can't be downloaded from an allowed host"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LINK-08 (only http and https are followed): any other link is refused and creates no
/// file.
pub(in crate::client::judge) fn documented_form(view: &CaseView<'_>) -> JudgeResult {
    require_a_link(view)?;
    let run_view = view.last()?;
    let expected = "a link that is not an http or https URL is refused, and nothing is saved from it";
    let mut findings: Vec<Finding> = copied(view, run_view)
        .into_iter()
        .chain(run_view.non_documents(view.out_dir()).map(|saved| saved.path.to_path_buf()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|path| view.finding(run_view, expected, "a file that is not a document").in_file(&path).build())
        .collect();
    let foreign = run_view.requests.iter().filter(|request| request.exchange.listener == Listener::Foreign);
    findings.extend(
        foreign.map(|request| view.finding(run_view, expected, "a request to another host").at(request).build()),
    );
    findings.extend(view.require_refusal(run_view, "the link is not an http or https URL"));
    Ok(Verdict::from_findings(findings))
}

/// Returns new files with the bytes of a file that was outside of the folder before the run.
fn copied(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<std::path::PathBuf> {
    let outside = run_view.run.before.entries.iter().filter(|(path, _)| !path.starts_with(view.out_dir()));
    let hashes: BTreeSet<&str> = outside
        .filter_map(|(_, entry)| match &entry.kind {
            // What is too long to be read has no hash.
            Kind::File { sha256, .. } if !sha256.is_empty() => Some(sha256.as_str()),
            _ => None,
        })
        .collect();
    run_view
        .written_files()
        .filter(|saved| hashes.contains(saved.sha256))
        .map(|saved| saved.path.to_path_buf())
        .collect()
}

/// Judges CPK-LINK-10 (a broken link answer is refused): without a `download_url` nothing is
/// requested instead.
pub(in crate::client::judge) fn no_url(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let without = |issued_links: &IssuedLink<'_>| issued_links.url.as_deref().is_none_or(str::is_empty);
    let issued_links = view.runs.iter().flat_map(|run_view| &run_view.issued_links);
    let is_unreadable = |request: &RequestView<'_>| {
        let is_sent = request.is_link() && request.is_whole() && request.exchange.status == 200;
        is_sent && !request.exchange.answer().is_some_and(|answer| answer.is_object())
    };
    CaseView::require_exercised(
        issued_links.into_iter().any(without) || view.all_requests().any(is_unreadable),
        "every answer of the link step had a `download_url`",
    )?;
    let expected = "no request without a link";
    let odd = run_view.requests.iter().filter(|request| {
        matches!(request.subject, Subject::Other | Subject::File(None)) || request.exchange.listener != Listener::Base
    });
    let found = |request: &RequestView<'_>| {
        view.finding(run_view, expected, format!("`{}`", request.exchange.target)).at(request).build()
    };
    let mut findings: Vec<Finding> = odd.map(found).collect();
    findings.extend(view.require_refusal(run_view, "the answer had no link"));
    Ok(Verdict::from_findings(findings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalent_targets_are_the_same_and_no_others() {
        for (one, other) in [("/f/a%2bb", "/f/a%2Bb"), ("/f/a%2E%7e", "/f/a.~"), ("/f?x=%41", "/f?x=A"), ("/f%", "/f%")]
        {
            assert_eq!(normalized(one), normalized(other), "{one} {other}");
        }
        for (one, other) in
            [("/a+b", "/a%20b"), ("/a%2Fb", "/a/b"), ("/a%3D", "/a="), ("/a%252b", "/a%2b"), ("/a?x=", "/a")]
        {
            assert_ne!(normalized(one), normalized(other), "{one} {other}");
        }
    }
}
