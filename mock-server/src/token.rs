//! Link tokens: the signed claims of a download link.
//!
//! A token is `base64url(JSON of the claims) . base64url(HMAC-SHA256)`. It begins `eyJ` because the
//! JSON begins `{"` (G by example). It carries everything that is needed to serve the link, so that
//! a replica with the same seed and secret can do it without a shared store. It does not reveal the
//! place of the file (G).

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// The length of a signature in bytes.
const SIGNATURE_BYTES: usize = 32;

/// The length of a signature in characters: base64 without padding.
const SIGNATURE_CHARS: usize = (SIGNATURE_BYTES * 4).div_ceil(3);

/// The claims of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims<'a> {
    /// The id of the session that issued the link.
    pub session: Cow<'a, str>,
    /// The id of the crew member.
    pub crew: Cow<'a, str>,
    /// The id of the document.
    pub document: Cow<'a, str>,
    /// The version of the document.
    pub version: u16,
    /// The id of the partner, for the policy that checks the conditions again when the link is
    /// followed.
    pub partner: Cow<'a, str>,
    /// The first second at which the link is dead, in Unix time.
    pub expires: i64,
    /// The life of the session that issued the link.
    pub epoch: Epoch,
    /// The serial number in that life: two links have two tokens, also within one second.
    pub serial: u64,
    /// The name of the key that asked, for the policy that checks the conditions again.
    pub key: Cow<'a, str>,
    /// The number of redirects that are left before the file.
    pub hops: u8,
}

/// A life of a session: it begins with the session, and again with each reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Epoch {
    /// The start of the session in nanoseconds of real time, so that two processes with one seed differ; 0 with
    /// a frozen clock, where two runs must give the same tokens.
    pub origin: u64,
    /// The number of resets since.
    pub resets: u32,
}

impl Epoch {
    /// Returns true if this is an earlier life of the session whose present life is `present`.
    pub fn is_before(self, present: Self) -> bool {
        self.origin == present.origin && self.resets < present.resets
    }
}

/// The JSON of a token. An object, so that it begins like the guide's tokens, with the claims as an
/// array, which is short and fast to parse.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<R> {
    #[serde(rename = "l")]
    link: R,
}

/// The claims in the order of their fields.
#[derive(Serialize, Deserialize)]
struct ClaimsRow<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    u16,
    #[serde(borrow)] Cow<'a, str>,
    i64,
    u64,
    u8,
    u64,
    u32,
    #[serde(borrow)] Cow<'a, str>,
);

/// A signer and verifier of tokens.
#[derive(Clone)]
pub struct Signer {
    keyed_mac: Hmac<Sha256>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Creates a signer from a secret of any length.
    pub fn new(secret: &[u8]) -> Self {
        let keyed_mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        Self { keyed_mac }
    }

    /// Returns the signed token for `claims`.
    pub fn sign(&self, claims: &Claims<'_>) -> String {
        // Strings and numbers always serialize.
        let json = serde_json::to_vec(&Payload { link: claims.row() }).unwrap_or_default();
        let mut token = String::with_capacity(json.len() * 4 / 3 + SIGNATURE_CHARS + 4);
        URL_SAFE_NO_PAD.encode_string(&json, &mut token);
        let signature = self.signature(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// Returns true if this signer made the token.
    ///
    /// Compares the signature in constant time. A token has exactly one spelling: non-zero trailing
    /// bits are refused.
    pub fn verifies(&self, token: &str) -> bool {
        let Some((payload, text)) = split_token(token) else { return false };
        let mut signature = [0; SIGNATURE_BYTES];
        let read = URL_SAFE_NO_PAD.decode_slice(text, &mut signature);
        // `verify_slice` compares in constant time.
        read == Ok(SIGNATURE_BYTES) && self.mac_of(payload.as_bytes()).verify_slice(&signature).is_ok()
    }

    /// Returns a keyed tag of a text, for orders that depend on a seed.
    pub(crate) fn tag(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.signature(text.as_bytes()))
    }

    /// Returns the code of some parts, each with its length, so that no two lists of parts have one code by chance.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; SIGNATURE_BYTES] {
        let mut mac = self.keyed_mac.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn signature(&self, payload: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.mac_of(payload).finalize().into_bytes().into()
    }

    fn mac_of(&self, payload: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.keyed_mac.clone();
        mac.update(payload);
        mac
    }
}

impl<'a> Claims<'a> {
    /// Parses the result of [`payload`]. Trust it only if [`Signer::verifies`] returns true.
    pub fn read(json: &'a str) -> Option<Self> {
        let Payload { link } = serde_json::from_str(json).ok()?;
        let ClaimsRow(session, crew, document, version, partner, expires, serial, hops, origin, resets, key) = link;
        let epoch = Epoch { origin, resets };
        Some(Self { session, crew, document, version, partner, expires, epoch, serial, key, hops })
    }

