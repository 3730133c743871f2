//! Worlds in folders of their own.

use std::fs::File;
use std::path::PathBuf;

use crate::support::executable::{run, words};
use serde_json::json;
use tempfile::TempDir;

/// A folder with a world of one crew member, whose document is one large file of zeros.
pub(crate) struct LargeFile {
    folder: TempDir,
}

impl LargeFile {
    /// The file takes no room on the disk, whatever its length.
    pub(crate) fn new(length: u64) -> Self {
        let made = Self { folder: TempDir::new().unwrap() };
        File::create(made.file()).unwrap().set_len(length).unwrap();
        let scopes = ["crew:documents:read", "crew:documents:download"];
        let world = json!({
            "name": "large",
            "partners": [{"id": "prt_1", "granted_scopes": scopes, "keys": [{"name": "full"}]}],
            "vessels": [{"id": "ves_1", "name": "M/Y Large", "partners": ["prt_1"]}],
            "crew": [{"id": "crew_1", "vessels": ["ves_1"], "consent": {"prt_1": scopes}, "documents": [
                {"id": "doc_1", "type": "STCW", "title": "Large", "verification_status": "verified",
                 "file": {"path": "large.bin"}}
            ]}],
        });
        std::fs::write(made.folder.path().join("world.yaml"), world.to_string()).unwrap();
        made
    }

    /// The folder, as `--world` takes it.
    pub(crate) fn world(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// The large file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("large.bin")
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_or_too_large_is_refused_at_once() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    std::fs::File::create(path("sparse.yaml")).unwrap().set_len(2 << 30).unwrap();
    std::fs::File::create(path("faults.yaml")).unwrap().set_len(1 << 30).unwrap();
    for (world, why) in [("pipe", "regular"), ("/dev/zero", "regular"), ("sparse.yaml", "more than")] {
        let world = if world.starts_with('/') { world.to_owned() } else { path(world) };
        for args in [&["check-world", &world][..], &["serve", "--bind", "127.0.0.1:0", "--world", &world]] {
            let ran = run(args);
            assert!(ran.code == Some(3) && words(&ran.stderr).contains(why), "{args:?}: {ran:?}");
        }
    }
    for faults in ["pipe", "faults.yaml"] {
        let ran = run(&["serve", "--bind", "127.0.0.1:0", "--fault", &path(faults)]);
        assert!(ran.code == Some(3) && words(&ran.stderr).contains("these faults can't be read"), "{ran:?}");
    }
}

#[test]
fn a_world_root_holds_what_a_world_extends() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    std::fs::write(folder.path().join("base.yaml"), "name: base\n").unwrap();
    let world = folder.path().join("mine/world.yaml");
    std::fs::write(&world, "extends: ../base.yaml\n").unwrap();
    let (world, root) = (world.to_str().unwrap(), folder.path().to_str().unwrap());
    let refused = run(&["check-world", world]);
    assert!(refused.code == Some(3) && refused.stderr.contains("--world-root"), "{refused:?}");
    assert_eq!(run(&["check-world", world, "--world-root", root]).code, Some(0));
}
