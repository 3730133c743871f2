//! The token of a link: one of its own, unforgeable, and the same at every replica.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::fake::Fake;

const FILES: &str = "/api/v2/files/";
const DEAD: (u16, &str) = (404, "not_found");

fn token(path: &str) -> &str {
    path.strip_prefix(FILES).unwrap()
}

async fn is_dead(fake: &Fake, token: &str) {
    let answer = fake.follow(&format!("{FILES}{token}")).await;
    let (status, code) = answer.status_and_code();
    assert_eq!((status, &*code), DEAD, "{token}");
}

#[tokio::test]
async fn links_of_one_second_are_different_tokens() {
    let fake = Fake::start(&[]).await;
    let mut seen = HashSet::new();
    for _ in 0..20 {
        let path = fake.link("doc_1").await;
        assert_eq!(fake.follow(&path).await.status, 200);
        assert!(seen.insert(path), "a token was given twice");
    }
}

#[tokio::test]
async fn tokens_follow_the_seed() {
    let first = Fake::built(&[], |builder| builder.seed(7)).await;
    let same = Fake::built(&[], |builder| builder.seed(7)).await;
    let other = Fake::built(&[], |builder| builder.seed(8)).await;
    for _ in 0..3 {
        let path = first.link("doc_1").await;
        assert_eq!(path, same.link("doc_1").await);
        assert_ne!(path, other.link("doc_1").await);
    }
    // What another seed signed is dead.
    is_dead(&first, token(&other.link("doc_1").await)).await;
}

#[tokio::test]
async fn a_token_says_nothing_of_where_the_file_lies() {
    let fake = Fake::start(&[]).await;
    let path = fake.link("doc_1").await;
    let token = token(&path);
    assert!(token.starts_with("eyJ"), "{token}");
    assert!(!token.contains('/') && !token.contains('%'), "{token}");
    let (payload, _) = token.split_once('.').unwrap();
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    // The file is `pst-2023.pdf` of a folder `files`, and is offered as `PST_certificate.pdf`.
    for part in ["/", "\\", "pst-2023", "PST_certificate", ".pdf", "files", "fixtures", "http"] {
        assert!(!payload.contains(part), "{part} in {payload}");
    }
}

#[tokio::test]
async fn a_payload_with_the_signature_of_another_is_dead() {
    let fake = Fake::start(&[]).await;
    let (one, two) = (fake.link("doc_1").await, fake.link("doc_2").await);
    let (payload, own) = token(&one).split_once('.').unwrap();
    let (_, of_other) = token(&two).split_once('.').unwrap();
    is_dead(&fake, &format!("{payload}.{of_other}")).await;
    for cut in [payload.to_owned(), format!("{payload}."), format!(".{own}"), format!("{payload}.{own}=")] {
        is_dead(&fake, &cut).await;
    }
    assert_eq!(fake.follow(&format!("{FILES}{payload}.{own}")).await.status, 200);
}

#[tokio::test]
async fn a_claim_that_was_changed_is_dead() {
    let fake = Fake::start(&[]).await;
    let path = fake.link("doc_1").await;
    let (payload, signature) = token(&path).split_once('.').unwrap();
    let json = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let forged = json.replace("doc_1", "doc_2");
    assert_ne!(forged, json);
    is_dead(&fake, &format!("{}.{signature}", URL_SAFE_NO_PAD.encode(forged))).await;
}

#[tokio::test]
async fn a_flipped_character_is_dead_wherever_it_is() {
    let fake = Fake::start(&[]).await;
    let path = fake.link("doc_1").await;
    let token = token(&path);
    for at in 0..token.len() {
        let other = match &token[at..=at] {
            "A" => 'B',
            // The last character carries spare bits: a neighbour may spell the same bytes, and is no token even so.
            last if at + 1 == token.len() => char::from(last.as_bytes()[0] + 1),
            _ => 'A',
        };
        is_dead(&fake, &format!("{}{other}{}", &token[..at], &token[at + 1..])).await;
    }
    assert_eq!(fake.follow(&path).await.status, 200);
}

#[tokio::test]
async fn replicas_share_links_if_they_share_the_secret() {
    let replica = |secret: &'static str| Fake::built(&[], move |builder| builder.signing_secret(secret).seed(3));
    let (first, second, stranger) = (replica("shared").await, replica("shared").await, replica("other").await);
    let path = first.link("doc_1").await;
    let (here, there) = (first.follow(&path).await, second.follow(&path).await);
    assert_eq!((here.status, there.status), (200, 200));
    assert_eq!(here.body, there.body);
    is_dead(&stranger, token(&path)).await;
    // Both replicas go by their own clock, and an hour later the link is dead at the one that moved.
    second.server.advance(Duration::from_hours(1)).unwrap();
    is_dead(&second, token(&path)).await;
    assert_eq!(first.follow(&path).await.status, 200);
}

#[tokio::test]
async fn a_link_dies_at_the_very_second_it_expires() {
    let fake = Fake::start(&[]).await;
    let path = fake.link("doc_1").await;
    fake.server.advance(Duration::from_millis(899_999)).unwrap();
    assert_eq!(fake.follow(&path).await.status, 200);
    fake.server.advance(Duration::from_millis(1)).unwrap();
    is_dead(&fake, token(&path)).await;
}
