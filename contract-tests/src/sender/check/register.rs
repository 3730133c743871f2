//! The checks of all areas, by clause.

use super::super::seen::Check;
use super::{form, observation, people, retry};

/// Returns the check of a clause.
pub fn check_of(id: &str) -> Option<Check> {
    let all = [form::CHECKS, retry::CHECKS, people::CHECKS, observation::CHECKS];
    all.into_iter().flatten().find(|(known, _)| *known == id).map(|(_, check)| *check)
}
