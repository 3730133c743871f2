//! Judges of the list: asked for as documented, read with tolerance where that is right and with suspicion where not.

use std::time::Duration;

use serde_json::Value;

use super::reading::{Read, Reading, Ruling, Saved, Seen, Subject, prints};
use super::{Finding, Verdict};
use crate::witness::Listener;

/// Lists that were sent whole, read.
pub(super) fn whole_lists<'r>(read: &'r Read<'_>) -> impl Iterator<Item = (&'r Seen<'r>, Value)> {
    read.lists().filter(|seen| seen.is_whole()).filter_map(|seen| Some((seen, seen.exchange.answer()?)))
}

/// Not exercised, unless a list was sent whole in some run.
fn got_a_list(reading: &Reading<'_>) -> Result<(), Verdict> {
    let whole = reading.all_seen().any(|seen| seen.is_list() && seen.is_whole());
    Reading::demand(whole, "no list was sent to the client whole")
}

/// What a scenario asks of a client that can have everything: all saved, exit 0.
pub(super) fn all_saved(reading: &Reading<'_>) -> Result<Vec<Finding>, Verdict> {
    let read = reading.last()?;
    let mut findings = reading.must_have_all(read);
    findings.extend(reading.must_succeed(read, "every document can be had"));
    Ok(findings)
}

/// CPK-LIST-01.
pub(super) fn documented_path(reading: &Reading<'_>) -> Ruling {
    let mut to_base = reading.runs.iter().flat_map(|read| read.seen.iter().map(move |seen| (read, seen)));
    let first = to_base.find(|(_, seen)| seen.exchange.listener == Listener::Base);
    let Some((read, seen)) = first else {
        return Err(Verdict::NotExercised("no request came to BASE".to_owned()));
    };
    let wanted = Subject::List(reading.case.crew_id.clone());
    if seen.subject == wanted && seen.exchange.method == "GET" {
        return Ok(Verdict::Pass(None));
    }
    let expected = "the first request is GET {BASE}/api/v2/employers/me/crew/{id}/documents, with the id as given";
    let observed = format!("{} {}", seen.exchange.method, seen.exchange.target);
    Ok(Verdict::Fail(vec![reading.found(read, expected, observed).at(seen).done()]))
}

/// CPK-LIST-02.
pub(super) fn one_segment(reading: &Reading<'_>) -> Ruling {
    let (read, id) = (reading.last()?, &reading.case.crew_id);
    let to_base: Vec<&Seen<'_>> = read.seen.iter().filter(|seen| seen.exchange.listener == Listener::Base).collect();
    if to_base.is_empty() {
        let refused = matches!(id.as_str(), "." | "..") && read.run.process.end.is_refusal();
        Reading::demand(refused, "no request came to BASE")?;
        return Ok(Verdict::Pass(Some("an id of dots was refused".to_owned())));
    }
    let expected = "the id as one encoded segment, which decodes to the id once";
    let strange = to_base.into_iter().filter(|seen| match &seen.subject {
        Subject::List(crew) | Subject::Link(crew, _) => crew != id,
        Subject::File(_) => false,
        Subject::Other => true,
    });
    let found = |seen: &Seen<'_>| reading.found(read, expected, format!("`{}`", seen.exchange.target)).at(seen).done();
    Ok(Verdict::of(strange.map(found).collect()))
}

/// CPK-LIST-03.
pub(super) fn null_issuer(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let is_null = |item: &Value| item.get("issuer").is_some_and(Value::is_null);
    let has_null =
        |list: &Value| list.get("items").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_null));
    let sent = whole_lists(read).any(|(_, list)| has_null(&list));
    Reading::demand(sent, "no list with a null issuer was sent to the client whole")?;
    let mut findings = all_saved(reading)?;
    findings.extend(lost_nulls(reading, read));
    let reports = prints(read.run);
    let texts = reports.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    findings.extend(texts.filter_map(|report| issuer_as_text(&report)).map(|text| {
        let expected = "an unknown issuer is reported as null";
        reading.found(read, expected, format!("the text `{text}`")).done()
    }));
    Ok(Verdict::of(findings))
}

/// Issuers that were listed as null and are something else in the client's report.
fn lost_nulls(reading: &Reading<'_>, read: &Read<'_>) -> Vec<Finding> {
    let reported = read.run.report.iter().flat_map(|report| &report.items);
    let unknown = |id: &Value| {
        whole_lists(read).any(|(_, list)| {
            let mut items = list["items"].as_array().into_iter().flatten();
            items.any(|item| item["document_id"] == *id && item.get("issuer").is_some_and(Value::is_null))
        })
    };
    let lost = reported.filter(|item| item.get("issuer").is_some_and(|issuer| !issuer.is_null()));
    lost.filter(|item| unknown(&item["document_id"]))
        .map(|item| reading.found(read, "an unknown issuer is reported as null", item["issuer"].to_string()).done())
        .collect()
}

/// A null that became the text of one, anywhere in a report.
fn issuer_as_text(report: &Value) -> Option<String> {
    match report {
        Value::Object(fields) => fields.iter().find_map(|(name, value)| match value {
            Value::String(text) if name == "issuer" => {
                ["None", "null", "nil", "undefined"].contains(&text.as_str()).then(|| text.clone())
            }
            other => issuer_as_text(other),
        }),
        Value::Array(items) => items.iter().find_map(issuer_as_text),
        _ => None,
    }
}

