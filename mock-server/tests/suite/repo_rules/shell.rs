//! A shell beside a fresh fake: `BASE`, `CPK_KEY`, `crewpass-mock` and `crewpass-contract` are at hand, in a folder of
//! its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

use crate::support::http_client::http_client;
use crewpass_mock::http::{Authority, DEFAULT_NAMES};
use crewpass_mock::{Builder, MockServer};

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

/// A fake, and a folder from which the repository's fixtures and examples look as they do to a reader.
pub(crate) struct Shell {
    fake: MockServer,
    pub(crate) folder: tempfile::TempDir,
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
        Self { fake, folder, runtime }
    }

    /// Runs one line as a reader would.
    pub(crate) fn run(&self, line: &str) -> Output {
        let binaries = Path::new(env!("CARGO_BIN_EXE_crewpass-mock")).parent().unwrap();
        if line.contains("crewpass-contract") {
            build_the_gate(binaries.parent().unwrap());
        }
        let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        let authority = self.folder.path().join("ca.pem");
        if authority.exists() {
            bash.env("CPK_CA_FILE", authority);
        } else {
            bash.env_remove("CPK_CA_FILE");
        }
        bash.args(["-c", line])
            .current_dir(self.folder.path())
            .env("PATH", path)
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
