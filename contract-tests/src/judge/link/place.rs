//! Where requests go: the link as it was given, and nowhere that a link may not lead.

use std::collections::BTreeSet;

use crate::judge::reading::{Given, Read, Reading, Ruling, Seen, Subject, target_of};
use crate::judge::{Finding, Verdict, list};
use crate::witness::{Kind, Listener};

/// Not exercised, unless a link was given in some run.
fn got_a_link(reading: &Reading<'_>) -> Result<(), Verdict> {
    Reading::demand(reading.runs.iter().any(|read| !read.given.is_empty()), "no link was given to the client")
}

/// CPK-LINK-01.
pub(in crate::judge) fn as_given(reading: &Reading<'_>) -> Ruling {
    let mut findings = Vec::new();
    let mut followed = false;
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for read in &reading.runs {
        for seen in &read.seen {
            let target = target_of(&seen.exchange.target);
            if seen.is_file() || target.starts_with("/api/v2/files") {
                followed = true;
                let given = read.given.iter().filter_map(Given::target);
                let all: Vec<&str> = given.chain(known.iter().copied()).collect();
                if !all.contains(&target) {
                    let expected = "a link is followed byte for byte as it was given";
                    findings.push(reading.found(read, expected, nearest(target, &all)).at(seen).done());
                }
            }
            known.extend(seen.exchange.response_header("location").map(target_of));
        }
        known.extend(read.given.iter().filter_map(Given::target));
    }
    Reading::demand(followed, "no link was followed")?;
    Ok(Verdict::of(findings))
}

/// The first difference to the link that is most like a target.
fn nearest(target: &str, given: &[&str]) -> String {
    let shared = |link: &str| link.bytes().zip(target.bytes()).take_while(|(one, other)| one == other).count();
    let Some(link) = given.iter().max_by_key(|link| shared(link)) else {
        return "a request to the file step before any link was given".to_owned();
    };
    let at = shared(link);
    let rest = |text: &str| match text.as_bytes().get(at..) {
        None | Some([]) => "nothing".to_owned(),
        Some(rest) => format!("`{}`", String::from_utf8_lossy(&rest[..rest.len().min(8)])),
    };
    format!("at byte {at} of the target {}, where the link has {}", rest(target), rest(link))
}

/// CPK-LINK-02.
pub(in crate::judge) fn every_id_a_segment(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let is_odd = |id: &str| id.contains(['/', '?', '#', '%']);
    let odd: Vec<&str> = read.run.current.iter().map(|one| &*one.id).filter(|id| is_odd(id)).collect();
    let sent = list::whole_lists(read).next().is_some() && !odd.is_empty();
    Reading::demand(sent, "no list with such an id was sent to the client whole")?;
    let crew = &reading.case.crew_id;
    let is_right = |seen: &Seen<'_>| match &seen.subject {
        Subject::Link(of, document) => of == crew && read.current(document).is_some(),
        Subject::List(of) => of == crew,
        Subject::File(_) => true,
        Subject::Other => false,
    };
    let expected = "each document id is one encoded segment below the crew member that was asked for";
    let strange = read.seen.iter().filter(|seen| seen.exchange.listener == Listener::Base && !is_right(seen));
    let found = |seen: &Seen<'_>| reading.found(read, expected, format!("`{}`", seen.exchange.target)).at(seen).done();
    let mut findings: Vec<Finding> = strange.map(found).collect();
    let asked = |id: &str| read.links().any(|seen| seen.subject.document() == Some(id));
    if odd.iter().any(|id| !asked(id)) {
        findings.extend(reading.must_refuse(read, "a document whose id was refused is missing"));
    }
    Ok(Verdict::of(findings))
}

/// CPK-LINK-07.
pub(in crate::judge) fn own_domain(reading: &Reading<'_>) -> Ruling {
    got_a_link(reading)?;
    strayed(reading)
}

