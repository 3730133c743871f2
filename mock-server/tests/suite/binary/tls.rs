//! TLS from the command line, with curl as a client that has its own idea of certificates.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use crate::support::executable::{Fake, run};

const REAL_HOST: &str = "partners.crewpass.co.uk";

fn curl(arguments: &[&str]) -> Output {
    Command::new("curl").args(["--silent", "--show-error", "--noproxy", "*"]).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn with_authority(work: impl FnOnce(&Fake, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let ca = path.to_str().unwrap();
    let fake = Fake::start(&["--tls", "--tls-ca", ca, "--allowed-host", REAL_HOST]);
    work(&fake, ca);
    assert!(!std::fs::read_to_string(Path::new(ca)).unwrap().contains("PRIVATE"));
    fake.stop();
}

#[test]
fn the_authority_is_what_makes_it_trusted() {
    with_authority(|fake, ca| {
        let health = format!("{}/__mock/health", fake.base);
        assert!(printed(&curl(&["--cacert", ca, &health])).contains("ok"));
        // 60 is curl's code for a certificate that it does not trust.
        assert_eq!(curl(&[&health]).status.code(), Some(60));
    });
}

#[test]
fn the_real_host_name_works_and_links_are_on_it() {
    with_authority(|fake, ca| {
        let port = fake.base.rsplit(':').next().unwrap();
        let to = format!("{REAL_HOST}:443:127.0.0.1:{port}");
        let link = format!("https://{REAL_HOST}/api/v2/employers/me/crew/crew_001/documents/doc_1/download");
        let key = format!("Authorization: Bearer {}", fake.key);
        let common = ["--cacert", ca, "--connect-to", &to];
        let answer = printed(&curl(&[&common[..], &[&link, "-H", &key]].concat()));
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let url = answer["download_url"].as_str().unwrap();
        assert!(url.starts_with(&format!("https://{REAL_HOST}/api/v2/files/eyJ")), "{url}");
        let file = curl(&[&common[..], &[url]].concat());
        assert!(file.stdout.starts_with(b"%PDF-"), "{file:?}");
    });
}

#[test]
fn http_2_is_spoken_where_the_client_can() {
    with_authority(|fake, ca| {
        let health = format!("{}/__mock/health", fake.base);
        let version = |wanted: &str| {
            printed(&curl(&["--cacert", ca, wanted, "-o", "/dev/null", "-w", "%{http_version}", &health]))
        };
        assert_eq!(version("--http2"), "2");
        assert_eq!(version("--http1.1"), "1.1");
    });
    let plain = Fake::start(&[]);
    let health = format!("{}/__mock/health", plain.base);
    let output = curl(&["--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_version}", &health]);
    assert_eq!(printed(&output), "2");
    // hyper leaves the body of a HEAD out in HTTP/1 only, and to HTTP/2 clients one is a broken stream.
    let me = format!("{}/api/v2/partners/me", plain.base);
    let head = printed(&curl(&["--http2-prior-knowledge", "--head", &me]));
    assert!(head.starts_with("HTTP/2 401") && head.contains("content-length: "), "{head}");
    plain.stop();
}

#[test]
fn a_certificate_for_other_names_is_for_these_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let ca = ca.to_str().unwrap();
    let fake = Fake::start(&["--tls", "--tls-ca", ca, "--tls-name", "other.test"]);
    let port = fake.base.rsplit(':').next().unwrap();
    let health = format!("{}/__mock/health", fake.base);
    assert_eq!(curl(&["--cacert", ca, &health]).status.code(), Some(60));
    let to = format!("other.test:443:127.0.0.1:{port}");
    let me = curl(&["--cacert", ca, "--connect-to", &to, "https://other.test/api/v2/partners/me"]);
    assert!(printed(&me).contains("invalid_api_key"));
    fake.stop();
}

#[test]
fn ctl_and_explain_reach_a_fake_over_tls() {
    with_authority(|fake, ca| {
        let ctl = |args: &[&str]| run(&[&["ctl", "--base", &fake.base, "--ca", ca], args].concat());
        assert_eq!(ctl(&["clock", "freeze"]).fine()["frozen"], true);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("large.pdf");
        std::fs::write(&file, vec![7; 3 << 20]).unwrap();
        assert_eq!(ctl(&["upload", "crew_001", "doc_1", file.to_str().unwrap()]).fine()["document_id"], "doc_u1");
        assert_eq!(
            ctl(&["journal", "show", "--json", "--only", "change=upload"]).fine()["entries"].as_array().unwrap().len(),
            1
        );
        let explained = run(&["explain", "--base", &fake.base, "--ca", ca, "/api/v2/partners/me"]);
        assert!(explained.code == Some(1) && explained.stdout.contains("No key was sent"), "{explained:?}");
    });
}

#[test]
fn what_keeps_ctl_from_a_fake_is_told_with_what_to_do() {
    let other = tempfile::tempdir().unwrap();
    let path = |name: &str| other.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("none.pem"), "no certificate").unwrap();
    with_authority(|fake, ca| {
        let port = fake.base.rsplit(':').next().unwrap();
        let show = |base: &str, ca: &str| run(&["ctl", "--base", base, "--ca", ca, "clock", "show"]);
        let untrusted = run(&["ctl", "--base", &fake.base, "clock", "show"]).failed(5);
        assert!(untrusted.contains("UnknownIssuer") && untrusted.contains("with --ca"), "{untrusted}");
        let stranger = Fake::start(&["--tls", "--tls-ca", &path("stranger.pem")]);
        let untrusted = show(&fake.base, &path("stranger.pem")).failed(5);
        assert!(untrusted.contains("not trusted"), "{untrusted}");
        stranger.stop();
        let plain = show(&format!("http://127.0.0.1:{port}"), ca).failed(5);
        assert!(plain.contains("say https in --base"), "{plain}");
        let none = show(&fake.base, &path("none.pem")).failed(6);
        assert!(none.contains("none.pem: expected certificates in PEM"), "{none}");
        let gone = show(&fake.base, &path("gone.pem")).failed(6);
        assert!(gone.contains("gone.pem: No such file"), "{gone}");
        assert!(show(&fake.base, "").failed(5).contains("not trusted"), "an empty one is none");
    });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closing = format!("https://{}", listener.local_addr().unwrap());
    let end = thread::spawn(move || drop(listener.accept().unwrap()));
    let closed = run(&["ctl", "--base", &closing, "clock", "show"]).failed(5);
    assert!(closed.ends_with("it closed the connection before it answered; its own output may tell why\n"), "{closed}");
    end.join().unwrap();
    let fake = Fake::start(&[]);
    let port = fake.base.rsplit(':').next().unwrap();
    let no_tls = run(&["ctl", "--base", &format!("https://127.0.0.1:{port}"), "clock", "show"]).failed(5);
    assert!(no_tls.contains("say http in --base"), "{no_tls}");
    assert_eq!(run(&["ctl", "--base", &fake.base, "--ca", "unread", "health"]).fine()["status"], "ok");
    fake.stop();
}
