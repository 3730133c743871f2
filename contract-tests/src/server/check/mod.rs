//! The checks of the server's clauses: answers in, findings out.

mod access;
mod error;
mod file;
mod link;
mod list;
mod more;
mod order;

use super::seen::Check;

/// Returns the check of a clause.
pub fn check_of(id: &str) -> Option<Check> {
    let all = [list::CHECKS, link::CHECKS, file::CHECKS, access::CHECKS, order::CHECKS, error::CHECKS, more::CHECKS];
    all.into_iter().flatten().find(|(known, _)| *known == id).map(|(_, check)| *check)
}
