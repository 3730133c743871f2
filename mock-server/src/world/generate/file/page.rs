//! What stands on the page of a PDF: border, heading, title, issuer, number, id, a seal, and the nonce in small print.

use pdf_writer::{Content, Name, Str};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::seal;
use super::winansi::{encode, wrap};
use crate::world::Document;

/// A4, in points.
pub(super) const WIDTH: f32 = 595.0;
/// A4, in points.
pub(super) const HEIGHT: f32 = 842.0;
/// The name on the page of the first font, for text.
pub(super) const BODY: &[u8] = b"F1";
/// The name of the second font, for headings.
pub(super) const TITLE: &[u8] = b"F2";
/// The name of the third font, for numbers.
pub(super) const MONO: &[u8] = b"F3";
/// Fonts that every reader has, so that none is embedded.
pub(super) const FONTS: [&[u8]; 3] = [b"Helvetica", b"Times-Bold", b"Courier-Bold"];

const LEFT: f32 = 72.0;
/// Title lines of 30 points that fit, in characters.
const TITLE_CHARACTERS: usize = 27;
const TITLE_LINES: usize = 4;
/// Lines of 12 points that fit, in characters.
const BODY_CHARACTERS: usize = 66;
const GREY: [f32; 3] = [0.45, 0.45, 0.45];
const BLACK: [f32; 3] = [0.1, 0.1, 0.12];

/// Accent colours, dark enough to read.
const ACCENTS: [[f32; 3]; 6] = [
    [0.07, 0.22, 0.42],
    [0.36, 0.09, 0.16],
    [0.05, 0.32, 0.29],
    [0.30, 0.20, 0.42],
    [0.42, 0.27, 0.06],
    [0.12, 0.32, 0.13],
];

/// Draws the page; `dice` choose colour and seal.
pub(super) fn draw(page: &mut Content, document: &Document, nonce: &str, dice: &mut ChaCha8Rng) {
    let accent = ACCENTS[dice.random_range(0..ACCENTS.len())];
    frame(page, accent);
    seal::draw(page, [442.0, 210.0], accent, dice);
    let category = document.category.as_deref().unwrap_or("Certificate");
    let heading = format!("{}  /  {category}", document.kind);
    line(page, BODY, 10.0, accent, 742.0, &heading);
    let mut y = 694.0;
    for part in wrap(&document.title, TITLE_CHARACTERS, TITLE_LINES) {
        line(page, TITLE, 30.0, BLACK, y, part);
        y -= 36.0;
    }
    let [red, green, blue] = accent;
    page.set_fill_rgb(red, green, blue).rect(LEFT, y + 10.0, 88.0, 3.0).fill_nonzero();
    let issuer = document.issuer.as_deref().unwrap_or("Not determined");
    field(page, y - 34.0, "Issuing authority", BODY, issuer);
    let number = document.document_number.as_deref().unwrap_or("None");
    field(page, y - 92.0, "Document number", MONO, number);
    field(page, y - 150.0, "Document id", MONO, &document.id);
    line(page, BODY, 8.0, GREY, 82.0, "Specimen, made for testing software. It certifies nothing and names nobody.");
    line(page, BODY, 6.0, GREY, 68.0, nonce);
}

/// A sheet with a tint, a broad border and a fine one.
fn frame(page: &mut Content, [red, green, blue]: [f32; 3]) {
    page.set_fill_rgb(0.99, 0.985, 0.97).rect(0.0, 0.0, WIDTH, HEIGHT).fill_nonzero();
    page.set_stroke_rgb(red, green, blue);
    page.set_line_width(5.0).rect(30.0, 30.0, WIDTH - 60.0, HEIGHT - 60.0).stroke();
    page.set_line_width(0.7).rect(38.0, 38.0, WIDTH - 76.0, HEIGHT - 76.0).stroke();
}

/// A label in grey with its text below.
fn field(page: &mut Content, y: f32, label: &str, font: &[u8], text: &str) {
    line(page, BODY, 8.5, GREY, y, label);
    for (part, below) in wrap(text, BODY_CHARACTERS, 2).into_iter().zip([17.0, 31.0]) {
        line(page, font, 12.0, BLACK, y - below, part);
    }
}

fn line(page: &mut Content, font: &[u8], size: f32, [red, green, blue]: [f32; 3], y: f32, text: &str) {
    page.begin_text().set_fill_rgb(red, green, blue).set_font(Name(font), size).next_line(LEFT, y);
    page.show(Str(&encode(text))).end_text();
}
