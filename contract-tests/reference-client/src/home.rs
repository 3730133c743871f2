//! What only variants do: they read `~/.netrc` and the environment, and remember in HOME.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Returns the Basic credential that `~/.netrc` has for a host.
pub(crate) fn credential(host: &str) -> Option<String> {
    let text = fs::read_to_string(PathBuf::from(env::var_os("HOME")?).join(".netrc")).ok()?;
    let words: Vec<_> = text.split_whitespace().collect();
    let start = words.windows(2).position(|pair| pair == ["machine", host]);
    let start = start.or_else(|| words.iter().position(|word| *word == "default"))?;
    let after = |name| words[start..].windows(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
    let (user, password) = (after("login")?, after("password")?);
    Some(format!("Basic {}", base64(format!("{user}:{password}").as_bytes())))
}

/// Encodes bytes as Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * place) & 63];
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Returns true if a variable of the environment is one of the gate.
pub(crate) fn sees_the_gate() -> bool {
    env::vars_os().any(|(name, _)| name.to_string_lossy().to_lowercase().contains("contract"))
}

/// Returns the path of the file that a variant keeps for its next run.
fn memory() -> PathBuf {
    PathBuf::from(env::var_os("HOME").unwrap_or_default()).join("crewpass-memory")
}

/// Reads the lines that earlier runs left.
pub(crate) fn remembered() -> Vec<String> {
    fs::read_to_string(memory()).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Leaves a line for later runs.
pub(crate) fn remember(line: &str) {
    let text = remembered().into_iter().chain([line.to_owned()]).collect::<Vec<_>>().join("\n");
    // A variant that can't remember is caught as little as it deserves.
    let _ = fs::write(memory(), text);
}

/// Encodes a text so that no search finds it: the code points, last first.
pub(crate) fn coded(text: &str) -> String {
    text.chars().rev().map(|character| format!("{:x}", u32::from(character))).collect::<Vec<_>>().join("-")
}

/// Decodes a text of [`coded`].
pub(crate) fn decoded(text: &str) -> String {
    let characters = text.split('-').filter_map(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
    characters.collect::<Vec<_>>().into_iter().rev().collect()
}
