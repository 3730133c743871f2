//! What a shell has of a program: completions of its command line, and manual pages.
//!
//! Rationale: a completion script asks the program itself, so that it also knows ids, scenarios, formats and policies.
//! The scripts that clap writes without asking stop after the first word of a program with a hyphen in its name (clap
//! issue 6421).

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Bash, CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

/// The variable by which a completion script asks for completions.
const VARIABLE: &str = "_CREWPASS_COMPLETE";

/// The date of the manual pages, which readers such as mandoc want. It changes with a release and not from day to day, so
/// that two builds of a source are the same.
const DATE_OF_PAGES: &str = "2026-11-30";

/// The empty line that clap writes before the values of an option, of which mandoc warns.
const TWO_BREAKS: &str = "\n.br\n\n.br\n";

/// The shells that can be asked for.
const SHELLS: Shells<'static> = Shells(&[&BashWithAssignments, &Elvish, &Fish, &Powershell, &Zsh]);

/// Answers a completion script. Returns false if none asks.
///
/// # Errors
/// An unknown shell, or standard output that can't be written.
pub fn complete(command: impl Fn() -> Command) -> clap::error::Result<bool> {
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(VARIABLE).shells(SHELLS);
    asked.try_complete(std::env::args_os(), folder.as_deref())
}

/// Returns the completion script of a program for a shell.
///
/// # Errors
/// A shell that is not supported.
pub fn completion_script(program: &str, shell: clap_complete::Shell) -> io::Result<Vec<u8>> {
    let name = shell.to_string();
    let completer = SHELLS.completer(&name).ok_or_else(|| io::Error::other(format!("no script for {name}")))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, program, program, program, &mut script)?;
    Ok(script)
}

/// Writes a manual page for the program and one for each command into a folder, which is created.
///
/// # Errors
/// A folder that can't be written.
pub fn write_man_pages(command: Command, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    write_page_of(&command, folder)
}

fn write_page_of(command: &Command, folder: &Path) -> io::Result<()> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        write_page_of(inner, folder)?;
    }
    let page = clap_mangen::Man::new(command.clone()).date(DATE_OF_PAGES);
    let mut text = Vec::new();
    page.render(&mut text)?;
    let text = String::from_utf8_lossy(&text).replace(TWO_BREAKS, "\n.sp\n");
    std::fs::write(folder.join(page.get_filename()), text)
}

/// Returns candidates that are not paths, each with a line of help.
pub fn candidates<N: Into<OsString>>(names: impl IntoIterator<Item = (N, String)>) -> Vec<CompletionCandidate> {
    let candidate =
        |(name, help): (N, String)| CompletionCandidate::new(name).help((!help.is_empty()).then(|| help.into()));
    names.into_iter().map(candidate).collect()
}

/// Returns the candidates that begin with what is written.
pub fn beginning_with(current: &OsStr, all: Vec<CompletionCandidate>) -> Vec<CompletionCandidate> {
    let begins = |one: &CompletionCandidate| one.get_value().as_encoded_bytes().starts_with(current.as_encoded_bytes());
    all.into_iter().filter(begins).collect()
}

/// Completions in bash, which splits a word such as `dead_link=410` or `rty/once[times=2]` at each `=` and `:`.
struct BashWithAssignments;

/// The words are taken from the line, and what bash takes for earlier words is cut off each answer.
const BASH: &str = r#"_NAME_complete() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} current='' cut='' splits='' value
    local -a words
    read -r -a words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    current=${words[${#words[@]}-1]}
    [[ $COMP_WORDBREAKS == *=* ]] && splits+='='
    [[ $COMP_WORDBREAKS == *:* ]] && splits+=':'
    [[ -n $splits && $current == *["$splits"]* ]] && cut=${current%"${current##*["$splits"]}"}
    COMPREPLY=()
    while IFS= read -r value || [[ -n $value ]]; do
        COMPREPLY+=("${value#"$cut"}")
    done < <(VARIABLE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$((${#words[@]} - 1)) PROGRAM -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ( ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ) ]]; then
    complete -o default -o bashdefault -o nosort -F _NAME_complete PROGRAM
else
    complete -o default -o bashdefault -F _NAME_complete PROGRAM
fi
"#;

impl EnvCompleter for BashWithAssignments {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        _: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        let text = BASH.replace("NAME", &name.replace('-', "_"));
        script.write_all(text.replace("VARIABLE", variable).replace("PROGRAM", completer).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        folder: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        Bash.write_complete(command, words, folder, answer)
    }
}
