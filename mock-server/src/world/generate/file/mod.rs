//! Files made from a world's seed and a document: small, valid, and told apart by a nonce.

mod bytes;
mod jpeg;
mod make;
mod nonce;
mod page;
mod pdf;
mod picture;
mod png;
mod seal;
mod winansi;

#[cfg(test)]
mod tests;

pub use make::{LARGEST_FILE, file};
pub use nonce::nonce;
