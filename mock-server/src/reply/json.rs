//! JSON, written down.

use bytes::Bytes;
use serde::Serialize;

/// What a thread keeps for the next answer that it writes.
const SCRATCH_AT_MOST: usize = 64 << 10;

thread_local! {
    static SCRATCH: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// JSON of something that always serialises: texts, numbers, lists and maps with text keys.
///
/// It is written where the last answer was and copied once: bytes that are kept are no longer than they must be.
pub(crate) fn to_json(value: &impl Serialize) -> Bytes {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut *scratch, value);
        let body = Bytes::copy_from_slice(scratch);
        scratch.shrink_to(SCRATCH_AT_MOST);
        body
    })
}
