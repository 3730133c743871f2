//! Saves every current document of everybody on the fleet.
//!
//! ```console
//! $ BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… crewpass-fleet FOLDER
//! ```
//!
//! Exits 0 if the documents of everybody are saved. A person who did not consent or has left the fleet is named on
//! standard error, and changes nothing else. The other exit codes are those of `crewpass-documents`.

use std::collections::HashSet;
use std::env;
use std::path::Path;
use std::process::ExitCode;

use crewpass_documents::{Crewpass, Failure};
use serde_json::Value;

/// The most rows of a page that the API allows.
const LIMIT: &str = "200";
/// A cursor may expire: then the walk begins again.
const WALKS: u32 = 3;

/// A walk that ended before the last page.
struct Stopped {
    failure: Failure,
    /// A cursor was refused, so that another walk may get further.
    is_of_cursor: bool,
}

/// Walks the fleet page by page. Returns the crew ids, each once: a person has a row for each vessel.
async fn walk(crewpass: &Crewpass) -> Result<Vec<String>, Stopped> {
    let stop = |failure| Stopped { failure, is_of_cursor: false };
    let wrong = |text| stop(Failure::new(23, text));
    let first = crewpass.address(&["api", "v2", "employers", "me", "fleet"]).map_err(stop)?;
    let (mut ids, mut seen, mut given) = (Vec::new(), HashSet::new(), HashSet::new());
    let mut cursor: Option<String> = None;
    loop {
        let mut url = first.clone();
        // The cursor goes back unchanged, encoded once.
        url.query_pairs_mut().append_pair("limit", LIMIT).extend_pairs(cursor.iter().map(|cursor| ("cursor", cursor)));
        let (page, _) = crewpass.json(&url).await.map_err(|failure| {
            let is_of_cursor = cursor.is_some() && matches!(failure.status, 400 | 404 | 422);
            Stopped { failure, is_of_cursor }
        })?;
        for row in page["items"].as_array().ok_or_else(|| wrong("the page has no items"))? {
            let id = row["crew_unique_id"].as_str().ok_or_else(|| wrong("a row has no crew_unique_id"))?;
            if seen.insert(id.to_owned()) {
                ids.push(id.to_owned());
            }
        }
        // Only a missing cursor marks the last page; a page without rows may have others behind it.
        cursor = match &page["next_cursor"] {
            Value::Null => return Ok(ids),
            Value::String(next) if next.is_empty() => return Ok(ids),
            Value::String(next) if given.insert(next.clone()) => Some(next.clone()),
            Value::String(_) => return Err(wrong("the pages of the fleet go in a circle")),
            _ => return Err(wrong("next_cursor is not a text")),
        };
    }
}

/// Returns the crew ids of everybody on the fleet.
async fn everybody(crewpass: &Crewpass) -> Result<Vec<String>, Failure> {
    let mut number = 1;
    loop {
        match walk(crewpass).await {
            Err(stopped) if stopped.is_of_cursor && number < WALKS => number += 1,
            walked => return walked.map_err(|stopped| stopped.failure),
        }
    }
}

/// Saves the documents of everybody.
async fn all(crewpass: &Crewpass, folder: &Path) -> Result<(), Failure> {
    let (mut saved, mut first) = (0, None);
    for id in everybody(crewpass).await? {
        match crewpass.person(&id, folder).await {
            Ok(more) => saved += more,
            Err(failure) => {
                eprintln!("crew member {}: {}", id.escape_default(), failure.text);
                saved += failure.saved;
                let is_withheld = failure.status == 404 || failure.code == "scope_not_consented";
                if is_withheld && failure.saved == 0 {
                    // Not our fault: the line above says whose documents are missing.
                    continue;
                }
                let is_about_the_key = failure.is_for_all() && !is_withheld;
                first.get_or_insert(failure);
                if is_about_the_key {
                    break;
                }
            }
        }
    }
    first.map_or(Ok(()), |first| Err(first.after(saved)))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let given = env::var("OUT_DIR").ok().filter(|folder| !folder.is_empty());
    let Some(folder) = given.or_else(|| env::args().nth(1)) else {
        eprintln!("usage: crewpass-fleet FOLDER");
        return ExitCode::from(24);
    };
    let folder = Path::new(&folder);
    crewpass_documents::run(folder, async |crewpass| all(crewpass, folder).await).await
}
