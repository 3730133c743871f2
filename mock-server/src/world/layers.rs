//! Worlds that extend one another: the base is read first, then each world that extends it.
//!
//! An entry of the same id replaces the base's whole entry, others are appended; a setting replaces the base's where it
//! is written. Each entry keeps its layer, so that a problem names the file that holds it.

use std::path::{Path as FilePath, PathBuf};

use crewpass_diagnostics::{Path, Places, Problem, Problems, Recovered, Rest, Source, Step};

use super::WorldFile;
use super::file_store::FileRoot;
use super::finding::Finding;
use super::fingerprint::Seen;
use super::read::{MAX_WORLD_BYTES, new_source, read_world, recover_world};
use crate::regular_file::read_regular;

/// The largest number of worlds below another.
const MAX_DEPTH: usize = 16;

/// One world file with its text and the folder of its files.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) source: Source,
    pub(super) root: FileRoot,
}

/// A world with the layers that it was read from.
#[derive(Debug)]
pub(super) struct Layered {
    pub(super) file: WorldFile,
    pub(super) layers: Vec<Layer>,
    /// The mistakes of form of a world that extends none; the model has what is left.
    pub(super) misread: Option<Misread>,
    origins: Option<Origins>,
}

/// What is wrong with the form of a world.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) problems: Vec<Problem>,
    /// The places of the entries that are left.
    places: Places,
    /// Is true if no entry is missing that another one may refer to.
    pub(super) is_complete: bool,
}

/// The worlds that were extended on the way, and the folder that they can't leave.
struct Extended {
    worlds: Vec<PathBuf>,
    bound: Option<PathBuf>,
}

impl Extended {
    const fn new(bound: Option<PathBuf>) -> Self {
        Self { worlds: Vec::new(), bound }
    }
}

/// Layer and position of each entry of the lists. Kept only if there is a base.
#[derive(Debug, Default)]
struct Origins {
    partners: Vec<(usize, usize)>,
    vessels: Vec<(usize, usize)>,
    roles: Vec<(usize, usize)>,
    crew: Vec<(usize, usize)>,
}

impl Layered {
    /// Reads a text, and the worlds that it extends.
    pub(super) fn read(source: Source, folder: Option<&FilePath>) -> Result<Self, Problems> {
        let bound = folder.and_then(|folder| folder.canonicalize().ok());
        Self::read_below(source, folder, &mut Extended::new(bound), &mut Seen::default())
    }

    /// Reads the world at a path, and the worlds that it extends, which are in `root` or in the world's folder; notes
    /// the files that it reads.
    pub(super) fn open(path: &FilePath, root: Option<&FilePath>, seen: &mut Seen) -> Result<Self, Problems> {
        let (source, folder) = open(path, seen)?;
        let bound = root.unwrap_or(&folder);
        let bound = bound.canonicalize().map_err(|error| unreadable(bound, &error))?;
        Self::read_below(source, Some(&folder), &mut Extended::new(Some(bound)), seen)
    }

    /// Creates a world from a model in memory, without a text.
    pub(super) fn from_model(file: WorldFile, name: &str, root: FileRoot) -> Self {
        Self { file, layers: vec![Layer { source: new_source(name, ""), root }], misread: None, origins: None }
    }

    fn read_below(
        source: Source,
        folder: Option<&FilePath>,
        below: &mut Extended,
        seen: &mut Seen,
    ) -> Result<Self, Problems> {
        let (file, misread) = read_or_recover(&source)?;
        let base = match file.extends.as_deref() {
            Some(name) => Some(read_base(&source, folder, name, below, seen)?),
            None => None,
        };
        let files = file.files.as_deref();
        let root = FileRoot::new(folder, files).map_err(|refused| {
            point(
                &source,
                &Path::top_level("files"),
                &refused.to_string(),
                "expected a folder below this world, or one beside it",
            )
        });
        let (root, misread) = match (root, misread) {
            // Only a world that is not part of another is checked further.
            (root, Some(misread)) if base.is_some() || !below.worlds.is_empty() || root.is_err() => {
                return Err(Problems::new(misread.problems.into_iter().chain(root.err()).collect()));
            }
            (root, misread) => (root?, misread),
        };
        let layer = Layer { source, root };
        Ok(match base {
            None => Self { file, layers: vec![layer], misread, origins: None },
            Some(base) => base.extend_with(file, layer),
        })
    }

