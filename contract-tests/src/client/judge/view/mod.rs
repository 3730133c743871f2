//! The facts that judges read from a case: requests in order, links issued and followed, files on
//! disk, and secrets that leaked. All areas share them, so that each judge holds its clause alone.

mod case_view;
mod claim;
mod client_output;
mod disk;
mod issued_link;
mod need;
mod run_view;
mod secret;
mod unfinished;

pub use case_view::is_about_end;
pub(super) use case_view::{CaseView, FindingBuilder, FindingsCount, JudgeResult, describe_end, is_refusal, judged};
pub(super) use claim::{ClaimCheck, check_claim};
pub(super) use client_output::{printed_text, saved_claims};
pub(super) use disk::Saved;
pub(super) use issued_link::{IssuedLink, target_of};
pub(super) use run_view::{RequestView, RunView, Subject};
