//! The lookup of a path: which endpoints it has, and which methods they take.

use std::sync::LazyLock;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::definition::Endpoint;
use super::table::TABLE;

/// A path of the API, with the endpoints that it has: one a method.
#[derive(Debug)]
pub(crate) struct Resource {
    endpoints: Vec<&'static Endpoint>,
    allow: String,
}

/// Every path, as a tree. The paths of links are matched apart from it.
struct Paths {
    resources: Vec<Resource>,
    by_path: matchit::Router<usize>,
    /// The resource of links, and what its path has in front of the token.
    links: Option<(usize, &'static str)>,
}

static PATHS: LazyLock<Paths> = LazyLock::new(|| Paths::new(TABLE));

/// Returns the resource of a path.
pub(crate) fn find(path: &str) -> Option<&'static Resource> {
    PATHS.find(path)
}

/// Returns every resource, in the order of the table.
pub(crate) fn resources() -> impl Iterator<Item = &'static Resource> {
    PATHS.resources.iter()
}

/// Returns what the path of a link has in front of its token.
pub(crate) fn before_token() -> &'static str {
    PATHS.links.map_or("", |(_, prefix)| prefix)
}

/// The characters of an id that a path shows encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Returns the path of an endpoint for a crew member.
pub(crate) fn path_of(endpoint: &str, crew: &str) -> String {
    let known = TABLE.iter().find(|known| known.name == endpoint);
    let id = utf8_percent_encode(crew, ENCODED).to_string();
    known.map(|known| known.path.text().replace("{crew_unique_id}", &id)).unwrap_or_default()
}

impl Resource {
    /// Returns the endpoint that takes a method.
    pub(crate) fn endpoint(&self, method: &Method) -> Option<&'static Endpoint> {
        self.endpoints.iter().copied().find(|endpoint| endpoint.takes(method))
    }

    /// Returns the endpoints, in the order of the table.
    pub(crate) fn endpoints(&self) -> &[&'static Endpoint] {
        &self.endpoints
    }

    /// Returns the path, with its parameters in braces.
    pub(crate) fn path(&self) -> &'static str {
        self.endpoints.first().map_or("", |endpoint| endpoint.path.text())
    }

    /// Returns the methods as `Allow` lists them (RFC 9110 section 10.2.1).
    pub(crate) fn allow(&self) -> &str {
        &self.allow
    }
}

impl Paths {
    fn new(table: &'static [Endpoint]) -> Self {
        let mut resources: Vec<Resource> = Vec::new();
        for endpoint in table {
            match resources.iter_mut().find(|known| known.path() == endpoint.path.text()) {
                Some(known) => known.endpoints.push(endpoint),
                None => resources.push(Resource { endpoints: vec![endpoint], allow: String::new() }),
            }
        }
        let mut by_path = matchit::Router::new();
        for (at, resource) in resources.iter_mut().enumerate() {
            resource.allow = allow(&resource.endpoints);
            // The paths of the table do not contradict one another; one that did would answer 404 to every test of it.
            let _ = by_path.insert(resource.path(), at);
        }
        let links = resources.iter().position(|resource| resource.endpoints.iter().any(|known| known.is_by_link()));
        let links = links.map(|at| (at, resources[at].endpoints[0].path.prefix()));
        Self { resources, by_path, links }
    }

    fn find(&self, path: &str) -> Option<&Resource> {
        // The token of a link is long, and the tree would look at each of its bytes.
        if let Some((at, prefix)) = self.links
            && is_one_segment_below(path, prefix)
        {
            return self.resources.get(at);
        }
        let at = *self.by_path.at(path).ok()?.value;
        self.resources.get(at)
    }
}

/// Returns true if one segment that is not empty is all that follows a prefix.
fn is_one_segment_below(path: &str, prefix: &str) -> bool {
    let segment = path.strip_prefix(prefix).unwrap_or_default();
    !segment.is_empty() && memchr::memchr(b'/', segment.as_bytes()).is_none()
}

/// Writes the methods of some endpoints as a list; GET implies HEAD.
fn allow(endpoints: &[&Endpoint]) -> String {
    let methods = endpoints.iter().flat_map(|endpoint| {
        let head = (endpoint.method == Method::GET).then_some("HEAD");
        [Some(endpoint.method.as_str()), head].into_iter().flatten()
    });
    methods.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::definition::{Access, Answers};
    use super::super::path_template::PathTemplate;
    use super::*;
    use crate::app_state::AppState;
    use crate::endpoint::EndpointName;
    use crate::error::Refusal;
    use crate::pipeline::Answer;
    use crate::request::IncomingRequest;

    #[test]
    fn every_path_of_the_table_is_found_with_its_parameters() {
        for ids in [["crew_001", "doc_1"], ["%2F", "a%2Fb"], ["é.", "eyJ.-_~"], ["documents", "download"]] {
            for endpoint in TABLE {
                let template = endpoint.path.text();
                let path = template.replace("{crew_unique_id}", ids[0]).replace("{document_id}", ids[1]);
                let path = path.replace("{token}", ids[1]);
                let found = find(&path).and_then(|resource| resource.endpoint(&endpoint.method));
                let name = EndpointName::from(found);
                assert_eq!(name.as_str(), endpoint.name, "{path}");
                assert_eq!(name.segments(&path).crew, template.contains("{crew").then_some(ids[0]), "{path}");
                assert_eq!(name.segments(&path).document, template.contains("{document").then_some(ids[1]), "{path}");
                assert_eq!(name.segments(&path).token, template.contains("{token").then_some(ids[1]), "{path}");
            }
        }
    }

    #[test]
    fn the_path_of_a_link_has_one_segment_for_the_token() {
        let before = before_token();
        let is_link = |path: &str| find(path).is_some_and(|resource| resource.endpoints[0].is_by_link());
        assert!(is_link(&format!("{before}é")) && is_link(&format!("{before}%2F")));
        for other in [before, before.trim_end_matches('/'), &format!("{before}a/"), &format!("/x{before}a")] {
            assert!(!is_link(other), "{other}");
        }
    }

    fn never(_: &Arc<AppState>, _: EndpointName, _: IncomingRequest, _: Option<Refusal>) -> Answer {
        Answer::Now(crate::body::Response::default())
    }

    const fn row(name: &'static str, method: Method, path: &'static str) -> Endpoint {
        let path = PathTemplate::new(path);
        let access = Access::Link(never);
        Endpoint {
            name,
            method,
            path,
            scope: None,
            fields: None,
            query: true,
            body: true,
            input: None,
            answers: Answers::Json,
            access,
        }
    }

    #[test]
    fn a_path_has_one_endpoint_a_method_and_allows_each_of_them() {
        static ROWS: &[Endpoint] =
            &[row("read", Method::GET, "/a"), row("check", Method::POST, "/b"), row("write", Method::POST, "/a")];
        let paths = Paths::new(ROWS);
        let name = |path: &str, method: Method| paths.find(path)?.endpoint(&method).map(|endpoint| endpoint.name);
        assert_eq!(name("/a", Method::GET), Some("read"));
        assert_eq!(name("/a", Method::HEAD), Some("read"));
        assert_eq!(name("/a", Method::POST), Some("write"));
        assert_eq!(name("/a", Method::PUT), None);
        assert_eq!(name("/b", Method::HEAD), None);
        assert_eq!(paths.find("/a").unwrap().allow(), "GET, HEAD, POST");
        assert_eq!(paths.find("/b").unwrap().allow(), "POST");
    }
}
