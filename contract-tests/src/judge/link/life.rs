//! The life of a link: given for one document, for a while, and asked for again when it is over.

use std::collections::BTreeSet;

use serde_json::Value;

use super::is_dead;
use crate::judge::reading::{Given, Read, Reading, Ruling, Seen, Subject};
use crate::judge::{Finding, Verdict, list};
use crate::scenario::{Clock, RightExit};

/// CPK-LINK-03.
pub(in crate::judge) fn single_purpose(reading: &Reading<'_>) -> Ruling {
    let given = reading.runs.iter().flat_map(|read| &read.given);
    let documents: BTreeSet<&str> = given.map(|link| &*link.document).collect();
    Reading::demand(documents.len() >= 2, "links were not given for two documents")?;
    let mut findings = Vec::new();
    for link in reading.runs.iter().flat_map(|read| &read.given) {
        let follows: Vec<(&Read<'_>, &Seen<'_>)> =
            reading.runs.iter().flat_map(|read| read.followed(link).map(move |seen| (read, seen))).collect();
        let over = follows.iter().position(|(_, seen)| is_dead(seen.exchange.status));
        for (read, seen) in follows.iter().skip(over.map_or(usize::MAX, |at| at + 1)) {
            let observed = format!("the link of `{}` was followed again", link.document);
            let expected = "a link that was answered 403, 404 or 410 is not followed again";
            findings.push(reading.found(read, expected, observed).at(seen).done());
        }
        findings.extend(used_for_another(reading, link, &follows));
    }
    Ok(Verdict::of(findings))
}

/// A link whose file was taken whole twice, while another document's link was left aside.
fn used_for_another(reading: &Reading<'_>, link: &Given<'_>, follows: &[(&Read<'_>, &Seen<'_>)]) -> Option<Finding> {
    let taken = follows.iter().filter(|(_, seen)| seen.is_whole() && seen.exchange.method == "GET");
    let (read, again) = taken.copied().nth(1)?;
    let aside =
        read.given.iter().find(|other| other.document != link.document && read.followed(other).next().is_none())?;
    let observed = format!("that of `{}` was taken twice, and that of `{}` never", link.document, aside.document);
    Some(reading.found(read, "each link is used for its own document", observed).at(again).done())
}

