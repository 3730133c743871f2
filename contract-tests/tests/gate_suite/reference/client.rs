//! The reference client, run to its end in a sandbox of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};
use wait_timeout::ChildExt;

use crate::reference::harness::ScriptedServer;

pub(crate) const KEY: &str = "cpk_test_00112233445566778899aabbccddeeff";

/// Who has not ended by itself by then hangs.
const HANGS: Duration = Duration::from_mins(2);

/// Whom a situation is played with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// The client that keeps every obligation.
    Good,
    /// The same with one bug.
    Variant(&'static str),
    /// A client to copy, by its command.
    Example(&'static [&'static str]),
}

impl Who {
    fn command(self) -> Command {
        let Self::Example([program, arguments @ ..]) = self else {
            return Command::new(env!("REFERENCE_CLIENT"));
        };
        let built = Path::new(env!("REFERENCE_CLIENT")).with_file_name(program);
        let mut command = if built.exists() { Command::new(built) } else { Command::new(program) };
        command.args(arguments);
        command
    }
}

/// A client that is about to run, and all that it may touch.
pub(crate) struct Client {
    sandbox: TempDir,
    command: Command,
    who: Who,
    limit: Duration,
    authority: NamedTempFile,
    crew_id: String,
    begun: bool,
}

/// A client that ended.
#[derive(Debug)]
pub(crate) struct RunResult {
    pub(crate) code: Option<i32>,
    pub(crate) printed: String,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Client {
    /// The good client, or one of its variants, for a service.
    pub(crate) fn new(stage: &ScriptedServer, who: Who) -> Self {
        Self::at(stage.base(), who)
    }

    pub(crate) fn at(base: &str, who: Who) -> Self {
        let sandbox = tempfile::tempdir().unwrap();
        let mut command = who.command();
        command.env_clear().env("BASE", base).env("CPK_KEY", KEY).env("CPK_DEADLINE_S", "20");
        command.env("HOME", sandbox.path());
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Who::Variant(bug) = who {
            command.args(["--bug", bug]);
        }
        command.current_dir(sandbox.path());
        Self {
            sandbox,
            command,
            who,
            limit: Duration::from_secs(20),
            authority: NamedTempFile::new().unwrap(),
            crew_id: "crew_001".to_owned(),
            begun: false,
        }
    }

    #[must_use]
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Tells it of the one authority to trust.
    #[must_use]
    pub(crate) fn trusting(self, pem: &str) -> Self {
        let ca = self.authority.path().to_owned();
        fs::write(&ca, pem).unwrap();
        self.env("CPK_CA_FILE", ca.to_str().unwrap()).env("NODE_EXTRA_CA_CERTS", ca.to_str().unwrap())
    }

    /// Tells it of another crew member than `crew_001`.
    #[must_use]
    pub(crate) fn about(mut self, crew_id: &str) -> Self {
        crew_id.clone_into(&mut self.crew_id);
        self
    }

    /// Its home, which is also the top of its sandbox.
    pub(crate) fn home(&self) -> &Path {
        self.sandbox.path()
    }

    /// The folder that it saves into.
    pub(crate) fn folder(&self) -> PathBuf {
        self.home().join("a/b/out")
    }

    /// The same folder, there already.
    pub(crate) fn made_folder(&self) -> PathBuf {
        fs::create_dir_all(self.folder()).unwrap();
        self.folder()
    }

    pub(crate) fn start(&mut self) -> Child {
        let ready = std::mem::replace(&mut self.begun, true);
        if !ready {
            let folder = self.folder();
            self.command.arg(&self.crew_id).arg(folder);
        }
        self.command.spawn().unwrap()
    }

    /// Tells it how long it has.
    #[must_use]
    pub(crate) fn within(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self.env("CPK_DEADLINE_S", &seconds.to_string())
    }

    /// Runs it; it can be run again.
    pub(crate) fn run(&mut self) -> RunResult {
        let child = self.start();
        self.end(child, self.limit)
    }

    /// Waits for its end; then it is killed, and has no exit code. Whoever is to do well ends by itself, however slow the
    /// machine; for one that may never end, this is the time it has.
    pub(crate) fn end(&self, mut child: Child, limit: Duration) -> RunResult {
        let limit = if matches!(self.who, Who::Variant(_)) { limit } else { limit.max(HANGS) };
        if child.wait_timeout(limit).unwrap().is_none() {
            child.kill().unwrap();
        }
        let output = child.wait_with_output().unwrap();
        let printed = [&output.stdout[..], &output.stderr].concat();
        RunResult {
            code: output.status.code(),
            printed: String::from_utf8_lossy(&printed).into_owned(),
            files: files(&self.folder()),
        }
    }

    /// Every file of the sandbox outside the folder.
    pub(crate) fn strays(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.home(), &mut |path| {
            if !path.starts_with(self.folder()) {
                found.push(path.to_string_lossy().into_owned());
            }
        });
        found
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    walk(folder, &mut |path| {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        found.insert(name, fs::read(path).unwrap_or_default());
    });
    found
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && !entry.is_symlink() { walk(&entry, see) } else { see(&entry) }
    }
}

impl RunResult {
    /// Exactly the service's documents are on the disk, each once.
    pub(crate) fn has_all(&self, stage: &ScriptedServer) -> bool {
        let mut wanted: Vec<_> = stage.documents().iter().map(|document| &document.bytes).collect();
        let mut found: Vec<_> = self.files.values().collect();
        wanted.sort();
        found.sort();
        wanted == found
    }

    /// All is saved, and it says so.
    pub(crate) fn is_whole(&self, stage: &ScriptedServer) -> bool {
        self.code == Some(0) && self.has_all(stage)
    }

    /// It refused, and nothing is on the disk.
    pub(crate) fn refused(&self) -> bool {
        self.code.is_some_and(|code| code != 0) && self.files.is_empty()
    }

    /// It ended of its own, and not well.
    pub(crate) fn failed(&self) -> bool {
        self.code.is_some_and(|code| code != 0)
    }
}
