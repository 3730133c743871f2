//! A path with parameters in braces, and the segments that a request has in their place.

/// The most parameters of a path.
const PARAMETERS: usize = 2;

/// A path such as `/crew/{crew_unique_id}/documents`.
#[derive(Debug)]
pub(crate) struct PathTemplate {
    text: &'static str,
    parameters: [Option<Parameter>; PARAMETERS],
}

/// What a parameter of a path holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// A crew member's id: `{crew_unique_id}`.
    Crew,
    /// A document's id: `{document_id}`.
    Document,
    /// The token of a link: `{token}`.
    Token,
}

/// The segments that a path has in the place of its parameters. They are not decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Segments<'p> {
    /// The crew member's id.
    pub(crate) crew: Option<&'p str>,
    /// The document's id.
    pub(crate) document: Option<&'p str>,
    /// The token of a link.
    pub(crate) token: Option<&'p str>,
}

/// A parameter of a path.
#[derive(Clone, Copy, Debug)]
struct Parameter {
    holds: Held,
    /// How many bytes are between the parameter before this one, or the start, and this one.
    literal: usize,
}

impl PathTemplate {
    /// Reads a path. It is evaluated when the table is compiled, so a bad path does not compile.
    #[expect(clippy::panic, reason = "it is evaluated when the table is compiled")]
    pub(crate) const fn new(text: &'static str) -> Self {
        let mut parameters = [None; PARAMETERS];
        let (mut rest, mut count) = (text, 0);
        while let Some(open) = position(rest, b'{') {
            let (_, behind) = rest.split_at(open + 1);
            let close = match position(behind, b'}') {
                Some(close) => close,
                None => 0,
            };
            let (name, behind) = behind.split_at(close);
            let holds = match name.as_bytes() {
                b"crew_unique_id" => Held::Crew,
                b"document_id" => Held::Document,
                b"token" => Held::Token,
                _ => panic!("a parameter that no request is read for"),
            };
            parameters[count] = Some(Parameter { holds, literal: open });
            (_, rest) = behind.split_at(1);
            count += 1;
        }
        Self { text, parameters }
    }

    /// Returns the path, with its parameters in braces.
    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the part in front of the first parameter.
    pub(super) fn prefix(&self) -> &'static str {
        self.text.split('{').next().unwrap_or_default()
    }

    /// Returns the segments that a path of this form has in the place of its parameters.
    ///
    /// A request has matched the path already, so its literals are skipped, not compared.
    pub(super) fn segments<'p>(&self, path: &'p str) -> Segments<'p> {
        let mut segments = Segments::default();
        let mut rest = path;
        for parameter in self.parameters.iter().flatten() {
            let Some(behind) = rest.get(parameter.literal..) else { break };
            let end = memchr::memchr(b'/', behind.as_bytes()).unwrap_or(behind.len());
            let (segment, behind) = behind.split_at(end);
            match parameter.holds {
                Held::Crew => segments.crew = Some(segment),
                Held::Document => segments.document = Some(segment),
                Held::Token => segments.token = Some(segment),
            }
            rest = behind;
        }
        segments
    }
}

/// Returns the place of a byte in a text.
const fn position(text: &str, byte: u8) -> Option<usize> {
    let (bytes, mut at) = (text.as_bytes(), 0);
    while at < bytes.len() {
        if bytes[at] == byte {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_read_from_its_place() {
        let template = PathTemplate::new("/crew/{crew_unique_id}/documents/{document_id}/download");
        for [crew, document] in [["crew_001", "doc_1"], ["%2F", "a%2Fb"], ["é.", ""], ["documents", "download"]] {
            let path = format!("/crew/{crew}/documents/{document}/download");
            let expected = Segments { crew: Some(crew), document: Some(document), token: None };
            assert_eq!(template.segments(&path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_another_form_has_no_segment() {
        let template = PathTemplate::new("/files/{token}");
        assert_eq!(template.segments("/files/a/b").token, Some("a"));
        assert_eq!(template.segments("/"), Segments::default());
        assert_eq!(template.segments("/filesé"), Segments::default());
        assert_eq!(PathTemplate::new("/partners/me").segments("/partners/me"), Segments::default());
    }
}
