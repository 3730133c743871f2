//! The reason why a request gets its answer: the checks are walked without a trace, and the one that decides advises
//! what would have to change. `walk` observes the real checks, the advices are their words, `text` is for people.

mod advice;
mod input_advice;
mod key_advice;
mod link_advice;
mod question;
mod route_advice;
mod text;
mod walk;
mod words;

pub(crate) use advice::{Advice, Situation};
pub(crate) use question::Question;
pub(crate) use text::text;
pub(crate) use walk::{Explanation, explain};
