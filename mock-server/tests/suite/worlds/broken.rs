//! Writes a world into a folder of its own, loads it, and gives what is said about it.

use std::fs;
use std::path::Path;

use crewpass_mock::world::{World, WorldError};

/// Columns enough for any line: where it would be broken depends on the length of the temporary folder's path.
const WIDE: usize = 1000;

/// A folder with a world in it, removed when it is dropped.
pub(crate) struct Broken {
    root: tempfile::TempDir,
}

impl Broken {
    /// A folder `worlds` with that `world.yaml`, and a folder `files` beside it with one file `a.pdf`.
    pub(crate) fn world(text: &str) -> Self {
        let broken = Self { root: tempfile::tempdir().unwrap() };
        broken.file("worlds/world.yaml", text).file("files/a.pdf", "%PDF-")
    }

    /// One more file, by its path from the root.
    pub(crate) fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A path below the root.
    pub(crate) fn path(&self, path: &str) -> std::path::PathBuf {
        self.root.path().join(path)
    }

    /// Loads `worlds`.
    pub(crate) fn load(&self) -> Result<World, WorldError> {
        World::open(&self.path("worlds"))
    }

    /// What is said about `worlds`, without the path of the temporary folder.
    pub(crate) fn problems(&self) -> String {
        self.problems_of(Path::new("worlds"))
    }

    /// What is said about a world of the folder.
    pub(crate) fn problems_of(&self, path: &Path) -> String {
        let error = World::open(&self.root.path().join(path)).expect_err("the world is broken");
        error.render(false, WIDE).replace(&format!("{}/", self.root.path().display()), "")
    }
}

/// What is said about a world that is given as text.
pub(crate) fn problems(text: &str) -> String {
    Broken::world(text).problems()
}

/// A small valid world: one partner with a key, one vessel, one person with two versions of a document.
pub(crate) const VALID: &str = "\
files: ../files
partners:
  - id: prt_1
    granted_scopes: [crew:documents:read]
    keys:
      - {name: full, key: cpk_test_0123456789abcdef0123456789abcdef}
vessels:
  - {id: ves_abc, name: Halcyon, partners: [prt_1]}
crew:
  - id: crew_1
    vessels: [ves_abc]
    consent: {prt_1: [crew:documents:read]}
    documents:
      - id: doc_0
        type: STCW
        title: Survival
        verification_status: expired
        file: {path: a.pdf}
      - id: doc_1
        supersedes: doc_0
        type: STCW
        title: Survival
        verification_status: verified
        expiry_date: 2028-03-01
        file: {generate: pdf}
";

/// The valid world with one piece of it replaced, which must be there.
pub(crate) fn with(old: &str, new: &str) -> String {
    assert!(VALID.contains(old), "`{old}` is not in the valid world");
    VALID.replacen(old, new, 1)
}

#[test]
fn the_valid_world_is_valid() {
    let broken = Broken::world(VALID);
    assert_eq!(&*World::open(&broken.path("worlds/world.yaml")).unwrap().name, "world");
    let world = broken.load().unwrap();
    assert_eq!(&*world.name, "worlds", "it has the name of its folder");
    let documents = &world.crew[0].documents;
    let found: Vec<_> = documents.iter().map(|document| (document.current, document.version)).collect();
    assert_eq!(found, [(false, 1), (true, 2)]);
    assert_eq!(world.position("crew_1"), Some(0));
    assert_eq!(world.position("CREW_1"), None);
    assert!(world.crew[0].on_fleet_of(&world, "prt_1"));
    assert!(!world.crew[0].on_fleet_of(&world, "prt_2"));
}
