//! What judges read off a case: who was asked what and in which order, which links were given and followed, what lies
//! on disk, and where secrets show. Shared by all areas, so that each judge is left with its clause alone.

mod case_view;
mod disk;
mod issued_link;
mod need;
mod output;
mod run_view;
mod secret;

pub(super) use case_view::{CaseView, JudgeResult, ended, judged};
pub(super) use disk::{Saved, is_unfinished};
pub(super) use issued_link::{IssuedLink, target_of};
pub(super) use output::{claims, prints};
pub(super) use run_view::{RequestView, RunView, Subject};
pub(super) use secret::{Needles, hexadecimal};
