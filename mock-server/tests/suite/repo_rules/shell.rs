//! A shell beside a fresh fake, in a folder of its own, with `BASE`, `CPK_KEY` and the `PATH` that README sets.
//!
//! README installs both programs with `make install`. Here, links to the programs of the tests' own build stand for what
//! that puts into cargo's folder. Nothing else is added to `PATH`: the line of README has to do it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

use crate::repo_rules::blocks::blocks;
use crate::support::http_client::http_client;
use crewpass_mock::http::{Authority, DEFAULT_NAMES};
use crewpass_mock::{Builder, MockServer};

/// What the gate says of a case for which the machine was too busy.
const TOO_BUSY: &str = "the machine was too busy";

/// More runs than this in vain are no matter of the machine.
const MOST_RUNS: usize = 5;

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Builds the gate beside the fake: cargo builds only the binaries of the package under test by itself.
///
/// The whole workspace is named, so that the dependencies have the features that they have in `make test`, and are not
/// built again.
fn build_the_gate(target: &Path) {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--workspace", "--bins", "--examples", "--target-dir"]);
        assert!(build.arg(target).current_dir(repository()).status().unwrap().success());
    });
}

/// Returns the line of README that puts the installed programs on `PATH`, from its first `sh` block.
fn line_that_sets_path() -> String {
    let readme = repository().join("README.md");
    let first = blocks(&readme).into_iter().find(|block| block.language == "sh").unwrap();
    let (install, set_path) = first.text.trim_end().split_once('\n').unwrap();
    assert!(install.starts_with("make install ") && set_path.starts_with("export PATH="), "{}", first.text);
    set_path.to_owned()
}

/// Links the programs where `make install` puts them below cargo's folder, and returns `PATH` as the line of README sets it.
fn path_of_reader(cargo_home: &Path, binaries: &Path) -> String {
    std::fs::create_dir(cargo_home.join("bin")).unwrap();
    for name in ["crewpass-mock", "crewpass-contract"] {
        std::os::unix::fs::symlink(binaries.join(name), cargo_home.join("bin").join(name)).unwrap();
    }
    let script = format!("{}\nprintf %s \"$PATH\"", line_that_sets_path());
    let set = Command::new("bash").args(["-c", &script]).env("CARGO_HOME", cargo_home).output().unwrap();
    assert!(set.status.success(), "{set:?}");
    String::from_utf8(set.stdout).unwrap()
}

/// A fake, and a folder from which the repository's fixtures and examples look as they do to a reader.
pub(crate) struct Shell {
    fake: MockServer,
    pub(crate) folder: tempfile::TempDir,
    /// What cargo's folder has after `make install`.
    _cargo_home: tempfile::TempDir,
    binaries: PathBuf,
    path: String,
    runtime: tokio::runtime::Runtime,
}

impl Shell {
    pub(crate) fn new() -> Self {
        Self::beside(MockServer::builder(), None)
    }

    /// The same beside a fake that speaks TLS; `CPK_CA_FILE` names the authority to trust.
    pub(crate) fn over_tls() -> Self {
        let authority = Authority::new().unwrap();
        let builder = MockServer::builder().tls(authority.server_config(&DEFAULT_NAMES).unwrap());
        Self::beside(builder, Some(authority.ca_pem()))
    }

    fn beside(builder: Builder, authority: Option<&str>) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fake = runtime.block_on(builder.start()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for name in ["fixtures", "examples", "docs"] {
            std::os::unix::fs::symlink(repository().join(name), folder.path().join(name)).unwrap();
        }
        if let Some(pem) = authority {
            std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        }
        let binaries = Path::new(env!("CARGO_BIN_EXE_crewpass-mock")).parent().unwrap().to_owned();
        let cargo_home = tempfile::tempdir().unwrap();
        let path = path_of_reader(cargo_home.path(), &binaries);
        Self { fake, folder, _cargo_home: cargo_home, binaries, path, runtime }
    }

    /// Runs one line as a reader would, and again while the gate says that the machine was too busy to judge.
    pub(crate) fn run(&self, line: &str) -> Output {
        if line.contains("crewpass-contract") {
            build_the_gate(self.binaries.parent().unwrap());
        }
        let mut output = self.run_once(line);
        for _ in 1..MOST_RUNS {
            if !String::from_utf8_lossy(&output.stdout).contains(TOO_BUSY) {
                break;
            }
            output = self.run_once(line);
        }
        output
    }

    fn run_once(&self, line: &str) -> Output {
        let mut bash = Command::new("bash");
        let authority = self.folder.path().join("ca.pem");
        if authority.exists() {
            bash.env("CPK_CA_FILE", authority);
        } else {
            bash.env_remove("CPK_CA_FILE");
        }
        bash.args(["-c", line])
            .current_dir(self.folder.path())
            .env("PATH", &self.path)
            .env("BASE", self.fake.base())
            .env("CPK_KEY", self.fake.key().unwrap())
            .env_remove("CREW_ID")
            .env_remove("DOCUMENT_ID")
            .output()
            .unwrap()
    }

    /// The file that the fake serves for a document, fetched by a client of the test's own.
    pub(crate) fn served(&self, document: &str) -> Vec<u8> {
        self.runtime.block_on(async {
            let client = http_client();
            let link = format!("{}/api/v2/employers/me/crew/crew_001/documents/{document}/download", self.fake.base());
            let link = client.get(link).bearer_auth(self.fake.key().unwrap()).send().await.unwrap();
            let link: serde_json::Value = link.json().await.unwrap();
            let file = client.get(link["download_url"].as_str().unwrap()).send().await.unwrap();
            file.bytes().await.unwrap().to_vec()
        })
    }
}
