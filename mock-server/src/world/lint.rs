//! The checks of a whole world: duplicate ids, unknown references, and invalid keys.
//!
//! Each check reads the plain model; all findings are collected, up to `AT_MOST`.

use crewpass_diagnostics::{Path, did_you_mean};

use super::finding::{AT_MOST, Finding};
use super::index::Index;
use super::{CrewMember, Key, Partner, Text, WorldFile, version_chains};
use crate::clock::check_range;

/// The largest generated file; larger ones belong on the disk.
const LARGEST_GENERATED: u64 = 256 << 20;

/// Checks a world and returns the findings, in the order of the model.
pub(super) fn check(world: &WorldFile) -> Vec<Finding> {
    let mut lint = Lint {
        world,
        partners: Index::new(&world.partners, |partner| &partner.id),
        vessels: Index::new(&world.vessels, |vessel| &vessel.id),
        findings: Vec::new(),
    };
    lint.ids("partners", &world.partners, |partner| &partner.id);
    lint.ids("vessels", &world.vessels, |vessel| &vessel.id);
    lint.ids("crew", &world.crew, |person| &person.id);
    lint.clock();
    lint.keys();
    lint.vessels();
    lint.callbacks();
    lint.imo_numbers();
    lint.roles();
    for (position, person) in world.crew.iter().enumerate() {
        if lint.findings.len() >= AT_MOST {
            break;
        }
        lint.crew_member(position, person);
    }
    lint.details();
    lint.document_ids();
    lint.findings.truncate(AT_MOST);
    lint.findings
}

/// A check of a world, with what it has found.
pub(super) struct Lint<'w> {
    pub(super) world: &'w WorldFile,
    partners: Index,
    pub(super) vessels: Index,
    pub(super) findings: Vec<Finding>,
}

