//! JSON, written down.

use bytes::Bytes;
use serde::Serialize;

use super::Optional;

/// What a thread keeps for the next answer that it writes.
const SCRATCH_AT_MOST: usize = 64 << 10;

thread_local! {
    static SCRATCH: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Serialises a value that always can be: texts, numbers, lists and maps with text keys.
pub(crate) fn to_json(value: &impl Serialize) -> Bytes {
    write_json(|json| {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut *json.0, value);
    })
}

/// Returns what a function writes.
///
/// It is written where the last answer was and copied once: bytes that are kept are no longer than they must be.
pub(crate) fn write_json(write: impl FnOnce(&mut JsonWriter<'_>)) -> Bytes {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        write(&mut JsonWriter(scratch));
        let body = Bytes::copy_from_slice(scratch);
        scratch.shrink_to(SCRATCH_AT_MOST);
        body
    })
}

/// Writes JSON piece by piece, for answers with many rows: serde escapes each byte of each name again.
pub(crate) struct JsonWriter<'a>(&'a mut Vec<u8>);

impl JsonWriter<'_> {
    /// Writes JSON as it is: brackets, commas, names.
    pub(crate) fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, number: usize) {
        self.raw(itoa::Buffer::new().format(number));
    }

    /// Writes a text with its quotes.
    pub(crate) fn text(&mut self, text: &str) {
        // Without an early exit, so that many bytes are compared at once. Few texts need escapes.
        let needs_escapes = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if text.bytes().fold(false, |found, byte| found | needs_escapes(byte)) {
            // Writing to memory does not fail.
            let _ = serde_json::to_writer(&mut *self.0, text);
        } else {
            self.0.reserve(text.len() + 2);
            self.raw("\"");
            self.raw(text);
            self.raw("\"");
        }
    }

    /// Writes a text, or null.
    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// Writes a field with the comma before it, unless it is left out.
    pub(crate) fn field(&mut self, comma_and_name: &str, value: &Optional<impl AsRef<str>>) {
        if let Optional::Value(value) = value {
            self.raw(comma_and_name);
            self.optional_text(value.as_ref().map(AsRef::as_ref));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_as_serde_writes_it() {
        for text in ["", "plain", "é ☃ 𝄞", "a\"b", "a\\b", "\u{0}\u{1f}\n\t\u{7f}", "\u{2028}", "</script>"] {
            let written = write_json(|json| json.text(text));
            assert_eq!(written, to_json(&text), "{text:?}");
        }
        let written = write_json(|json| {
            json.number(0);
            json.raw(",");
            json.number(usize::MAX);
        });
        assert_eq!(written, format!("0,{}", usize::MAX));
    }
}
