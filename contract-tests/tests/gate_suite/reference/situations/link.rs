//! A link is followed soon, once, as it was given, and only to where it may lead.

use std::collections::HashSet;
use std::fs;

use crewpass_mock::http::Authority;
use serde_json::{Value, json};

use super::situation::{Situation, as_agreed, document, documents, link_with};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{self, Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "a file without name and type", play: no_name, bugs: &["needs-file-name"] },
    Situation { title: "a token with escapes", play: odd_token, bugs: &["normalises-link", "drops-link-query"] },
    Situation { title: "ids that need encoding", play: odd_ids, bugs: &["document-id-not-encoded", "id-not-encoded"] },
    Situation { title: "the first link is dead", play: dead_once, bugs: &["reuses-dead-link", "never-asks-again"] },
    Situation { title: "every link is dead", play: always_dead, bugs: &["asks-too-often"] },
    Situation {
        title: "a link a document, just in time",
        play: in_turn,
        bugs: &["one-link-for-all", "prefetches-all-links", "asks-link-twice"],
    },
    Situation { title: "two runs", play: two_runs, bugs: &["caches-links-on-disk", "caches-links-coded"] },
    Situation { title: "a link to another host", play: other_host, bugs: &["any-link-host"] },
    Situation { title: "a plain link of a TLS service", play: downgrade, bugs: &["link-downgrade"] },
    Situation { title: "a link with a user name", play: with_user, bugs: &["link-with-user"] },
    Situation { title: "a link that begins with BASE", play: begins, bugs: &["link-begins-with-base"] },
    Situation { title: "a host that begins alike", play: alike, bugs: &["host-begins-alike"] },
    Situation { title: "a link to the disk", play: to_disk, bugs: &["follows-file-links"] },
    Situation { title: "a relative link", play: relative, bugs: &["resolves-relative-links"] },
    Situation { title: "a link to another document", play: other_document, bugs: &["ignores-link-echo"] },
    Situation { title: "no link", play: no_link, bugs: &["null-link-becomes-text", "missing-link-is-fine"] },
    Situation { title: "a link that is not JSON", play: not_json, bugs: &["unreadable-link-is-fine"] },
    Situation { title: "a long link", play: long_link, bugs: &["short-links"] },
    Situation { title: "an expires_at with an offset", play: expiry_forms, bugs: &["needs-plain-expiry"] },
    Situation { title: "a Date that is none, or far away", play: odd_date, bugs: &["needs-date"] },
    Situation { title: "an expires_at that is no time", play: odd_expiry, bugs: &["needs-expiry"] },
    Situation { title: "a server whose clock is behind", play: slow_clock, bugs: &["own-clock-decides"] },
];

/// Whether a client leaves the links alone that a service makes of its own origin and another one's.
fn leaves_alone(who: Who, link: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = second.base().strip_prefix("http://").unwrap().to_owned();
    let stage = ScriptedServer::new(documents(1), move |ask| {
        link_with(ask, "download_url", format!("{}/api/v2/files/eyJ0.0", link(&ask.base, &there)))
    });
    Client::new(&stage, who).run().refused() && second.asked().is_empty()
}

fn begins(who: Who) -> bool {
    leaves_alone(who, |base, there| format!("{base}@{there}"))
}

fn alike(who: Who) -> bool {
    leaves_alone(who, |_, there| format!("http://{there}"))
}

fn odd_date(who: Who) -> bool {
    ["soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"].into_iter().all(|date| {
        let stage = ScriptedServer::new(documents(1), move |ask| {
            let headers = [("Content-Type", "application/json"), ("Date", date)];
            let body = || crate::reference::harness::link(ask, &documents(1)[0]).to_string();
            matches!(ask.step, Step::Link(_)).then(|| Reply::new(200, &headers, body()))
        });
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn long_link(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        link_with(ask, "download_url", format!("{}/api/v2/files/eyJ0.{}", ask.base, "0123456789".repeat(250)))
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn expiry_forms(who: Who) -> bool {
    ["2126-06-08T10:15:00.25Z", "2126-06-08T12:15:00+02:00"].into_iter().all(|time| {
        let stage = ScriptedServer::new(documents(1), move |ask| link_with(ask, "expires_at", time));
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn not_json(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| Reply::new(200, &[("Content-Type", "application/json")], "{\"docu"))
    });
    Client::new(&stage, who).run().refused()
}

fn odd_expiry(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| link_with(ask, "expires_at", "soon".to_owned()));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn odd_token(who: Who) -> bool {
    const TARGET: &str = "/api/v2/files/eyJ0.%2F%2b+=~?sig=a%2Fb";
    let stage =
        ScriptedServer::new(documents(1), |ask| link_with(ask, "download_url", format!("{}{TARGET}", ask.base)));
    Client::new(&stage, who).run().is_whole(&stage) && stage.asked_for(Step::File(0))[0].target == TARGET
}

fn odd_ids(who: Who) -> bool {
    let ids = ["../../crew_002/documents/doc_9", "a/b", "d?x=1#f"];
    let documents = ids.iter().enumerate().map(|(place, id)| {
        let mut document = document(place, format!("{place}.pdf"));
        (*id).clone_into(&mut document.id);
        document
    });
    let stage = ScriptedServer::new(documents.collect(), as_agreed);
    Client::new(&stage, who).run().is_whole(&stage) && stage.asked_for(Step::Other).is_empty()
}

fn dead_once(who: Who) -> bool {
    [410, 403, 404].into_iter().all(|status| {
        let stage = ScriptedServer::new(documents(1), move |ask| {
            (ask.step == Step::File(0) && ask.nth == 0).then(|| Reply::refusal(status, "link_expired"))
        });
        let whole = Client::new(&stage, who).run().is_whole(&stage);
        let followed = stage.asked_for(Step::File(0));
        let different: HashSet<_> = followed.iter().map(|ask| &ask.target).collect();
        whole && different.len() == followed.len()
    })
}

fn always_dead(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        matches!(ask.step, Step::File(_)).then(|| Reply::refusal(404, "not_found"))
    });
    Client::new(&stage, who).run().refused() && stage.asked_for(Step::Link(0)).len() == 3
}

fn in_turn(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), as_agreed);
    let whole = Client::new(&stage, who).run().is_whole(&stage);
    let steps: Vec<_> = stage.asked().iter().map(|ask| ask.step).collect();
    let wanted: Vec<_> = (0..3).flat_map(|place| [Step::Link(place), Step::File(place)]).collect();
    whole && steps[1..] == wanted
}

