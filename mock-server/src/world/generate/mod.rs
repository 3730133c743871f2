//! Worlds and files made from a seed: the same seed gives the same world, and the same document the same bytes.

mod catalogue;
mod crew;
mod dice;
mod documents;
mod file;
mod file_names;
mod issuers;
mod names;
mod recipe;
mod spelling;

#[cfg(test)]
mod tests;

pub use file::{LARGEST_FILE, file, nonce};
pub use recipe::{Recipe, generate};
