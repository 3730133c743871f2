//! The binary: what it says of servers that can't be judged, of a stub, and its exit codes.

use std::path::Path;

use axum::Router;
use axum::response::Redirect;
use crewpass_mock::MockServer;
use crewpass_mock::http::Authority;

use crate::server::binary_run::{err, listen, out, run, run_with};
use crate::server::harness::{fake, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_not_be_judged_gets_one_line_and_exit_2() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let config = Authority::new().unwrap().server_config(&["127.0.0.1"]).unwrap();
    let secure = MockServer::builder().world(world()).tls(config).start().await.unwrap();
    let plain = fake().await;
    let to_elsewhere = Router::new().fallback(async || Redirect::temporary("https://login.example.test/"));
    let proxy = listen(to_elsewhere).await;
    let cases = [
        (dead, "{base} can't be reached: Connection refused (os error 111)"),
        (
            secure.base(),
            "{base} can't be trusted: invalid peer certificate: UnknownIssuer; if it has a private CA, name the \
             certificate with --ca FILE",
        ),
        (
            plain.base().replace("http:", "https:"),
            "{base} can't be trusted: received corrupt message of type InvalidContentType; if it has a private CA, \
             name the certificate with --ca FILE",
        ),
        (
            proxy,
            "{base} redirects (307) to https://login.example.test/; the key is not sent there. If that server is \
             yours, use its address in --base",
        ),
        ("ftp://127.0.0.1".to_owned(), "--base {base} is not an http or https URL: it needs a scheme and a host"),
    ];
    for (base, line) in cases {
        let output = run(&base, &[]).await;
        assert_eq!(err(&output, &base), format!("crewpass-contract: {line}\n"));
        assert_eq!((output.status.code(), out(&output)), (Some(2), String::new()), "{base}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_of_its_own_can_be_trusted() {
    let authority = Authority::new().unwrap();
    let config = authority.server_config(&["127.0.0.1"]).unwrap();
    let secure = MockServer::builder().world(world()).tls(config).start().await.unwrap();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), authority.ca_pem()).unwrap();
    let (ca, only) = (ca.path().to_str().unwrap(), ["--only", "CPS-LIST-01,CPS-LINK-04,CPS-LINK-05"]);
    let by_option = run(&secure.base(), &[&["--ca", ca], &only[..]].concat()).await;
    let by_variable = run_with(&secure.base(), &only, &[("CPK_CA_FILE", ca)]).await;
    for output in [by_option, by_variable] {
        assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_leads_to_other_machines_only() {
    let fake = MockServer::builder().world(world()).start().await.unwrap();
    // The fake takes the requests of a proxy: their targets are whole URLs.
    let base = fake.base();
    let (other, nowhere) = ("http://crewpass.invalid", "http://127.0.0.1:1");
    for (base, proxy) in [(other, base.as_str()), (&base, nowhere)] {
        for name in ["http_proxy", "all_proxy"] {
            let output = run_with(base, &["--only", "CPS-LIST-01"], &[(name, proxy)]).await;
            assert_eq!(output.status.code(), Some(0), "{base} by {name}: {}", err(&output, base));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stub_that_says_yes_to_everything_fails_usefully() {
    let stub = listen(Router::new().fallback(async || axum::Json(serde_json::json!({})))).await;
    let output = run(&stub, &[]).await;
    assert_eq!(output.status.code(), Some(1));
    let shown = out(&output).replace(&stub, "{base}");
    // The line that names the machine differs on each.
    let lines = shown.split_inclusive('\n');
    let shown =
        lines.map(|line| if line.starts_with("crewpass-contract 0") { "crewpass-contract (machine)\n" } else { line });
    insta::assert_snapshot!("stub", shown.collect::<String>());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_what_was_proved() {
    let fake = fake().await;
    let base = fake.base();
    let whole = run(&base, &["--control", &base, "--hostile", "--fail-on", "should"]).await;
    assert_eq!(whole.status.code(), Some(0), "{}", out(&whole));
    assert!(err(&whole, &base).contains("this server answers a dead link with 404"), "{}", err(&whole, &base));
    let without_levers = run(&base, &[]).await;
    assert_eq!(without_levers.status.code(), Some(3), "{}", out(&without_levers));
    assert_eq!(run(&base, &["--only", "LIST"]).await.status.code(), Some(0));
    let unknown = run(&base, &["--only", "LITS"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown, &base).contains("did you mean `LIST`?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_known_failures_are_those_of_the_gate() {
    let stub = listen(Router::new().fallback(async || axum::Json(serde_json::json!({})))).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let json = format!("json={}", path("r.json"));
    let written = run(&stub, &["--report", &json, "--write-known-failures", &path("known.toml")]).await;
    assert_eq!(written.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&read(&path("r.json"))).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/contract/report.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    assert_eq!(report["merged"]["CPS-LIST-01"], "fail");
    for text in [read(&path("r.json")), out(&written)] {
        assert!(!text.contains("cpk_test_51aeb0fc9d2247e8b6d03c74e19f8a25"), "{text}");
    }
    let accepted = run(&stub, &["--known-failures", &path("known.toml")]).await;
    assert_eq!(accepted.status.code(), Some(3), "{}", out(&accepted));
    // The reasons are still those that were written for their author to replace.
    let shown = err(&accepted, &stub);
    assert!(shown.contains("known.toml: nobody has filled in why CPS-") && shown.contains(" more may fail"), "{shown}");
    let explained = read(&path("known.toml")).replace("FILL IN: why this is accepted for now", "a stub, see GH-3");
    std::fs::write(path("explained.toml"), explained).unwrap();
    let quiet = run(&stub, &["--known-failures", &path("explained.toml")]).await;
    assert!(quiet.status.code() == Some(3) && !err(&quiet, &stub).contains("filled in"), "{}", out(&quiet));
    let fake = fake().await;
    let stale = run(&fake.base(), &["--known-failures", &path("known.toml")]).await;
    assert_eq!(stale.status.code(), Some(1), "{}", out(&stale));
    assert!(out(&stale).contains("passes, but is listed as a known failure"));
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}
