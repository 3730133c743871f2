//! A file is on the disk whole, as the service has it, or not at all.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use crewpass_mock::http::Authority;
use flate2::{Compression, write::GzEncoder};

use super::situation::{Situation, as_agreed, document, documents};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation { title: "refusals with bodies", play: refusals, bugs: &["ignores-status", "saves-any-2xx"] },
    Situation { title: "redirects without end", play: redirect_loop, bugs: &["saves-redirect-body"] },
    Situation { title: "a redirect to nowhere", play: no_location, bugs: &["saves-unlocated"] },
    Situation { title: "a redirect to a long URL", play: long_location, bugs: &["short-urls"] },
    Situation { title: "a body that is cut short", play: short, bugs: &["short-is-whole", "leaves-parts"] },
    Situation {
        title: "bytes that mean something to text",
        play: odd_bytes,
        bugs: &["text-mode", "strips-bom", "stops-at-ctrl-z", "stops-at-nul"],
    },
    Situation { title: "a file of JSON", play: json_file, bugs: &["reads-json"] },
    Situation { title: "a body that is packed for the way", play: coded, bugs: &["never-decodes"] },
    Situation { title: "a file that is packed itself", play: gzip_file, bugs: &["double-decodes"] },
    Situation { title: "four kinds of redirects", play: hops, bugs: &["no-redirect", "one-hop", "no-308"] },
    Situation { title: "a redirect to another host", play: redirect_away, bugs: &["redirect-anywhere"] },
    Situation { title: "a redirect that begins with BASE", play: begins, bugs: &["redirect-begins-with-base"] },
    Situation { title: "a redirect from https to http", play: redirect_down, bugs: &["redirect-downgrade"] },
    Situation { title: "a redirect to another port", play: redirect_beside, bugs: &["redirect-to-other-port"] },
    Situation {
        title: "pages of other types",
        play: other_pages,
        bugs: &["compares-pages-as-text", "saves-json-errors"],
    },
    Situation { title: "a login page", play: login_page, bugs: &["saves-html"] },
    Situation { title: "an empty body", play: nothing, bugs: &["saves-nothing"] },
    Situation { title: "SIGTERM in the middle", play: terminated, bugs: &["leaves-partial-file", "ignores-sigterm"] },
    Situation { title: "a large file", play: large, bugs: &["buffers-whole-file"] },
    Situation { title: "a length beyond all bounds", play: endless, bugs: &["no-size-limit", "reserves-length"] },
];

/// Gives every file request that answer.
fn answering(reply: impl Fn() -> Reply + Send + Sync + 'static) -> ScriptedServer {
    ScriptedServer::new(documents(1), move |ask| matches!(ask.step, Step::File(_)).then(&reply))
}

fn refusals(who: Who) -> bool {
    [500, 404, 418, 202].into_iter().all(|status| {
        let stage = answering(move || Reply::new(status, &[("Content-Type", "text/html")], "<h1>no</h1>"));
        Client::new(&stage, who).run().refused()
    })
}

fn redirect_loop(who: Who) -> bool {
    let stage = answering(|| Reply::new(302, &[("Location", "/api/v2/files/eyJ0.0")], "moved"));
    Client::new(&stage, who).run().refused() && stage.asked_for(Step::File(0)).len() <= 6
}

fn redirect_beside(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = second.base().to_owned();
    let stage = answering(move || Reply::new(302, &[("Location", &format!("{there}/api/v2/files/eyJ0.0"))], ""));
    Client::new(&stage, who).run().refused() && second.asked().is_empty()
}

fn other_pages(who: Who) -> bool {
    [("text/html; charset=utf-8", "<h1>Sign in</h1>"), ("application/json", "{\"error\": {}}")].into_iter().all(
        |(kind, body)| {
            let stage = answering(move || Reply::new(200, &[("Content-Type", kind)], body));
            Client::new(&stage, who).run().refused()
        },
    )
}

fn no_location(who: Who) -> bool {
    let stage = answering(|| Reply::new(302, &[("Content-Type", "text/html")], "<h1>moved</h1>"));
    Client::new(&stage, who).run().refused()
}

