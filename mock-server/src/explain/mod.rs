//! Why a request gets what it gets: the checks walked without a trace, the clause that decides, and what would have to
//! change. `walk` asks the real checks, the advices find the words, `text` is the form for people.

mod advice;
mod key_advice;
mod link_advice;
mod question;
mod route_advice;
mod text;
mod walk;
mod words;

pub(crate) use question::Question;
pub(crate) use text::text;
pub(crate) use walk::{Explanation, explain};
