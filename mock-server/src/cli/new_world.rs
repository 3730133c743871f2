//! `new`: writes a world to change into a folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::world::{World, schema_text};
use crewpass_diagnostics::shell_word;

use super::args::New;
use super::error::CliError;
use super::standard_output::say;

/// The world.
const WORLD: &str = include_str!("new_world/world.yaml");

/// The file of one of its documents, by the name that it has in the starter world.
const CERTIFICATE: &str = "pst-2023.pdf";

/// What is moved into a folder that exists; the world last, so that a folder with a world has all of it.
const ENTRIES: [&str; 3] = ["files", "world.schema.json", "world.yaml"];

/// Writes the world, and prints what to do with it.
pub(crate) fn run(args: &New) -> Result<(), CliError> {
    let folder = &args.folder;
    create(folder).map_err(|source| CliError::File { path: folder.clone(), source })?;
    let shown = |path: &Path| shell_word(&path.display().to_string()).into_owned();
    let path = |name: &str| shown(&folder.join(name));
    say(&format!(
        "Wrote a world to change:\n\n  \
         {}\n  {}  completes and checks it in an editor\n  {}  is the file of doc_1\n\
         \nCheck it, and serve it; it is loaded again when you save it:\n\n  \
         crewpass-mock check-world {folder}\n  crewpass-mock serve --world {folder} --watch\n",
        path("world.yaml"),
        path("world.schema.json"),
        path("files/certificate.pdf"),
        folder = shown(folder),
    ))
}

/// Creates the folder with everything in it, or with nothing.
fn create(folder: &Path) -> io::Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_none() {
                return fill(folder);
            }
            return Err(io::Error::new(
                io::ErrorKind::DirectoryNotEmpty,
                "this folder is not empty, and nothing was written; name a new folder, or an empty one",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(above)?;
    let unfinished = unfinished_in(above)?;
    let world = unfinished.path().join("world");
    fs::create_dir(&world)?;
    write(&world)?;
    fs::rename(&world, folder)
}

/// Fills an empty folder, which may be the present one or a mount and so can't be replaced.
fn fill(folder: &Path) -> io::Result<()> {
    let unfinished = unfinished_in(folder)?;
    write(unfinished.path())?;
    for (at, name) in ENTRIES.into_iter().enumerate() {
        if let Err(error) = fs::rename(unfinished.path().join(name), folder.join(name)) {
            for moved in &ENTRIES[..at] {
                // What can't go back is left: the error that is reported says that the folder can't be written.
                let _ = fs::rename(folder.join(moved), unfinished.path().join(moved));
            }
            return Err(error);
        }
    }
    Ok(())
}

/// Creates a folder for what is not finished; it is removed when the value is dropped.
fn unfinished_in(folder: &Path) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix(".crewpass-new-").tempdir_in(folder)
}

/// Writes the entries.
fn write(folder: &Path) -> io::Result<()> {
    let certificate = World::starter_files().iter().find(|(name, _)| *name == CERTIFICATE);
    let certificate = certificate.map(|(_, bytes)| *bytes).ok_or(io::ErrorKind::NotFound)?;
    let files: PathBuf = folder.join("files");
    fs::create_dir(&files)?;
    fs::write(files.join("certificate.pdf"), certificate)?;
    fs::write(folder.join("world.schema.json"), schema_text())?;
    fs::write(folder.join("world.yaml"), WORLD)
}
