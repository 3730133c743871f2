//! Helpers that more than one area uses.

pub(crate) mod built;
#[expect(clippy::needless_pass_by_value, reason = "a builder's methods take what a test writes in place")]
pub(crate) mod case_builder;
#[path = "../../../../mock-server/tests/suite/support/completion.rs"]
pub(crate) mod completion;
pub(crate) mod http_client;
pub(crate) mod judged_output;
