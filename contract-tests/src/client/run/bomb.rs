//! A gzip body of about a megabyte that unpacks to a gibibyte of nothing.

use std::io::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The number of bytes to which one member unpacks.
const MEMBER: usize = 1 << 20;

/// The number of members that follow one another in one body (RFC 1952 section 2.2).
const MEMBERS: usize = 1 << 10;

/// Returns the body in Base64, built once.
pub(super) fn bomb() -> &'static str {
    static MADE: OnceLock<String> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to memory does not fail.
        let _ = packer.write_all(&vec![0; MEMBER]);
        STANDARD.encode(packer.finish().unwrap_or_default().repeat(MEMBERS))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn a_little_unpacks_to_a_lot() {
        let packed = STANDARD.decode(bomb()).unwrap();
        assert!(packed.len() < 2 << 20, "{}", packed.len());
        let mut first = vec![1; 3 * MEMBER];
        MultiGzDecoder::new(packed.as_slice()).read_exact(&mut first).unwrap();
        assert!(first.iter().all(|byte| *byte == 0));
    }
}
