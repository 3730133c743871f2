//! `new`: a world to change, written whole or not at all.

use std::fs;
use std::path::Path;

use crate::support::executable::{Fake, command, run};
use serde_json::Value;
use tempfile::TempDir;

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const WRITTEN: [&str; 3] = ["files", "world.schema.json", "world.yaml"];

#[test]
fn what_is_written_is_checked_and_served_from_any_folder() {
    let folder = TempDir::new().unwrap();
    let mut new = command();
    let written = new.args(["new", "below/my world"]).current_dir(folder.path()).output().unwrap();
    let printed = String::from_utf8(written.stdout).unwrap();
    assert!(written.status.success() && written.stderr.is_empty(), "{printed}");
    assert!(printed.contains("crewpass-mock serve --world 'below/my world' --watch"), "{printed}");
    let world = folder.path().join("below/my world");
    assert_eq!(names(&world), WRITTEN);
    assert_eq!(names(&folder.path().join("below")), ["my world"], "nothing else is left");
    // This process has another working directory than `new` had.
    let path = world.to_str().unwrap();
    let checked = run(&["check-world", path]);
    assert_eq!((checked.code, &*checked.stderr), (Some(0), ""), "{checked:?}");
    assert!(checked.stdout.contains("3 crew members, 2 current of 3 documents"), "{checked:?}");
    let fake = Fake::start(&["--world", path]);
    let (status, file) = fake.follow(&fake.link("crew_001", "doc_1"));
    assert_eq!((status, file), (200, fs::read(world.join("files/certificate.pdf")).unwrap()));
    fake.stop();
}

#[test]
fn the_schema_for_the_editor_accepts_the_world() {
    let folder = TempDir::new().unwrap();
    let world = folder.path().join("w");
    assert_eq!(run(&["new", world.to_str().unwrap()]).code, Some(0));
    let text = fs::read_to_string(world.join("world.yaml")).unwrap();
    let line = text.lines().next().unwrap();
    let named = line.strip_prefix("# yaml-language-server: $schema=").unwrap();
    let schema: Value = serde_json::from_str(&fs::read_to_string(world.join(named)).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &serde_saphyr::from_str(&text).unwrap()), "{text}");
}

#[test]
fn an_empty_folder_is_filled_also_if_it_is_the_present_one() {
    let folder = TempDir::new().unwrap();
    let written = command().args(["new", "."]).current_dir(folder.path()).output().unwrap();
    assert!(written.status.success(), "{written:?}");
    assert_eq!(names(folder.path()), WRITTEN);
    assert_eq!(run(&["check-world", folder.path().to_str().unwrap()]).code, Some(0));
}

#[test]
fn a_folder_that_is_not_empty_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let line = run(&["new", folder.path().to_str().unwrap()]).failed(6);
    assert!(line.contains("this folder is not empty, and nothing was written"), "{line}");
    assert_eq!(names(folder.path()), ["mine.txt"]);
    let file = folder.path().join("mine.txt");
    let line = run(&["new", file.to_str().unwrap()]).failed(6);
    assert!(line.contains("mine.txt"), "{line}");
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn what_can_not_be_written_leaves_nothing() {
    // /proc can't be written, whoever runs this.
    let line = run(&["new", "/proc/crewpass-world"]).failed(6);
    assert!(line.contains("/proc/crewpass-world"), "{line}");
}

#[test]
fn an_empty_world_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let world = folder.path().join("w.yaml");
    let path = world.to_str().unwrap();
    for (text, lack) in [
        ("", "has no partner with a key, so every request is refused with 401"),
        ("partners: [{id: prt_1, keys: [{name: full}]}]\n", "has no crew member"),
    ] {
        fs::write(&world, text).unwrap();
        let checked = run(&["check-world", path]);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        assert!(checked.stderr.starts_with("crewpass-mock: warning: world `w` ") && checked.stderr.contains(lack));
        // Standard input has ended, and so does the fake once it has started.
        let served = run(&["serve", "--bind", "127.0.0.1:0", "--world", path, "--stop-with-stdin"]);
        assert!(served.code == Some(0) && served.stderr.contains(lack), "{served:?}");
        let has_key = served.stdout.contains("CPK_KEY=cpk_test_");
        assert_eq!((has_key, served.stdout.contains('<')), (!text.is_empty(), false), "{served:?}");
    }
}
