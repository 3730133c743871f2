//! The operations of the API, read from `openapi.yaml`: the only place in the gate that knows a path.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;

const DOCUMENT: &str = include_str!("../fixtures/contract/openapi.yaml");

/// The characters of an id that a segment of a path writes percent-encoded.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// The placeholder in place of a token.
const TOKEN: &str = "{token}";

/// An operation that the gate asks for or judges, by its `operationId`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// `getPartner`: the partner of the key.
    GetPartner,
    /// `listVessels`: the vessels of the partner's fleet.
    ListVessels,
    /// `listFleet`: the people on the partner's fleet, page by page.
    ListFleet,
    /// `lookUpCrew`: a crew member by e-mail.
    LookUpCrew,
    /// `getProfile`: the profile of a crew member.
    GetProfile,
    /// `getPhoto`: the photo of a crew member.
    GetPhoto,
    /// `checkCompliance`: the compliance of a crew member.
    CheckCompliance,
    /// `listDocuments`: the documents of a crew member.
    ListDocuments,
    /// `getDownloadLink`: a link to the file of a document.
    GetDownloadLink,
    /// `followLink`: the file behind a link.
    FollowLink,
}

impl Name {
    /// Every operation that the gate knows.
    pub const ALL: [Self; 10] = [
        Self::GetPartner,
        Self::ListVessels,
        Self::ListFleet,
        Self::LookUpCrew,
        Self::GetProfile,
        Self::GetPhoto,
        Self::CheckCompliance,
        Self::ListDocuments,
        Self::GetDownloadLink,
        Self::FollowLink,
    ];

    /// Returns the `operationId`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::GetPartner => "getPartner",
            Self::ListVessels => "listVessels",
            Self::ListFleet => "listFleet",
            Self::LookUpCrew => "lookUpCrew",
            Self::GetProfile => "getProfile",
            Self::GetPhoto => "getPhoto",
            Self::CheckCompliance => "checkCompliance",
            Self::ListDocuments => "listDocuments",
            Self::GetDownloadLink => "getDownloadLink",
            Self::FollowLink => "followLink",
        }
    }
}

/// An operation of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The method, in upper case.
    pub method: String,
    /// The path template, such as `/api/v2/employers/me/crew/{crew_unique_id}/documents`.
    pub path: String,
}

impl Operation {
    /// Returns the names of its path parameters, in order.
    pub fn parameters(&self) -> Vec<&str> {
        self.path.split('/').filter_map(parameter).collect()
    }

    /// Returns the path template with each parameter replaced by a value that needs no encoding in a path.
    pub fn path_with(&self, values: &[&str]) -> String {
        let mut values = values.iter();
        let fill = |segment| if parameter(segment).is_some() { *values.next().unwrap_or(&"") } else { segment };
        self.path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    /// Returns the raw values of the path parameters if the path matches this operation.
    fn values<'p>(&self, path: &'p str) -> Option<Vec<&'p str>> {
        let (template, segments): (Vec<_>, Vec<_>) = (self.path.split('/').collect(), path.split('/').collect());
        let matches = |(template, segment): (&&str, &&str)| parameter(template).is_some() || template == segment;
        if template.len() != segments.len() || !template.iter().zip(&segments).all(matches) {
            return None;
        }
        let values = template.into_iter().zip(segments).filter(|(template, _)| parameter(template).is_some());
        Some(values.map(|(_, segment)| segment).collect())
    }
}

/// Returns the name of a path parameter, if a segment of a template is one.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[derive(Deserialize)]
struct Document {
    paths: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// The operations of the document; a test checks that it can be read and has each [`Name`].
static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| read(DOCUMENT).unwrap_or_default());

fn read(text: &str) -> Result<Vec<Operation>, serde_saphyr::Error> {
    let document: Document = serde_saphyr::from_str(text)?;
    let of_path = |(path, item): (String, BTreeMap<String, serde_json::Value>)| {
        let with_id = item.into_iter().filter_map(|(method, operation)| {
            let id = operation.get("operationId")?.as_str()?.to_owned();
            Some((id, method.to_uppercase()))
        });
        with_id.map(move |(id, method)| Operation { id, method, path: path.clone() }).collect::<Vec<_>>()
    };
    Ok(document.paths.into_iter().flat_map(of_path).collect())
}

/// Returns every operation of the document.
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}

/// Returns the path template of an operation.
pub fn template(name: Name) -> &'static str {
    operations().iter().find(|operation| operation.id == name.id()).map_or("", |operation| &operation.path)
}

/// Returns the path of an operation with these ids, each as one percent-encoded segment.
pub fn path(name: Name, ids: &[&str]) -> String {
    let encoded: Vec<_> = ids.iter().map(|id| utf8_percent_encode(id, ESCAPED).to_string()).collect();
    raw_path(name, &encoded.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the path of an operation with these segments as they are.
pub fn raw_path(name: Name, segments: &[&str]) -> String {
    let operation = operations().iter().find(|operation| operation.id == name.id());
    operation.map(|operation| operation.path_with(segments)).unwrap_or_default()
}

/// Returns the path of the file step with a placeholder for the token, which is a secret.
pub fn masked_file_path() -> String {
    raw_path(Name::FollowLink, &[TOKEN])
}

/// Returns a path of the API at which nothing is.
pub fn unknown_path() -> String {
    parent(template(Name::ListDocuments)).replace("/crew/{crew_unique_id}", "/no-such-path")
}

/// Returns the part of every path before the first segment that differs: `/api/v2/`.
pub fn prefix() -> &'static str {
    let file = template(Name::FollowLink);
    let shared =
        file.bytes().zip(template(Name::ListDocuments).bytes()).take_while(|(one, other)| one == other).count();
    let end = file.get(..shared).and_then(|shared| shared.rfind('/')).map_or(0, |slash| slash + 1);
    file.get(..end).unwrap_or("/")
}

/// Returns the path of the file step up to the token.
pub fn file_prefix() -> &'static str {
    template(Name::FollowLink).strip_suffix(TOKEN).unwrap_or("/")
}

