//! Judges of the list: requested as documented, read with tolerance where allowed and with
//! suspicion where not.

use std::time::Duration;

use serde_json::Value;

use super::view::{CaseView, JudgeResult, RequestView, RunView, Saved, Subject, printed_text};
use super::{Finding, Verdict};
use crate::client::witness::Listener;
use crate::operation::{self, Name};

judges! {
    "CPK-LIST-01" in any_case => documented_path,
    "CPK-LIST-02" => one_segment,
    "CPK-LIST-03" => null_issuer,
    "CPK-LIST-04" => tolerant,
    "CPK-LIST-05" => empty_list,
    "CPK-LIST-06" => broken_list,
    "CPK-LIST-07" => list_of_another,
    "CPK-LIST-08" => superseded,
    "CPK-LIST-09" => one_bad_item,
    "CPK-LIST-10" => few_in_flight,
    "CPK-LIST-11" => optional_fields,
}

/// The reason why nothing shows how a client asks for documents.
const NO_REQUEST: &str = "no request for documents came to BASE";

/// Returns the list requests that were answered in full, each with its body as JSON.
pub(super) fn whole_lists<'r>(run_view: &'r RunView<'_>) -> impl Iterator<Item = (&'r RequestView<'r>, Value)> {
    run_view
        .lists()
        .filter(|request| request.is_whole())
        .filter_map(|request| Some((request, request.exchange.answer()?)))
}

/// Returns `NotExercised` unless some run received a list in full.
fn require_a_list(view: &CaseView<'_>) -> Result<(), Verdict> {
    let whole = view.all_requests().any(|request| request.is_list() && request.is_whole());
    CaseView::require_exercised(whole, "no list was sent to the client in full")
}

/// Returns findings unless the last run saved every current document and ended with exit 0.
pub(super) fn all_saved(view: &CaseView<'_>) -> Result<Vec<Finding>, Verdict> {
    Ok(all_saved_in(view, view.last()?))
}

/// Returns findings unless a run saved every current document and ended with exit 0.
pub(super) fn all_saved_in(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<Finding> {
    let mut findings = view.require_all_saved(run_view);
    findings.extend(view.require_success(run_view, "every document can be downloaded"));
    findings
}

/// Judges CPK-LIST-01 (the documented list path): the first request to BASE is the list of the crew
/// member; on a fleet, the first behind those that walk it.
pub(super) fn documented_path(view: &CaseView<'_>) -> JudgeResult {
    let mut to_base =
        view.runs.iter().flat_map(|run_view| run_view.about_documents().map(move |request| (run_view, request)));
    let first = to_base.find(|(_, request)| request.exchange.listener == Listener::Base);
    let Some((run_view, request)) = first else {
        return Err(Verdict::NotExercised(NO_REQUEST.to_owned()));
    };
    let wanted = Subject::List(view.case.crew_id.clone());
    if request.subject == wanted && matches!(request.exchange.method.as_str(), "GET" | "HEAD") {
        return Ok(Verdict::Pass(None));
    }
    let path = operation::path(Name::ListDocuments, &[view.case.crew_id.as_str()]);
    let (id, of_fleet) = (&view.case.crew_id, view.case.scenario.is_adapted);
    let expected = if of_fleet {
        format!("the first request about documents is GET BASE{path}: `{id}` is alone on the fleet")
    } else {
        format!("the first request is GET BASE{path}: the id of this run is `{id}`")
    };
    let observed = format!("{} {}", request.exchange.method, request.exchange.target);
    Ok(Verdict::Fail(vec![view.finding(run_view, &expected, observed).at(request).build()]))
}

/// Judges CPK-LIST-02 (a crew id is one path segment): an id with special characters is encoded
/// once.
pub(super) fn one_segment(view: &CaseView<'_>) -> JudgeResult {
    let (run_view, id) = (view.last()?, &view.case.crew_id);
    let to_base: Vec<&RequestView<'_>> =
        run_view.about_documents().filter(|request| request.exchange.listener == Listener::Base).collect();
    if to_base.is_empty() {
        let refused = matches!(id.as_str(), "." | "..") && run_view.run.process.end.is_refusal();
        CaseView::require_exercised(refused, NO_REQUEST)?;
        return Ok(Verdict::Pass(Some("the client refused an id that consists of dots".to_owned())));
    }
    let expected = "the id as one path segment, encoded once";
    let strange = to_base.into_iter().filter(|request| match &request.subject {
        Subject::List(crew) | Subject::Link(crew, _) => crew != id,
        Subject::File(_) => false,
        Subject::Other | Subject::Fleet(_) | Subject::Partner(_) | Subject::Person(..) => true,
    });
    let found = |request: &RequestView<'_>| {
        view.finding(run_view, expected, format!("`{}`", request.exchange.target)).at(request).build()
    };
    Ok(Verdict::from_findings(strange.map(found).collect()))
}

