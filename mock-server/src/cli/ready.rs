//! What `serve` says once it listens: to people with the guide's curl lines, to machines as JSON.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::MockServer;
use crewpass_diagnostics::shell_word;
use serde::Serialize;

use super::error::CliError;

/// What a script needs to know.
#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    base: String,
    key: Option<String>,
    control: String,
    pid: u32,
    /// The certificate of the authority that a client has to trust, in PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<String>,
    /// A person and a document to ask for, as the first ones that the key may read.
    #[serde(skip)]
    example: Option<(String, String)>,
    /// Is true if links are on the Host that the caller names, whatever it is.
    #[serde(skip)]
    uses_any_host: bool,
    /// The address that other machines can reach, if there is one.
    #[serde(skip)]
    open_address: Option<SocketAddr>,
    /// Is true if the control API needs a token.
    #[serde(skip)]
    has_token: bool,
    /// The file with the authority that a client has to trust, if there is one.
    #[serde(skip)]
    authority: Option<PathBuf>,
}

impl Ready {
    /// Collects what a running fake announces; `authority` is the file with its certificate authority, if it was
    /// written.
    pub(crate) fn new(fake: &MockServer, authority: Option<&Path>, ca: Option<String>, has_token: bool) -> Self {
        let base = reachable(fake);
        let session = fake.session();
        let state = session.lock();
        let key = state.key_named(None).map(|key| key.reveal().to_owned());
        let partner = state.partners.first().map(|partner| partner.id.clone()).unwrap_or_default();
        let world = state.world();
        let readable = world.crew.iter().filter(|person| person.on_fleet_of(world, &partner));
        let example = readable
            .filter_map(|person| Some((person, person.documents.iter().find(|document| document.current)?)))
            .map(|(person, document)| (person.id.to_string(), document.id.to_string()))
            .next();
        Self {
            control: format!("{base}/__mock"),
            base,
            key,
            pid: std::process::id(),
            ca,
            example,
            uses_any_host: fake.uses_any_host(),
            open_address: Some(fake.address()).filter(|address| !address.ip().to_canonical().is_loopback()),
            has_token,
            authority: authority.map(Path::to_owned),
        }
    }

    /// Returns the line for machines.
    pub(crate) fn json(&self) -> String {
        // Texts and a number always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Writes the file for scripts whole: a reader sees all of it or none. A run that was killed meanwhile leaves a
    /// file that the next one replaces.
    pub(crate) fn write(&self, path: &Path) -> Result<(), CliError> {
        let failed = |source| CliError::File { path: path.to_owned(), source };
        check_replaceable(path).map_err(failed)?;
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".crewpass-mock");
        let unfinished = Path::new(&unfinished);
        write_private(unfinished, &format!("{}\n", self.json())).map_err(failed)?;
        fs::rename(unfinished, path).map_err(|source| {
            // What is left of it is of no use.
            let _ = fs::remove_file(unfinished);
            failed(source)
        })
    }

    /// Returns the notice that other machines can reach the server, if they can.
    pub(crate) fn open_notice(&self) -> Option<String> {
        let address = self.open_address?;
        Some(format!("It listens on {address}, which is not loopback: other machines can reach it."))
    }

    /// Returns the lines for people, ready to paste.
    pub(crate) fn text(&self, world: &str) -> String {
        let Self { base, control, .. } = self;
        let mut text = format!("Serving world `{world}` on {base}\n\n  export BASE={base}\n");
        if let Some(key) = &self.key {
            let _ = writeln!(text, "  export CPK_KEY={key}");
        }
        if let Some(notice) = self.open_notice() {
            let _ = writeln!(text, "\n{notice}");
        }
        let curl = match &self.authority {
            Some(path) => {
                let path = path.display().to_string();
                let path = shell_word(&path);
                let _ = writeln!(text, "  export CPK_CA_FILE={path}");
                format!("curl --cacert {path}")
            }
            None if base.starts_with("https") => {
                text += "\nNobody can check who answers: `--tls-ca FILE` writes down the authority to trust.\n";
                "curl --insecure".to_owned()
            }
            None => "curl".to_owned(),
        };
        if let (Some((crew, document)), Some(key)) = (&self.example, &self.key) {
            let (crew, document) = (segment(crew), segment(document));
            let _ = write!(
                text,
                "\nList the documents of a crew member:\n\n  \
                 {curl} -sS \"{base}/api/v2/employers/me/crew/{crew}/documents\" \\\n    -H \"Authorization: Bearer {key}\"\n\
                 \nAsk for a link to one of them:\n\n  \
                 {curl} -sS \"{base}/api/v2/employers/me/crew/{crew}/documents/{document}/download\" \\\n    \
                 -H \"Authorization: Bearer {key}\"\n\
                 \nAsk for a link, and save the file that it leads to:\n\n  \
                 {curl} -sSL \"$({curl} -sS \"{base}/api/v2/employers/me/crew/{crew}/documents/{document}/download\" \\\n    \
                 -H \"Authorization: Bearer {key}\" | sed -E 's/.*\"download_url\":\"([^\"]+)\".*/\\1/')\" -o certificate.pdf\n"
            );
        }
        if self.uses_any_host {
            text += "\nLinks are on the Host that a request names; `--public-url` sets another origin.\n";
        }
        if self.has_token {
            // A browser sends no token, and would show the refusal.
            return text + "\nControl it with its token: see `crewpass-mock ctl --help`. Ctrl-C ends.\n";
        }
        text + &format!(
            "\nOpen {control}/ in a browser to watch and control it, or see `crewpass-mock ctl --help`. Ctrl-C ends.\n"
        )
    }
}

/// Checks that there is a regular file or nothing: a link, a pipe or a device must not be replaced.
fn check_replaceable(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(about) if about.is_file() => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "it exists, and is not a regular file")),
    }
}

/// Writes a file that only this user can read: it has a key in it.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    check_replaceable(path)?;
    // A killed run may have left a file, which has other rights than the new one.
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Returns the base URL as a client on this machine reaches it: an unspecified address is reached by loopback.
fn reachable(fake: &MockServer) -> String {
    let address = fake.address();
    if address.ip().is_unspecified() {
        let host = if address.is_ipv4() { "127.0.0.1" } else { "[::1]" };
        let scheme = if fake.base().starts_with("https") { "https" } else { "http" };
        return format!("{scheme}://{host}:{}", address.port());
    }
    fake.base()
}

fn segment(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%5F", "_")
        .replace("%2D", "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_wants_a_token_is_not_offered_to_a_browser() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let text = |has_token: bool| {
            let fake = runtime.block_on(crate::MockServer::builder().start()).unwrap();
            Ready::new(&fake, None, None, has_token).text("a world")
        };
        assert!(text(false).contains("/__mock/ in a browser"));
        let guarded = text(true);
        assert!(
            !guarded.contains("in a browser") && guarded.contains("with its token: see `crewpass-mock ctl --help`")
        );
    }
}
