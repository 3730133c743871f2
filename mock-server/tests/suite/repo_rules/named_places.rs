//! What ARCHITECTURE.md and CONTRIBUTING.md name exists: files, folders and modules.

use std::fs;
use std::path::PathBuf;

use crate::repo_rules::shell::repository;

const PAGES: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];

/// The folders that a page leaves out of a path.
const ROOTS: [&str; 8] = [
    "",
    "mock-server/src",
    "contract-tests/src",
    "mock-server/tests/suite",
    "contract-tests/tests/gate_suite",
    "contract-tests/tests",
    "contract-tests",
    "contract-tests/reference-client/src",
];

/// Folders that only a build makes.
const BUILT: [&str; 1] = ["target"];

/// Returns what stands between two backticks in a text, outside its code blocks.
fn quoted(page: &str) -> Vec<&str> {
    let prose = page.split("```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// Returns the paths in the trees of a page. An indented line is below the last line that is not.
fn tree(page: &str) -> Vec<String> {
    let blocks = page.split("```text").skip(1).filter_map(|rest| rest.split("```").next());
    let (mut paths, mut parent) = (Vec::new(), "");
    for line in blocks.flat_map(str::lines) {
        let Some(name) = line.split_whitespace().next() else { continue };
        if line.starts_with(' ') {
            paths.push(format!("{parent}{name}"));
        } else {
            parent = name;
            paths.push(name.to_owned());
        }
    }
    paths
}

/// Returns the paths that a quoted text stands for, if it is a path or a module.
fn paths_of(name: &str) -> Vec<String> {
    let letters = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || "_/.-".contains(c));
    if let Some((folder, all)) = name.split_once("::{") {
        return all.trim_end_matches('}').split(',').map(|one| format!("{folder}/{}", one.trim())).collect();
    }
    let is_module = name.contains("::") && letters(&name.replace("::", "_"));
    let is_path = letters(name) && name.contains('/') && !name.starts_with(['/', '.']);
    if is_module || is_path { vec![name.replace("::", "/")] } else { Vec::new() }
}

fn exists(path: &str) -> bool {
    let is_there = |path: PathBuf| path.exists() || path.with_extension("rs").exists();
    let path = path.trim_end_matches('/');
    BUILT.iter().any(|built| path.starts_with(built))
        || ROOTS.iter().any(|root| is_there(repository().join(root).join(path)))
}

#[test]
fn each_place_that_a_page_names_exists() {
    for page in PAGES {
        let text = fs::read_to_string(repository().join(page)).unwrap();
        let named: Vec<String> = quoted(&text).into_iter().flat_map(paths_of).collect();
        assert!(named.len() > 20, "{page} names only {named:?}");
        let missing: Vec<&String> = named.iter().filter(|path| !exists(path)).collect();
        assert!(missing.is_empty(), "{page} names what is not there: {missing:?}");
    }
}

#[test]
fn each_source_file_that_the_documentation_names_exists() {
    let pages = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|kind| kind == "md"));
    let mut count = 0;
    for page in pages.chain([repository().join("README.md")]) {
        let text = fs::read_to_string(&page).unwrap();
        let is_source = |name: &&str| PathBuf::from(name).extension().is_some_and(|kind| kind == "rs");
        let named: Vec<&str> = quoted(&text).into_iter().filter(is_source).collect();
        let missing: Vec<&&str> = named.iter().filter(|path| !exists(path)).collect();
        assert!(missing.is_empty(), "{} names what is not there: {missing:?}", page.display());
        count += named.len();
    }
    assert!(count > 0, "no page names a source file");
}

#[test]
fn each_line_of_a_tree_is_a_file_or_folder() {
    let text = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let named = tree(&text);
    assert!(named.len() > 30, "{named:?}");
    let missing: Vec<&String> = named.iter().filter(|path| !exists(path)).collect();
    assert!(missing.is_empty(), "these are not there: {missing:?}");
}
