//! The texts of scenarios and worlds: the folder that is built in, and folders of the disk.

use std::fs;
use std::path::{Path, PathBuf};

use crewpass_diagnostics::Problem;
use include_dir::{Dir, include_dir};

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/scenarios");

/// The folder of named worlds, below a folder of scenarios.
const WORLDS: &str = "worlds";

/// A text of a folder.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Its path below the folder, without the extension, with `/` between its parts.
    pub(super) id: String,
    /// What messages call it.
    pub(super) file: String,
    /// What it says.
    pub(super) text: String,
    /// The folder of the disk that has it, if any.
    pub(super) folder: Option<PathBuf>,
}

/// The texts of one folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) scenarios: Vec<Written>,
    /// By their name alone.
    pub(super) worlds: Vec<Written>,
}

impl Folder {
    /// Reads the built-in folder.
    pub(super) fn built_in() -> Self {
        let mut folder = Self::default();
        folder.embed(&BUILT_IN);
        folder
    }

    fn embed(&mut self, dir: &Dir<'_>) {
        for file in dir.files() {
            if let (Some(id), Some(text)) = (id_of(file.path()), file.contents_utf8()) {
                let name = format!("fixtures/scenarios/{}", file.path().display());
                self.sort_in(Written { id, file: name, text: text.to_owned(), folder: None });
            }
        }
        dir.dirs().for_each(|below| self.embed(below));
    }

    /// Reads a folder of the disk, or one file of it.
    pub(super) fn open(root: &Path) -> Result<Self, Problem> {
        if root.is_file() {
            return Self::file(root);
        }
        let mut folder = Self::default();
        folder.walk(root, Path::new(""))?;
        Ok(folder)
    }

    fn walk(&mut self, root: &Path, below: &Path) -> Result<(), Problem> {
        let place = root.join(below);
        let unreadable = |path: &Path, error: std::io::Error| Problem::unreadable(&path.display().to_string(), &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&place).map_err(|error| unreadable(&place, error))? {
            names.push(entry.map_err(|error| unreadable(&place, error))?.file_name());
        }
        names.sort();
        for name in names {
            let (inner, path) = (below.join(&name), place.join(&name));
            if path.is_dir() {
                self.walk(root, &inner)?;
            } else if let Some(id) = id_of(&inner) {
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                self.sort_in(Written { id, file: path.display().to_string(), text, folder: Some(place.clone()) });
            }
        }
        Ok(())
    }

    /// Reads one scenario of the disk.
    pub(super) fn file(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
        let id = path.with_extension("").display().to_string();
        let folder = path.parent().map(Path::to_path_buf);
        Ok(Self { scenarios: vec![Written { id, file, text, folder }], worlds: Vec::new() })
    }

    fn sort_in(&mut self, mut written: Written) {
        match written.id.strip_prefix(WORLDS).and_then(|rest| rest.strip_prefix('/')) {
            Some(name) => {
                let name = name.to_owned();
                written.id = name;
                self.worlds.push(written);
            }
            None => self.scenarios.push(written),
        }
    }
}

/// Returns the id of a YAML file; `None` for files of other kinds.
fn id_of(path: &Path) -> Option<String> {
    let kind = path.extension()?;
    if kind != "yaml" && kind != "yml" {
        return None;
    }
    let stem = path.with_extension("");
    let parts: Vec<_> = stem.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    Some(parts.join("/"))
}
