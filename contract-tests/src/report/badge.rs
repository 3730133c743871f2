//! The badge report, in the endpoint format of shields.io.

use serde_json::json;

use super::run::Run;
use super::tally::kept;
use crate::outcome::Exit;
use crate::requirement::Grade;

pub(super) fn render(run: &Run) -> String {
    let (kept, all) = kept(run, Grade::MUST);
    let (message, color) = match run.exit {
        Exit::Kept => (format!("{kept}/{all} MUST kept"), "brightgreen"),
        Exit::Failed => (format!("{kept}/{all} MUST kept"), "red"),
        Exit::Unproved => (format!("{kept}/{all} MUST proved"), "yellow"),
        Exit::Broken => ("gate broke".to_owned(), "lightgrey"),
        Exit::Stopped(_) => ("stopped".to_owned(), "lightgrey"),
        Exit::TooBusy => ("machine too busy".to_owned(), "lightgrey"),
    };
    let badge = json!({"schemaVersion": 1, "label": "crewpass contract", "message": message, "color": color});
    format!("{badge:#}\n")
}