fn two_runs(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), as_agreed);
    let mut client = Client::new(&stage, who);
    let both = client.run().is_whole(&stage) && client.run().is_whole(&stage);
    let followed = stage.asked_for(Step::File(0));
    both && followed.len() == 2 && followed[0].target != followed[1].target
}

fn other_host(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = format!("{}/api/v2/files/eyJ0.0", second.base());
    let stage = ScriptedServer::new(documents(1), move |ask| link_with(ask, "download_url", there.as_str()));
    let alone = Client::new(&stage, who).run().refused() && second.asked().is_empty();
    // The twin: the same, where that host is CrewPass's.
    let place = second.base().strip_prefix("http://").unwrap();
    alone && Client::new(&stage, who).env("CPK_LINK_HOSTS", place).run().is_whole(&stage)
}

fn downgrade(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = format!("{}/api/v2/files/eyJ0.0", second.base());
    let place = second.base().strip_prefix("http://").unwrap();
    let authority = Authority::new().unwrap();
    let config = authority.server_config(&["127.0.0.1"]).unwrap();
    let stage = ScriptedServer::tls(config, documents(1), move |ask| link_with(ask, "download_url", there.as_str()));
    let mut client = Client::new(&stage, who).env("CPK_LINK_HOSTS", place).trusting(authority.ca_pem());
    client.run().refused() && second.asked().is_empty() && stage.asked().len() == 2
}

fn with_user(who: Who) -> bool {
    refuses_link(who, |base| json!(base.replace("//", "//crewpass.co.uk@") + "/api/v2/files/eyJ0.0"))
}

fn to_disk(who: Who) -> bool {
    let canary = tempfile::NamedTempFile::new().unwrap();
    fs::write(canary.path(), "canary").unwrap();
    let url = format!("file://{}", canary.path().display());
    let stage = ScriptedServer::new(documents(1), move |ask| link_with(ask, "download_url", url.as_str()));
    Client::new(&stage, who).run().refused()
}

fn relative(who: Who) -> bool {
    ["/api/v2/files/eyJ0.0", "eyJ0.0", "data:,x", "//localhost/x"]
        .into_iter()
        .all(|link| refuses_link(who, |_| json!(link)))
}

fn no_link(who: Who) -> bool {
    [json!(null), json!(""), json!(7), json!({})].into_iter().all(|link| refuses_link(who, |_| link.clone()))
}

/// Whether it fails, and asks for nothing, where the link is that.
fn refuses_link(who: Who, link: impl Fn(&str) -> Value + Send + Sync) -> bool {
    // What the stage does is fixed before it has an address, so the link is made from the request.
    let made = link("http://{base}");
    let stage = ScriptedServer::new(documents(1), move |ask| {
        let text = made.as_str().map(|text| json!(text.replace("{base}", ask.base.trim_start_matches("http://"))));
        link_with(ask, "download_url", text.unwrap_or_else(|| made.clone()))
    });
    Client::new(&stage, who).run().refused() && stage.asked().len() == 2
}

fn other_document(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| link_with(ask, "document_id", "doc_2"));
    Client::new(&stage, who).run().refused()
}

fn slow_clock(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| {
            let mut link = harness::link(ask, &documents(1)[0]);
            link["expires_at"] = json!("2024-01-01T00:15:00Z");
            Reply::new(200, &[("Date", "Mon, 01 Jan 2024 00:00:00 GMT")], link.to_string())
        })
    });
    Client::new(&stage, who).run().is_whole(&stage) && stage.asked_for(Step::Link(0)).len() == 1
}

fn no_name(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        matches!(ask.step, Step::Link(_)).then(|| {
            let mut link = harness::link(ask, &documents(1)[0]);
            link["content_type"] = json!(null);
            link["file_name"] = json!(null);
            Reply::json(&link)
        })
    });
    Client::new(&stage, who).run().is_whole(&stage)
}
