//! The page on clients in one process shows what a documentation test compiles.

use std::fs;
use std::path::Path;

#[test]
fn the_page_shows_the_example_that_is_compiled() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(package.join("../docs/in-process.md")).unwrap();
    let shown = page.split("```rust\n").nth(1).unwrap().split("```").next().unwrap();
    let source = fs::read_to_string(package.join("src/client/tests_macro.rs")).unwrap();
    let lines = source.lines().filter_map(|line| line.strip_prefix("///"));
    let compiled = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).filter(|line| !line.starts_with("# "));
    let compiled: String = compiled.flat_map(|line| [line, "\n"]).collect();
    assert!(compiled.contains(&format!("```\n{shown}```")), "{shown}");
}
