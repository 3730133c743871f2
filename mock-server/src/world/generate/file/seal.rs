//! The seal on a certificate: a rosette of loops inside two rings.
//!
//! Directions come from repeated turning by a fixed angle instead of sine and cosine, whose last bits differ between
//! machines; additions and multiplications do not.

use pdf_writer::Content;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Cosine and sine of 15 degrees.
const TURN: [f32; 2] = [0.965_925_8, 0.258_819_05];
/// Loops of the rosette, 15 degrees apart.
const LOOPS: usize = 24;
/// How far a Bézier curve's handles stand off for a quarter of a circle.
const ROUND: f32 = 0.552_284_8;

/// Draws a seal around a centre; the dice choose its proportions.
pub(super) fn draw(page: &mut Content, centre: [f32; 2], [red, green, blue]: [f32; 3], dice: &mut ChaCha8Rng) {
    page.save_state().transform([1.0, 0.0, 0.0, 1.0, centre[0], centre[1]]);
    page.set_stroke_rgb(red, green, blue).set_fill_rgb(red, green, blue);
    page.set_line_width(1.8);
    ring(page, 70.0);
    page.stroke().set_line_width(0.6);
    ring(page, 65.0);
    page.stroke().set_line_width(0.5);
    let reach = f32::from(dice.random_range(48..=62_u8));
    let spread = f32::from(dice.random_range(12..=44_u8));
    rosette(page, reach, spread);
    page.stroke();
    ring(page, f32::from(dice.random_range(5..=11_u8)));
    page.fill_nonzero().restore_state();
}

fn rosette(page: &mut Content, reach: f32, spread: f32) {
    let mut along = [1.0, 0.0];
    for _ in 0..LOOPS {
        let [x, y] = along;
        let at = |far: f32, aside: f32| [round(x * far - y * aside), round(y * far + x * aside)];
        let ([x1, y1], [x2, y2], [x3, y3]) = (at(reach, spread), at(reach, -spread), at(0.0, 0.0));
        page.move_to(0.0, 0.0).cubic_to(x1 * 1.3, y1 * 1.3, x2 * 1.3, y2 * 1.3, x3, y3);
        along = [x * TURN[0] - y * TURN[1], x * TURN[1] + y * TURN[0]];
    }
}

/// A circle around the origin, of four curves.
fn ring(page: &mut Content, radius: f32) {
    let handle = round(radius * ROUND);
    page.move_to(radius, 0.0)
        .cubic_to(radius, handle, handle, radius, 0.0, radius)
        .cubic_to(-handle, radius, -radius, handle, -radius, 0.0)
        .cubic_to(-radius, -handle, -handle, -radius, 0.0, -radius)
        .cubic_to(handle, -radius, radius, -handle, radius, 0.0)
        .close_path();
}

/// Two decimals are enough for ink, and keep the file small.
fn round(length: f32) -> f32 {
    (length * 100.0).round() / 100.0
}
