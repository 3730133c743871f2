//! What judges read off a case: who was asked what and in which order, which links were given and followed, what lies
//! on disk, and where secrets show. Shared by all areas, so that each judge is left with its clause alone.

mod disk;
mod links;
mod need;
mod output;
mod record;
mod ruling;
mod secret;

pub(super) use disk::{Saved, is_unfinished};
pub(super) use links::{Given, target_of};
pub(super) use output::{claims, prints};
pub(super) use record::{Read, Seen, Subject};
pub(super) use ruling::{Reading, Ruling, ended, judged};
pub(super) use secret::{Needles, hexadecimal};
