//! A path with parameters in braces, and the segments that a request has in their place.

/// The parameter that holds a crew member's id.
pub(super) const CREW: &str = "crew_unique_id";
/// The parameter that holds a document's id.
pub(super) const DOCUMENT: &str = "document_id";
/// The parameter that holds the token of a link.
pub(super) const TOKEN: &str = "token";

/// How many parameters a path has at most.
const PARAMETERS: usize = 2;

/// A path such as `/crew/{crew_unique_id}/documents`.
#[derive(Debug)]
pub(crate) struct PathTemplate {
    text: &'static str,
    parameters: [Option<Parameter>; PARAMETERS],
}

/// A parameter of a path.
#[derive(Clone, Copy, Debug)]
struct Parameter {
    name: &'static str,
    /// How many bytes are between the parameter before this one, or the start, and this one.
    literal: usize,
}

impl PathTemplate {
    /// Reads a path. It is evaluated when the table is compiled, so a bad path does not compile.
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
            parameters[count] = Some(Parameter { name, literal: open });
            (_, rest) = behind.split_at(1);
            count += 1;
        }
        Self { text, parameters }
    }

    /// The path, with its parameters in braces.
    pub(crate) const fn text(&self) -> &'static str {
        self.text
    }

    /// Returns the part in front of the first parameter.
    pub(super) fn prefix(&self) -> &'static str {
        self.text.split('{').next().unwrap_or_default()
    }

    /// Returns the segment that a path of this form has in the place of a parameter. It is not decoded.
    ///
    /// A request has matched the path already, so its literals are skipped, not compared.
    pub(super) fn segment<'p>(&self, path: &'p str, name: &str) -> Option<&'p str> {
        let mut rest = path;
        for parameter in self.parameters.iter().flatten() {
            rest = rest.get(parameter.literal..)?;
            let end = memchr::memchr(b'/', rest.as_bytes()).unwrap_or(rest.len());
            let (segment, behind) = rest.split_at(end);
            if parameter.name == name {
                return Some(segment);
            }
            rest = behind;
        }
        None
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
            assert_eq!(template.segment(&path, CREW), Some(crew), "{path}");
            assert_eq!(template.segment(&path, DOCUMENT), Some(document), "{path}");
            assert_eq!(template.segment(&path, TOKEN), None, "{path}");
        }
    }

    #[test]
    fn a_path_of_another_form_has_no_segment() {
        let template = PathTemplate::new("/files/{token}");
        assert_eq!(template.segment("/files/a/b", TOKEN), Some("a"));
        assert_eq!(template.segment("/", TOKEN), None);
        assert_eq!(template.segment("/filesé", TOKEN), None);
        assert_eq!(PathTemplate::new("/partners/me").segment("/partners/me", TOKEN), None);
    }
}
