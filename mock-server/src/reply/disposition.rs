//! `Content-Disposition: attachment` with a file name that any header can carry (RFC 6266, RFC 8187).

use std::fmt::Write;

use http::header::HeaderValue;

/// Creates the header for a file name, or without one if it is unknown.
///
/// A name that is not plain ASCII is sent twice: with `_` for what a quoted string can't hold, and whole in
/// `filename*`. The name is server data: nothing in it is made safe for the caller's disk, which is the caller's task.
pub(crate) fn disposition(name: Option<&str>) -> HeaderValue {
    let attachment = HeaderValue::from_static("attachment");
    let Some(name) = name else { return attachment };
    let mut text = String::with_capacity(name.len() + 32);
    text.push_str("attachment; filename=\"");
    let is_plain = |byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if name.bytes().all(is_plain) {
        text.push_str(name);
        text.push('"');
        return HeaderValue::try_from(text).unwrap_or(attachment);
    }
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            _ => text.push('_'),
        }
    }
    text.push('"');
    if !name.chars().all(|letter| matches!(letter, ' '..='~')) {
        text.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                text.push(char::from(byte));
            } else {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    HeaderValue::try_from(text).unwrap_or(attachment)
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_are_quoted_or_encoded() {
        let shown = |name| disposition(name).to_str().unwrap().to_owned();
        assert_eq!(shown(None), "attachment");
        assert_eq!(shown(Some("PST_certificate.pdf")), r#"attachment; filename="PST_certificate.pdf""#);
        assert_eq!(shown(Some(r#"a"b\c.pdf"#)), r#"attachment; filename="a\"b\\c.pdf""#);
        assert_eq!(shown(Some("é\r\n.pdf")), r#"attachment; filename="___.pdf"; filename*=UTF-8''%C3%A9%0D%0A.pdf"#);
    }
}
