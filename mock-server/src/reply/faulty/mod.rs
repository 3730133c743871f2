//! Execution of faults: rules decide under the session's lock, and their effects are executed here, without it.

mod body;
mod decision;
mod pre_check;
mod response_effect;

pub(crate) use decision::{Decision, Disposition, decide};
pub(crate) use pre_check::execute_pre_check;
pub(crate) use response_effect::execute_on_response;
