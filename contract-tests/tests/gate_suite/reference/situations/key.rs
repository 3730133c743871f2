//! The key goes to the API, over a connection that can be trusted, and nowhere else.

use std::fs;

use crewpass_mock::http::Authority;

use super::situation::{Situation, as_agreed, documents, link_with};
use crate::reference::client::{Client, KEY, Who};
use crate::reference::harness::{Ask, Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation {
        title: "plain requests carry what they must and no more",
        play: plain,
        bugs: &[
            "sends-key-twice",
            "leaks-key-on-link",
            "leaks-key-encoded",
            "logs-key",
            "logs-link",
            "key-in-query",
            "key-in-referer",
            "looks-for-the-gate",
        ],
    },
    Situation {
        title: "a redirected file carries nothing either",
        play: redirected,
        bugs: &["leaks-key-on-redirect", "sends-referer"],
    },
    Situation { title: "nor does one whose link was refused", play: refused, bugs: &["leaks-key-after-refusal"] },
    Situation { title: "nor any after a cookie was set", play: cookie, bugs: &["keeps-cookies"] },
    Situation { title: "nor any for which ~/.netrc has a password", play: netrc, bugs: &["reads-netrc"] },
    Situation {
        title: "the API redirects to another origin",
        play: other_origin,
        bugs: &["follows-cross-origin-with-key"],
    },
    Situation {
        title: "the API redirects to another port",
        play: other_port,
        bugs: &["list-redirect-with-key", "key-to-other-port"],
    },
    Situation { title: "BASE is plain http off this machine", play: plain_http, bugs: &["plain-http-anywhere"] },
    Situation { title: "an authority that it was not told of", play: unknown_authority, bugs: &["no-tls-verify"] },
    Situation { title: "a certificate for another host", play: wrong_host, bugs: &["no-host-check"] },
    Situation {
        title: "a file host with an authority that it was not told of",
        play: untrusted_files,
        bugs: &["no-tls-verify-of-files"],
    },
];

/// The names of a request's headers.
fn headers(ask: &Ask) -> Vec<String> {
    ask.head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name.to_lowercase()).collect()
}

/// The key is on the API once, as Bearer, and no request has more than it needs.
fn is_dressed(ask: &Ask) -> bool {
    const TELLING: [&str; 4] = ["authorization", "cookie", "referer", "proxy-authorization"];
    let telling = |name: &String| TELLING.contains(&name.as_str()) || name.starts_with("x-");
    let extra: Vec<_> = headers(ask).into_iter().filter(telling).collect();
    match ask.step {
        Step::List | Step::Link(_) => {
            extra == ["authorization"] && ask.head.matches(KEY).count() == 1 && !ask.target.contains(KEY)
        }
        Step::File(_) | Step::Other => extra.is_empty() && !ask.head.contains(KEY),
    }
}

fn all_dressed(stage: &ScriptedServer) -> bool {
    stage.asked().iter().all(is_dressed)
}

fn plain(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), as_agreed);
    let ran = Client::new(&stage, who).run();
    let tells = ran.printed.contains(KEY) || ran.printed.contains("eyJ");
    ran.is_whole(&stage) && all_dressed(&stage) && !tells
}

fn redirected(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let first = matches!(ask.step, Step::File(_)) && !ask.target.ends_with("again");
        first.then(|| Reply::new(302, &[("Location", &format!("{}again", ask.target))], ""))
    });
    Client::new(&stage, who).run().is_whole(&stage) && all_dressed(&stage)
}

fn refused(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        (ask.step == Step::File(0) && ask.nth == 0).then(|| Reply::refusal(403, "link_expired"))
    });
    Client::new(&stage, who).run().is_whole(&stage) && all_dressed(&stage)
}

fn cookie(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let list = crate::reference::harness::list(&documents(1)).to_string();
        (ask.step == Step::List).then(|| Reply::new(200, &[("Set-Cookie", "a=b; Path=/")], list))
    });
    Client::new(&stage, who).run().is_whole(&stage) && all_dressed(&stage)
}

fn netrc(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), as_agreed);
    let mut client = Client::new(&stage, who);
    fs::write(client.home().join(".netrc"), "machine 127.0.0.1\n login canary password canary\n").unwrap();
    client.run().is_whole(&stage) && all_dressed(&stage)
}

fn other_origin(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = second.base().to_owned();
    let stage = ScriptedServer::new(documents(1), move |ask| {
        let location = format!("{there}{}", ask.target);
        matches!(ask.step, Step::Link(_)).then(|| Reply::new(307, &[("Location", &location)], ""))
    });
    Client::new(&stage, who).run().refused() && second.asked().is_empty()
}

fn other_port(who: Who) -> bool {
    [Step::List, Step::Link(0)].into_iter().all(|step| {
        let second = ScriptedServer::new(documents(1), as_agreed);
        let there = second.base().to_owned();
        let stage = ScriptedServer::new(documents(1), move |ask| {
            let location = format!("{there}{}", ask.target);
            (ask.step == step).then(|| Reply::new(302, &[("Location", &location)], ""))
        });
        Client::new(&stage, who).run().refused() && second.asked().is_empty()
    })
}

fn plain_http(who: Who) -> bool {
    let ran = Client::at("http://crewpass.invalid:1", who).run();
    ran.refused() && ran.printed.contains("https")
}

/// A service with a certificate for `name`, and a client that trusts `trusted` or the service's authority.
fn over_tls(who: Who, name: &str, trusted: Option<&Authority>) -> (bool, ScriptedServer) {
    let authority = Authority::new().unwrap();
    let stage = ScriptedServer::tls(authority.server_config(&[name]).unwrap(), documents(1), as_agreed);
    let ran = Client::new(&stage, who).trusting(trusted.unwrap_or(&authority).ca_pem()).run();
    (if stage.asked().is_empty() { ran.refused() } else { ran.is_whole(&stage) }, stage)
}

fn unknown_authority(who: Who) -> bool {
    let (right, stage) = over_tls(who, "127.0.0.1", Some(&Authority::new().unwrap()));
    let (twin_right, twin) = over_tls(who, "127.0.0.1", None);
    right && stage.asked().is_empty() && twin_right && !twin.asked().is_empty()
}

fn wrong_host(who: Who) -> bool {
    let (right, stage) = over_tls(who, "other.test", None);
    right && stage.asked().is_empty()
}

fn untrusted_files(who: Who) -> bool {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let config = |authority: &Authority| authority.server_config(&["127.0.0.1"]).unwrap();
    let second = ScriptedServer::tls(config(&other), documents(1), as_agreed);
    let there = second.base().to_owned();
    let stage = ScriptedServer::tls(config(&authority), documents(1), move |ask| {
        link_with(ask, "download_url", format!("{there}/api/v2/files/eyJ0.0"))
    });
    let host = second.base().strip_prefix("https://").unwrap().to_owned();
    let ran = Client::new(&stage, who).trusting(authority.ca_pem()).env("CPK_LINK_HOSTS", &host).within(8).run();
    ran.refused() && second.asked().is_empty() && !stage.asked_for(Step::Link(0)).is_empty()
}
