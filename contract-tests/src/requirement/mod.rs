//! The catalogue: what a client owes, as data.

mod lookup;
mod model;
mod page;
mod schema;
mod told;

pub use lookup::{Catalogue, CatalogueError};
pub use model::{Grade, Obligation, Source};
pub use page::markdown;
pub use schema::schema_text;
pub use told::{explanation, table};
