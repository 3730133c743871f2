//! A loaded world: checked, indexed, with its files. It never changes; a session holds the state of a run.

use std::io;
use std::path::Path as FilePath;

use crewpass_diagnostics::{Path, Problem, Problems as WorldError, did_you_mean};

use super::emails::Emails;
use super::file_store::{Content, FileRoot, FileStore, Refused};
use super::finding::{AT_MOST, Finding};
use super::fingerprint::Seen;
use super::fleet::{FleetRow, Fleets};
use super::generated_files::{GeneratedFiles, SMALL};
use super::index::Index;
use super::layers::Layered;
use super::read::{new_source, read_world};
use super::{CrewMember, Document, FileSpec, Key, Mode, Partner, Role, Vessel, WorldFile, lint, version_chains};
use crate::policy::Policies;
use crate::scope::Scope;
use crate::secret::ApiKey;
use crate::webhook::Callback;

/// A world that passed every check.
#[derive(Debug)]
pub struct World {
    /// The name in messages and reports.
    pub name: Box<str>,
    /// The seed of ids, tokens and generated files.
    pub seed: u64,
    /// The environment.
    pub mode: Mode,
    /// The start of its clock, if it is not the real time.
    pub clock: Option<jiff::Timestamp>,
    /// The policies, for behaviour that is not documented.
    pub policies: Policies,
    /// The partners; every key has its text.
    pub partners: Vec<Partner>,
    /// The vessels.
    pub vessels: Vec<Vessel>,
    /// The roles, with what each requires.
    pub roles: Vec<Role>,
    /// The crew; `current` and `version` of every document are set.
    pub crew: Vec<CrewMember>,
    /// The callbacks of partners.
    pub callbacks: Vec<Callback>,
    partner_ids: Index,
    vessel_ids: Index,
    crew_ids: Index,
    fleets: Fleets,
    emails: Emails,
    files: FileStore,
    generated: GeneratedFiles,
    /// Is true if any generated file is large.
    pub(crate) has_large_files: bool,
}

impl World {
    /// Loads a world from a file, or from a folder's `world.yaml` or `world.json`. Worlds that it extends are in its
    /// folder.
    ///
    /// # Errors
    /// A file that can't be read or parsed, and all findings of the checks.
    pub fn open(path: &FilePath) -> Result<Self, WorldError> {
        Self::open_seen(path, None, &mut Seen::default())
    }

    /// Loads a world like [`World::open`]. Worlds that it extends may be anywhere in the folder `root`.
    ///
    /// # Errors
    /// A file that can't be read or parsed, and all findings of the checks.
    pub fn open_within(path: &FilePath, root: &FilePath) -> Result<Self, WorldError> {
        Self::open_seen(path, Some(root), &mut Seen::default())
    }

    /// Loads a world like [`World::open`], and notes the files that were read, also if the world has problems.
    ///
    /// # Errors
    /// A file that can't be read or parsed, and all findings of the checks.
    pub fn open_seen(path: &FilePath, root: Option<&FilePath>, seen: &mut Seen) -> Result<Self, WorldError> {
        // A folder without a world may get one.
        seen.look(path);
        let layered = Layered::open(path, root, seen)?;
        Self::load_seen(layered, &default_name(path), seen)
    }

    /// Loads a world from a text. Its `files` and `extends` count from `folder`; without one it can have neither.
    ///
    /// # Errors
    /// A text that can't be parsed, and all findings of the checks.
    pub fn parse(text: &str, name: &str, folder: Option<&FilePath>) -> Result<Self, WorldError> {
        Self::load(Layered::read(new_source(name, text), folder)?, name)
    }

    /// Builds a world from a model in memory. It can't extend another.
    ///
    /// # Errors
    /// A files folder that does not exist, and all findings of the checks.
    pub fn build(file: WorldFile, name: &str, folder: Option<&FilePath>) -> Result<Self, WorldError> {
        if file.extends.is_some() {
            return Err(Problem::of_file(name, "a world made in memory can't extend another").into());
        }
        let root = FileRoot::new(folder, file.files.as_deref());
        let root = root.map_err(|refused| Problem::of_file(name, format!("files: {refused}")))?;
        Self::load(Layered::from_model(file, name, root), name)
    }

    /// Loads a world whose files are part of the program.
    pub(super) fn embedded(text: &str, files: &'static [(&'static str, &'static [u8])]) -> Result<Self, WorldError> {
        let source = new_source("starter.yaml", text);
        let file = read_world(&source)?;
        Self::load(Layered::from_model(file, "starter", FileRoot::Embedded(files)), "starter")
    }

    fn load(layered: Layered, name: &str) -> Result<Self, WorldError> {
        Self::load_seen(layered, name, &mut Seen::default())
    }

