//! No key and no token is shown whole in any form of the journal, and each place where one leaked is named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::journal::reading::{each, journal};
use crate::journal::waiting::Stream;
use crate::support::fake::{CREW, Fake};

#[tokio::test]
async fn each_leak_is_seen() {
    let fake = Fake::start(&[]).await;
    let (key, list) = (fake.server.key().unwrap(), format!("{CREW}/crew_001/documents"));
    let link = fake.link("doc_1").await;
    let token = link.rsplit('/').next().unwrap();
    let percent = key.replace('_', "%5F");
    let hidden = STANDARD.encode(format!("user:{key}"));
    for (target, lines, leak) in [
        (link.clone(), fake.key(), "key-at-file-step"),
        (link.clone(), "X-Partner-API-Key: anything\r\n".to_owned(), "key-at-file-step"),
        (format!("{list}?api_key={key}"), fake.key(), "key-in-query"),
        (format!("{list}?api_key={percent}"), String::new(), "key-in-query"),
        (format!("{list}?auth={hidden}"), String::new(), "key-in-query"),
        (format!("{CREW}/{key}/documents"), fake.key(), "key-in-path"),
        (list.clone(), format!("Cookie: a=1; key={key}\r\n"), "key-in-cookie"),
        (list.clone(), format!("Referer: http://app.test/?key={key}\r\n"), "key-in-referer"),
        (format!("{list}?token={token}"), fake.key(), "token-in-query"),
        (list.clone(), format!("Referer: http://fake.test{link}\r\n"), "token-in-referer"),
    ] {
        let before = journal(&fake, "").await["next"].clone();
        fake.ask("GET", &target, &lines).await;
        let page = journal(&fake, &format!("?leaks=true&since={before}")).await;
        assert_eq!(each(&page, "leaks"), [json!([leak])], "{target} {lines}");
    }
}

#[tokio::test]
async fn no_form_shows_an_e_mail_address() {
    let fake = Fake::start(&[]).await;
    let lines = format!("{}From: Ana <ana.kovac@example.invalid>\r\n", fake.key());
    for target in [
        format!("{CREW}/lookup?email=ana.kovac@example.invalid"),
        format!("{CREW}/lookup?email=ana.kovac%40example.invalid&a=1"),
        format!("{CREW}/ana.kovac@example.invalid/documents"),
        format!("{CREW}/ana.kovac%2540example.invalid/profile"),
    ] {
        fake.ask("GET", &target, &lines).await;
    }
    let json = journal(&fake, "").await;
    let har = fake.done("GET", "/journal.har", "").await;
    for form in [json.to_string(), har.to_string()] {
        assert!(!form.contains("kovac") && !form.contains("example.invalid"), "{form}");
    }
    assert_eq!(har["log"]["entries"][1]["request"]["queryString"][0], json!({"name": "email", "value": "…@…"}));
    assert_eq!(har["log"]["entries"][1]["request"]["queryString"][1], json!({"name": "a", "value": "1"}));
}

#[tokio::test]
async fn nothing_leaks_where_nothing_leaked() {
    let fake = Fake::start(&[]).await;
    fake.list("crew_001").await;
    let link = fake.link("doc_1").await;
    fake.follow(&link).await;
    assert_eq!(each(&journal(&fake, "?leaks=true").await, "seq").len(), 0);
}

#[tokio::test]
async fn no_form_shows_a_key_or_a_token_whole() {
    let fake = Fake::start(&["file_redirect=302"]).await;
    let (key, list) = (fake.server.key().unwrap(), format!("{CREW}/crew_001/documents"));
    let link = fake.link("doc_1").await;
    let moved = fake.follow(&link).await.header("location").unwrap().to_owned();
    let tokens = [&link, &moved].map(|link| link.rsplit('/').next().unwrap().to_owned());
    let hidden = STANDARD.encode(format!("user:{key}"));
    let percent = key.replace('t', "%74");
    for target in [
        format!("{list}?a={key}&b={hidden}&c={percent}&d={}", tokens[0]),
        format!("{CREW}/{key}/documents"),
        format!("{CREW}/{percent}/documents/{key}/download"),
        format!("/{}", tokens[1]),
        format!("{link}?again={moved}"),
    ] {
        let lines = format!(
            "{}X-Partner-API-Key: {key}\r\nCookie: k={key}; t={}\r\nReferer: http://a.test{link}\r\nX-Own: {hidden}\r\n\
             User-Agent: {moved} {percent}\r\n",
            fake.key(),
            tokens[0],
        );
        fake.ask("GET", &target, &lines).await;
    }
    let stream = Stream::open(&fake, "", "").await.until("\"seq\":7,").await;
    for (form, text) in [
        ("JSON", journal(&fake, "").await.to_string()),
        ("HAR", fake.done("GET", "/journal.har", "").await.to_string()),
        ("SSE", stream),
        ("Debug", format!("{:?}", fake.server.journal())),
    ] {
        assert!(text.contains('…') && text.len() > 500, "{form}: {text}");
        for secret in [&key, &hidden, &percent, &tokens[0], &tokens[1]] {
            assert!(!text.contains(&**secret), "{form} shows {secret}: {text}");
            let middle = &secret[9..secret.len() - 8];
            assert!(!text.contains(middle), "{form} shows {middle}: {text}");
        }
    }
}
