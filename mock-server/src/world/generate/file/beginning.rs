//! Files whose first bytes make a library act: a byte order mark, a JSON object.

use rand_chacha::ChaCha8Rng;

use super::nonce::noise;

/// The length of a file where no size is asked for.
const LENGTH: usize = 1024;

/// The longest line of padding.
const LINE: usize = 78;

/// The end of each line.
const LINE_END: &[u8] = b"\r\n";

/// Generates lines of text after a byte order mark. Their ends are CR LF.
pub(super) fn text(nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    padded(&format!("\u{feff}{nonce}\r\n"), "", dice, size)
}

/// Generates a JSON object that begins as a refusal does. A program that reads it and writes it again changes its
/// spaces and its numbers.
pub(super) fn json(nonce: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let start = format!("{{\"error\" : null, \"nonce\":\"{nonce}\",\t\"number\": 1.50e1,\r\n\"text\": \"");
    let end = "\" }\r\n";
    let rest = size.max(LENGTH).saturating_sub(start.len() + end.len());
    [start.as_bytes(), &letters(&noise(dice, rest)), end.as_bytes()].concat()
}

/// Returns a beginning and an end with lines of letters in between, of at least `size` bytes.
fn padded(start: &str, end: &str, dice: &mut ChaCha8Rng, size: usize) -> Vec<u8> {
    let mut bytes = start.as_bytes().to_vec();
    let rest = size.max(LENGTH).saturating_sub(bytes.len() + end.len());
    // Each line has its end, and the last one may be short.
    let ends = LINE_END.len() * (rest.div_ceil(LINE + LINE_END.len()) - 1);
    for line in noise(dice, rest - ends).chunks(LINE) {
        bytes.append(&mut letters(line));
        bytes.extend_from_slice(LINE_END);
    }
    bytes.extend_from_slice(end.as_bytes());
    bytes
}

fn letters(noise: &[u8]) -> Vec<u8> {
    noise.iter().map(|byte| b'a' + byte % 26).collect()
}
