//! The search for the secret, and for signatures that a receiver worked out, in what it wrote and answered.

use std::fs;
use std::path::Path;

use memchr::memmem;

/// The longest file that is read.
const LONGEST: u64 = 16 << 20;

/// The most files that are read.
const MOST: usize = 5_000;

/// Returns the path, from the folder, of the first file below it that contains the text.
pub(super) fn file_with(folder: &Path, text: &str) -> Option<String> {
    let (mut folders, mut read) = (vec![folder.to_path_buf()], 0);
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).into_iter().flatten().flatten() {
            let (path, Ok(about)) = (entry.path(), entry.metadata()) else { continue };
            if about.is_dir() {
                folders.push(path);
            } else if about.is_file() && about.len() <= LONGEST && read < MOST {
                read += 1;
                if fs::read(&path).is_ok_and(|bytes| contains(&bytes, text)) {
                    let name = path.strip_prefix(folder).unwrap_or(&path);
                    return Some(name.display().to_string());
                }
            }
        }
    }
    None
}

/// Returns true if bytes contain a text that is not empty.
pub(super) fn contains(bytes: &[u8], text: &str) -> bool {
    !text.is_empty() && memmem::find(bytes, text.as_bytes()).is_some()
}

/// Returns the last line that a receiver printed, without these texts.
pub(super) fn last_line(stdout: &[u8], stderr: &[u8], hidden: &[(&str, &str)]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let last = |text: &str| text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned);
    let line = last(&text(stderr)).or_else(|| last(&text(stdout))).unwrap_or_default();
    let shown = hidden.iter().filter(|(found, _)| !found.is_empty());
    let line = shown.fold(line, |line, (found, name)| line.replace(found, name));
    crewpass_diagnostics::mask_text(&line).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_a_file_and_hidden_in_a_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::write(folder.path().join("home/settings"), "secret=whsec_1\n").unwrap();
        assert_eq!(file_with(folder.path(), "whsec_1").unwrap(), "home/settings");
        assert_eq!(file_with(folder.path(), "whsec_2"), None);
        assert_eq!(file_with(folder.path(), ""), None);
        let hidden = [("whsec_1", "{secret}"), ("", "{nothing}")];
        assert_eq!(last_line(b"one\n", b"two\nwith whsec_1\n\n", &hidden), "with {secret}");
        assert_eq!(last_line(b"one\n", b"", &hidden), "one");
    }
}