    fn row(&self) -> ClaimsRow<'_> {
        let Self { session, crew, document, version, partner, expires, epoch, serial, key, hops } = self;
        let Epoch { origin, resets } = *epoch;
        let text = Cow::Borrowed::<str>;
        ClaimsRow(
            text(session),
            text(crew),
            text(document),
            *version,
            text(partner),
            *expires,
            *serial,
            *hops,
            origin,
            resets,
            text(key),
        )
    }
}

/// Returns the claims of a token as JSON text for [`Claims::read`], unverified. The signature may be missing.
pub fn payload(token: &str) -> Option<String> {
    let payload = split_token(token).map_or(token, |(payload, _)| payload);
    String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Returns the session that a damaged token names, if its beginning is left. Nothing of it is proved.
pub(crate) fn damaged_session(token: &str) -> Option<String> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let left = token.bytes().take_while(is_base64).count();
    let json = URL_SAFE_NO_PAD.decode(&token[..left / 4 * 4]).ok()?;
    let named = json.strip_prefix(br#"{"l":[""#)?;
    let end = memchr::memchr(b'"', named)?;
    std::str::from_utf8(&named[..end]).ok().map(str::to_owned)
}

/// Splits a token into its payload and its signature.
fn split_token(token: &str) -> Option<(&str, &str)> {
    let dot = memchr::memchr(b'.', token.as_bytes())?;
    Some((&token[..dot], &token[dot + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims<'static> {
        Claims {
            session: "default".into(),
            crew: "crew_001".into(),
            document: "doc_1".into(),
            version: 2,
            partner: "prt_123".into(),
            expires: 1_780_913_700,
            epoch: Epoch { origin: 5, resets: 1 },
            serial: 7,
            key: "full".into(),
            hops: 0,
        }
    }

    #[test]
    fn a_token_begins_as_the_guide_shows_and_reads_back() {
        let signer = Signer::new(b"secret");
        let token = signer.sign(&claims());
        assert!(token.starts_with("eyJ"), "{token}");
        assert!(signer.verifies(&token));
        let json = payload(&token).unwrap();
        assert_eq!(Claims::read(&json).unwrap(), claims());
    }

    #[test]
    fn a_damaged_token_names_its_session() {
        let token = Signer::new(b"secret").sign(&claims());
        for left in [&token[..30], &token[..token.len() - 60], &format!("{}é", &token[..40])] {
            assert_eq!(damaged_session(left).as_deref(), Some("default"), "{left}");
        }
        assert_eq!((damaged_session(&token[..12]), damaged_session("eyJ"), damaged_session("")), (None, None, None));
        let unsigned = token.split('.').next().unwrap();
        assert_eq!(Claims::read(&payload(unsigned).unwrap()), Some(claims()));
        assert!(!Signer::new(b"secret").verifies(unsigned));
    }

    #[test]
    fn a_signer_shows_nothing_of_its_secret() {
        assert_eq!(format!("{:?}", Signer::new(b"secret")), "Signer");
    }

    #[test]
    fn a_token_with_any_bit_flipped_is_dead() {
        let signer = Signer::new(b"secret");
        let token = signer.sign(&claims());
        for at in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(text) = String::from_utf8(bytes) {
                    assert!(!signer.verifies(&text), "{at} {bit}");
                }
            }
        }
        assert!(!Signer::new(b"other").verifies(&token));
    }
}