/// CPK-FILE-06.
pub(in crate::judge) fn stayed_on_domain(reading: &Reading<'_>) -> Ruling {
    let redirected = reading.all_seen().any(|seen| seen.is_file() && matches!(seen.exchange.status, 300..=399));
    Reading::demand(redirected, "no link answered with a redirect")?;
    strayed(reading)
}

/// Requests that came to what is no CrewPass domain in this run, or in the clear where BASE is over TLS.
fn strayed(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let ours = reading.case.scenario.second_is_ours;
    let over_tls = reading.case.base.starts_with("https://");
    let is_foreign = |listener: &Listener| match listener {
        Listener::Base => false,
        Listener::Second => !ours,
        Listener::Foreign => true,
    };
    let expected = "nothing is asked of a host that is no CrewPass domain, or without TLS where BASE has it";
    let mut findings = Vec::new();
    for read in &reading.runs {
        for seen in &read.seen {
            let astray = is_foreign(&seen.exchange.listener);
            if astray || (over_tls && !seen.exchange.tls) {
                let what = if astray { "a host that is no CrewPass domain" } else { "plain HTTP" };
                findings.push(reading.found(read, expected, format!("a request to {what}")).at(seen).done());
            }
        }
        let shaken = read.run.handshakes.iter().filter(|one| is_foreign(&one.listener));
        findings.extend(shaken.map(|_| reading.found(read, expected, "a TLS connection to such a host").done()));
    }
    findings.extend(reading.must_refuse(read, "the documents can't be had from where they may come from"));
    Ok(Verdict::of(findings))
}

/// CPK-LINK-08.
pub(in crate::judge) fn documented_form(reading: &Reading<'_>) -> Ruling {
    got_a_link(reading)?;
    let read = reading.last()?;
    let expected = "a link that is no http or https URL is refused, and nothing is made of it";
    let mut findings: Vec<Finding> = copied(reading, read)
        .into_iter()
        .chain(read.foreign(reading.out()).map(|saved| saved.path.to_path_buf()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|path| reading.found(read, expected, "a file that is no document").in_file(&path).done())
        .collect();
    let foreign = read.seen.iter().filter(|seen| seen.exchange.listener == Listener::Foreign);
    findings.extend(foreign.map(|seen| reading.found(read, expected, "a request to another host").at(seen).done()));
    findings.extend(reading.must_refuse(read, "the link is none"));
    Ok(Verdict::of(findings))
}

/// New files with the bytes of a file that lay outside of the folder before.
fn copied(reading: &Reading<'_>, read: &Read<'_>) -> Vec<std::path::PathBuf> {
    let outside = read.run.before.entries.iter().filter(|(path, _)| !path.starts_with(reading.out()));
    let hashes: BTreeSet<&str> = outside
        .filter_map(|(_, entry)| match &entry.kind {
            Kind::File { sha256, .. } => Some(sha256.as_str()),
            _ => None,
        })
        .collect();
    read.made().filter(|saved| hashes.contains(saved.sha256)).map(|saved| saved.path.to_path_buf()).collect()
}

/// CPK-LINK-10.
pub(in crate::judge) fn no_url(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let without = |given: &Given<'_>| given.url.as_deref().is_none_or(str::is_empty);
    let given = reading.runs.iter().flat_map(|read| &read.given);
    Reading::demand(given.into_iter().any(without), "every answer of the link step had a link")?;
    let expected = "no request goes where no link leads";
    let odd = read.seen.iter().filter(|seen| {
        matches!(seen.subject, Subject::Other | Subject::File(None)) || seen.exchange.listener != Listener::Base
    });
    let found = |seen: &Seen<'_>| reading.found(read, expected, format!("`{}`", seen.exchange.target)).at(seen).done();
    let mut findings: Vec<Finding> = odd.map(found).collect();
    findings.extend(reading.must_refuse(read, "there was no link"));
    Ok(Verdict::of(findings))
}
