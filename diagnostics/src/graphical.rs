//! A problem as `miette` draws it.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::problem::Problem;

/// Adds the picture of a problem.
pub(crate) fn render(out: &mut String, problem: &Problem, color: bool, width: usize) {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(20))
        .with_context_lines(1)
        .with_links(false)
        .without_syntax_highlighting();
    // Writing to a String can't fail; a renderer that gave up still leaves the one-line form.
    if handler.render_report(out, &Drawn(problem)).is_err() {
        out.push_str(&problem.to_string());
    }
}

/// A problem as the renderer takes it: an excerpt's header has the place, so the message is bare where there is one.
#[derive(Debug)]
struct Drawn<'p>(&'p Problem);

impl fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.excerpt() {
            Some(_) => f.write_str(self.0.message()),
            None => self.0.fmt(f),
        }
    }
}

impl std::error::Error for Drawn<'_> {}

impl Diagnostic for Drawn<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.advice().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.excerpt().map(|_| self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.excerpt()?.span();
        let label = self.0.label_text().map(str::to_owned);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(label, span.start..span.end))))
    }
}

impl SourceCode for Drawn<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Some(excerpt) = self.0.excerpt() else { return Err(MietteError::OutOfBounds) };
        let part = excerpt.text().read_span(span, before, after)?;
        // Only the header asks for the place alone; there the column is the file's, not the cropped line's.
        let column = if before == 0 { excerpt.column() } else { part.column() };
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.file().to_owned(),
            part.data(),
            *part.span(),
            part.line() + excerpt.first_line(),
            column,
            part.line_count(),
        )))
    }
}
