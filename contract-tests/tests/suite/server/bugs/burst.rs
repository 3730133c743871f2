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
        "429-without-a-wait",
        |passing, _| {
            if passing.status == 429 {
                passing.edit(|body| drop(body["error"].as_object_mut().unwrap().remove("retry_after_seconds")));
            }
        },
        &["CPS-RATE-02"],
    ),
];
