//! The one door to files made from a seed.

use super::nonce::{dice, nonce};
use super::{bytes, jpeg, pdf, png};
use crate::world::{Document, GeneratedKind};

/// The most that a file is padded to: 1 GiB. What asks for more is a mistake, which `load` reports.
pub const LARGEST_FILE: u64 = 1 << 30;

/// The file of a document: valid, the same for the same seed and document, with the document's [`nonce`] in it once.
///
/// `size` pads it to so many bytes at least, [`LARGEST_FILE`] at most, and leaves it valid.
pub fn file(seed: u64, document: &Document, kind: GeneratedKind, size: Option<u64>) -> Vec<u8> {
    let nonce = nonce(seed, &document.id);
    let mut dice = dice(seed, &document.id);
    let size = usize::try_from(size.unwrap_or(0).min(LARGEST_FILE)).unwrap_or(usize::MAX);
    match kind {
        GeneratedKind::Pdf => pdf::make(document, &nonce, &mut dice, size),
        GeneratedKind::Png => png::make(&nonce, &mut dice, size),
        GeneratedKind::Jpeg => jpeg::make(&nonce, &mut dice, size),
        GeneratedKind::Bytes => bytes::make(&nonce, &mut dice, size),
    }
}
