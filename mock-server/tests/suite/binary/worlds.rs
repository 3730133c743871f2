//! Worlds in folders of their own.

use std::fs::File;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

/// A folder with a world of one crew member, whose document is one large file of zeros.
pub(crate) struct LargeFile {
    folder: TempDir,
}

impl LargeFile {
    /// The file takes no room on the disk, whatever its length.
    pub(crate) fn of(length: u64) -> Self {
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
