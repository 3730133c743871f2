//! The mark of a document in its file: it identifies the document that some bytes belong to.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// Returns the nonce of a document's file, `crewpass-nonce:` and 32 hexadecimal digits. Each file contains its own
/// once.
///
/// It tells the bytes of one document, and of one version, from those of every other in the same world.
pub fn nonce(seed: u64, document_id: &str) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(47);
    text.push_str("crewpass-nonce:");
    for byte in &digest(seed, document_id)[..16] {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Creates the randomness of a document's file, from the half of the digest that the nonce does not show.
pub(super) fn dice(seed: u64, document_id: &str) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&digest(seed, document_id)[16..]);
    ChaCha8Rng::from_seed(key)
}

/// Generates random bytes of the given length.
pub(super) fn noise(dice: &mut ChaCha8Rng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    dice.fill_bytes(&mut bytes);
    bytes
}

fn digest(seed: u64, document_id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"crewpass-mock file");
    hash.update(seed.to_be_bytes());
    hash.update(document_id.as_bytes());
    hash.finalize().into()
}
