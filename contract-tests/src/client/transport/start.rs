//! Starts the command, and explains why it can't be started: a mistake in the command line, not in
//! the client.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::environment::{ClientEnv, real_variable};
use super::error::StartError;
use super::exec::Exec;
use super::leaders;

/// `ENOEXEC`.
const NO_PROGRAM: i32 = 8;

/// Starts the command in its own process group, with empty input and captured output.
pub(super) fn start(exec: &Exec, env: &ClientEnv) -> Result<Child, StartError> {
    started(exec, env, env.environment(&exec.keep_env, &real_variable), Stdio::null())
}

/// Starts the command of a session, which reads its jobs from a pipe.
pub(super) fn start_session(exec: &Exec, env: &ClientEnv) -> Result<Child, StartError> {
    started(exec, env, env.base_environment(&exec.keep_env, &real_variable), Stdio::piped())
}

/// Starts the command with an environment and an input.
pub(super) fn started(
    exec: &Exec,
    env: &ClientEnv,
    environment: BTreeMap<OsString, OsString>,
    input: Stdio,
) -> Result<Child, StartError> {
    let Some((word, arguments)) = exec.argv.split_first() else { return Err(StartError::Empty) };
    let program = env.fill(word);
    // A path is relative to where the gate was called, not to the folder that the client works in.
    let place = if Path::new(&program).components().count() > 1 { absolute(&program) } else { PathBuf::from(&program) };
    let mut command = Command::new(&place);
    command
        .args(arguments.iter().map(|argument| from_here(env, argument)))
        .env_clear()
        .envs(&exec.env)
        .envs(environment)
        .current_dir(&env.out_dir)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    leaders::spawn(|| command.spawn()).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if word.trim().contains(char::is_whitespace) && !place.exists() => {
            StartError::OneWord(word.trim().to_owned())
        }
        _ => why(&place, error),
    })
}

/// Fills the placeholders of an argument. An argument that names a file becomes an absolute path,
/// since the client works in another folder: `python3 my_client.py` means the script in the
/// caller's folder.
fn from_here(env: &ClientEnv, argument: &str) -> OsString {
    let filled = env.fill(argument);
    let names_a_file = filled == *argument && Path::new(argument).is_relative() && Path::new(argument).is_file();
    if names_a_file { absolute(&filled).into_os_string() } else { filled }
}

fn absolute(program: &OsStr) -> PathBuf {
    // This fails only for an empty path, or without a working directory.
    std::path::absolute(program).unwrap_or_else(|_| program.into())
}

/// Explains a failed start.
fn why(program: &Path, error: io::Error) -> StartError {
    let command = program.display().to_string();
    let is_path = program.components().count() > 1;
    let about = fs::metadata(program).ok().filter(|_| is_path);
    match error.kind() {
        io::ErrorKind::NotFound => match (about, interpreter(program)) {
            (Some(_), Some(interpreter)) => StartError::NoInterpreter { command, interpreter },
            _ if is_path => StartError::NotFound(command, "there is no such file"),
            _ => StartError::NotFound(command, "there is no such command on the PATH"),
        },
        io::ErrorKind::PermissionDenied => match about {
            Some(about) if about.is_dir() => StartError::NotFound(command, "it is a folder"),
            Some(about) if about.permissions().mode() & 0o111 != 0 => match interpreter(program) {
                Some(interpreter) => StartError::NoInterpreter { command, interpreter },
                None => StartError::Other { command, source: error },
            },
            _ => StartError::NotExecutable(command),
        },
        _ if error.raw_os_error() == Some(NO_PROGRAM) => StartError::Format(command),
        _ => StartError::Other { command, source: error },
    }
}

/// Returns the interpreter in the first line of a script.
fn interpreter(program: &Path) -> Option<String> {
    let text = fs::read(program).ok()?;
    let line = text.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    line.split_whitespace().next().map(str::to_owned)
}
