//! The signature of a delivery: HMAC-SHA256 over its timestamp, a dot and its raw body.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The seconds between the signed time and this machine's.
const WINDOW: u64 = 300;

const TIMESTAMP: &str = "X-CrewPass-Timestamp";
const SIGNATURE: &str = "X-CrewPass-Signature";

/// Compares the signature in constant time. During a rotation there are two, after a comma.
pub fn is_signed(secret: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let (Some(timestamp), Some(given)) = (headers.get(TIMESTAMP), headers.get(SIGNATURE)) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    let is_right = |digits: &str| from_hex(digits).is_some_and(|bytes| mac.clone().verify_slice(&bytes).is_ok());
    let given = given.to_str().unwrap_or_default();
    given.split(',').filter_map(|each| each.trim().strip_prefix("v1=")).any(is_right)
}

/// Refuses a delivery that was recorded long ago. The timestamp is a part of what is signed.
pub fn is_fresh(headers: &HeaderMap) -> bool {
    let timestamp = headers.get(TIMESTAMP).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    timestamp.bytes().all(|byte| byte.is_ascii_digit())
        && timestamp.parse::<u64>().is_ok_and(|signed| signed.abs_diff(now) <= WINDOW)
}

/// Returns the bytes that lower-case hexadecimal digits stand for.
fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| Some(value(pair[0])? << 4 | value(*pair.get(1)?)?)).collect()
}
