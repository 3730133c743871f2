//! Processes that share a seed and a signing secret honour each other's links; nothing else is shared.

use reqwest::Url;

use crate::support::executable::Fake;

/// A fake of one seed, that signs with a secret.
fn replica(secret: &str, more: &[&str]) -> Fake {
    Fake::start(&[&["--seed", "7", "--signing-secret", secret], more].concat())
}

/// A link as another host has it.
fn at(link: &str, fake: &Fake) -> String {
    let mut url = Url::parse(link).unwrap();
    let address = fake.address();
    url.set_scheme("http").unwrap();
    url.set_ip_host(address.ip()).unwrap();
    url.set_port(Some(address.port())).unwrap();
    url.into()
}

#[test]
fn a_link_that_one_gave_is_good_at_the_other() {
    for more in [[].as_slice(), &["--public-url", "https://files.crewpass.invalid"]] {
        let (one, other) = (replica("shared", more), replica("shared", more));
        let stranger = replica("of its own", more);
        let link = one.link("crew_001", "doc_1");
        assert_eq!(link.starts_with("https://files.crewpass.invalid/"), !more.is_empty(), "{link}");
        let (status, bytes) = one.follow(&at(&link, &one));
        assert_eq!((status, &bytes[..5]), (200, b"%PDF-".as_slice()));
        assert!(other.follow(&at(&link, &other)) == (200, bytes), "the same file at the other");
        let (status, refused) = stranger.follow(&at(&link, &stranger));
        let refused: serde_json::Value = serde_json::from_slice(&refused).unwrap();
        assert_eq!((status, &refused["error"]["code"]), (404, &"not_found".into()));
    }
}

#[test]
fn with_a_frozen_clock_a_link_of_one_spends_no_link_of_the_other() {
    let more = ["--clock", "2026-06-08T10:00:00Z", "--policy", "link_use=once"];
    let (one, other) = (replica("shared", &more), replica("shared", &more));
    // Each is the first link of its process.
    let (first, second) = (one.link("crew_001", "doc_1"), other.link("crew_001", "doc_2"));
    assert_eq!(other.follow(&at(&first, &other)).0, 200);
    assert_eq!(other.follow(&at(&first, &other)).0, 404, "it is spent");
    assert_eq!(other.follow(&at(&second, &other)).0, 200);
}

#[test]
fn where_others_reach_it_the_seed_does_not_sign_links() {
    let is_honoured = |[one, other]: [Fake; 2]| {
        let link = one.link("crew_001", "doc_1");
        assert_eq!(one.follow(&at(&link, &one)).0, 200);
        other.follow(&at(&link, &other)).0 == 200
    };
    assert!(is_honoured([(), ()].map(|()| Fake::start(&["--seed", "7"]))), "on loopback, the seed signs");
    assert!(!is_honoured([(), ()].map(|()| Fake::start_for_others(&["--seed", "7"]))), "the secret is not random");
}
