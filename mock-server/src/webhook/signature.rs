//! The signature of a delivery: `v1=` and the hexadecimal HMAC-SHA256 of timestamp, `.` and body (P).

use crewpass_diagnostics::to_hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::callback::WebhookSecret;

/// Returns the value of `X-CrewPass-Signature`. The timestamp is the text of `X-CrewPass-Timestamp`.
pub(super) fn sign(secret: &WebhookSecret, timestamp: &str, body: &[u8]) -> String {
    let mut mac = new_mac(secret);
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format_digest(mac)
}

/// Returns a signature over the body alone, which is wrong.
pub(super) fn sign_body_alone(secret: &WebhookSecret, body: &[u8]) -> String {
    let mut mac = new_mac(secret);
    mac.update(body);
    format_digest(mac)
}

fn new_mac(secret: &WebhookSecret) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(secret.reveal().as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"))
}

fn format_digest(mac: Hmac<Sha256>) -> String {
    format!("v1={}", to_hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_test_vector() {
        let signature = sign(&WebhookSecret::new("whsec_test"), "1780912800", br#"{"schema_version":1}"#);
        assert_eq!(signature, "v1=9e788e1757bae2e65369a00949642a475ce38508c15c5c0c282214f9dcd4c2ee");
    }
}