    fn load_seen(mut layered: Layered, name: &str, seen: &mut Seen) -> Result<Self, WorldError> {
        derive_keys(&mut layered.file);
        let is_complete = layered.misread.as_ref().is_none_or(|misread| misread.is_complete);
        let mut findings = if is_complete { lint::check(&layered.file) } else { Vec::new() };
        let files = take_files(&layered, seen, &mut findings);
        if !findings.is_empty() || layered.misread.is_some() {
            return Err(WorldError::new(layered.problems(findings)));
        }
        let mut file = layered.file;
        file.crew.iter_mut().for_each(version_chains::set_versions);
        let vessel_ids = Index::new(&file.vessels, |vessel| &vessel.id);
        Ok(Self {
            name: file.name.unwrap_or_else(|| name.into()),
            seed: file.seed,
            mode: file.mode,
            clock: file.clock,
            policies: file.policies,
            partner_ids: Index::new(&file.partners, |partner| &partner.id),
            fleets: Fleets::new(&file.partners, &file.vessels, &vessel_ids, &file.crew),
            vessel_ids,
            emails: Emails::new(&file.crew),
            crew_ids: Index::new(&file.crew, |person| &person.id),
            has_large_files: file.crew.iter().flat_map(|person| &person.documents).any(is_large),
            partners: file.partners,
            vessels: file.vessels,
            roles: file.roles,
            crew: file.crew,
            callbacks: file.callbacks,
            files,
            generated: GeneratedFiles::default(),
        })
    }

    /// Returns the position in `crew` of the crew member with that id, which is compared exactly.
    pub fn position(&self, id: &str) -> Option<u32> {
        let found = self.crew_ids.find(id, |at| &self.crew[at].id);
        found.and_then(|at| u32::try_from(at).ok())
    }

    /// Returns the partner with that id.
    pub fn partner(&self, id: &str) -> Option<&Partner> {
        self.partner_ids.find(id, |at| &self.partners[at].id).map(|at| &self.partners[at])
    }

    /// Returns the vessel with that id.
    pub fn vessel(&self, id: &str) -> Option<&Vessel> {
        self.vessel_ids.find(id, |at| &self.vessels[at].id).map(|at| &self.vessels[at])
    }

    /// Returns the position in `vessels` of the vessel with that id.
    pub(crate) fn vessel_position(&self, id: &str) -> Option<usize> {
        self.vessel_ids.find(id, |at| &self.vessels[at].id)
    }

    /// Returns the fleet of the partner at a position, by name.
    pub(crate) fn fleet(&self, partner: usize) -> &[FleetRow] {
        self.fleets.of_partner(partner)
    }

    /// Returns the position of the crew member with an e-mail address.
    pub(crate) fn position_of_email(&self, email: &str) -> Option<u32> {
        self.emails.find(email, &self.crew)
    }

    /// Returns the role of that name.
    pub(crate) fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| *role.name == *name)
    }

    /// Returns the photo of a crew member of this world.
    pub(crate) fn photo(&self, person: &CrewMember) -> Option<Content> {
        let spec = person.details.as_ref()?.photo.as_ref()?;
        if let Some(path) = &spec.path {
            return self.files.get(spec.layer, path).cloned();
        }
        // No document has such an id.
        let id = format!("photo\0{}", person.id);
        let document = Document::of_file(&id, FileSpec::clone(spec));
        // A test may give the person a picture of another kind.
        let key = format!("{id}\0{:?}\0{:?}", spec.generate, spec.size);
        Some(self.generated.small(&key, || self.generate_file(&document)))
    }

    /// Returns every key with its partner and its text.
    pub fn keys(&self) -> impl Iterator<Item = (&Partner, &Key, &ApiKey)> {
        let keys = self.partners.iter().flat_map(|partner| partner.keys.iter().map(move |key| (partner, key)));
        keys.filter_map(|(partner, key)| Some((partner, key, key.text.as_ref()?)))
    }

    /// Returns the file of a document of this world, or of one with a generated file.
    ///
    /// A large generated file that is not cached is generated here, which may take seconds.
    ///
    /// # Errors
    /// `NotFound` for a path that no document had when the world was loaded.
    pub fn content(&self, document: &Document) -> io::Result<Content> {
        if document.file.path.is_none() {
            let generate = || self.generate_file(document);
            return Ok(if is_large(document) {
                self.generated.large(&document.id, generate)
            } else {
                self.generated.small(&document.id, generate)
            });
        }
        let found = self.file_read(document).cloned();
        found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no document of this world has that file"))
    }

    /// Returns the file of a document that has a path, as it was read.
    pub(crate) fn file_read(&self, document: &Document) -> Option<&Content> {
        self.files.get(document.file.layer, document.file.path.as_ref()?)
    }

    /// Returns true if a large file would first have to be generated.
    pub(crate) fn has_to_generate(&self, document: &Document) -> bool {
        is_large(document) && !self.generated.has_large(&document.id)
    }

    #[cfg(feature = "generate")]
    fn generate_file(&self, document: &Document) -> Vec<u8> {
        let kind = document.file.generate.unwrap_or(super::GeneratedKind::Pdf);
        super::generate::file(self.seed, document, kind, document.file.size)
    }

    /// Is never called: without the feature `generate`, the checks refuse a document without a path.
    #[cfg(not(feature = "generate"))]
    #[expect(clippy::unused_self, reason = "the other build takes the same arguments")]
    const fn generate_file(&self, _: &Document) -> Vec<u8> {
        Vec::new()
    }
}

