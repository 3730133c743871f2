//! Masking of a case's secrets in what a judge shows.

use crewpass_diagnostics::{SecretKind, has_secret, mask_secret, mask_text};

/// Masks the key, the tokens, and everything that looks like a key or a token, also one that was changed on its way.
pub(super) fn mask_secrets<'t>(key: &str, tokens: impl Iterator<Item = &'t str>, text: &str) -> String {
    let mut masked_text = text.to_owned();
    for token in tokens {
        masked_text = masked_text.replace(token, &mask_secret(token));
    }
    // A key that looks like one is found below; masked here, it would be masked twice.
    if !key.is_empty() && !has_secret(key, SecretKind::Key) {
        masked_text = masked_text.replace(key, &mask_secret(key));
    }
    mask_text(&masked_text).into_owned()
}
