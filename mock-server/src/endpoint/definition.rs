//! A row of the endpoint table: what an endpoint is called, what it needs, and what it gives.

use std::sync::Arc;

use http::Method;
use jiff::Timestamp;

use super::endpoint_name::EndpointName;
use super::path_template::PathTemplate;
use crate::app_state::AppState;
use crate::check::{self, Observer, Request, Unobserved};
use crate::error::{Mistake, Refusal};
use crate::pipeline::Answer;
use crate::policy::Policies;
use crate::reply::Reply;
use crate::request::{IncomingRequest, RequestContext};
use crate::scope::Scope;
use crate::session::SessionState;

/// An endpoint of the API.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// Its name in fault rules, filters and the journal.
    pub(crate) name: &'static str,
    /// Its method; GET implies HEAD.
    pub(crate) method: Method,
    /// Its path, with parameters in braces.
    pub(crate) path: PathTemplate,
    /// The scope that the caller's key must be granted, and a crew member must have consented to.
    pub(crate) scope: Option<Scope>,
    /// The scope of some fields of its answer, judged for each person.
    pub(crate) fields: Option<Scope>,
    /// Is true if its document has query parameters.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "`input` reads the query; a test holds the rows to the document")
    )]
    pub(crate) query: bool,
    /// Is true if it reads a JSON body. The body of any other request is left unread.
    pub(crate) body: bool,
    /// The function that finds the mistakes in query and body; `None` if it reads neither.
    pub(crate) input: Option<FindMistakes>,
    /// The kind of its successful answer.
    pub(crate) answers: Answers,
    /// The credential that it asks for, and its handler.
    pub(crate) access: Access,
}

/// The function that finds the mistakes in the query and body of a request.
pub(crate) type FindMistakes = fn(&RequestContext<'_>, &Policies) -> Vec<Mistake>;

/// The credential that an endpoint asks for.
#[derive(Debug)]
pub(crate) enum Access {
    /// An API key. The handler runs after the checks that its needs name.
    Key(Needs),
    /// The token in the path. The handler walks the checks of links itself; a refusal that is known already is
    /// answered in the session of the link.
    Link(fn(&Arc<AppState>, EndpointName, IncomingRequest, Option<Refusal>) -> Answer),
}

/// The last thing that the checks must establish before a handler runs, with that handler.
#[derive(Debug)]
pub(crate) enum Needs {
    /// A caller whose key is granted the endpoint's scope, if it has one.
    Authorized(Handler<check::Authorized>),
    /// A page of the caller's fleet.
    FleetPage(Handler<check::FleetPage>),
    /// A crew member of the path who is on the caller's fleet and consented.
    CrewMember(Handler<check::CrewMember>),
    /// A crew member on the fleet whose address is in the body, and who consented.
    LookedUp(Handler<check::CrewMember>),
    /// A crew member of the path, and vessels of the fleet.
    Assignment(Handler<check::Assignment>),
    /// A crew member of the path who has a photo.
    Photo(Handler<check::CrewMember>),
    /// A current document of that crew member, and the file store.
    Document(Handler<check::Document>),
}

/// The function that answers a request which passed the checks. It gets what they established.
pub(crate) type Handler<T> = fn(&mut SessionState, &RequestContext<'_>, T, Timestamp) -> Result<Reply, Refusal>;

/// The kind of a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// A JSON document.
    Json,
    /// The JSON of a document list, which is cached.
    DocumentList,
    /// The JSON of a link.
    Link,
    /// A picture.
    Picture,
    /// A file, or a redirect to it.
    File,
}

impl Endpoint {
    /// Returns true if a request with this method is for this endpoint.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }

    /// Returns true if the token in the path is the credential.
    pub(crate) fn is_by_link(&self) -> bool {
        matches!(self.access, Access::Link(_))
    }
}

impl Needs {
    /// Walks the checks, then runs the handler.
    #[inline]
    pub(crate) fn serve(
        &self,
        state: &mut SessionState,
        context: &RequestContext<'_>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let request = Request { state, context, now };
        match self {
            Self::Authorized(handle) => {
                let (Request { state, .. }, reached) = check::authorized(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::FleetPage(handle) => {
                let (Request { state, .. }, reached) = check::fleet_page(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::CrewMember(handle) => {
                let (Request { state, .. }, reached) = check::crew_member(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::LookedUp(handle) => {
                let (Request { state, .. }, reached) = check::looked_up(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::Assignment(handle) => {
                let (Request { state, .. }, reached) = check::assignment(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::Photo(handle) => {
                let (Request { state, .. }, reached) = check::photo(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
            Self::Document(handle) => {
                let (Request { state, .. }, reached) = check::document(request, &mut Unobserved);
                handle(state, context, reached?, now)
            }
        }
    }

    /// Walks the same checks for an observer alone.
    pub(crate) fn observe<'a>(&self, request: Request<'_, '_>, observer: &mut impl Observer<'a>) {
        match self {
            Self::Authorized(_) => drop(check::authorized(request, observer)),
            Self::FleetPage(_) => drop(check::fleet_page(request, observer)),
            Self::CrewMember(_) => drop(check::crew_member(request, observer)),
            Self::LookedUp(_) => drop(check::looked_up(request, observer)),
            Self::Assignment(_) => drop(check::assignment(request, observer)),
            Self::Photo(_) => drop(check::photo(request, observer)),
            Self::Document(_) => drop(check::document(request, observer)),
        }
    }
}

impl Answers {
    /// Returns true if the answer is JSON.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::DocumentList | Self::Link)
    }
}
