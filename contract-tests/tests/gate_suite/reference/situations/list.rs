//! The list is read for what it says, and refused where it says nothing.

use serde_json::json;

use super::file::packed;
use super::situation::{Situation, as_agreed, documents, empty, list_with};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{self, Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "the documented path", play: path, bugs: &["tries-v1-first"] },
    Situation {
        title: "a crew id that needs encoding",
        play: odd_crew_id,
        bugs: &["crew-id-not-encoded", "crew-id-encoded-twice", "id-not-encoded"],
    },
    Situation { title: "an issuer that is null", play: no_issuer, bugs: &["needs-issuer"] },
    Situation { title: "a field that nobody knows", play: unknown_field, bugs: &["refuses-unknown-fields"] },
    Situation {
        title: "a status that nobody knows",
        play: unknown_status,
        bugs: &["skips-unknown-status", "crashes-on-unknown-status", "skips-unverified"],
    },
    Situation {
        title: "documents that are no longer good",
        play: no_longer_good,
        bugs: &["skips-rejected", "skips-expired", "skips-past-dates"],
    },
    Situation {
        title: "no documents",
        play: no_documents,
        bugs: &["empty-is-an-error", "asks-twice-when-empty", "tries-v1-first"],
    },
    Situation {
        title: "lists of the wrong shape",
        play: broken,
        bugs: &["broken-list-is-empty", "null-items-are-none", "skips-items-without-id"],
    },
    Situation { title: "lists and links that are packed for the way", play: packed_json, bugs: &["keeps-json-packed"] },
    Situation { title: "documents of one number", play: one_number, bugs: &["dedups-by-number"] },
    Situation { title: "another crew member's list", play: other_crew, bugs: &["ignores-list-echo"] },
    Situation { title: "a document that is gone at the second run", play: superseded, bugs: &["remembers-ids"] },
    Situation { title: "one document of three fails", play: one_fails, bugs: &["stops-at-first-error"] },
];

fn path(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), as_agreed);
    let whole = Client::new(&stage, who).run().is_whole(&stage);
    whole && stage.asked()[0].target == "/api/v2/employers/me/crew/crew_001/documents"
}

fn odd_crew_id(who: Who) -> bool {
    let id = "a b/é?#%2F";
    let stage = ScriptedServer::new(documents(0), move |ask| {
        (ask.step == Step::List).then(|| Reply::json(&json!({"crew_unique_id": id, "items": []})))
    });
    let ran = Client::new(&stage, who).about(id).run();
    let wanted = "/api/v2/employers/me/crew/a%20b%2F%C3%A9%3F%23%252F/documents";
    ran.code == Some(0) && stage.asked()[0].target == wanted
}

fn no_longer_good(who: Who) -> bool {
    [("verification_status", "rejected"), ("verification_status", "expired"), ("expiry_date", "2020-02-29")]
        .into_iter()
        .all(|(field, value)| {
            let stage = ScriptedServer::new(documents(1), move |ask| list_with(ask, &documents(1), field, value));
            Client::new(&stage, who).run().is_whole(&stage)
        })
}

fn no_issuer(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), |ask| list_with(ask, &documents(3), "issuer", json!(null)));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn unknown_field(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), |ask| list_with(ask, &documents(3), "colour", "blue"));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn unknown_status(who: Who) -> bool {
    let stage =
        ScriptedServer::new(documents(3), |ask| list_with(ask, &documents(3), "verification_status", "under_appeal"));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn no_documents(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(0), empty);
    let ran = Client::new(&stage, who).run();
    ran.code == Some(0) && ran.files.is_empty() && stage.asked().len() == 1
}

fn broken(who: Who) -> bool {
    let more = [r#"{"items": null}"#, r#"{"items": [{}]}"#, r#"{"items": [{"docu"#];
    ["certificates", "{}", "[]", "null", r#"{"items": {}}"#].into_iter().chain(more).all(|body| {
        let stage =
            ScriptedServer::new(documents(1), move |ask| (ask.step == Step::List).then(|| Reply::new(200, &[], body)));
        Client::new(&stage, who).run().refused()
    })
}

fn one_number(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(2), as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn packed_json(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let answer = match ask.step {
            Step::List => harness::list(&documents(1)),
            Step::Link(_) => harness::link(ask, &documents(1)[0]),
            Step::File(_) | Step::Other => return None,
        };
        let accepts =
            ask.head.lines().any(|line| line.to_lowercase().starts_with("accept-encoding:") && line.contains("gzip"));
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
        accepts.then(|| Reply::new(200, &headers, packed(answer.to_string().as_bytes())))
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn other_crew(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let mut list = harness::list(&documents(1));
        list["crew_unique_id"] = json!("crew_002");
        (ask.step == Step::List).then(|| Reply::json(&list))
    });
    Client::new(&stage, who).run().refused() && stage.asked().len() == 1
}

fn superseded(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), |ask| {
        let left = if ask.nth == 0 { documents(3) } else { documents(3).split_off(1) };
        (ask.step == Step::List).then(|| Reply::json(&harness::list(&left)))
    });
    let mut client = Client::new(&stage, who);
    let (first, second) = (client.run(), client.run());
    first.code == Some(0) && second.code == Some(0) && stage.asked_for(Step::Link(0)).len() == 1
}

fn one_fails(who: Who) -> bool {
    let stage =
        ScriptedServer::new(documents(3), |ask| (ask.step == Step::Link(0)).then(|| Reply::refusal(404, "not_found")));
    let ran = Client::new(&stage, who).run();
    ran.code == Some(10) && ran.files.len() == 2
}
