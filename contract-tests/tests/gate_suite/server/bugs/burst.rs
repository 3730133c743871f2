//! Servers that only a burst shows.

use serde_json::json;

use super::all::bug;
use crate::server::proxy::Bug;

pub(crate) const BURSTS: &[Bug] = &[
    bug(
        "no-limit",
        |passing, _| {
            if passing.status == 429 {
                passing.status = 200;
                passing.body = b"{}".to_vec();
            }
        },
        &["CPS-RATE-01"],
    ),
    bug(
        "other-code-over-the-limit",
        |passing, _| {
            if passing.status == 429 {
                passing.edit(|body| body["error"]["code"] = json!("slow_down"));
            }
        },
        &["CPS-RATE-01"],
    ),
    bug(
        "one-limit-for-all-scopes",
        |passing, memory| {
            if passing.status == 429 {
                memory.insert("429".to_owned(), passing.body.clone());
            } else if let Some(body) = memory.get("429").filter(|_| passing.is_link()) {
                (passing.status, passing.body) = (429, body.clone());
            }
        },
        &["CPS-RATE-03"],
    ),
    bug(
        "promises-too-short-a-wait",
        |passing, memory| {
            if passing.status == 429 {
                memory.insert("429".to_owned(), passing.body.clone());
            } else if let Some(body) = memory.get("429").filter(|_| passing.is_list()) {
                // The clock moves while it refuses: it is not a clock that stands still.
                passing.set("date", "Thu, 15 Jan 2026 10:00:00 GMT");
                (passing.status, passing.body) = (429, body.clone());
            }
        },
        &["CPS-RATE-04"],
    ),
    bug(
        "429-without-a-wait",
        |passing, _| {
            if passing.status == 429 {
                passing.edit(|body| drop(body["error"].as_object_mut().unwrap().remove("retry_after_seconds")));
            }
        },
        &["CPS-RATE-02"],
    ),
];
