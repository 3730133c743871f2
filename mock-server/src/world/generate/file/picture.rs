//! The picture in PNG and JPEG files: one plain colour.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The picture's width in pixels.
pub(super) const WIDTH: u16 = 96;
/// The picture's height in pixels.
pub(super) const HEIGHT: u16 = 64;

/// Returns red, green and blue of each pixel, row by row.
pub(super) fn pixels(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let colour: [u8; 3] = std::array::from_fn(|_| dice.random_range(0..=255));
    colour.repeat(usize::from(WIDTH) * usize::from(HEIGHT))
}
