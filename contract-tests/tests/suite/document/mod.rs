//! The document of the API: the fake is held to it both ways, and so are the guide's examples and the contract's clauses.

mod cases;
mod changed_examples;
mod clauses;
mod described;
pub(crate) mod examples;
mod partner_examples;
mod served;