/// Judges CPK-LIST-03 (a null issuer is not an error): everything is saved, and null stays null in
/// the report.
pub(super) fn null_issuer(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_null = |item: &Value| item.get("issuer").is_some_and(Value::is_null);
    let has_null =
        |list: &Value| list.get("items").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_null));
    let sent = whole_lists(run_view).any(|(_, list)| has_null(&list));
    CaseView::require_exercised(sent, "no list with a null issuer was sent to the client in full")?;
    let mut findings = all_saved(view)?;
    findings.extend(lost_nulls(view, run_view));
    let reports = printed_text(run_view.run);
    let texts = reports.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    findings.extend(texts.filter_map(|report| issuer_as_text(&report)).map(|text| {
        let expected = "an unknown issuer is reported as null";
        view.finding(run_view, expected, format!("the text `{text}`")).build()
    }));
    Ok(Verdict::from_findings(findings))
}

/// Returns a finding for each issuer that was listed as null and is another value in the client's
/// report.
fn lost_nulls(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<Finding> {
    let reported = run_view.run.report.iter().flat_map(|report| &report.items);
    let unknown = |id: &Value| {
        whole_lists(run_view).any(|(_, list)| {
            let mut items = list["items"].as_array().into_iter().flatten();
            items.any(|item| item["document_id"] == *id && item.get("issuer").is_some_and(Value::is_null))
        })
    };
    let lost = reported.filter(|item| item.get("issuer").is_some_and(|issuer| !issuer.is_null()));
    lost.filter(|item| unknown(&item["document_id"]))
        .map(|item| view.finding(run_view, "an unknown issuer is reported as null", item["issuer"].to_string()).build())
        .collect()
}

/// Returns the text that replaced a null issuer anywhere in a report, such as `None`.
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

/// Judges CPK-LIST-04 (unknown fields and values are tolerated): everything is saved in spite of
/// them.
pub(super) fn tolerant(view: &CaseView<'_>) -> JudgeResult {
    require_a_list(view)?;
    Ok(Verdict::from_findings(all_saved(view)?))
}

/// Judges CPK-LIST-05 (an empty list is success): exit 0 without files or further requests.
pub(super) fn empty_list(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_empty = |list: &Value| list.get("items").and_then(Value::as_array).is_some_and(Vec::is_empty);
    let sent = whole_lists(run_view).any(|(_, list)| is_empty(&list));
    CaseView::require_exercised(sent, "no empty list was sent to the client in full")?;
    let mut findings = no_files(view, run_view);
    findings.extend(view.require_success(run_view, "there is nothing to save"));
    findings.extend(run_view.about_documents().skip(1).map(|request| {
        let observed = format!("a further request for {}", request.subject.describe());
        view.finding(run_view, "one request: after an empty list there is nothing more to ask", observed)
            .at(request)
            .build()
    }));
    Ok(Verdict::from_findings(findings))
}

/// Returns a finding for each file that a run created below the folder.
pub(super) fn no_files(view: &CaseView<'_>, run_view: &RunView<'_>) -> Vec<Finding> {
    let found = |saved: Saved<'_>| {
        let observed = format!("a file of {} bytes", saved.len);
        view.finding(run_view, "no file below OUT_DIR", observed).in_file(saved.path).build()
    };
    run_view.saved_files(view.out_dir()).map(found).collect()
}

