//! Masking of headers and JSON in the journal.

use std::borrow::Cow;

use crewpass_diagnostics::{mask_secret, mask_text};
use http::HeaderValue;

use super::address::mask_line;

/// Masks the value of a header. A credential is masked in any form.
pub(crate) fn mask_header(name: &str, value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    match name {
        "authorization" => match text.split_once(' ') {
            Some((scheme, credential)) => format!("{} {}", mask_text(scheme), mask_secret(credential.trim())),
            None => mask_secret(&text),
        },
        "x-partner-api-key" | "proxy-authorization" => mask_secret(text.trim()),
        _ => mask_line(&text).into_owned(),
    }
}

/// The fields whose values are personal data, in answers of profiles and in what an answer repeats of a request.
const PERSONAL: [&str; 5] = ["email", "date_of_birth", "passport", "address", "input"];

/// What a masked value is shown as.
const MASKED: &str = "…";

/// Masks every string and every field name in a JSON value, and personal data whatever it looks like.
pub(crate) fn mask_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let Cow::Owned(masked_text) = mask_line(text) {
                *text = masked_text;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_json),
        serde_json::Value::Object(fields) => {
            let named = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                if PERSONAL.contains(&name.as_str()) {
                    mask_all(&mut value);
                } else {
                    mask_json(&mut value);
                }
                (mask_line(&name).into_owned(), value)
            });
            *fields = named.collect();
        }
        _ => {}
    }
}

/// Masks every value in a JSON value; null stays.
fn mask_all(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Null => {}
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_all),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(mask_all),
        other => *other = MASKED.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "cpk_test_0123456789abcdef0123456789ab9f3a";
    const TOKEN_TEXT: &str = "eyJzIjoiZGVmYXVsdCIsImMiOiJjcmV3XzAwMSJ9.c2lnbmF0dXJlLXRoYXQtaXMtbmcw";

    #[test]
    fn a_credential_is_masked_in_any_form() {
        let masked_text = |name, text| mask_header(name, &HeaderValue::from_static(text));
        assert_eq!(masked_text("authorization", "Bearer open-sesame-1234"), "Bearer …1234");
        assert_eq!(masked_text("x-partner-api-key", "short"), "…");
        assert_eq!(masked_text("accept", "application/json"), "application/json");
        assert_eq!(masked_text("from", "Ana <ana@example.invalid>"), "Ana <…@…>");
    }

    #[test]
    fn personal_data_is_masked_by_its_field() {
        let mut value = serde_json::json!({
            "message": "nobody is a@example.invalid", "name": "N", "email": "a@example.invalid", "date_of_birth": null, "address": {"city": "Split", "line2": null},
            "passport": {"number": "1"}, "detail": [{"msg": "m", "input": ["a@example.invalid", 7]}],
        });
        mask_json(&mut value);
        let expected = serde_json::json!({
            "message": "nobody is …@…", "name": "N", "email": "…", "date_of_birth": null, "address": {"city": "…", "line2": null},
            "passport": {"number": "…"}, "detail": [{"msg": "m", "input": ["…", "…"]}],
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn json_is_masked_in_its_texts_and_names() {
        let mut value = serde_json::json!({KEY: [{"download_url": format!("http://a/{TOKEN_TEXT}")}], "n": 1});
        mask_json(&mut value);
        let text = value.to_string();
        assert!(!text.contains(KEY) && !text.contains(TOKEN_TEXT), "{text}");
        assert!(text.contains("cpk_test_…9f3a") && text.contains("http://a/eyJ…"), "{text}");
    }
}
