//! What is asked.

use http::Method;

use crate::request::{RequestContext, Step};
use crate::token::Claims;
use crate::world::Content;

/// A request that is asked about.
pub(crate) struct Question<'a> {
    /// The method.
    pub(crate) method: Method,
    /// The path.
    pub(crate) path: &'a str,
    /// The query.
    pub(crate) query: Option<&'a str>,
    /// What it asks; `Step::None` for an unknown path or a wrong method.
    pub(crate) context: RequestContext<'a>,
    /// The step of the path, whatever the method.
    pub(crate) step: Option<Step>,
    /// What its token says, true or not.
    pub(crate) told: Option<Claims<'a>>,
    /// Whether the session made the token.
    pub(crate) made: bool,
    /// The session that is asked.
    pub(crate) session: &'a str,
    /// Another session that the key or the token belongs to.
    pub(crate) belongs_to: Option<Box<str>>,
    /// Whether the bytes of a file can be had; files on the disk may go away.
    pub(crate) opens: fn(&Content) -> bool,
}
