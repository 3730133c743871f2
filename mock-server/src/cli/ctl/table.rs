//! The journal as a table: one line for each entry.

use std::fmt::Write;

use crewpass_diagnostics::escape;
use serde_json::Value;

/// The first line of the table.
pub(super) const HEADER: &str = "    #  TIME      STATUS  DECIDED BY                      REQUEST OR CHANGE\n";

/// The longest text of a cell, in characters.
const MAX_CELL: usize = 400;

/// Formats a whole journal.
pub(super) fn journal(journal: &Value) -> String {
    let mut text = HEADER.to_owned();
    for entry in journal["entries"].as_array().into_iter().flatten() {
        text.push_str(&row(entry));
    }
    if journal["dropped"].as_u64().is_some_and(|dropped| dropped > 0) {
        let _ = writeln!(text, "{} older entries were dropped", journal["dropped"]);
    }
    text
}

/// Formats the data of an event of the journal's stream.
pub(super) fn event_row(data: &str) -> String {
    match serde_json::from_str::<Value>(data) {
        Ok(event) if event["dropped"].is_u64() => format!("{} older entries were dropped\n", event["dropped"]),
        Ok(entry) => row(&entry),
        Err(_) => format!("{}\n", escape::line(data, MAX_CELL)),
    }
}

/// Formats an entry: its number, the time of the session's clock, the status, and what decided.
fn row(entry: &Value) -> String {
    let text = |value: &Value| escape::line(value.as_str().unwrap_or_default(), MAX_CELL).into_owned();
    let at = text(&entry["at"]);
    let time = at.get(11..19).unwrap_or_default();
    let (status, decided, what) = if entry["kind"] == "change" {
        let what = format!("{} {}", text(&entry["change"]), text(&entry["text"]));
        ("-".to_owned(), "change".to_owned(), what)
    } else {
        let status = entry["status"].as_u64().map_or_else(|| "none".to_owned(), |status| status.to_string());
        let clause = &entry["clause"];
        let decided = format!("{} ({})", text(&clause["id"]), text(&clause["source"]));
        let mut what = format!("{} {}", text(&entry["method"]), text(&entry["target"]));
        for (label, names) in [("leaks", &entry["leaks"]), ("faults", &entry["faults"])] {
            let names: Vec<_> = names.as_array().into_iter().flatten().map(text).collect();
            if !names.is_empty() {
                let _ = write!(what, "  {label}: {}", names.join(", "));
            }
        }
        if entry["whole"] == false {
            let _ = write!(what, "  {} bytes, not whole", entry["bytes"]);
        }
        (status, decided, what)
    };
    format!("{:>5}  {time:8}  {status:6}  {decided:30}  {what}\n", entry["seq"].to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line() {
        let refused = r#"{"kind":"exchange","seq":7,"at":"2026-06-08T10:00:01Z","status":404,"method":"GET",
            "target":"/api/v2/x","clause":{"id":"crew-on-fleet","source":"P"},"leaks":["key-in-query"],"faults":[]}"#;
        let line = "    7  10:00:01  404     crew-on-fleet (P)               GET /api/v2/x  leaks: key-in-query\n";
        assert_eq!(event_row(refused), line);
        let change = r#"{"kind":"change","seq":12345,"at":"2026-06-08T10:00:01Z","change":"store","text":"link up","detail":{"link":"up"}}"#;
        let line = "12345  10:00:01  -       change                          store link up\n";
        assert_eq!(event_row(change), line);
        let cut = r#"{"kind":"exchange","seq":8,"at":"2026-06-08T10:00:01Z","status":200,"method":"GET","target":"/f",
            "clause":{"id":"served","source":"G"},"leaks":[],"faults":["half"],"bytes":100,"whole":false}"#;
        let line =
            "    8  10:00:01  200     served (G)                      GET /f  faults: half  100 bytes, not whole\n";
        assert_eq!(event_row(cut), line);
        assert_eq!(event_row(r#"{"dropped":3}"#), "3 older entries were dropped\n");
    }

    #[test]
    fn a_hostile_text_stays_on_its_line() {
        let hostile = r#"{"kind":"exchange","seq":1,"at":"","status":null,"method":"GET","target":"/\u001b[2J\r\nx",
            "clause":{"id":"fault","source":"D"},"leaks":[],"faults":["a\u202eb"]}"#;
        let row = event_row(hostile);
        assert!(row.matches('\n').count() == 1 && !row.contains(['\r', '\u{1b}', '\u{202e}']), "{row:?}");
        assert!(row.contains("none"), "{row}");
    }
}
