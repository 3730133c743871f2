//! Traps in HOME while a run lasts.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::client::trap::Trap;

/// The files of planted traps. They are removed with this value: a client in session mode keeps its HOME over all runs.
#[derive(Debug, Default)]
pub(super) struct PlantedTraps(Vec<PathBuf>);

impl PlantedTraps {
    /// Plants traps in a home.
    pub(super) fn plant(traps: &[Trap], home: &Path) -> io::Result<Self> {
        let mut planted = Self::default();
        for trap in traps {
            let path = home.join(trap.file_name());
            planted.0.push(path.clone());
            fs::write(&path, trap.content())?;
            // Programs ignore a file of logins that others may read.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        Ok(planted)
    }
}

impl Drop for PlantedTraps {
    fn drop(&mut self) {
        for path in &self.0 {
            // The client may have removed it.
            let _ = fs::remove_file(path);
        }
    }
}
