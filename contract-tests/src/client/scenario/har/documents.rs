//! The documents of a capture as a world, with files of the same kind and size: no one's certificate is copied.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::seen::Seen;
use super::standing::Standing;
use crate::client::scenario::StepName;

/// The largest file that is made.
const LARGEST: u64 = 16 << 20;

/// The statuses that a world can have.
const STATUSES: [&str; 4] = ["verified", "pending", "rejected", "expired"];

/// Returns the ids of a list that came whole.
pub(super) fn ids(seen: &Seen) -> Option<Vec<String>> {
    let items = items(seen)?.iter();
    Some(items.filter_map(|item| Some(item.get("document_id")?.as_str()?.to_owned())).collect())
}

fn items(seen: &Seen) -> Option<&Vec<Value>> {
    let answer = seen.json.as_ref().filter(|_| seen.step == StepName::List && seen.status == 200)?;
    answer.get("items")?.as_array()
}

/// Returns the world of a capture.
pub(super) fn world(crew: &str, all: &[Seen], standing: &Standing) -> Value {
    let documents: Vec<_> = documents(all).into_iter().map(|item| document(&item, all)).collect();
    let vessels = if standing.off_fleet { json!([]) } else { json!(["ves_1"]) };
    let mut key = json!({"name": "full"});
    if standing.revoked {
        key["revoked"] = json!(true);
    }
    json!({
        "partners": [{
            "id": "prt_1",
            "api_enabled": !standing.no_api,
            "granted_scopes": Standing::left(&standing.not_granted),
            "keys": [key],
        }],
        "vessels": [{"id": "ves_1", "name": "M/Y Example", "partners": ["prt_1"]}],
        "crew": [{
            "id": crew,
            "vessels": vessels,
            "consent": {"prt_1": Standing::left(&standing.not_consented)},
            "documents": documents,
        }],
    })
}

/// Returns the items of all lists, each once, the oldest upload first as in a world; without lists, those of the links.
fn documents(all: &[Seen]) -> Vec<Value> {
    let lists: Vec<_> = all.iter().filter_map(items).collect();
    let mut found: Vec<Value> = Vec::new();
    for item in lists.iter().flat_map(|items| items.iter()) {
        let known = |other: &Value| other.get("document_id") == item.get("document_id");
        if item.get("document_id").is_some_and(Value::is_string) && !found.iter().any(known) {
            found.push(item.clone());
        }
    }
    if lists.is_empty() {
        let asked = all.iter().filter_map(|seen| seen.document.clone());
        for id in asked {
            let item = json!({"document_id": id});
            if !found.contains(&item) {
                found.push(item);
            }
        }
        if found.is_empty() {
            // A refusal hides something only where there is something.
            found.push(json!({"document_id": "doc_1"}));
        }
    }
    found.reverse();
    found
}

fn document(item: &Value, all: &[Seen]) -> Value {
    let text = |field: &str| item.get(field).and_then(Value::as_str);
    let id = text("document_id").unwrap_or_default();
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(id));
    document.insert("type".to_owned(), json!(text("type").unwrap_or("STCW")));
    document.insert("title".to_owned(), json!(text("title").unwrap_or("Certificate")));
    let status = text("verification_status").filter(|status| STATUSES.contains(status));
    document.insert("verification_status".to_owned(), json!(status.unwrap_or("verified")));
    for field in ["category", "issuer", "document_number"] {
        document.extend(text(field).map(|value| (field.to_owned(), json!(value))));
    }
    for field in ["issue_date", "expiry_date"] {
        let day = text(field).filter(|day| day.parse::<Date>().is_ok());
        document.extend(day.map(|day| (field.to_owned(), json!(day))));
    }
    document.insert("file".to_owned(), file(id, all));
    Value::Object(document)
}

/// Returns a file with the type and size of the capture.
fn file(id: &str, all: &[Seen]) -> Value {
    let of_step = |step| all.iter().filter(move |seen| seen.step == step && seen.document.as_deref() == Some(id));
    let link =
        of_step(StepName::Link).filter_map(|seen| seen.json.as_ref()).find(|link| link.get("document_id").is_some());
    let link_field = |field: &str| link.and_then(|link| link.get(field)?.as_str());
    let content_type = link_field("content_type");
    let kind = match content_type {
        Some("application/pdf") | None => "pdf",
        Some("image/png") => "png",
        Some("image/jpeg") => "jpeg",
        Some(_) => "bytes",
    };
    let mut file = json!({"generate": kind});
    if let Some(content_type) = content_type {
        file["content_type"] = json!(content_type);
    }
    if let Some(name) = link_field("file_name") {
        file["name"] = json!(name);
    }
    let sizes = of_step(StepName::File).filter(|seen| seen.status == 200);
    let size = sizes.filter_map(|seen| seen.header("content-length")?.parse().ok().or(seen.size)).max();
    if let Some(size) = size.filter(|size| *size > 0) {
        file["size"] = json!(size.min(LARGEST));
    }
    file
}
