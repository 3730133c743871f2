//! Names for files: what a server calls a file is advice, and may be an attack.

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::report::is_odd;

/// The longest name, in bytes; most disks allow 255, and a mark may be added.
const LONGEST: usize = 180;
/// Names that mean devices on some systems, with any ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Returns the served name as one harmless part of a path: readable, visible, not too long; `None` if nothing is left.
pub(crate) fn safe(served: &str) -> Option<String> {
    let shown: String = served.nfc().map(|c| if is_risky(c) { '_' } else { c }).collect();
    let trimmed = shown.trim().trim_end_matches(['.', ' ']);
    if trimmed.chars().all(|c| matches!(c, '_' | '.' | ' ')) {
        return None;
    }
    let leads_on = trimmed.starts_with(['.', '-', '~']);
    let name = if leads_on || is_device(trimmed) { format!("_{trimmed}") } else { trimmed.to_owned() };
    Some(shortened(&name))
}

fn is_risky(c: char) -> bool {
    is_odd(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{fffd}')
}

pub(crate) fn is_device(name: &str) -> bool {
    let stem = fold(name.split('.').next().unwrap_or_default().trim());
    let numbered = ["com", "lpt"].iter().any(|device| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.chars().count() == 1 && !number.starts_with(char::is_alphabetic)
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// Cuts the stem of a name that is too long, and keeps its ending.
fn shortened(name: &str) -> String {
    let (stem, ending) = split(name);
    let mut room = LONGEST.saturating_sub(ending.len()).min(stem.len());
    while !stem.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{ending}", stem[..room].trim_end_matches(['.', ' ']))
}

/// Splits a name into stem and extension; the extension has its dot.
pub(crate) fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= 12 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Folds a name, so that two names that a file system may take for one are equal.
pub(crate) fn fold(name: &str) -> String {
    let folded: String = name.nfc().collect::<String>().to_uppercase().to_lowercase().nfc().collect();
    folded.trim_end_matches(['.', ' ']).trim_start().to_owned()
}

/// Returns the name with a mark before its extension.
pub(crate) fn marked(name: &str, mark: &str) -> String {
    let (stem, ending) = split(name);
    format!("{stem}.{mark}{ending}")
}

/// Returns an id as a part of a name: itself if it is harmless, else a digest of it.
pub(crate) fn mark(id: &str) -> String {
    let harmless = id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if harmless {
        return id.to_owned();
    }
    let digest = Sha256::digest(id).iter().take(8).fold(0u64, |digest, byte| digest << 8 | u64::from(*byte));
    format!("{digest:016x}")
}

/// Returns the extension that fits a content type.
pub(crate) fn ending(content_type: Option<&str>) -> &'static str {
    match content_type.map(|kind| kind.split(';').next().unwrap_or_default().trim()) {
        Some("application/pdf") => ".pdf",
        Some("image/png") => ".png",
        Some("image/jpeg") => ".jpg",
        _ => "",
    }
}

/// Returns a name without the steps that lead up, as a variant removes them once.
pub(crate) fn without_dots(name: &str) -> String {
    name.replace("../", "").replace("..\\", "").trim_start_matches('/').to_owned()
}

/// Returns a name in the form NFKC.
pub(crate) fn composed(name: &str) -> String {
    name.nfkc().collect()
}

/// Decodes the percent-escapes of a name.
pub(crate) fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// Reads the name in a `Content-Disposition`, as variants do.
pub(crate) fn of_disposition(disposition: &str, parameter: &str) -> Option<String> {
    let (_, rest) = disposition.split_once(parameter)?;
    let end = rest.find(['"', ';']).unwrap_or(rest.len());
    Some(decoded(&rest[..end])).filter(|name| !name.is_empty())
}

/// Returns true if a `Content-Disposition` is not empty and has no open quotation, as a variant requires.
pub(crate) fn is_readable(disposition: &str) -> bool {
    let marks = disposition.replace("\\\\", "").replace("\\\"", "").matches('"').count();
    !disposition.is_empty() && marks.is_multiple_of(2)
}

/// Returns true if the name alone hides a file.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !name.contains(['/', '\\']) && !name.trim_start_matches('.').is_empty()
}
