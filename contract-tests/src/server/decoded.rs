//! Every form in which a text can hide another: percent-encoded, escaped in JSON, in base64 or in hexadecimal.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The deepest nesting of forms that is decoded, such as base64 in JSON in base64.
const DEPTH: usize = 4;
/// The most characters of all forms of a text.
const MOST: usize = 1 << 21;
/// The shortest run of characters that is taken for base64 or hexadecimal.
const SHORTEST: usize = 12;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Returns a text and everything that can be decoded from it, in lower case.
pub(super) fn forms(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let mut room = MOST;
    let mut level = vec![text.to_owned()];
    for _ in 0..=DEPTH {
        let mut next = Vec::new();
        for text in level {
            room = room.saturating_sub(text.len());
            if room == 0 {
                return forms;
            }
            next.extend(decoded_once(&text));
            forms.push(text.to_lowercase());
        }
        level = next;
    }
    forms
}

/// Returns what one step of decoding makes of a text.
fn decoded_once(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    if text.contains('%') {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        all.extend((plain != text).then(|| plain.into_owned()));
    }
    if let Ok(value @ (Value::Object(_) | Value::Array(_) | Value::String(_))) = serde_json::from_str(text) {
        let mut strings = String::new();
        gather(&value, &mut strings);
        all.push(strings);
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    all.extend(runs(text, is_word).filter_map(|run| bytes_to_text(URL_SAFE.decode(run))));
    let is_standard = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let standard = runs(text, is_standard).filter(|run| run.iter().any(|byte| matches!(byte, b'+' | b'/')));
    all.extend(standard.filter_map(|run| bytes_to_text(STANDARD.decode(run))));
    all.extend(runs(text, |byte| byte.is_ascii_hexdigit()).filter_map(from_hex));
    all
}

/// Adds every name and string of a JSON value, each on a line.
fn gather(value: &Value, strings: &mut String) {
    match value {
        Value::String(text) => {
            strings.push_str(text);
            strings.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, strings)),
        Value::Object(fields) => {
            for (name, value) in fields {
                strings.push_str(name);
                strings.push('\n');
                gather(value, strings);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns the longest pieces of a text that have ASCII characters of one kind only.
fn runs(text: &str, is_kind: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(move |byte| !is_kind(*byte)).filter(|run| run.len() >= SHORTEST)
}

fn bytes_to_text<E>(bytes: Result<Vec<u8>, E>) -> Option<String> {
    bytes.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn from_hex(run: &[u8]) -> Option<String> {
    let pairs = run.chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Vec<u8> = pairs.map(byte).collect::<Option<_>>()?;
    bytes_to_text(Ok::<_, ()>(bytes))
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    const HIDDEN: &str = "https://crew-files.s3.amazonaws.com/pst?x=1";

    fn finds(text: &str) -> bool {
        forms(text).iter().any(|form| form.contains("s3.amazonaws.com"))
    }

    #[test]
    fn a_text_is_found_in_every_form() {
        let json = format!(r#"{{"k": "{}"}}"#, HIDDEN.replace('s', "\\u0073").replace('/', "\\/"));
        let token = format!("eyJhbGciOiJub25lIn0.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(&json));
        for text in [
            HIDDEN.to_uppercase(),
            utf8_percent_encode(HIDDEN, NON_ALPHANUMERIC).to_string(),
            json.clone(),
            format!("x={}; y", BASE64_STANDARD.encode(HIDDEN)),
            token.clone(),
            BASE64_STANDARD.encode(&token),
            crewpass_diagnostics::to_hex(HIDDEN.as_bytes()),
            format!(r#"{{"download_url": "http://a/files/{token}"}}"#),
        ] {
            assert!(finds(&text), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found_and_the_work_is_bounded() {
        assert!(!finds("eyJhbGciOiJub25lIn0.e30.c2ln"));
        let mut nested = HIDDEN.to_owned();
        for _ in 0..40 {
            nested = BASE64_STANDARD.encode(&nested);
        }
        assert!(forms(&nested).iter().map(String::len).sum::<usize>() <= MOST);
    }
}
