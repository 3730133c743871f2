//! The document of the API: the fake is held to it both ways, and so are the guide's examples and the contract's clauses.

mod cases;
pub(crate) mod changed_examples;
mod clauses;
mod described;
pub(crate) mod examples;
mod judged_examples;
pub(crate) mod partner_examples;
mod served;
