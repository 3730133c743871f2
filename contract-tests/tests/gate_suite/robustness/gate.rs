//! The binary in a temporary folder of its own, and what is left when it has ended.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// The variable by which every process of a client is found.
const MARK: &str = "ODD_MARK";

/// The gate, and the only folder for temporary files that it knows.
pub(crate) struct Gate {
    temporary: tempfile::TempDir,
}

/// How the gate ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { temporary: tempfile::tempdir().unwrap() }
    }

    /// A gate whose folder every user can reach and write to. TMPDIR may lie in a folder that is closed to others.
    pub(crate) fn open_to_all() -> Self {
        let temporary = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Self { temporary }
    }

    /// Its command line, not yet run.
    pub(crate) fn command(&self, args: &[&str], client: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-contract"));
        command.args(args).args(["--keep-env", MARK, "--"]).args(client);
        command.env("TMPDIR", self.temporary.path()).env(MARK, self.mark());
        // A run that is kept would be left in the folder.
        command.env("CREWPASS_LAST_RUN", "/dev/null");
        command.current_dir(self.temporary.path()).env_remove("GITHUB_WORKFLOW_REF").stdin(Stdio::null());
        command
    }

    fn mark(&self) -> String {
        format!("{MARK} {}", self.temporary.path().display())
    }

    /// Runs it, and sees to it that nothing is left.
    pub(crate) fn run(&self, args: &[&str], client: &[&str]) -> Ended {
        let output = self.command(args, client).output().unwrap();
        self.ended(&output)
    }

    /// Runs it, and returns the most memory that it had resident, in MiB. Sampled, since the kernel forgets the mark with
    /// the process; it never falls, so that only the growth of the last milliseconds is missed.
    pub(crate) fn run_measured(&self, args: &[&str], client: &[&str]) -> (Ended, u64) {
        let child = self.command(args, client).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let output = thread::spawn(move || child.wait_with_output().unwrap());
        let mut peak = 0;
        while !output.is_finished() {
            peak = fs::read_to_string(&status).ok().and_then(|text| high_water(&text)).unwrap_or(0).max(peak);
            thread::sleep(Duration::from_millis(2));
        }
        (self.ended(&output.join().unwrap()), peak / 1024)
    }

    /// How it ended, when nothing is left of it.
    pub(crate) fn ended(&self, output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ended = Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) };
        assert_eq!(processes_with(&self.mark()), Vec::<String>::new(), "left running");
        let lying: Vec<_> = fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(lying, Vec::<std::path::PathBuf>::new(), "left lying about");
        ended
    }

    /// Returns true if a process of a client still runs, or something is left in the folder.
    pub(crate) fn is_anything_left(&self) -> bool {
        !processes_with(&self.mark()).is_empty() || fs::read_dir(self.temporary.path()).unwrap().next().is_some()
    }

    /// The folder for temporary files.
    pub(crate) fn folder(&self) -> &Path {
        self.temporary.path()
    }
}

/// The peak of resident memory in the text of `/proc/PID/status`, in KiB.
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// The processes in whose environment a text stands, as their command lines.
fn processes_with(text: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let ours = all.filter(|process| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.windows(text.len()).any(|part| part == text.as_bytes())
    });
    ours.map(|process| fs::read_to_string(process.join("cmdline")).unwrap_or_default()).collect()
}

/// The reference client.
pub(crate) const GOOD: &str = env!("REFERENCE_CLIENT");
