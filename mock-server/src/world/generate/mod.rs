//! Worlds and files generated from a seed: the same seed gives the same world, the same document the same bytes.

mod catalogue;
mod crew;
mod data;
mod details;
mod dice;
mod document_number;
mod documents;
mod file;
mod file_names;
mod issuers;
mod names;
mod recipe;

#[cfg(test)]
mod details_tests;
#[cfg(test)]
mod tests;

pub use file::{LARGEST_FILE, file, nonce};
pub use recipe::{Recipe, generate};