    /// Lays a world over this one.
    fn extend_with(mut self, mut over: WorldFile, layer: Layer) -> Self {
        let number = self.layers.len();
        let places = Places::parse(layer.source.text());
        let mut origins = self.origins.take().unwrap_or_else(|| Origins::new(&self.file));
        mark_layer(&mut over, number);
        let Origins { partners, vessels, roles, crew } = &mut origins;
        merge_entries(&mut self.file.partners, over.partners, partners, number, |partner| &partner.id);
        merge_entries(&mut self.file.vessels, over.vessels, vessels, number, |vessel| &vessel.id);
        merge_entries(&mut self.file.roles, over.roles, roles, number, |role| &role.name);
        merge_entries(&mut self.file.crew, over.crew, crew, number, |person| &person.id);
        if places.has("callbacks", None) {
            self.file.callbacks = over.callbacks;
        }
        if places.has("seed", None) {
            self.file.seed = over.seed;
        }
        if places.has("mode", None) {
            self.file.mode = over.mode;
        }
        self.file.name = over.name.or(self.file.name);
        self.file.clock = over.clock.or(self.file.clock);
        for (name, value) in over.policies.entries() {
            if places.has("policies", Some(name)) {
                // The value was read from this very text, so the policy takes it.
                let _ = self.file.policies.set(name, &value);
            }
        }
        self.layers.push(layer);
        Self { origins: Some(origins), ..self }
    }

    /// Returns the findings as problems, each with the lines of its file; each text is read once for all.
    pub(super) fn problems(&mut self, findings: Vec<Finding>) -> Vec<Problem> {
        let misread = self.misread.take();
        let places: Vec<Places> = match misread {
            None => self.layers.iter().map(|layer| Places::parse(layer.source.text())).collect(),
            Some(Misread { problems, places, .. }) => {
                let found = findings.into_iter().map(|finding| self.problem(finding, std::slice::from_ref(&places)).2);
                let mut problems: Vec<_> = problems.into_iter().chain(found).collect();
                problems.sort_by_key(Problem::place);
                return problems;
            }
        };
        let mut problems: Vec<_> = findings.into_iter().map(|finding| self.problem(finding, &places)).collect();
        problems.sort_by_key(|(layer, start, _)| (*layer, *start));
        problems.into_iter().map(|(.., problem)| problem).collect()
    }

    fn problem(&self, finding: Finding, places: &[Places]) -> (usize, usize, Problem) {
        let (layer, path) = self.origin(&finding.path);
        let source = &self.layers[layer].source;
        if source.text().is_empty() {
            let message = format!("{}: {}", finding.path, finding.message);
            return (layer, 0, Problem::of_file(source.name(), message).help(finding.help));
        }
        let range = places[layer].find(&path);
        let start = range.start;
        let label = match finding.earlier.map(|earlier| self.place(&earlier, places, layer)) {
            Some(earlier) => format!("{}; the other is at {earlier}", finding.label),
            None => finding.label,
        };
        let problem = Problem::of_file(source.name(), finding.message).help(finding.help);
        (layer, start, problem.at_excerpt(source.excerpt(range, finding.secret)).label(label))
    }

    /// Returns `line:column` of an entry, with the file's name if it is another one.
    fn place(&self, path: &Path, places: &[Places], from: usize) -> String {
        let (layer, path) = self.origin(path);
        let source = &self.layers[layer].source;
        let (line, column) = source.place(places[layer].find(&path).start);
        if layer == from { format!("{line}:{column}") } else { format!("{}:{line}:{column}", source.name()) }
    }

    /// Returns the layer of an entry, and its path there.
    fn origin(&self, path: &Path) -> (usize, Path) {
        let top = self.layers.len() - 1;
        let Some(origins) = &self.origins else { return (top, path.clone()) };
        let [Step::Field(list), Step::Item(position), rest @ ..] = &path.steps[..] else { return (top, path.clone()) };
        let list_of = match &**list {
            "partners" => &origins.partners,
            "vessels" => &origins.vessels,
            "roles" => &origins.roles,
            _ => &origins.crew,
        };
        let Some((layer, position)) = list_of.get(*position).copied() else { return (top, path.clone()) };
        let steps = [Step::Field(list.clone()), Step::Item(position)].into_iter().chain(rest.iter().cloned());
        (layer, Path { steps: steps.collect(), at_key: path.at_key })
    }
}

impl Origins {
    fn new(file: &WorldFile) -> Self {
        let all = |count: usize| (0..count).map(|position| (0, position)).collect();
        Self {
            partners: all(file.partners.len()),
            vessels: all(file.vessels.len()),
            roles: all(file.roles.len()),
            crew: all(file.crew.len()),
        }
    }
}

