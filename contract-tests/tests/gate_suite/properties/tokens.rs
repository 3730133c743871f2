//! Tokens of links: what was changed anywhere is dead, however it is written.

use crewpass_mock::token::{Claims, Epoch, Signer, payload};
use crewpass_mock::world::World;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::properties::runner::runner;
use crate::properties::texts::text;
use crate::properties::wire::{FILES, Fake, escaped};

fn claims() -> impl Strategy<Value = Claims<'static>> {
    let texts = (text(), text(), text(), text(), text());
    let numbers = (any::<u16>(), any::<i64>(), any::<u64>(), any::<u8>());
    let epochs = (any::<u64>(), any::<u32>()).prop_map(|(origin, resets)| Epoch { origin, resets });
    (texts, numbers, epochs).prop_map(
        |((session, crew, document, partner, key), (version, expires, serial, hops), epoch)| Claims {
            session: session.into(),
            crew: crew.into(),
            document: document.into(),
            version,
            partner: partner.into(),
            expires,
            epoch,
            serial,
            key: key.into(),
            hops,
        },
    )
}

/// A change of a token's bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Put(Index, u8),
    Take(Index),
    Cut(Index),
    Double,
    Padded,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        6 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Put(at, byte)),
        1 => any::<Index>().prop_map(Damage::Take),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => Just(Damage::Double),
        1 => Just(Damage::Padded),
    ]
}

fn damaged(token: &str, damage: &Damage) -> Vec<u8> {
    let mut bytes = token.as_bytes().to_vec();
    match damage {
        Damage::Flip(at, bit) => bytes[at.index(token.len())] ^= 1 << bit,
        Damage::Put(at, byte) => bytes.insert(at.index(token.len() + 1), *byte),
        Damage::Take(at) => drop(bytes.remove(at.index(token.len()))),
        Damage::Cut(at) => bytes.truncate(at.index(token.len())),
        Damage::Double => bytes = [token, ".", token].concat().into_bytes(),
        Damage::Padded => bytes.push(b'='),
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bit_flipped_is_dead(secret in any::<Vec<u8>>(), claims in claims()) {
        let signer = Signer::new(&secret);
        let token = signer.sign(&claims);
        prop_assert!(signer.verifies(&token));
        prop_assert!(token.starts_with("eyJ") && !token.contains(['/', '%', '+', '=']), "{}", token);
        let claims_text = payload(&token).unwrap();
        prop_assert_eq!(Claims::read(&claims_text), Some(claims));
        for at in 0..token.len() {
            // The eighth bit makes text of another encoding, which is told apart before a signer sees it.
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                let flipped = String::from_utf8(bytes).unwrap();
                prop_assert!(!signer.verifies(&flipped), "bit {} of byte {} of {}", bit, at, token);
            }
        }
    }

    #[test]
    fn any_change_and_any_other_secret_is_dead(
        secrets in (any::<Vec<u8>>(), any::<Vec<u8>>()),
        claims in (claims(), claims()),
        damage in damage(),
        other in text(),
    ) {
        let signer = Signer::new(&secrets.0);
        let (token, second) = (signer.sign(&claims.0), signer.sign(&claims.1));
        if let Ok(changed) = String::from_utf8(damaged(&token, &damage)) {
            prop_assert!(changed == token || !signer.verifies(&changed), "{:?}: {}", damage, changed);
        }
        prop_assert!(!signer.verifies(&other));
        // HMAC fills a short key up with zeros, so that those are no part of a secret.
        let bare = |secret: &[u8]| secret.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let differ = secrets.0[..bare(&secrets.0)] != secrets.1[..bare(&secrets.1)];
        prop_assert!(!differ || !Signer::new(&secrets.1).verifies(&token));
        let signature = second.split_once('.').unwrap().1;
        let crossed = format!("{}.{signature}", token.split_once('.').unwrap().0);
        prop_assert!(crossed == token || crossed == second || !signer.verifies(&crossed));
    }
}

/// Bytes as one segment; what may stand in a path stands as it is.
fn segment(bytes: &[u8]) -> String {
    let spelt = |byte: &u8| {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte);
        if plain { char::from(*byte).to_string() } else { escaped(&[*byte]) }
    };
    bytes.iter().map(spelt).collect()
}

#[test]
fn any_change_is_404_over_http_and_so_is_another_spelling() {
    let fake = Fake::new(World::starter());
    let path = fake.link("crew_001", "doc_1");
    let token = path.strip_prefix(FILES).unwrap();
    let mut runner = runner(250);
    let dead = |damage: Damage| {
        let changed = damaged(token, &damage);
        prop_assume!(changed != token.as_bytes());
        let answer = fake.get(&format!("{FILES}{}", segment(&changed)));
        prop_assert_eq!((answer.status, answer.code()), (404, "not_found"), "{:?}", damage);
        Ok(())
    };
    runner.run(&damage(), dead).unwrap();
    // A link is used as it is: the same bytes in another spelling are another token.
    assert_eq!(fake.get(&format!("{FILES}{}", escaped(token.as_bytes()))).status, 404);
    assert_eq!(fake.get(&path).status, 200);
}
