//! The report as one HTML page: no script, no network access, readable on a phone and on paper.

mod card;
mod page;
mod style;

pub(super) use page::render;
