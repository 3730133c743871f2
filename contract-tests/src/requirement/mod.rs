//! Requirements: what a client and a server owe, as data.

mod format;
mod lookup;
mod model;
mod page;
mod row;
mod schema;

pub use format::{explanation, table};
pub use lookup::{
    BUILT_IN_CLAUSES, BUILT_IN_OBLIGATIONS, BUILT_IN_RECEIVER, BUILT_IN_SENDER, Catalogue, CatalogueError, Noun, guess,
};
pub use model::{Change, ClauseFacts, Grade, Kind, ObligationFacts, OptIn, Part, Requirement, Source, TimeFact};
pub use page::markdown;
pub use schema::schema_text;
