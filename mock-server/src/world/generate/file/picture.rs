//! The picture in PNG and JPEG files: a small sheet of paper with a heading, lines of writing and a seal.
//!
//! Whole numbers only, so that every machine paints the same.

use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

/// The picture's width in pixels.
pub(super) const WIDTH: u16 = 96;
/// The picture's height in pixels.
pub(super) const HEIGHT: u16 = 64;

/// Red, green and blue of each pixel, row by row.
pub(super) fn paint(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let ink = [dice.random_range(20..110), dice.random_range(20..110), dice.random_range(60..150)];
    let lines: [u16; 5] = std::array::from_fn(|_| dice.random_range(20..56));
    let mut grain = vec![0; usize::from(WIDTH) * usize::from(HEIGHT)];
    dice.fill_bytes(&mut grain);
    let mut pixels = Vec::with_capacity(3 * grain.len());
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let shade = shade(x, y, &lines);
            // A little grain, as scanned paper has, which makes each picture unlike the next.
            let grain = grain[usize::from(y) * usize::from(WIDTH) + usize::from(x)] & 7;
            pixels.extend(ink.map(|ink| mix(ink, shade).saturating_sub(grain)));
        }
    }
    pixels
}

/// How much ink there is at a place, 0 to 255.
fn shade(x: u16, y: u16, lines: &[u16; 5]) -> u8 {
    let edge = x.min(y).min(WIDTH - 1 - x).min(HEIGHT - 1 - y);
    let (to_seal_x, to_seal_y) = (x.abs_diff(78), y.abs_diff(46));
    let to_seal = to_seal_x * to_seal_x + to_seal_y * to_seal_y;
    let line = usize::from(y.saturating_sub(22) / 7);
    match () {
        () if edge == 2 || edge == 4 => 200,
        () if (8..14).contains(&y) && (10..10 + WIDTH / 2).contains(&x) => 255,
        () if to_seal <= 20 || (56..=90).contains(&to_seal) => 220,
        () if (22..57).contains(&y) && (y - 22) % 7 < 2 && (10..10 + lines[line]).contains(&x) => 130,
        () => 8,
    }
}

/// Paper of a light grey, with so much ink on it.
fn mix(ink: u8, shade: u8) -> u8 {
    let (ink, shade) = (u16::from(ink), u16::from(shade));
    u8::try_from((ink * shade + 250 * (255 - shade)) / 255).unwrap_or(u8::MAX)
}
