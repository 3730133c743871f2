//! Completions as a shell gets them from the script of a program. The gate's tests include this file, too.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Runs a script of a shell that has the program on its path, and returns its lines. The folder of the shell holds a
/// file `mine.yaml`.
pub(crate) fn lines(program: &Path, shell: &str, args: &[&str], script: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("mine.yaml"), "").unwrap();
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(shell);
    command.args(args).args(["-c", script]).env("PATH", path).env("HOME", folder.path()).current_dir(folder.path());
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{script}\n{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Returns what bash would insert behind a line.
pub(crate) fn in_bash(program: &Path, line: &str) -> Vec<String> {
    let name = program.file_name().unwrap().to_str().unwrap();
    let function = format!("_{}_complete", name.replace('-', "_"));
    let script = format!(
        "source <({name} completions bash)\n\
         complete -p {name} | grep -q {function} || exit 1\n\
         COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:' COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}\n\
         {function}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    lines(program, "bash", &["--norc"], &script)
}