/// CPK-LIST-04.
pub(super) fn tolerant(reading: &Reading<'_>) -> Ruling {
    got_a_list(reading)?;
    Ok(Verdict::of(all_saved(reading)?))
}

/// CPK-LIST-05.
pub(super) fn empty_list(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let is_empty = |list: &Value| list.get("items").and_then(Value::as_array).is_some_and(Vec::is_empty);
    let sent = whole_lists(read).any(|(_, list)| is_empty(&list));
    Reading::demand(sent, "no empty list was sent to the client whole")?;
    let mut findings = no_files(reading, read);
    findings.extend(reading.must_succeed(read, "there is nothing to save"));
    findings.extend(read.seen.iter().skip(1).map(|seen| {
        let observed = format!("also {}", seen.subject.named());
        reading.found(read, "one request: an empty list says it all", observed).at(seen).done()
    }));
    Ok(Verdict::of(findings))
}

/// A finding for each file below the folder that a run made.
pub(super) fn no_files(reading: &Reading<'_>, read: &Read<'_>) -> Vec<Finding> {
    let found = |saved: Saved<'_>| {
        let observed = format!("a file of {} bytes", saved.len);
        reading.found(read, "no file below OUT_DIR", observed).in_file(saved.path).done()
    };
    read.saved(reading.out()).map(found).collect()
}

/// CPK-LIST-06.
pub(super) fn broken_list(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    Reading::demand(read.lists().any(|seen| seen.exchange.status == 200), "no list was answered 200")?;
    let mut findings = no_files(reading, read);
    findings.extend(reading.must_refuse(read, "the list can't be read"));
    Ok(Verdict::of(findings))
}

/// CPK-LIST-07.
pub(super) fn somebody_elses_list(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let is_other = |list: &Value| list.get("crew_unique_id").is_some_and(|id| id != reading.case.crew_id.as_str());
    let sent = whole_lists(read).any(|(_, list)| is_other(&list));
    Reading::demand(sent, "no list of another crew member was sent to the client whole")?;
    let mut findings: Vec<Finding> = read
        .links()
        .map(|seen| {
            let observed = format!("{} was asked for", seen.subject.named());
            reading.found(read, "no link is asked for: the list is of somebody else", observed).at(seen).done()
        })
        .collect();
    findings.extend(reading.must_refuse(read, "the list is of somebody else"));
    Ok(Verdict::of(findings))
}

/// CPK-LIST-08.
pub(super) fn superseded(reading: &Reading<'_>) -> Ruling {
    let (first, last) = reading.two()?;
    let asked = first.lists().next().is_some() && last.lists().next().is_some();
    Reading::demand(asked, "not both runs asked for the list")?;
    let old = |id: &str| first.current(id).is_some() && last.current(id).is_none();
    let mut findings: Vec<Finding> = last
        .links()
        .filter(|seen| seen.subject.document().is_some_and(old))
        .map(|seen| {
            let observed = format!("{} was asked for", seen.subject.named());
            reading.found(last, "an id that is listed no more is not asked for", observed).at(seen).done()
        })
        .collect();
    findings.extend(reading.must_have_all(last));
    Ok(Verdict::of(findings))
}

/// CPK-LIST-09.
pub(super) fn one_bad_item(reading: &Reading<'_>) -> Ruling {
    let read = reading.last()?;
    let refused: Vec<&str> = read
        .links()
        .filter(|seen| matches!(seen.exchange.status, 400..=599))
        .filter_map(|seen| seen.subject.document())
        .collect();
    Reading::demand(!refused.is_empty(), "no link was asked for and refused")?;
    let others = read.run.missing(reading.out()).filter(|one| !refused.contains(&one.id.as_str()));
    let expected = "the other documents are saved although one link was refused";
    let found = |id: &str| reading.found(read, expected, format!("the bytes of `{id}` are nowhere")).done();
    let mut findings: Vec<Finding> = others.map(|one| found(&one.id)).collect();
    findings.extend(reading.must_refuse(read, "one document is missing"));
    Ok(Verdict::of(findings))
}

/// CPK-LIST-10.
pub(super) fn few_in_flight(reading: &Reading<'_>) -> Ruling {
    /// More at once look like an attack to whoever runs a service.
    const AT_ONCE: usize = 8;
    got_a_list(reading)?;
    let mut findings = all_saved(reading)?;
    for read in &reading.runs {
        let all = || read.seen.iter().map(|seen| seen.exchange);
        let open_at = |at: Duration| all().filter(move |one| one.started <= at && one.ended.is_none_or(|end| end > at));
        let many = read.seen.iter().find(|seen| open_at(seen.exchange.started).count() > AT_ONCE);
        findings.extend(many.map(|seen| {
            let observed = format!("{} at once", open_at(seen.exchange.started).count());
            reading.found(read, "8 requests in flight at most", observed).at(seen).done()
        }));
    }
    Ok(Verdict::of(findings))
}
