//! The checks of all areas, by clause.

use super::super::seen::Check;
use super::{
    access, body, compliance, error, file, link, list, lookup, more, order, page, partner, photo, profile, row,
};

/// Returns the check of a clause.
pub fn check_of(id: &str) -> Option<Check> {
    let documents =
        [list::CHECKS, link::CHECKS, file::CHECKS, access::CHECKS, order::CHECKS, error::CHECKS, more::CHECKS];
    let fleet = [partner::CHECKS, row::CHECKS, page::CHECKS, profile::CHECKS, photo::CHECKS];
    let posts = [lookup::CHECKS, compliance::CHECKS, body::CHECKS];
    let all = documents.into_iter().chain(fleet).chain(posts);
    all.flatten().find(|(known, _)| *known == id).map(|(_, check)| *check)
}
