//! A refusal is told apart from an empty list, from success, and from other refusals.

use super::situation::{Situation, documents};
use crate::reference::client::{Client, RunResult, Who};
use crate::reference::harness::{Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation {
        title: "the list is denied",
        play: denied,
        bugs: &["denied-is-empty", "dies-by-signal", "mute", "retries-401", "retries-403"],
    },
    Situation {
        title: "the scope of links is missing",
        play: denied_links,
        bugs: &["denied-link-is-fine", "asks-after-scope-refusal"],
    },
    Situation {
        title: "the person does not consent to links",
        play: unconsented_links,
        bugs: &["unconsented-link-is-fine"],
    },
    Situation { title: "the key is revoked before the link", play: revoked, bugs: &["retries-401-of-link"] },
    Situation { title: "the list fails", play: failed, bugs: &["failure-is-empty"] },
    Situation { title: "the crew member is unknown", play: not_found, bugs: &["404-is-empty", "retries-404"] },
    Situation { title: "one of three is not there", play: partial, bugs: &["exit-0-on-partial"] },
    Situation { title: "a refusal with an empty id", play: empty_id, bugs: &["needs-request-id"] },
    Situation { title: "bodies that are not the envelope", play: odd_bodies, bugs: &["odd-error-kills"] },
];

/// What comes of a list that is refused, and how often it was asked for.
fn refused_list(who: Who, status: u16, code: &'static str) -> (RunResult, usize) {
    let stage =
        ScriptedServer::new(documents(1), move |ask| (ask.step == Step::List).then(|| Reply::refusal(status, code)));
    (Client::new(&stage, who).run(), stage.asked().len())
}

fn denied(who: Who) -> bool {
    [(401, "invalid_api_key"), (403, "scope_not_granted")].into_iter().all(|(status, code)| {
        let (ran, asked) = refused_list(who, status, code);
        ran.code == Some(20) && ran.files.is_empty() && ran.printed.contains(code) && asked == 1
    })
}

fn denied_links(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(5), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| Reply::refusal(403, "scope_not_granted"))
    });
    Client::new(&stage, who).run().refused() && stage.asked().len() == 2
}

fn unconsented_links(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(2), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| Reply::refusal(403, "scope_not_consented"))
    });
    Client::new(&stage, who).run().refused()
}

fn revoked(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| Reply::refusal(401, "invalid_api_key"))
    });
    Client::new(&stage, who).run().code == Some(20) && stage.asked_for(Step::Link(0)).len() == 1
}

fn failed(who: Who) -> bool {
    [(400, "bad_request"), (422, "unprocessable"), (500, "internal")]
        .into_iter()
        .all(|(status, code)| refused_list(who, status, code).0.refused())
}

fn not_found(who: Who) -> bool {
    let (ran, asked) = refused_list(who, 404, "not_found");
    ran.code == Some(21) && asked == 1
}

fn partial(who: Who) -> bool {
    let stage =
        ScriptedServer::new(documents(3), |ask| (ask.step == Step::Link(1)).then(|| Reply::refusal(404, "not_found")));
    let ran = Client::new(&stage, who).run();
    ran.code == Some(10) && ran.files.len() == 2
}

fn empty_id(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let body = r#"{"error": {"code": "not_found", "message": "no"}}"#;
        (ask.step == Step::List).then(|| Reply::new(404, &[("X-Request-Id", "")], body))
    });
    Client::new(&stage, who).run().code == Some(21)
}

fn odd_bodies(who: Who) -> bool {
    ["", "<h1>no</h1>", r#"{"type": "about:blank", "title": "no"}"#, "[]", "null", r#"{"error": "no"}"#]
        .into_iter()
        .all(|body| {
            let stage = ScriptedServer::new(documents(1), move |ask| {
                (ask.step == Step::List).then(|| Reply::new(403, &[], body))
            });
            Client::new(&stage, who).run().code == Some(20)
        })
}
