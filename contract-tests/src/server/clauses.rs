//! The clauses of a server: the requirements that a server gate judges.

use crate::requirement::{Catalogue, CatalogueError, Requirement};

/// Returns the built-in clauses, in order.
///
/// # Errors
/// The built-in text is wrong, which a test rules out.
pub fn clauses() -> Result<Vec<Requirement>, CatalogueError> {
    Ok(Catalogue::of_server()?.obligations().to_vec())
}