/// Replaces the base's entries of the same id, and appends the others. A duplicate id in the upper world stays, so that
/// the checks find it.
fn merge_entries<T>(
    list: &mut Vec<T>,
    over: Vec<T>,
    origins: &mut Vec<(usize, usize)>,
    layer: usize,
    id: impl Fn(&T) -> &str,
) {
    let known: hashbrown::HashMap<String, usize> =
        list.iter().enumerate().rev().map(|(position, entry)| (id(entry).to_owned(), position)).collect();
    for (position, entry) in over.into_iter().enumerate() {
        if let Some(known) = known.get(id(&entry)).filter(|known| origins[**known].0 < layer) {
            list[*known] = entry;
            origins[*known] = (layer, position);
        } else {
            list.push(entry);
            origins.push((layer, position));
        }
    }
}

fn mark_layer(file: &mut WorldFile, number: usize) {
    let layer = u8::try_from(number).unwrap_or(u8::MAX);
    for person in &mut file.crew {
        person.documents.iter_mut().for_each(|document| document.file.layer = layer);
        if let Some(photo) = person.details.as_mut().and_then(|details| details.photo.as_mut()) {
            photo.layer = layer;
        }
    }
}

/// Reads a world; of one with mistakes of form that can be left out, reads the rest.
fn read_or_recover(source: &Source) -> Result<(WorldFile, Option<Misread>), Problems> {
    let first = match read_world(source) {
        Ok(file) => return Ok((file, None)),
        Err(first) => first,
    };
    let Recovered { problems, rest } = recover_world(source, first);
    match rest {
        Some(Rest { value, places, is_complete }) => Ok((value, Some(Misread { problems, places, is_complete }))),
        None => Err(Problems::new(problems)),
    }
}

/// Reads the world that another one extends.
fn read_base(
    source: &Source,
    folder: Option<&FilePath>,
    name: &str,
    below: &mut Extended,
    seen: &mut Seen,
) -> Result<Layered, Problems> {
    let wrong = |message: &str, label: &str| point(source, &Path::top_level("extends"), message, label);
    let Some(folder) = folder else {
        return Err(
            wrong("a world that was given as text can't extend another", "there is no folder to look in").into()
        );
    };
    let path = folder.join(name);
    seen.look(&path);
    let found =
        path.canonicalize().map_err(|error| wrong(&format!("`{name}` can't be read: {error}"), "no such world"))?;
    if below.bound.as_ref().is_none_or(|bound| !found.starts_with(bound)) {
        return Err(wrong(&format!("`{name}` leads out of the folder of worlds"), "expected a world in this folder")
            .help(Some("`--world-root FOLDER` names another folder that holds all of them".to_owned()))
            .into());
    }
    if below.worlds.contains(&found) {
        let message = format!("`{name}` extends this world, so neither comes first");
        return Err(wrong(&message, "this closes a circle").into());
    }
    if below.worlds.len() >= MAX_DEPTH {
        return Err(wrong(
            &format!("`{name}` lies too deep: {MAX_DEPTH} worlds may lie below another"),
            "this is one too many",
        )
        .into());
    }
    below.worlds.push(found);
    let (base, folder) = open(&path, seen)?;
    Layered::read_below(base, Some(&folder), below, seen)
}

/// Reads the text at a path, or a folder's `world.yaml`; returns its folder, too.
fn open(path: &FilePath, seen: &mut Seen) -> Result<(Source, PathBuf), Problem> {
    let file = if path.is_dir() { in_folder(path)? } else { path.to_owned() };
    seen.look(&file);
    let bytes = read_regular(&file, MAX_WORLD_BYTES).map_err(|error| unreadable(&file, &error))?;
    seen.read(&file, &bytes);
    let name = file.display().to_string();
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(FilePath::new("."));
    Ok((new_source(&name, &text), folder.to_owned()))
}

fn in_folder(folder: &FilePath) -> Result<PathBuf, Problem> {
    let names = ["world.yaml", "world.yml", "world.json"];
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file()).ok_or_else(|| {
        Problem::of_file(&folder.display().to_string(), "this folder has neither a `world.yaml` nor a `world.json`")
    })
}

fn unreadable(path: &FilePath, error: &std::io::Error) -> Problem {
    Problem::of_file(&path.display().to_string(), format!("this world can't be read: {error}"))
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Problem {
    let at = error.utf8_error().valid_up_to();
    let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
    Problem::of_file(name, format!("this is not UTF-8 text: line {line} has a byte that can't be read"))
}

fn point(source: &Source, path: &Path, message: &str, label: &str) -> Problem {
    let range = Places::parse(source.text()).find(path);
    Problem::of_file(source.name(), message).at_excerpt(source.excerpt(range, false)).label(label)
}