/// Returns the token of a link with its query, as the URL has it; `None` if it is not a link of the file step.
pub fn token_of(url: &str) -> Option<&str> {
    url.rsplit_once(file_prefix()).map(|(_, token)| token)
}

/// Returns a path template up to its last slash.
fn parent(template: &str) -> &str {
    template.rsplit_once('/').map_or(template, |(parent, _)| parent)
}

/// A request target, classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'t> {
    /// The operation.
    pub name: Name,
    /// The values of its path parameters as the path has them; the token of a link is with its query.
    pub raw: Vec<&'t str>,
}

impl Target<'_> {
    /// Returns the values of its path parameters, decoded once.
    pub fn decoded(&self) -> Vec<String> {
        self.raw.iter().map(|raw| decoded(raw)).collect()
    }
}

/// Returns a segment of a path, decoded once.
pub fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Returns the values of a parameter in the query of a request target, each decoded once as a form value: `+` is a
/// blank.
pub fn query_values(target: &str, name: &str) -> Vec<String> {
    let query = target.split('#').next().and_then(|target| target.split_once('?')).map_or("", |(_, query)| query);
    let fields = form_urlencoded::parse(query.as_bytes());
    fields.filter(|(known, _)| known == name).map(|(_, value)| value.into_owned()).collect()
}

/// Classifies a request target; `None` if it is not one of an operation that the gate knows.
pub fn classify(target: &str) -> Option<Target<'_>> {
    let path_and_query = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| rest.get(at..).unwrap_or("/")),
        None => target,
    };
    let path = path_and_query.split(['?', '#']).next().unwrap_or_default();
    let named = |name: &Name| {
        let operation = operations().iter().find(|operation| operation.id == name.id())?;
        Some(Target { name: *name, raw: operation.values(path)? })
    };
    let mut found = Name::ALL.iter().find_map(named)?;
    if found.name == Name::FollowLink {
        // What follows the token belongs to the credential.
        found.raw = vec![path_and_query.strip_prefix(file_prefix())?];
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_every_operation_once() {
        let operations = read(DOCUMENT).unwrap();
        for name in Name::ALL {
            assert_eq!(operations.iter().filter(|operation| operation.id == name.id()).count(), 1, "{name:?}");
        }
        assert!(operations.iter().all(|operation| operation.path.starts_with(prefix())));
        assert_eq!((prefix(), file_prefix()), ("/api/v2/", "/api/v2/files/"));
    }

    #[test]
    fn a_path_has_each_id_as_one_segment() {
        let list = path(Name::ListDocuments, &["a b/é"]);
        assert_eq!(list, "/api/v2/employers/me/crew/a%20b%2F%C3%A9/documents");
        assert_eq!(classify(&list).unwrap().decoded(), ["a b/é"]);
        let link = path(Name::GetDownloadLink, &["crew_001", "doc-1"]);
        assert_eq!(link, "/api/v2/employers/me/crew/crew_001/documents/doc-1/download");
        assert_eq!(classify(&link).unwrap(), Target { name: Name::GetDownloadLink, raw: vec!["crew_001", "doc-1"] });
        assert_eq!(unknown_path(), "/api/v2/employers/me/no-such-path");
        assert_eq!(masked_file_path(), "/api/v2/files/{token}");
    }

    #[test]
    fn every_operation_is_known_by_its_path() {
        for name in Name::ALL {
            let path = path(name, &["crew_001", "doc_1"]);
            assert_eq!(classify(&format!("{path}?x=1")).map(|target| target.name), Some(name), "{path}");
        }
    }

    #[test]
    fn a_query_value_is_decoded_once() {
        let fleet = template(Name::ListFleet);
        let target = format!("{fleet}?limit=50&cursor=a%2Bb%252B+c%3D%3D#cursor=no");
        assert_eq!(query_values(&target, "cursor"), ["a+b%2B c=="]);
        assert_eq!(query_values(&target, "limit"), ["50"]);
        assert_eq!(query_values(fleet, "cursor"), [""; 0]);
    }

    #[test]
    fn a_token_is_kept_byte_for_byte_with_its_query() {
        let target = classify("http://127.0.0.1:1/api/v2/files/eyJ%2f?sig=~").unwrap();
        assert_eq!((target.name, target.raw), (Name::FollowLink, vec!["eyJ%2f?sig=~"]));
        assert_eq!(token_of("https://h/api/v2/files/eyJa"), Some("eyJa"));
        for other in ["/", "/api/v2/files/a/b", "/api/v2/employers/me/crew/crew_001/documents/", "*"] {
            assert_eq!(classify(other), None, "{other}");
        }
    }
}
