//! Masking of a case's secrets in what a judge shows.

use crewpass_diagnostics::{mask_secret, mask_text};

/// Masks the key, the tokens, and everything that looks like a key or a token, also one that was changed on its way.
pub(super) fn mask_secrets<'t>(key: &str, tokens: impl Iterator<Item = &'t str>, text: &str) -> String {
    // The known secrets come last: a masked key begins like a key, and would be masked again.
    let mut masked_text = mask_text(text).into_owned();
    if !key.is_empty() {
        masked_text = masked_text.replace(key, &mask_secret(key));
    }
    for token in tokens {
        masked_text = masked_text.replace(token, &mask_secret(token));
    }
    masked_text
}
