//! The entry to files generated from a seed.

use super::nonce::{dice, nonce};
use super::{beginning, bytes, jpeg, pdf, png};
use crate::world::{Document, GeneratedKind};

/// The largest size that a file is padded to: 1 GiB. A world that asks for more is refused when it is loaded.
pub const LARGEST_FILE: u64 = 1 << 30;

/// Generates the file of a document: valid, the same for the same seed and document, with its [`nonce`] once.
///
/// `size` is the least number of bytes, [`LARGEST_FILE`] at most; padding leaves the file valid.
pub fn file(seed: u64, document: &Document, kind: GeneratedKind, size: Option<u64>) -> Vec<u8> {
    let nonce = nonce(seed, &document.id);
    let mut dice = dice(seed, &document.id);
    let size = usize::try_from(size.unwrap_or(0).min(LARGEST_FILE)).unwrap_or(usize::MAX);
    match kind {
        GeneratedKind::Pdf => pdf::generate(document, &nonce, &mut dice, size),
        GeneratedKind::Png => png::generate(&nonce, &mut dice, size),
        GeneratedKind::Jpeg => jpeg::generate(&nonce, &mut dice, size),
        GeneratedKind::Bytes => bytes::generate(&nonce, &mut dice, size),
        GeneratedKind::Text => beginning::text(&nonce, &mut dice, size),
        GeneratedKind::Json => beginning::json(&nonce, &mut dice, size),
    }
}