fn long_location(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let to = format!("{}?from={}", ask.target, "0".repeat(4_000));
        (ask.step == Step::File(0) && ask.nth == 0).then(|| Reply::new(302, &[("Location", &to)], "moved"))
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn short(who: Who) -> bool {
    let by_length = answering(|| Reply::head(200, &[("Content-Length", "1000")], b"%PDF-1.7"));
    let by_chunks = answering(|| Reply::head(200, &[("Transfer-Encoding", "chunked")], b"8\r\n%PDF-1.7\r\n"));
    [by_length, by_chunks].iter().all(|stage| Client::new(stage, who).run().refused())
}

fn odd_bytes(who: Who) -> bool {
    let mut odd = document(1, "odd.txt");
    odd.bytes = b"\xef\xbb\xbf%PDF\r\n\0\x1a\xff\r\nend".to_vec();
    let stage = ScriptedServer::new(vec![odd], as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn json_file(who: Who) -> bool {
    let mut odd = document(1, "record.json");
    odd.bytes = b"{\"error\" : null,\t\"number\": 1.50e1 }\r\n".to_vec();
    let stage = ScriptedServer::new(vec![odd], as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn coded(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let accepted = ask.head.to_lowercase().contains("accept-encoding: gzip");
        (ask.step == Step::File(0) && accepted)
            .then(|| Reply::new(200, &[("Content-Encoding", "gzip")], packed(&documents(1)[0].bytes)))
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn gzip_file(who: Who) -> bool {
    let mut archive = document(1, "scans.gz");
    archive.bytes = packed(b"a scan");
    let stage = ScriptedServer::new(vec![archive], as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn hops(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let status = *[302, 303, 307, 308].get(ask.nth)?;
        let location = format!("/api/v2/files/eyJ0.hop{}", ask.nth);
        (ask.step == Step::File(0)).then(|| Reply::new(status, &[("Location", &location)], ""))
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn redirect_away(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = format!("{}/api/v2/files/eyJ0.0", second.base());
    let stage = answering(move || Reply::new(302, &[("Location", &there)], ""));
    Client::new(&stage, who).run().refused() && second.asked().is_empty()
}

fn begins(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = second.base().strip_prefix("http://").unwrap().to_owned();
    let stage = ScriptedServer::new(documents(1), move |ask| {
        let location = format!("{}@{there}/api/v2/files/eyJ0.0", ask.base);
        matches!(ask.step, Step::File(_)).then(|| Reply::new(302, &[("Location", &location)], ""))
    });
    Client::new(&stage, who).run().refused() && second.asked().is_empty()
}

fn redirect_down(who: Who) -> bool {
    let second = ScriptedServer::new(documents(1), as_agreed);
    let there = format!("{}/api/v2/files/eyJ0.0", second.base());
    let place = second.base().strip_prefix("http://").unwrap();
    let authority = Authority::new().unwrap();
    let stage = ScriptedServer::tls(authority.server_config(&["127.0.0.1"]).unwrap(), documents(1), move |ask| {
        matches!(ask.step, Step::File(_)).then(|| Reply::new(302, &[("Location", &there)], ""))
    });
    let mut client = Client::new(&stage, who).env("CPK_LINK_HOSTS", place).trusting(authority.ca_pem());
    client.run().refused() && second.asked().is_empty() && stage.asked().len() == 3
}

fn login_page(who: Who) -> bool {
    let stage = answering(|| Reply::new(200, &[("Content-Type", "text/html; charset=utf-8")], "<h1>Sign in</h1>"));
    Client::new(&stage, who).run().refused()
}

fn nothing(who: Who) -> bool {
    Client::new(&answering(|| Reply::new(200, &[], "")), who).run().refused()
}

fn terminated(who: Who) -> bool {
    let stage = answering(|| Reply::head(200, &[("Content-Length", "100000")], &vec![b'x'; 50_000]).hanging());
    let mut client = Client::new(&stage, who);
    let folder = client.made_folder();
    let child = client.start();
    let limit = Instant::now() + Duration::from_mins(2);
    while fs::read_dir(&folder).unwrap().next().is_none() {
        assert!(Instant::now() < limit, "no download began");
        std::thread::yield_now();
    }
    let sent = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    client.end(child, Duration::from_secs(2)).refused()
}

fn large(who: Who) -> bool {
    const SIZE: usize = 64 << 20;
    let length = (SIZE + 1).to_string();
    let stage = answering(move || Reply::head(200, &[("Content-Length", &length)], &vec![b'x'; SIZE]).hanging());
    let mut client = Client::new(&stage, who);
    let child = client.start();
    // List, link, and all of the file but its last byte.
    stage.wait_for_replies(3);
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    let sent = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    client.end(child, Duration::from_secs(5)).refused() && peak < 48 << 10
}

fn endless(who: Who) -> bool {
    let stage = answering(|| Reply::head(200, &[("Content-Length", "10737418240")], b"%PDF-1.7"));
    Client::new(&stage, who).run().refused() && stage.asked_for(Step::File(0)).len() == 1
}
