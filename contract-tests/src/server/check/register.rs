//! The checks of all areas, by clause.

use super::super::seen::Check;
use super::{access, error, file, link, list, more, order};

/// Returns the check of a clause.
pub fn check_of(id: &str) -> Option<Check> {
    let all = [list::CHECKS, link::CHECKS, file::CHECKS, access::CHECKS, order::CHECKS, error::CHECKS, more::CHECKS];
    all.into_iter().flatten().find(|(known, _)| *known == id).map(|(_, check)| *check)
}