impl<'w> Lint<'w> {
    /// Checks the ids of one list: none is empty, each is unique.
    fn ids<T>(&mut self, list: &'static str, entries: &'w [T], id: impl Fn(&'w T) -> &'w str) {
        let mut seen = Index::default();
        for position in 0..entries.len() {
            let path = || Path::entry(list, position).field("id");
            let text = id(&entries[position]);
            if let Some(first) = seen.insert(position, |at| id(&entries[at])) {
                let earlier = Path::entry(list, first).field("id");
                self.findings.push(duplicate(path(), text).earlier(earlier));
            } else if text.is_empty() {
                self.findings.push(Finding::at(path(), "an id can't be empty", "expected an id"));
            }
        }
    }

    /// Checks that a clock can start at the world's time.
    fn clock(&mut self) {
        let error = self.world.clock.and_then(|at| check_range(at).err());
        self.findings.extend(error.map(|error| {
            Finding::at(Path::top_level("clock"), error.to_string(), "expected a time such as 2026-01-15T09:00:00Z")
        }));
    }

    /// Checks keys: names and texts are unique in the world, and a header can carry each text.
    fn keys(&mut self) {
        let keys: Vec<(usize, usize, &Partner, &Key)> = all_keys(self.world).collect();
        let path = |at: usize, field: &str| {
            let (partner, key, ..) = keys[at];
            Path::entry("partners", partner).field("keys").item(key).field(field)
        };
        let mut names = Index::default();
        let mut texts = Index::default();
        for (at, (_, _, _, key)) in keys.iter().enumerate() {
            if let Some(first) = names.insert(at, |at| &keys[at].3.name) {
                self.findings.push(duplicate(path(at, "name"), &key.name).earlier(path(first, "name")));
            }
            let Some(text) = &key.text else { continue };
            if let Some(finding) = not_a_key(path(at, "key"), text.reveal()) {
                self.findings.push(finding);
            } else if let Some(first) = texts.insert(at, |at| keys[at].3.text.as_ref().map_or("", |key| key.reveal())) {
                let message = format!("key `{}` has the same text as another", key.name);
                let finding = Finding::at(path(at, "key"), message, "expected a key of its own");
                self.findings.push(finding.earlier(path(first, "key")));
            }
        }
    }

    fn vessels(&mut self) {
        for (position, vessel) in self.world.vessels.iter().enumerate() {
            for (at, partner) in vessel.partners.iter().enumerate() {
                self.partner(partner, || Path::entry("vessels", position).field("partners").item(at));
            }
        }
    }

    /// Checks callbacks: each URL is unique, and each partner exists.
    fn callbacks(&mut self) {
        let mut seen = hashbrown::HashMap::new();
        for (position, callback) in self.world.callbacks.iter().enumerate() {
            let path = |field: &str| Path::entry("callbacks", position).field(field);
            let url = callback.url.to_string();
            if let Some(first) = seen.insert(url.clone(), position) {
                let earlier = Path::entry("callbacks", first).field("url");
                self.findings.push(duplicate(path("url"), &url).earlier(earlier));
            }
            if let Some(partner) = &callback.partner {
                self.partner(&Text::from(&**partner), || path("partner"));
            }
        }
    }

    fn crew_member(&mut self, position: usize, person: &'w CrewMember) {
        for (at, vessel) in person.vessels.iter().enumerate() {
            if self.vessels.find(vessel, |at| &self.world.vessels[at].id).is_none() {
                let path = Path::entry("crew", position).field("vessels").item(at);
                let names = self.world.vessels.iter().map(|vessel| &*vessel.id);
                self.findings.push(unknown(path, "vessel", vessel).help(did_you_mean(vessel, names)));
            }
        }
        for partner in person.consent.keys() {
            self.partner(partner, || Path::entry("crew", position).field("consent").key(partner));
        }
        for (at, document) in person.documents.iter().enumerate() {
            let path = || Path::entry("crew", position).field("documents").item(at);
            if document.id.is_empty() {
                self.findings.push(Finding::at(path().field("id"), "an id can't be empty", "expected an id"));
            }
            let file = || path().field("file");
            self.findings.extend(check_file(&document.file, file));
            self.findings.extend(check_content_type(&document.file, file));
        }
        version_chains::check(self.world, position, &mut self.findings);
    }

    /// Checks that a reference to a partner is known.
    fn partner(&mut self, id: &Text, path: impl FnOnce() -> Path) {
        if self.partners.find(id, |at| &self.world.partners[at].id).is_none() {
            let names = self.world.partners.iter().map(|partner| &*partner.id);
            self.findings.push(unknown(path(), "partner", id).help(did_you_mean(id, names)));
        }
    }

    /// Checks that document ids are unique in the whole world.
    fn document_ids(&mut self) {
        let starts = version_chains::starts(self.world);
        let id =
            |at: usize| version_chains::document(self.world, &starts, at).map_or("", |(.., document)| &*document.id);
        let mut seen = Index::default();
        let total = starts.last().copied().unwrap_or(0);
        for at in 0..total {
            let Some(first) = seen.insert(at, id) else { continue };
            let path =
                |at| version_chains::document(self.world, &starts, at).map(|(person, document, _)| (person, document));
            let place = |at| {
                path(at).map_or_else(Path::default, |(person, document)| version_chains::path(person, document, "id"))
            };
            if self.findings.len() < AT_MOST {
                self.findings.push(duplicate(place(at), id(at)).earlier(place(first)));
            }
        }
    }
}

/// Returns every key with its partner and their positions.
pub(super) fn all_keys(world: &WorldFile) -> impl Iterator<Item = (usize, usize, &Partner, &Key)> {
    let partners = world.partners.iter().enumerate();
    partners.flat_map(|(at, partner)| partner.keys.iter().enumerate().map(move |(k, key)| (at, k, partner, key)))
}

pub(super) fn duplicate(path: Path, text: &str) -> Finding {
    Finding::at(path, format!("`{text}` is given twice"), "expected a name of its own")
}

pub(super) fn unknown(path: Path, kind: &str, id: &str) -> Finding {
    Finding::at(path, format!("there is no {kind} `{id}` in this world"), format!("unknown {kind}"))
}

fn not_a_key(path: Path, text: &str) -> Option<Finding> {
    const FORM: &str = "a key begins `cpk_test_` or `cpk_live_`";
    if crate::secret::mode_of(text).is_none() {
        let finding = Finding::at(path, "this is not a partner key", FORM).secret();
        return Some(finding.help(Some("leave `key` out, and one is made from the seed and the name".to_owned())));
    }
    let whole = text.bytes().all(|byte| byte.is_ascii_graphic());
    (!whole).then(|| Finding::at(path, "no header can carry this key", "expected visible ASCII only").secret())
}

/// Returns true if a header can carry a content type whole.
pub(crate) fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Checks that the link and the header of the file can have the same content type.
pub(super) fn check_content_type(file: &super::FileSpec, path: impl Fn() -> Path) -> Option<Finding> {
    let is_bad = file.content_type.as_deref().is_some_and(|kind| !is_header_text(kind));
    is_bad.then(|| {
        let place = path().key("content_type");
        Finding::at(place, "no header can carry this content type", "expected printable ASCII, such as application/pdf")
    })
}

/// Checks that a file has exactly one of `path` and `generate`, and a size only with `generate`.
pub(super) fn check_file(file: &super::FileSpec, path: impl Fn() -> Path) -> Option<Finding> {
    let at = |field: Option<&str>| field.map_or_else(&path, |name| path().key(name));
    match (&file.path, file.generate, file.size) {
        (Some(_), Some(_), _) => {
            let finding =
                Finding::at(at(Some("generate")), "a file has both `path` and `generate`", "expected one of the two");
            Some(
                finding
                    .help(Some("keep `path` for a file of the disk, `generate` for one made from the seed".to_owned())),
            )
        }
        (None, None, _) => {
            let finding = Finding::at(at(None), "a file has neither `path` nor `generate`", "expected one of the two");
            Some(finding.help(Some("write `path: NAME` for a file of the disk, or `generate: pdf`".to_owned())))
        }
        (Some(_), None, Some(_)) => {
            let finding =
                Finding::at(at(Some("size")), "`size` is given without `generate`", "only a generated file has a size");
            Some(finding.help(Some("take `size` out: a file of the disk has its own".to_owned())))
        }
        (None, Some(_), _) if !cfg!(feature = "generate") => {
            let message = "this build can't make files: the feature `generate` of crewpass-mock is off";
            let finding = Finding::at(at(Some("generate")), message, "expected `path`");
            Some(finding.help(Some("turn the feature on, or write `path: NAME` for a file of the disk".to_owned())))
        }
        (None, Some(_), Some(size)) if size > LARGEST_GENERATED => {
            let message = format!("a generated file of {size} bytes is too large");
            Some(Finding::at(at(Some("size")), message, format!("expected at most {LARGEST_GENERATED}")))
        }
        _ => None,
    }
}