fn is_large(document: &Document) -> bool {
    document.file.path.is_none() && document.file.size.is_some_and(|size| size > SMALL)
}

impl CrewMember {
    /// Returns true if the person consented to a scope for a partner.
    pub fn consents(&self, partner: &str, scope: Scope) -> bool {
        self.consent.get(partner).is_some_and(|scopes| scopes.contains(scope))
    }

    /// Returns true if one of the person's vessels is on the partner's fleet.
    pub fn on_fleet_of(&self, world: &World, partner: &str) -> bool {
        let vessels = self.vessels.iter().filter_map(|id| world.vessel(id));
        vessels.flat_map(|vessel| &vessel.partners).any(|id| id.as_str() == partner)
    }
}

/// Returns the default name of a world: the name of its file or folder.
fn default_name(path: &FilePath) -> String {
    let named = if path.is_dir() { path.file_name() } else { path.file_stem() };
    named.map_or_else(|| "world".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn derive_keys(file: &mut WorldFile) {
    let (seed, mode) = (file.seed, file.mode);
    for key in file.partners.iter_mut().flat_map(|partner| &mut partner.keys) {
        let name = &key.name;
        key.text.get_or_insert_with(|| ApiKey::derive(seed, name, mode));
    }
}

/// Takes in every file that a document names; one that can't be read is a finding of that document.
fn take_files(layered: &Layered, seen: &mut Seen, findings: &mut Vec<Finding>) -> FileStore {
    let mut files = FileStore::default();
    let roots: Vec<FileRoot> = layered.layers.iter().map(|layer| layer.root.clone()).collect();
    let mut take = |spec: &FileSpec, place: &dyn Fn() -> Path| {
        let Some(path) = &spec.path else { return };
        let Err(refused) = files.take(&roots, spec.layer, path, seen) else { return };
        if findings.len() < AT_MOST {
            findings.push(file_finding(place().field("path"), &refused, path, roots.get(usize::from(spec.layer))));
        }
    };
    for (person, member) in layered.file.crew.iter().enumerate() {
        for (at, document) in member.documents.iter().enumerate() {
            take(&document.file, &|| version_chains::path(person, at, "file"));
        }
        if let Some(photo) = member.details.as_ref().and_then(|details| details.photo.as_ref()) {
            take(photo, &|| Path::entry("crew", person).field("details").field("photo"));
        }
    }
    files
}

fn file_finding(place: Path, refused: &Refused, path: &str, root: Option<&FileRoot>) -> Finding {
    let (label, help) = match refused {
        Refused::Outside(_) => (
            "expected a path inside the folder",
            Some("a path has no `..` and no `/` in front, and no link leads out of the folder".to_owned()),
        ),
        Refused::Nowhere(_) => {
            ("there is no folder to look in", Some("write `generate: pdf`, or open the world from a file".to_owned()))
        }
        Refused::Missing { .. } => {
            let names = root.map(FileRoot::names).unwrap_or_default();
            ("no such file", did_you_mean(path, names.iter().map(String::as_str)))
        }
        Refused::NoFolder(_) | Refused::NoFile(_) | Refused::TooLarge(_) | Refused::Unreadable { .. } => {
            ("expected a file that can be read", None)
        }
    };
    Finding::at(place, refused.to_string(), label).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_known_in_advance_and_generated_once() {
        let text = "crew:\n- id: crew_1\n  documents:\n";
        let document = |id: &str, file: String| {
            format!(
                "  - {{id: {id}, type: A, title: B, verification_status: verified, file: {{generate: bytes{file}}}}}\n"
            )
        };
        let of = |documents: &[String]| World::parse(&(text.to_owned() + &documents.concat()), "w", None).unwrap();
        let small = [document("doc_1", String::new()), document("doc_2", format!(", size: {SMALL}"))];
        assert!(!of(&small).has_large_files);
        let world = of(&[small.as_slice(), &[document("doc_3", format!(", size: {}", SMALL + 1))]].concat());
        assert!(world.has_large_files);
        let has_to_generate =
            || -> Vec<_> { world.crew[0].documents.iter().map(|document| world.has_to_generate(document)).collect() };
        assert_eq!(has_to_generate(), [false, false, true]);
        for document in &world.crew[0].documents {
            world.content(document).unwrap();
        }
        assert_eq!(has_to_generate(), [false, false, false]);
    }
}
