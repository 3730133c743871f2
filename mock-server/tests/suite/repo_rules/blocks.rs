//! Every fenced block of README and docs: `console` is run and compared, `yaml` is loaded as a world, `json` is read.
//!
//! In a `console` block a line that begins `$ ` is run, and what follows is what it prints; `...` stands for anything.
//! Each line of an `sh` block is run and must succeed. A line with `make` builds for minutes, so only its target is looked
//! for; the other lines of CONTRIBUTING are those of `make test` itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crewpass_mock::world::World;

use crate::repo_rules::shell::{Shell, repository};

/// A fenced block of a document.
pub(crate) struct Block {
    pub(crate) language: String,
    line: usize,
    pub(crate) text: String,
}

fn documents() -> Vec<PathBuf> {
    let mut documents = vec![repository().join("README.md"), repository().join("CONTRIBUTING.md")];
    let docs = fs::read_dir(repository().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    documents.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    documents.sort();
    documents
}

/// Returns the fenced blocks of a document.
pub(crate) fn blocks(document: &Path) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in fs::read_to_string(document).unwrap().lines().enumerate() {
        match line.strip_prefix("```") {
            Some(language) if !open => {
                open = true;
                found.push(Block { language: language.to_owned(), line: number + 1, text: String::new() });
            }
            Some(_) => open = false,
            None if open => {
                let block = found.last_mut().unwrap();
                block.text += line;
                block.text.push('\n');
            }
            None => {}
        }
    }
    assert!(!open, "{}: a block is not closed", document.display());
    found
}

/// Whether what was printed is what is shown, line by line.
fn agrees(shown: &str, printed: &str) -> bool {
    let (shown, printed): (Vec<_>, Vec<_>) = (shown.lines().collect(), printed.lines().collect());
    shown.len() == printed.len() && shown.iter().zip(printed).all(|(shown, printed)| line_agrees(shown, printed))
}

fn line_agrees(shown: &str, printed: &str) -> bool {
    let parts: Vec<_> = shown.split("...").collect();
    let mut parts = parts.into_iter();
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn run_console(shell: &Shell, document: &Path, block: &Block) -> usize {
    let mut runs = 0;
    for example in block.text.split("$ ").skip(1) {
        let (command, shown) = example.split_once('\n').unwrap();
        let output = shell.run(command);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let place = format!("{}:{}", document.display(), block.line);
        assert!(agrees(shown, &printed), "{place}: `{command}`\nshows\n{shown}\nbut printed\n{printed}");
        runs += 1;
    }
    runs
}

/// Runs what a document shows, with a fake of its own.
fn run_document(document: &Path) -> usize {
    let consoles: Vec<_> = blocks(document).into_iter().filter(|block| block.language == "console").collect();
    if consoles.is_empty() {
        return 0;
    }
    let shell = if document.ends_with("docs/tls.md") { Shell::over_tls() } else { Shell::new() };
    let runs = consoles.iter().map(|block| run_console(&shell, document, block)).sum();
    if document.ends_with("README.md") || document.ends_with("docs/recipes.md") {
        leaves_nothing_to_commit(&shell, document);
    }
    runs
}

/// A reader runs these in a clone: git ignores what they leave there.
fn leaves_nothing_to_commit(shell: &Shell, document: &Path) {
    let entries = fs::read_dir(shell.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for left in entries.filter(|path| !path.is_symlink()) {
        let name = left.file_name().unwrap().to_str().unwrap();
        let mut ask = Command::new("git");
        // Any other answer is of a copy that is not a clone.
        let is_kept = ask.args(["check-ignore", "-q", name]).current_dir(repository()).status();
        assert_ne!(is_kept.ok().and_then(|status| status.code()), Some(1), "{} leaves {name}", document.display());
    }
}

/// Runs each line of an `sh` block; returns the number of lines.
fn run_script(shell: &Shell, document: &Path, block: &Block) -> usize {
    let makefile = fs::read_to_string(repository().join("Makefile")).unwrap();
    let place = format!("{}:{}", document.display(), block.line);
    let commands: Vec<_> = block.text.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()).collect();
    for command in &commands {
        if let Some(target) = command.strip_prefix("make ") {
            let target = target.split(' ').next().unwrap_or_default();
            assert!(makefile.contains(&format!("\n{target}: ")), "{place}: the Makefile has no target `{target}`");
        } else if !document.ends_with("CONTRIBUTING.md") {
            let output = shell.run(command);
            let printed =
                String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{place}: `{command}` ended with {}\n{printed}", output.status);
        }
    }
    commands.len()
}

#[test]
fn sh_blocks_succeed() {
    let scripts = documents().into_iter().flat_map(|document| {
        let blocks = blocks(&document).into_iter().filter(|block| block.language == "sh");
        blocks.map(|block| (document.clone(), block)).collect::<Vec<_>>()
    });
    let runs: usize = thread::scope(|scope| {
        let run =
            |(document, block): (PathBuf, Block)| scope.spawn(move || run_script(&Shell::new(), &document, &block));
        let running: Vec<_> = scripts.map(run).collect();
        running.into_iter().map(|script| script.join().expect("a block does not succeed")).sum()
    });
    assert!(runs >= 15, "only {runs} lines were found: is the reading of blocks broken?");
}

#[test]
fn console_blocks_print_what_they_show() {
    let documents = documents();
    let runs: usize = thread::scope(|scope| {
        let running: Vec<_> = documents.iter().map(|document| scope.spawn(|| run_document(document))).collect();
        // Each has said what is wrong with it when it panicked.
        let ended: Vec<_> = running.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ended.into_iter().map(|ran| ran.expect("a document shows something else")).sum()
    });
    assert!(runs >= 20, "only {runs} commands were found: is the reading of blocks broken?");
}

#[test]
fn worlds_load_and_json_is_json() {
    let mut read = 0;
    for document in documents() {
        for block in blocks(&document) {
            let place = format!("{}:{}", document.display(), block.line);
            match block.language.as_str() {
                "yaml" => drop(World::parse(&block.text, &place, None).unwrap_or_else(|error| panic!("{error}"))),
                "json" => drop(serde_json::from_str::<serde_json::Value>(&block.text).expect(&place)),
                "console" | "sh" | "rust" | "text" => continue,
                other => panic!("{place}: nothing runs blocks of `{other}`"),
            }
            read += 1;
        }
    }
    assert!(read >= 1, "no block was found: is the reading of blocks broken?");
}

#[test]
fn the_comparison_can_fail() {
    assert!(line_agrees("saved ... bytes", "saved 12 bytes"));
    assert!(line_agrees("...", ""));
    for (shown, printed) in [("a", "b"), ("a", "ab"), ("a...c", "ab"), ("a...b...", "acd"), ("", "x")] {
        assert!(!line_agrees(shown, printed), "{shown} {printed}");
    }
    assert!(!agrees("a\n", "a\nb\n"));
}