/// Judges CPK-LIST-06 (a broken list is refused): an unreadable 200 leads to no file and no exit 0.
pub(super) fn broken_list(view: &CaseView<'_>) -> JudgeResult {
    let is_answered = |run_view: &&RunView<'_>| run_view.lists().any(|request| request.exchange.status == 200);
    let met = view.runs.iter().any(|run_view| is_answered(&run_view));
    CaseView::require_exercised(met, "no list request was answered with 200")?;
    let mut findings = Vec::new();
    for run_view in view.runs.iter().filter(is_answered) {
        findings.extend(no_files(view, run_view));
        findings.extend(view.require_refusal(run_view, "the list can't be read"));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LIST-07 (a list of someone else is refused): no link is requested from another
/// person's list.
pub(super) fn list_of_another(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let sent = names_another(view, run_view);
    CaseView::require_exercised(sent, "no list of another crew member was sent to the client in full")?;
    let mut findings: Vec<Finding> = run_view
        .links()
        .map(|request| {
            let observed = format!("{} was requested", request.subject.describe());
            view.finding(run_view, "no link is requested: the list belongs to another crew member", observed)
                .at(request)
                .build()
        })
        .collect();
    findings.extend(view.require_refusal(run_view, "the list belongs to another crew member"));
    Ok(Verdict::from_findings(findings))
}

/// Returns true if a list that names another crew member was sent in full.
pub(super) fn names_another(view: &CaseView<'_>, run_view: &RunView<'_>) -> bool {
    let is_other = |list: &Value| list.get("crew_unique_id").is_some_and(|id| id != view.case.crew_id.as_str());
    whole_lists(run_view).any(|(_, list)| is_other(&list))
}

/// Judges CPK-LIST-08 (each run lists again): the second run requests no document that is gone from
/// the list.
pub(super) fn superseded(view: &CaseView<'_>) -> JudgeResult {
    let (first, last) = view.first_and_last()?;
    let asked = first.lists().next().is_some() && last.lists().next().is_some();
    CaseView::require_exercised(asked, "not both runs requested the list")?;
    let old = |id: &str| first.current_document(id).is_some() && last.current_document(id).is_none();
    let mut findings: Vec<Finding> = last
        .links()
        .filter(|request| request.subject.document().is_some_and(old))
        .map(|request| {
            let observed = format!("{} was requested", request.subject.describe());
            view.finding(last, "a document that is no longer listed is not requested", observed).at(request).build()
        })
        .collect();
    findings.extend(view.require_all_saved(last));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LIST-09 (one bad document doesn't stop the rest): the others are saved, and the exit
/// is not 0.
pub(super) fn one_bad_item(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let refused: Vec<&str> = run_view
        .links()
        .filter(|request| matches!(request.exchange.status, 400..=599))
        .filter_map(|request| request.subject.document())
        .collect();
    CaseView::require_exercised(!refused.is_empty(), "no link request was refused")?;
    let others = run_view
        .run
        .missing(view.out_dir())
        .filter(|one| !refused.contains(&one.id.as_str()) && !view.is_cut(run_view));
    let expected = "the other documents are saved although one link was refused";
    let found = |id: &str| view.finding(run_view, expected, format!("the bytes of `{id}` are not on disk")).build();
    let mut findings: Vec<Finding> = others.map(|one| found(&one.id)).collect();
    findings.extend(view.require_refusal(run_view, "one document is missing"));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-LIST-10 (a long list is taken in small steps): at most 8 requests are in flight at
/// once.
pub(super) fn few_in_flight(view: &CaseView<'_>) -> JudgeResult {
    /// The most requests in flight; more look like an attack to the operator of a service.
    const AT_ONCE: usize = 8;
    require_a_list(view)?;
    let mut findings = all_saved(view)?;
    for run_view in &view.runs {
        let all = || run_view.requests.iter().map(|request| request.exchange);
        let open_at = |at: Duration| all().filter(move |one| one.started <= at && one.ended.is_none_or(|end| end > at));
        let many = run_view.requests.iter().find(|request| open_at(request.exchange.started).count() > AT_ONCE);
        findings.extend(many.map(|request| {
            let observed = format!("{} at once", open_at(request.exchange.started).count());
            view.finding(run_view, "8 requests in flight at most", observed).at(request).build()
        }));
    }
    Ok(Verdict::from_findings(findings))
}

/// CPK-LIST-11: a file without name or type is saved.
pub(super) fn optional_fields(view: &CaseView<'_>) -> JudgeResult {
    let is_missing = |link: &Value, field: &str| link.get(field).is_none_or(Value::is_null);
    let lacks_both = |link: &Value| is_missing(link, "content_type") && is_missing(link, "file_name");
    let links = view.all_requests().filter(|request| request.is_link() && request.is_whole());
    let sent = links.filter_map(|request| request.exchange.answer()).any(|link| lacks_both(&link));
    CaseView::require_exercised(sent, "no link without content_type and file_name was sent to the client whole")?;
    Ok(Verdict::from_findings(all_saved(view)?))
}
