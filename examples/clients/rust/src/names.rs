//! The names of files.

/// Returns a safe name that no other document can have, because it begins with the id.
pub(crate) fn safe_name(id: &str, file_name: &str) -> String {
    let mark: String = id
        .chars()
        .flat_map(|c| match c {
            'a'..='z' | '0'..='9' | '_' => vec![c],
            _ => format!("~{:x}~", u32::from(c)).chars().collect(),
        })
        .take(80)
        .collect();
    let harmless = |c: char| if c.is_alphanumeric() || " .,()_-".contains(c) { c } else { '_' };
    let (stem, ending) = file_name.rsplit_once('.').filter(|(_, ending)| ending.len() < 12).unwrap_or((file_name, ""));
    // A character has at most four bytes, and a name at most 255.
    let stem: String = stem.chars().take(38).map(harmless).collect();
    let ending: String = ending.chars().map(harmless).collect();
    let name = if ending.is_empty() { stem } else { format!("{stem}.{ending}") };
    let name = name.trim_end_matches(['.', ' ']);
    format!("{mark}-{}", if name.is_empty() { "document" } else { name })
}
