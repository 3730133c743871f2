//! Cursors: the place of a page, sealed. A cursor shows nothing, and nobody else can make or change one.
//!
//! It is `cur_` and base64url of a tag and the encrypted place. The tag is an HMAC over the place, the session and the
//! partner, so that a cursor is of use to its own partner alone; the key stream is an HMAC over the tag, so that equal
//! places of two partners look different. With a frozen clock the same place gives the same cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::policy::FleetOrder;
use crate::token::{Epoch, Signer};

/// What a cursor begins with, so that a log can be searched for it.
const PREFIX: &str = "cur_";

/// The length of the tag in bytes.
const TAG: usize = 16;

/// The length of a place in bytes.
const PLACE: usize = 8 + 4 + 4 + 8 + 4 + 2 + 2 + 1 + 1 + 8 + 8;

/// The place of a page in a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageCursor {
    /// The life of the session that gave it.
    pub(crate) epoch: Epoch,
    /// The number of worlds that the session had had before.
    pub(crate) world: u32,
    /// The number of changes of people before the first page.
    pub(crate) version: u64,
    /// The number of rows on the pages before.
    pub(crate) offset: u32,
    /// The window in days.
    pub(crate) window: u16,
    /// The most rows of a page.
    pub(crate) limit: u16,
    /// The order of the fleet.
    pub(crate) order: FleetOrder,
    /// Is true if the page before was an empty one.
    pub(crate) after_empty: bool,
    /// The second in which it was given.
    pub(crate) issued: i64,
    /// The second that all pages show.
    pub(crate) moment: i64,
}

/// Seals and opens the cursors of a session.
#[derive(Clone, Debug)]
pub(crate) struct Cursors {
    signer: Signer,
    session: u64,
}

impl Cursors {
    /// Creates the sealer of the session with this number.
    pub(crate) const fn new(signer: Signer, session: u64) -> Self {
        Self { signer, session }
    }

    /// Seals a place for a partner.
    pub(crate) fn seal(&self, partner: &str, cursor: &PageCursor) -> String {
        let place = cursor.to_bytes();
        let tag = self.tag(partner, &place);
        let mut sealed = [0; TAG + PLACE];
        sealed[..TAG].copy_from_slice(&tag);
        sealed[TAG..].copy_from_slice(&place);
        self.apply_key_stream(&tag, &mut sealed[TAG..]);
        let mut text = PREFIX.to_owned();
        URL_SAFE_NO_PAD.encode_string(sealed, &mut text);
        text
    }

    /// Opens a cursor of a partner; `None` if it was not sealed for that partner by this session.
    pub(crate) fn open(&self, partner: &str, text: &str) -> Option<PageCursor> {
        let mut sealed = [0; TAG + PLACE];
        let length = URL_SAFE_NO_PAD.decode_slice(text.strip_prefix(PREFIX)?, &mut sealed).ok()?;
        let (tag, place) = sealed.split_first_chunk_mut::<TAG>()?;
        self.apply_key_stream(tag, place);
        let place: [u8; PLACE] = (*place).try_into().ok()?;
        let is_ours = length == TAG + PLACE && bool::from(self.tag(partner, &place).ct_eq(tag));
        is_ours.then(|| PageCursor::from_bytes(&place))?
    }

    fn tag(&self, partner: &str, place: &[u8; PLACE]) -> [u8; TAG] {
        let mac = self.signer.mac(&[b"cursor", &self.session.to_be_bytes(), partner.as_bytes(), place]);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac[..TAG]);
        tag
    }

    /// Encrypts or decrypts a place.
    fn apply_key_stream(&self, tag: &[u8; TAG], place: &mut [u8]) {
        for (count, block) in (0_u8..).zip(place.chunks_mut(32)) {
            let stream = self.signer.mac(&[b"cursor stream", tag, &[count]]);
            block.iter_mut().zip(stream).for_each(|(byte, key)| *byte ^= key);
        }
    }
}

