//! JPEG files: nonce and padding are in comment segments, right after the JFIF header.

use jpeg_encoder::{ColorType, Encoder};
use rand_chacha::ChaCha8Rng;

use super::nonce::noise;
use super::picture::{HEIGHT, WIDTH, pixels};

/// The longest comment: a segment's length is two bytes, which count themselves.
const LONGEST: usize = 0xffff - 2;
const QUALITY: u8 = 85;

/// Generates a picture with the nonce as its comment.
pub(super) fn generate(nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let picture = encode(&pixels(dice));
    let (head, rest) = picture.split_at(end_of_header(&picture));
    let mut bytes = Vec::with_capacity(size.max(picture.len()) + size / LONGEST * 4 + 128);
    bytes.extend_from_slice(head);
    comment(&mut bytes, nonce.as_bytes());
    let mut missing = size.saturating_sub(bytes.len() + rest.len());
    while missing > 0 {
        let padding = noise(dice, missing.saturating_sub(4).min(LONGEST));
        comment(&mut bytes, &padding);
        missing = missing.saturating_sub(padding.len() + 4);
    }
    bytes.extend_from_slice(rest);
    bytes
}

#[expect(clippy::expect_used, reason = "memory takes what is written, and the picture has the size that is stated")]
fn encode(pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pixels.len());
    Encoder::new(&mut bytes, QUALITY)
        .encode(pixels, WIDTH, HEIGHT, ColorType::Rgb)
        .expect("a picture of known size is written to memory");
    bytes
}

/// Returns the end of the first segment: the start mark, then the JFIF header with its length.
fn end_of_header(picture: &[u8]) -> usize {
    4 + usize::from(u16::from_be_bytes([picture[4], picture[5]]))
}

/// Adds a comment segment of at most [`LONGEST`] bytes.
fn comment(bytes: &mut Vec<u8>, text: &[u8]) {
    let length = u16::try_from(text.len() + 2).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&[0xff, 0xfe]);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text);
}
