//! Files generated from a world's seed and a document: small, valid, each with its nonce.

mod beginning;
mod bytes;
mod jpeg;
mod make;
mod nonce;
mod pdf;
mod picture;
mod png;

#[cfg(test)]
mod tests;

pub use make::{LARGEST_FILE, file};
pub use nonce::nonce;
