//! The callers that the control API admits: with the token if there is one, else those of this machine.

use crewpass_mock::ControlAccess;
use serde_json::json;

use crate::support::fake::{Answer, Fake, send};

/// Sends a request without a body and with these lines, which have the Host.
async fn ask(fake: &Fake, method: &str, path: &str, lines: &str) -> Answer {
    let request = format!("{method} {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    send(fake.server.address(), &request).await
}

async fn status(fake: &Fake, lines: &str) -> u16 {
    ask(fake, "GET", "/__mock/clock", lines).await.status
}

const LOCAL: &str = "Host: 127.0.0.1\r\n";

async fn with_token(token: &str) -> Fake {
    Fake::built(&[], |builder| builder.control_access(ControlAccess { token: Some(token.into()) })).await
}

#[tokio::test]
async fn with_a_token_everybody_needs_it() {
    let fake = with_token("sesame").await;
    let bearer = |credential: &str| format!("{LOCAL}Authorization: {credential}\r\n");
    assert_eq!(status(&fake, &bearer("Bearer sesame")).await, 200);
    assert_eq!(status(&fake, &bearer("bearer sesame")).await, 200, "the scheme has no case");
    assert_eq!(
        status(&fake, "Host: fake.example\r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer sesame\r\n").await,
        200
    );
    for wrong in ["Bearer sesam", "Bearer sesamee", "Bearer Sesame", "Bearer", "Bearer ", "sesame", "Basic sesame"] {
        let answer = ask(&fake, "GET", "/__mock/clock", &bearer(wrong)).await;
        assert_eq!(answer.status_and_code(), (401, "control_unauthorized".to_owned()), "{wrong}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(status(&fake, LOCAL).await, 401, "a caller on loopback needs it too");
    let twice = bearer("Bearer sesame") + "Authorization: Bearer other\r\n";
    assert_eq!(status(&fake, &twice).await, 401);
    for path in ["/__mock/", "/__mock/openapi.json", "/__mock/sessions", "/__mock/none", "/__mock/v1/journal"] {
        assert_eq!(ask(&fake, "GET", path, LOCAL).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn an_empty_token_admits_nobody() {
    let fake = with_token("").await;
    for lines in ["", "Authorization: Bearer\r\n", "Authorization: Bearer \r\n"] {
        assert_eq!(status(&fake, &format!("{LOCAL}{lines}")).await, 401, "{lines}");
    }
}

#[tokio::test]
async fn a_request_through_a_proxy_is_not_local() {
    let fake = Fake::start(&[]).await;
    for line in [
        "Forwarded: for=192.0.2.1",
        "X-Forwarded-For: 192.0.2.1",
        "x-forwarded-host: 127.0.0.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Port:",
        "X-Real-IP: 127.0.0.1",
        "Via: 1.1 proxy",
    ] {
        let answer = ask(&fake, "GET", "/__mock/clock", &format!("{LOCAL}{line}\r\n")).await;
        assert_eq!(answer.status_and_code(), (403, "control_refused".to_owned()), "{line}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("--control-token") && message.contains("CREWPASS_MOCK_CONTROL_TOKEN"), "{message}");
    }
    assert_eq!(status(&fake, LOCAL).await, 200);
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    for fake in [Fake::start(&[]).await, with_token("sesame").await] {
        let lines = format!("{LOCAL}Authorization: Bearer sesame\r\nSec-Fetch-Site: ");
        for site in ["cross-site", "Cross-Site"] {
            assert_eq!(status(&fake, &format!("{lines}{site}\r\n")).await, 403);
        }
        for site in ["same-origin", "same-site", "none"] {
            assert_eq!(status(&fake, &format!("{lines}{site}\r\n")).await, 200, "{site}");
        }
    }
}

#[tokio::test]
async fn the_page_can_not_be_framed() {
    let fake = Fake::start(&[]).await;
    let page = ask(&fake, "GET", "/__mock/", LOCAL).await;
    let policy = page.header("content-security-policy").unwrap();
    for directive in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"] {
        assert!(policy.split("; ").any(|part| part == directive), "{policy}");
    }
}

#[tokio::test]
async fn the_health_is_open_to_anybody_and_says_nothing_else() {
    let local = Fake::start(&[]).await;
    let guarded = with_token("sesame").await;
    let proxied = "Host: fake.example\r\nForwarded: for=192.0.2.1\r\nSec-Fetch-Site: cross-site\r\n";
    for (fake, lines) in
        [(&local, "Host: fake.example\r\n"), (&local, proxied), (&guarded, LOCAL), (&guarded, "Host: fake.example\r\n")]
    {
        for path in ["/__mock/health", "/__mock/v1/health"] {
            let health = ask(fake, "GET", path, lines).await;
            assert_eq!((health.status, health.json()), (200, json!({"status": "ok"})), "{path} {lines}");
            assert_eq!(ask(fake, "HEAD", path, lines).await.status, 200);
            assert!(matches!(ask(fake, "POST", path, lines).await.status, 401 | 403));
        }
        for path in ["/__mock/health/", "/__mock/healthy", "/__mock/sessions/default/health", "/__mock/clock"] {
            assert!(matches!(ask(fake, "GET", path, lines).await.status, 401 | 403), "{path}");
        }
    }
    let admitted = ask(&local, "GET", "/__mock/health", LOCAL).await.json();
    assert_eq!((&admitted["status"], &admitted["world"]["loads"]), (&json!("ok"), &json!(1)));
}

#[tokio::test]
async fn a_session_that_takes_long_to_make_holds_nobody_up() {
    let fake = std::sync::Arc::new(Fake::start(&[]).await);
    let opening = {
        let fake = std::sync::Arc::clone(&fake);
        let body = r#"{"world": {"generate": {"crew": 4000, "documents": 10}}}"#;
        tokio::spawn(async move {
            fake.done("POST", "/sessions", body).await;
            std::time::Instant::now()
        })
    };
    // The runtime of a test has one thread: the request is on its way once others had their turn.
    tokio::task::yield_now().await;
    ask(&fake, "GET", "/__mock/health", LOCAL).await;
    let answered = std::time::Instant::now();
    assert!(answered < opening.await.unwrap());
}
