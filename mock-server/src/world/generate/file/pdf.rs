//! PDF files: one page that reads like a certificate, uncompressed, so that title, number and nonce stand in the bytes.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, TextStr};
use rand_chacha::ChaCha8Rng;

use super::nonce::noise;
use super::page::{BODY, FONTS, HEIGHT, MONO, TITLE, WIDTH, draw};
use crate::world::Document;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const FIRST_FONT: i32 = 6;
const PADDING: Ref = Ref::new(9);

/// A certificate of one page. A stream that nothing refers to pads it, before the table of objects.
pub(super) fn make(document: &Document, nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let mut content = Content::with_capacity(8 * 1024);
    draw(&mut content, document, nonce, dice);
    let mut pdf = Pdf::with_capacity(size.max(12 * 1024) + 2048);
    structure(&mut pdf);
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&document.title)).subject(TextStr(&document.id)).producer(TextStr("crewpass-mock"));
    info.finish();
    pdf.stream(CONTENT, &content.finish());
    if size > pdf.len() {
        let padding = noise(dice, size - pdf.len());
        pdf.stream(PADDING, &padding);
    }
    pdf.finish()
}

fn structure(pdf: &mut Pdf) {
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let mut page = pdf.page(PAGE);
    page.parent(PAGES).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(CONTENT);
    let mut resources = page.resources();
    let mut fonts = resources.fonts();
    for (name, at) in [BODY, TITLE, MONO].into_iter().zip(FIRST_FONT..) {
        fonts.pair(Name(name), Ref::new(at));
    }
    fonts.finish();
    resources.finish();
    page.finish();
    for (font, at) in FONTS.into_iter().zip(FIRST_FONT..) {
        pdf.type1_font(Ref::new(at)).base_font(Name(font)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
}
