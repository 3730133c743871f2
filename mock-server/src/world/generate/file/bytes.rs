//! Plain bytes that break a client that reads a download as text.

use rand_chacha::ChaCha8Rng;

use super::nonce::noise;

/// The default size of the file in bytes.
const LENGTH: usize = 1024;

/// Generates a line with the nonce, then NUL, CR, LF and the end-of-file mark of DOS, then random bytes.
pub(super) fn generate(nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size.max(LENGTH));
    bytes.extend_from_slice(nonce.as_bytes());
    bytes.extend_from_slice(b"\n\0\r\n\r\x1a\xff\xfe\0");
    let rest = size.max(LENGTH) - bytes.len();
    bytes.append(&mut noise(dice, rest));
    bytes
}