/// CPK-LINK-04.
pub(in crate::judge) fn asked_again(reading: &Reading<'_>) -> Ruling {
    /// Where all are dead, one more would not help.
    const AT_MOST: usize = 3;
    let read = reading.last()?;
    let dead: Vec<&Seen<'_>> = read.files().filter(|seen| is_dead(seen.exchange.status)).collect();
    Reading::demand(!dead.is_empty(), "no link was dead when it was followed")?;
    let all_dead = reading.case.scenario.right_exit == RightExit::Refused;
    let documents: BTreeSet<&str> = dead.iter().filter_map(|seen| seen.subject.document()).collect();
    let mut findings = Vec::new();
    for document in documents {
        let last = dead.iter().rfind(|seen| seen.subject.document() == Some(document));
        let links: Vec<&Seen<'_>> = read.links().filter(|seen| seen.subject.document() == Some(document)).collect();
        let finding = |expected: &str, observed: String| {
            let found = reading.found(read, expected, observed);
            match last {
                Some(seen) => found.at(seen).done(),
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
        let tries = read.seen.iter().filter(|seen| seen.subject.document() == Some(document));
        let mut since = tries.skip_while(|seen| !(seen.is_file() && is_dead(seen.exchange.status)));
        if !since.any(Seen::is_link) {
            let observed = format!("none was asked for `{document}`");
            findings.push(finding("another link is asked for when one was dead", observed));
        }
        if read.current(document).is_some_and(|one| !read.has(reading.out(), one)) {
            let observed = format!("the bytes of `{document}` are nowhere");
            findings.push(finding("the document is saved by the next link", observed));
        }
    }
    if all_dead {
        findings.extend(reading.must_refuse(read, "every link is dead"));
    }
    Ok(Verdict::of(findings))
}

/// CPK-LINK-05.
pub(in crate::judge) fn just_in_time(reading: &Reading<'_>) -> Ruling {
    let follows = reading.all_seen().filter(|seen| seen.is_file()).count();
    Reading::demand(follows >= 2, "fewer than two links were followed")?;
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in read.files().filter(|seen| is_dead(seen.exchange.status)) {
            let observed = format!("{} was asked for when its link had expired", seen.subject.named());
            findings
                .push(reading.found(read, "a link is asked for when its file is fetched", observed).at(seen).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-LINK-06.
pub(in crate::judge) fn none_kept(reading: &Reading<'_>) -> Ruling {
    let (first, last) = reading.two()?;
    let both = !first.given.is_empty() && !last.given.is_empty();
    let reused: Vec<&Seen<'_>> = first.given.iter().flat_map(|link| last.followed(link)).collect();
    // A client that keeps its links may not ask for new ones at all.
    Reading::demand(both || !reused.is_empty(), "not both runs got links")?;
    let expected = "no link of an earlier run is followed: links expire";
    let found = |seen: &&Seen<'_>| reading.found(last, expected, seen.subject.named()).at(seen).done();
    Ok(Verdict::of(reused.iter().map(found).collect()))
}

/// CPK-LINK-09.
pub(in crate::judge) fn echo(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let told = |link: &Given<'_>| link.answer.get("document_id").and_then(Value::as_str).map(ToOwned::to_owned);
    let others: Vec<&Given<'_>> =
        read.given.iter().filter(|link| told(link).is_some_and(|id| id != link.document)).collect();
    if others.is_empty() {
        let silent = read.given.iter().any(|link| told(link).is_none());
        Reading::demand(silent, "every link that was given says whose it is")?;
        let mut findings: Vec<Finding> = reading.must_end_rightly(read).into_iter().collect();
        if read.run.process.end.is_success() {
            findings.extend(reading.must_have_all(read));
        }
        return Ok(Verdict::of(findings));
    }
    let mut findings = Vec::new();
    for link in others {
        let saved = read.current(&link.document).filter(|one| read.has(reading.out(), one));
        findings.extend(saved.map(|one| {
            let expected = "a link that says it is another document's is not used";
            reading.found(read, expected, format!("what it led to was saved for `{}`", one.id)).done()
        }));
    }
    findings.extend(reading.must_refuse(read, "a link answered for another document"));
    Ok(Verdict::of(findings))
}

/// CPK-LINK-11.
pub(in crate::judge) fn expired_at_issue(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(!read.given.is_empty(), "no link was given to the client")?;
    if reading.case.scenario.clock != Clock::Real {
        return Ok(Verdict::of(list::all_saved(reading)?));
    }
    let over: BTreeSet<&str> =
        read.given.iter().filter(|link| is_over(link)).map(|link| link.document.as_str()).collect();
    Reading::demand(!over.is_empty(), "no link was over when it was given")?;
    let mut findings = Vec::new();
    for document in over {
        let links = read.links().filter(|seen| seen.subject.document() == Some(document)).count();
        if links != 2 {
            let times = if links == 1 { "once".to_owned() } else { format!("{links} times") };
            let observed = format!("a link was asked for `{document}` {times}");
            let expected = "a link that is over when it is given is asked for once more, and no oftener";
            findings.push(reading.found(read, expected, observed).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// Whether a link was over when it was given, by the server's own clock.
fn is_over(link: &Given<'_>) -> bool {
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
pub(in crate::judge) fn none_too_many(reading: &Reading<'_>) -> Ruling {
    let any = reading.runs.iter().any(|read| !read.given.is_empty());
    Reading::demand(any, "no link was given to the client")?;
    let mut findings = Vec::new();
    for read in &reading.runs {
        let unfollowed = read.given.iter().filter(|link| read.followed(link).next().is_none() && !is_over(link));
        findings.extend(unfollowed.map(|link| {
            let observed = format!("a link of `{}` was given and never followed", link.document);
            reading.found(read, "no link is asked for in vain", observed).done()
        }));
        for link in &read.given {
            let tries = read.tries(&Subject::File(Some(link.document.clone()))).len().max(1);
            let links = read.given.iter().filter(|other| other.document == link.document).count();
            let is_first = read.given.iter().find(|other| other.document == link.document);
            if links > tries && is_first.is_some_and(|first| first.exchange.seq == link.exchange.seq) {
                let observed = format!("{links} for {tries} tries of `{}`", link.document);
                findings.push(reading.found(read, "one link for each try of a document", observed).done());
            }
        }
    }
    Ok(Verdict::of(findings))
}
