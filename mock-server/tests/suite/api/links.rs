//! Links as credentials: no two alike, the same for the same seed, and of no use once anything about them is changed.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::api::wire::{Connection, builder, follow, get, get_as, link, link_path, request, send, starter};

const FILES: &str = "/api/v2/files/";

#[tokio::test]
async fn two_links_within_one_second_are_two_tokens() {
    let fake = starter(&[]).await;
    let mut seen = HashSet::new();
    for _ in 0..20 {
        assert!(seen.insert(link(&fake, "doc_1").await));
    }
    for path in seen {
        assert_eq!(follow(&fake, &path).await.status(), 200);
    }
}

#[tokio::test]
async fn a_link_gives_the_file_of_its_own_person() {
    let fake = starter(&[]).await;
    let given = get_as(&fake, "other", "/api/v2/employers/me/crew/crew_900/documents/doc_900/download").await;
    let answer = follow(&fake, &given.link()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.header("content-disposition").unwrap().contains("rating.pdf"), "{}", answer.head);
}

#[tokio::test]
async fn links_come_from_the_seed() {
    let mut of_seed = Vec::new();
    for seed in [7, 7, 8] {
        let fake = builder(&[]).seed(seed).start().await.unwrap();
        of_seed.push([link(&fake, "doc_1").await, link(&fake, "doc_1").await, link(&fake, "doc_2").await]);
    }
    assert_eq!(of_seed[0], of_seed[1]);
    for (one, other) in of_seed[0].iter().zip(&of_seed[2]) {
        assert_ne!(one, other);
    }
    // Another fake of the same seed honours the link, one of another seed does not.
    let replica = builder(&[]).seed(7).start().await.unwrap();
    assert_eq!(follow(&replica, &of_seed[0][0]).await.status(), 200);
    assert_eq!(follow(&replica, &of_seed[2][0]).await.status(), 404);
}

#[tokio::test]
async fn a_shared_secret_makes_links_of_one_fake_good_on_another() {
    let [one, other] = [1, 2].map(|seed| builder(&[]).seed(seed).signing_secret("shared"));
    let (one, other) = (one.start().await.unwrap(), other.start().await.unwrap());
    let path = link(&one, "doc_1").await;
    assert_eq!(follow(&other, &path).await.status(), 200);
    let alone = builder(&[]).seed(1).start().await.unwrap();
    assert_eq!(follow(&alone, &path).await.status(), 404);
}

#[tokio::test]
async fn a_token_says_nothing_of_where_the_file_lies() {
    let fake = starter(&[]).await;
    for document in ["doc_1", "doc_3", "doc_4", "doc_6"] {
        let path = link(&fake, document).await;
        let token = path.strip_prefix(FILES).unwrap();
        assert!(token.starts_with("eyJ"), "{token}");
        assert!(!token.contains('/'), "{token}");
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        let payload = String::from_utf8(payload).unwrap();
        for part in ["pst-2023", "chief-mate", "eng1", "gmdss", ".pdf", ".png", "/", "\\\\"] {
            assert!(!payload.contains(part), "{payload} contains {part}");
        }
    }
}

#[tokio::test]
async fn a_link_is_for_one_document_only() {
    let fake = starter(&[]).await;
    let (one, other) = (link(&fake, "doc_1").await, link(&fake, "doc_2").await);
    let (one_file, other_file) = (follow(&fake, &one).await.body, follow(&fake, &other).await.body);
    assert_ne!(one_file, other_file);
    assert_eq!(follow(&fake, &one).await.body, one_file);

    let (payload, signature) = one.strip_prefix(FILES).unwrap().split_once('.').unwrap();
    let (other_payload, other_signature) = other.strip_prefix(FILES).unwrap().split_once('.').unwrap();
    let edited = URL_SAFE_NO_PAD.decode(payload).unwrap();
    let edited = String::from_utf8(edited).unwrap().replace("doc_1", "doc_2");
    let edited = URL_SAFE_NO_PAD.encode(edited);
    for token in [
        format!("{payload}.{other_signature}"),
        format!("{other_payload}.{signature}"),
        format!("{edited}.{signature}"),
        format!("{payload}."),
        format!("{payload}.{signature}.{signature}"),
        payload.to_owned(),
        format!("{payload}.{signature}="),
    ] {
        assert_eq!(follow(&fake, &format!("{FILES}{token}")).await.outcome(), "404 not_found", "{token}");
    }
    assert_eq!(follow(&fake, &format!("{one}/doc_2")).await.status(), 404);
}

#[tokio::test]
async fn a_link_with_any_letter_changed_is_dead() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let mut connection = Connection::open(fake.address()).await;
    for at in FILES.len()..path.len() {
        for bit in [1, 2, 4, 8, 16, 32] {
            let mut bytes = path.clone().into_bytes();
            bytes[at] ^= bit;
            // Only letters that a token can have: others are a matter of the path, not of the link.
            if !bytes[at].is_ascii_alphanumeric() && !b"-_.".contains(&bytes[at]) {
                continue;
            }
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(connection.send(&request("GET", &changed, &[])).await.status(), 404, "{changed}");
        }
    }
    assert_eq!(connection.send(&request("GET", &path, &[])).await.status(), 200);
}

#[tokio::test]
async fn a_key_is_no_link_and_a_link_no_key() {
    let fake = starter(&[]).await;
    let path = link(&fake, "doc_1").await;
    let token = path.strip_prefix(FILES).unwrap();
    let as_key = send(&fake, "GET", &link_path("doc_1"), &[&format!("Authorization: Bearer {token}")]).await;
    assert_eq!(as_key.outcome(), "401 invalid_api_key");
    let key = fake.key_of("full").unwrap();
    assert_eq!(follow(&fake, &format!("{FILES}{key}")).await.outcome(), "404 not_found");
}

#[tokio::test]
async fn the_link_names_the_document_that_was_asked_for() {
    let fake = starter(&[]).await;
    for document in ["doc_1", "doc_2", "doc_6"] {
        assert_eq!(get(&fake, &link_path(document)).await.json()["document_id"], document);
    }
}
