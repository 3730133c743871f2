//! The smallest PDF that shows a title and a number.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

/// One page with a title and a number on it; what is not Latin-1 is shown as `?`.
pub(super) fn pdf(title: &str, number: &str) -> Vec<u8> {
    let [catalog, pages, page, font, content] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut leaf = pdf.page(page);
    leaf.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(pages).contents(content);
    leaf.resources().fonts().pair(Name(b"F"), font);
    leaf.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut text = Content::new();
    text.begin_text();
    text.set_font(Name(b"F"), 18.0);
    text.next_line(72.0, 740.0);
    text.show(Str(&latin(title)));
    text.next_line(0.0, -28.0);
    text.show(Str(&latin(number)));
    text.end_text();
    pdf.stream(content, &text.finish());
    pdf.finish()
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_a_pdf_that_shows_the_number() {
        let bytes = super::pdf("Personal Survival Techniques", "PST-12345");
        assert!(bytes.starts_with(b"%PDF-1."));
        assert!(bytes.windows(9).any(|part| part == b"PST-12345"));
    }
}
