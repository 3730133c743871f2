//! PDF files: one page of text, uncompressed, so that title, number, id and nonce are readable in the bytes.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};
use rand_chacha::ChaCha8Rng;

use super::nonce::noise;
use crate::world::Document;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const FONT: Ref = Ref::new(6);
const PADDING: Ref = Ref::new(7);

/// A4, in points.
const PAGE_SIZE: [f32; 2] = [595.0, 842.0];
/// The font's name on the page.
const FONT_NAME: Name<'static> = Name(b"F1");
/// Left edge and first baseline of the text, in points.
const TEXT_START: [f32; 2] = [72.0, 742.0];
const FONT_SIZE: f32 = 12.0;
const LINE_HEIGHT: f32 = 20.0;

/// Generates a certificate of one page. A stream that nothing refers to pads it, before the table of objects.
pub(super) fn generate(document: &Document, nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let mut pdf = Pdf::with_capacity(size + 4096);
    write_structure(&mut pdf);
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&document.title)).subject(TextStr(&document.id)).producer(TextStr("crewpass-mock"));
    info.finish();
    pdf.stream(CONTENT, &page_text(document, nonce));
    if size > pdf.len() {
        let padding = noise(dice, size - pdf.len());
        pdf.stream(PADDING, &padding);
    }
    pdf.finish()
}

fn write_structure(pdf: &mut Pdf) {
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);
    let mut page = pdf.page(PAGE);
    page.parent(PAGES).media_box(Rect::new(0.0, 0.0, PAGE_SIZE[0], PAGE_SIZE[1])).contents(CONTENT);
    page.resources().fonts().pair(FONT_NAME, FONT);
    page.finish();
    // Every reader has this font, so that none is embedded.
    pdf.type1_font(FONT).base_font(Name(b"Helvetica")).encoding_predefined(Name(b"WinAnsiEncoding"));
}

fn page_text(document: &Document, nonce: &str) -> Vec<u8> {
    let lines = [
        &*document.title,
        document.issuer.as_deref().unwrap_or("Not determined"),
        document.number.as_deref().unwrap_or("None"),
        &document.id,
        "Specimen for testing software. It certifies nothing and names nobody.",
        nonce,
    ];
    let mut page = Content::new();
    page.begin_text().set_font(FONT_NAME, FONT_SIZE).set_leading(LINE_HEIGHT);
    page.next_line(TEXT_START[0], TEXT_START[1]);
    for line in lines {
        page.show(Str(&encode(line))).next_line_using_leading();
    }
    page.end_text();
    page.finish().into_vec()
}

/// Encodes text for the font, which has Latin letters only; any other character becomes a question mark.
///
/// An embedded font for every script would make a small file a hundred times larger. The whole title is in the
/// document's properties.
fn encode(text: &str) -> Vec<u8> {
    let printable = |byte: &u8| matches!(byte, 0x20..=0x7e | 0xa0..);
    text.chars().map(|letter| u8::try_from(letter).ok().filter(printable).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_the_font_lacks_become_question_marks() {
        assert_eq!(encode("Étoile Ναυτική"), b"\xc9toile ???????");
        assert_eq!(encode("a\nb\0c"), b"a?b?c");
    }
}
