//! What may pass is tried again: politely, a few times, and not for ever.

use std::time::{Duration, SystemTime};

use super::situation::{Situation, documents};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "a 503 of list and link", play: once_down, bugs: &["no-retry-on-503", "never-retries"] },
    Situation { title: "a connection that breaks", play: reset, bugs: &["no-retry-after-reset"] },
    Situation { title: "a 503 of the file", play: file_down, bugs: &["no-retry-of-file"] },
    Situation { title: "a 503 for ever", play: always_down, bugs: &["infinite-retry", "hot-loop"] },
    Situation {
        title: "a failure for ever that names no wait",
        play: fails_for_ever,
        bugs: &[
            "too-often-after-gateway",
            "too-often-after-limit",
            "hot-after-reset",
            "hot-after-limit",
            "hot-without-wait",
        ],
    },
    Situation { title: "a list that is limited for ever", play: limited, bugs: &["limit-is-empty"] },
    Situation {
        title: "Retry-After",
        play: asked_to_wait,
        bugs: &["ignores-retry-after", "ignores-retry-date", "ignores-retry-body"],
    },
    Situation { title: "a Retry-After that is none", play: unreadable, bugs: &["chokes-on-retry-after"] },
    Situation { title: "a retry_after_seconds that is none", play: body_wait, bugs: &["chokes-on-body-wait"] },
    Situation { title: "a Retry-After of a day", play: a_day, bugs: &["waits-any-time"] },
    Situation { title: "a Retry-After beyond any number", play: overflow, bugs: &["waits-after-overflow"] },
    Situation { title: "a Retry-After in the year 9999", play: far_date, bugs: &["waits-for-far-date"] },
    Situation { title: "a 503, then a 403", play: then_denied, bugs: &["once-retried-always"] },
    Situation { title: "no answer", play: silence, bugs: &["no-timeout"] },
    Situation { title: "a byte now and then", play: drip, bugs: &["no-minimum-rate"] },
];

fn unavailable() -> Reply {
    Reply::new(503, &[], "")
}

fn once_down(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        (matches!(ask.step, Step::List | Step::Link(_)) && ask.nth < 2).then(unavailable)
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn reset(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| (ask.nth == 0).then(Reply::nothing));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn file_down(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| (ask.step == Step::File(0) && ask.nth == 0).then(unavailable));
    Client::new(&stage, who).run().is_whole(&stage)
}

fn always_down(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| matches!(ask.step, Step::Link(_)).then(unavailable));
    let ran = Client::new(&stage, who).within(8).run();
    ran.code == Some(22) && is_patient(&stage)
}

/// The link was asked for several times, not too often and not too soon.
fn is_patient(stage: &ScriptedServer) -> bool {
    let times: Vec<_> = stage.asked_for(Step::Link(0)).iter().map(|ask| ask.at).collect();
    let hot = times.windows(6).any(|six| six[5] - six[0] < Duration::from_secs(1));
    times.len() <= 10 && times.len() > 1 && !hot
}

fn fails_for_ever(who: Who) -> bool {
    let replies: [fn() -> Reply; 4] = [
        || Reply::new(502, &[], "<h1>Bad Gateway</h1>"),
        || Reply::new(429, &[], "<h1>Too Many Requests</h1>"),
        || Reply::new(503, &[("Retry-After", "0")], ""),
        Reply::nothing,
    ];
    replies.into_iter().all(|reply| {
        let stage = ScriptedServer::new(documents(1), move |ask| matches!(ask.step, Step::Link(_)).then(reply));
        Client::new(&stage, who).within(8).run().refused() && is_patient(&stage)
    })
}

fn limited(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |_| Some(Reply::refusal(429, "partner_rate_limited")));
    Client::new(&stage, who).within(8).run().refused()
}

fn asked_to_wait(who: Who) -> bool {
    let seconds = || Reply::new(503, &[("Retry-After", "2")], "");
    // A date has whole seconds, so one that is two ahead may be but one away.
    let date = || {
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3));
        Reply::new(429, &[("Retry-After", &date)], "")
    };
    let body = || Reply::new(429, &[], r#"{"error": {"code": "partner_rate_limited", "retry_after_seconds": 0.42}}"#);
    let waits = |refusal: fn() -> Reply, least: u64| {
        let stage =
            ScriptedServer::new(documents(1), move |ask| (ask.step == Step::Link(0) && ask.nth == 0).then(refusal));
        let whole = Client::new(&stage, who).run().is_whole(&stage);
        let asked = stage.asked_for(Step::Link(0));
        whole && asked[1].at - asked[0].at >= Duration::from_millis(least)
    };
    waits(seconds, 2000) && waits(date, 1500) && waits(body, 420)
}

fn unreadable(who: Who) -> bool {
    ["soon", "-3", "1.5", "", "Tue, 03 Mar 2020 10:00:00 GMT"].into_iter().all(|value| {
        let stage = ScriptedServer::new(documents(1), move |ask| {
            (ask.step == Step::Link(0) && ask.nth == 0).then(|| Reply::new(503, &[("Retry-After", value)], ""))
        });
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn body_wait(who: Who) -> bool {
    ["-1", "\"soon\"", "null"].into_iter().all(|wait| {
        let stage = ScriptedServer::new(documents(1), move |ask| {
            let body =
                format!("{{\"error\": {{\"code\": \"partner_rate_limited\", \"retry_after_seconds\": {wait}}}}}");
            (ask.step == Step::Link(0) && ask.nth == 0).then(|| Reply::new(429, &[], body))
        });
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn a_day(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |_| Some(Reply::new(503, &[("Retry-After", "86400")], "")));
    Client::new(&stage, who).within(8).run().code == Some(22)
}

fn overflow(who: Who) -> bool {
    let stage =
        ScriptedServer::new(documents(1), |_| Some(Reply::new(503, &[("Retry-After", "99999999999999999999")], "")));
    Client::new(&stage, who).within(8).run().code == Some(22)
}

fn far_date(who: Who) -> bool {
    let date = [("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")];
    let stage = ScriptedServer::new(documents(1), move |_| Some(Reply::new(503, &date, "")));
    Client::new(&stage, who).within(8).run().code == Some(22)
}

fn then_denied(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let denied = || Reply::refusal(403, "scope_not_granted");
        (ask.step == Step::List).then(|| if ask.nth == 0 { unavailable() } else { denied() })
    });
    Client::new(&stage, who).run().code == Some(20) && stage.asked().len() == 2
}

fn silence(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |_| Some(Reply::nothing().hanging()));
    Client::new(&stage, who).within(8).run().code == Some(22)
}

fn drip(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        (ask.step == Step::File(0)).then(|| Reply::head(200, &[("Content-Length", "100000")], b"%PDF").dripping())
    });
    Client::new(&stage, who).within(8).run().code == Some(22)
}
