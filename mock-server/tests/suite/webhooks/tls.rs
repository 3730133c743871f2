//! Callbacks over https: the one authority that deliveries trust.

use crewpass_mock::{Authority, Validity};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::deliveries::settled;
use crate::support::fake::Fake;

/// A fake that trusts an authority, or none, and delivers to a receiver with a certificate of another authority or the
/// same. Returns the fake and what the receiver read, if the handshake succeeds.
async fn delivered(trusted: Option<&Authority>, signer: &Authority, names: &[&str]) -> (Fake, Option<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = signer.leaf(names, Validity::around_now()).unwrap().server_config().unwrap();
    let acceptor = TlsAcceptor::from(config.into_rustls());
    let receiving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.ok()?;
        let mut head = Vec::new();
        while !head.windows(4).any(|window| window == b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        stream.flush().await.unwrap();
        // It ends without a word of TLS, as some servers do.
        Some(String::from_utf8(head).unwrap())
    });
    let trust = |builder: crewpass_mock::Builder| match trusted {
        Some(authority) => builder.callback_ca(authority.ca_pem()).unwrap(),
        None => builder,
    };
    let fake = Fake::built(&[], trust).await;
    let callback = json!({"url": format!("https://localhost:{port}/hooks"), "secret": "s"});
    fake.done("POST", "/webhooks/callbacks", &callback.to_string()).await;
    fake.done("POST", "/webhooks/fire", r#"{"event_type": "x", "unknown": true}"#).await;
    (fake, receiving.await.unwrap())
}

fn error(webhooks: &Value) -> String {
    webhooks["deliveries"][0]["attempts"][0]["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_callback_over_https_is_reached_if_its_authority_is_trusted() {
    let authority = Authority::new().unwrap();
    let (fake, head) = delivered(Some(&authority), &authority, &["localhost"]).await;
    let head = head.unwrap();
    assert!(head.starts_with("POST /hooks HTTP/1.1\r\n") && head.contains("x-crewpass-signature: v1="), "{head}");
    settled(&fake, "delivered").await;
}

#[tokio::test]
async fn a_callback_whose_certificate_is_not_trusted_gets_nothing() {
    let [authority, other] = [(); 2].map(|()| Authority::new().unwrap());
    let (fake, head) = delivered(None, &authority, &["localhost"]).await;
    assert_eq!(head, None);
    let untrusted = error(&settled(&fake, "waiting").await);
    assert!(untrusted.contains("name its file with --callback-ca"), "{untrusted}");
    for (signer, names) in [(&other, "localhost"), (&authority, "elsewhere.test")] {
        let (fake, head) = delivered(Some(&authority), signer, &[names]).await;
        assert_eq!(head, None);
        let refused = error(&settled(&fake, "waiting").await);
        assert!(refused.contains("certificate"), "{refused}");
    }
}

#[tokio::test]
async fn an_authority_is_a_certificate_in_pem() {
    for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert!(crewpass_mock::MockServer::builder().callback_ca(pem).is_err(), "{pem}");
    }
}