impl PageCursor {
    fn to_bytes(self) -> [u8; PLACE] {
        let mut bytes = [0; PLACE];
        let mut at = 0;
        let mut put = |field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        };
        put(&self.epoch.origin.to_be_bytes());
        put(&self.epoch.resets.to_be_bytes());
        put(&self.world.to_be_bytes());
        put(&self.version.to_be_bytes());
        put(&self.offset.to_be_bytes());
        put(&self.window.to_be_bytes());
        put(&self.limit.to_be_bytes());
        put(&[self.order as u8, u8::from(self.after_empty)]);
        put(&self.issued.to_be_bytes());
        put(&self.moment.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; PLACE]) -> Option<Self> {
        let mut rest = bytes.as_slice();
        Some(Self {
            epoch: Epoch { origin: u64::from_be_bytes(take(&mut rest)?), resets: u32::from_be_bytes(take(&mut rest)?) },
            world: u32::from_be_bytes(take(&mut rest)?),
            version: u64::from_be_bytes(take(&mut rest)?),
            offset: u32::from_be_bytes(take(&mut rest)?),
            window: u16::from_be_bytes(take(&mut rest)?),
            limit: u16::from_be_bytes(take(&mut rest)?),
            order: match take(&mut rest)? {
                [0] => FleetOrder::Name,
                [1] => FleetOrder::Id,
                _ => FleetOrder::Shuffled,
            },
            after_empty: take(&mut rest)? == [1],
            issued: i64::from_be_bytes(take(&mut rest)?),
            moment: i64::from_be_bytes(take(&mut rest)?),
        })
    }
}

/// Takes the next bytes.
fn take<const LENGTH: usize>(rest: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (taken, left) = rest.split_first_chunk::<LENGTH>()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors(session: u64) -> Cursors {
        Cursors::new(Signer::new(b"secret"), session)
    }

    fn place() -> PageCursor {
        PageCursor {
            epoch: Epoch { origin: 5, resets: 1 },
            world: 2,
            version: 9,
            offset: 50,
            window: 30,
            limit: 200,
            order: FleetOrder::Shuffled,
            after_empty: true,
            issued: 1_780_912_800,
            moment: 1_780_912_700,
        }
    }

    #[test]
    fn a_cursor_is_opened_by_its_own_partner_and_session_alone() {
        let text = cursors(0).seal("prt_123", &place());
        assert_eq!(cursors(0).open("prt_123", &text), Some(place()));
        assert_eq!(cursors(0).open("prt_456", &text), None);
        assert_eq!(cursors(1).open("prt_123", &text), None);
        assert_eq!(Cursors::new(Signer::new(b"other"), 0).open("prt_123", &text), None);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
    }

    #[test]
    fn a_cursor_with_any_bit_flipped_is_refused() {
        let text = cursors(0).seal("prt_123", &place());
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(text) = String::from_utf8(bytes) {
                    assert_eq!(cursors(0).open("prt_123", &text), None, "{at} {bit}");
                }
            }
        }
        for other in ["", "cur_", &text[..text.len() - 1], &format!("{text}A"), &format!("{text}AAAA"), &text[4..]] {
            assert_eq!(cursors(0).open("prt_123", other), None, "{other}");
        }
    }

    #[test]
    fn a_cursor_shows_nothing_of_its_place() {
        let bytes = |offset| {
            let text = cursors(0).seal("prt_123", &PageCursor { offset, ..place() });
            URL_SAFE_NO_PAD.decode(&text[4..]).unwrap()
        };
        let (one, next) = (bytes(50), bytes(51));
        let equal = one.iter().zip(&next).filter(|(one, next)| one == next).count();
        assert!(equal < 8, "{equal} of {} bytes are equal", one.len());
        assert!(!one.windows(4).any(|bytes| bytes == 50_u32.to_be_bytes()));
    }
}
