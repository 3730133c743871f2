//! Advice for a path or a method that the API does not have.

use http::Method;

use super::advice::{Advice, Situation};
use super::words::shown;
use crate::endpoint::{Resource, find, resources};

/// The likeness from which on a path is suggested.
const LIKE: f64 = 0.6;

impl Situation<'_> {
    pub(super) fn route(&self) -> Advice {
        let path = self.question.path;
        let known = || format!("the paths are {}", resources().map(Resource::path).collect::<Vec<_>>().join(", "));
        let bare = path.trim_end_matches('/');
        if bare != path && find(bare).is_some() {
            let why = "The path ends with a slash, which makes it another one.";
            return Advice::new(why, [format!("{}, without the slash", shown(bare))]);
        }
        let why = format!("{} is not a path of the API.", shown(path));
        match meant(path) {
            Some(near) => Advice::new(why, [format!("Did you mean {}?", shown(&near))]),
            None => Advice::new(why, [known()]),
        }
    }

    pub(super) fn method(&self, resource: &Resource) -> Advice {
        let allowed = resource.allow().replace(", ", " or ");
        let why = format!("{} is not for this path, which is read with {allowed}.", self.question.method);
        let methods = resource.endpoints().iter().map(|endpoint| match endpoint.method {
            Method::GET => "GET, or HEAD for the head alone".to_owned(),
            ref method => method.to_string(),
        });
        Advice::new(why, methods)
    }
}

/// Returns the path of the API that is nearest, with the ids of the request where it has some.
fn meant(path: &str) -> Option<String> {
    let length = |path: &str| path.trim_end_matches('/').split('/').count();
    let like = resources().map(|known| filled(known.path(), path)).map(|near| {
        // A path that is shorter would leave out what was asked for.
        let keeps_all = length(&near) >= length(path);
        (keeps_all, strsim::normalized_damerau_levenshtein(&near.to_lowercase(), &path.to_lowercase()), near)
    });
    let like = like.filter(|(_, like, _)| *like >= LIKE);
    like.max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))).map(|(_, _, near)| near)
}

/// Fills the parameters of a path with the segments that another path has in their place.
fn filled(known: &str, path: &str) -> String {
    let mut given = path.split('/');
    let parts = known.split('/').map(|part| match given.next() {
        Some(own) if part.starts_with('{') && !own.is_empty() => own,
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_path_keeps_the_ids() {
        let crew = "/api/v2/employers/me/crew/crew_001";
        assert_eq!(meant(&format!("{crew}/document")).unwrap(), format!("{crew}/documents"));
        assert_eq!(meant(&format!("{crew}/documents/doc_1")).unwrap(), format!("{crew}/documents/doc_1/download"));
        assert_eq!(meant("/api/v1/partners/me").unwrap(), "/api/v2/partners/me");
        assert_eq!(meant("/API/v2/partners/me").unwrap(), "/api/v2/partners/me");
        assert_eq!(meant("/favicon.ico"), None);
    }
}
