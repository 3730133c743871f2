//! A request that `explain` is asked about.

use http::Method;

use crate::endpoint::Resource;
use crate::request::RequestContext;
use crate::token::Claims;
use crate::world::Content;

/// A request that `explain` is asked about.
pub(crate) struct Question<'a> {
    /// The method.
    pub(crate) method: Method,
    /// The path.
    pub(crate) path: &'a str,
    /// The query.
    pub(crate) query: Option<&'a str>,
    /// The request; for no endpoint where its path is unknown or its method wrong.
    pub(crate) context: RequestContext<'a>,
    /// The resource of the path, whatever the method.
    pub(crate) resource: Option<&'static Resource>,
    /// The claims of its token, proved or not.
    pub(crate) claims: Option<Claims<'a>>,
    /// Is true if the session signed the token.
    pub(crate) is_signed: bool,
    /// The session that is asked.
    pub(crate) session: &'a str,
    /// Another session that the key or the token belongs to.
    pub(crate) belongs_to: Option<Box<str>>,
    /// Returns true if a file can be opened; files on the disk may go away.
    pub(crate) opens: fn(&Content) -> bool,
}
