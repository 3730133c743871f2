//! PNG files: the nonce is in a `tEXt` chunk, padding in a private chunk that readers skip.

use png::chunk::ChunkType;
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};
use rand_chacha::ChaCha8Rng;

use super::nonce::noise;
use super::picture::{HEIGHT, WIDTH, pixels};

/// Ancillary, private, safe to copy: the case of each letter says so.
const PADDING: ChunkType = ChunkType(*b"paDd");
/// Length, type and checksum of a chunk.
const AROUND: usize = 12;

/// Generates a picture with the nonce as its comment.
pub(super) fn generate(nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let pixels = pixels(dice);
    let plain = expect_written(write(nonce, &pixels, None));
    if plain.len() >= size {
        return plain;
    }
    let padding = noise(dice, (size - plain.len()).saturating_sub(AROUND));
    expect_written(write(nonce, &pixels, Some(&padding)))
}

#[expect(clippy::expect_used, reason = "memory takes what is written, and the picture has the size that is stated")]
fn expect_written(bytes: Result<Vec<u8>, EncodingError>) -> Vec<u8> {
    bytes.expect("a picture of known size is written to memory")
}

fn write(nonce: &str, pixels: &[u8], padding: Option<&[u8]>) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::with_capacity(pixels.len() + padding.map_or(0, <[u8]>::len));
    let mut encoder = Encoder::new(&mut bytes, WIDTH.into(), HEIGHT.into());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fastest);
    encoder.add_text_chunk("Comment".to_owned(), nonce.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    if let Some(padding) = padding {
        writer.write_chunk(PADDING, padding)?;
    }
    writer.finish()?;
    Ok(bytes)
}
