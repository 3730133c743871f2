//! The signature of a delivery: `v1=` and the hexadecimal HMAC-SHA256 of timestamp, full stop and raw body.

use crewpass_diagnostics::to_hex;
use sha2::{Digest, Sha256};

/// The bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Returns the value that `X-CrewPass-Signature` should have. The timestamp is the value of its header.
pub fn sign(secret: &str, timestamp: &[u8], body: &[u8]) -> String {
    hmac(secret, &[timestamp, b".", body])
}

/// Returns `v1=` and the hexadecimal HMAC-SHA256 of a message in parts.
pub(super) fn hmac(secret: &str, parts: &[&[u8]]) -> String {
    let mut key = [0; BLOCK];
    if secret.len() > BLOCK {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret.as_bytes());
    }
    let padded = |with: u8| Sha256::new().chain_update(key.map(|byte| byte ^ with));
    let inner = parts.iter().fold(padded(0x36), Digest::chain_update);
    format!("v1={}", to_hex(&padded(0x5c).chain_update(inner.finalize()).finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_test_vectors() {
        let vector = "v1=9e788e1757bae2e65369a00949642a475ce38508c15c5c0c282214f9dcd4c2ee";
        assert_eq!(sign("whsec_test", b"1780912800", br#"{"schema_version":1}"#), vector);
        // RFC 4231, test case 2; and a key that is longer than a block.
        let digits = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hmac("Jefe", &[b"what do ya ", b"want for nothing?"]), format!("v1={digits}"));
        let digits = "06bb03d9b70c6e5d06859bedc8573416addbde9746c16eecfa53a751a679f18f";
        assert_eq!(hmac(&"k".repeat(131), &[b"Test"]), format!("v1={digits}"));
    }
}
