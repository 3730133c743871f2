//! Starts the servers, waits until they say that they listen, and ends them.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use crate::Result;
use crate::bare::Kind;

/// How long a server may take to load its world.
const PATIENCE: Duration = Duration::from_mins(2);

/// Worker threads of each server's runtime, the same for the fake and its baseline.
const WORKERS: &str = "2";

/// A server process. It ends when this is dropped.
#[derive(Debug)]
#[must_use = "the server ends when this is dropped"]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts the fake with a world.
    pub(crate) fn fake(world: &Path, folder: &Path) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crewpass-mock"));
        command.args(["serve", "--json", "--bind", "127.0.0.1:0", "--world"]).arg(world);
        command.arg("--ready-file").arg(folder.join("ready.json"));
        Self::start(&mut command, &folder.join("fake.stderr"))
    }

    /// Starts a bare server with the answer in a file, for so many crew members.
    pub(crate) fn bare(kind: Kind, answer: &Path, crew: u32) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(kind.name()).arg(answer).arg(crew.to_string());
        Self::start(&mut command, &answer.with_extension("stderr"))
    }

    /// Starts nginx on the files of a folder, with `sendfile`; gives none where nginx is not installed.
    pub(crate) fn nginx(folder: &Path) -> Result<Option<Self>> {
        // nginx can't be told to take any port and say which, so it is given one that was free a moment ago.
        let address = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?.local_addr()?;
        let place = folder.display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|kind| format!("{kind}_temp_path {place}/{kind};\n")).concat();
        let text = format!(
            "daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/nginx.log;\n\
             events {{}}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n{temporary}\
             server {{ listen {address}; root {place}; }} }}\n"
        );
        let config = folder.join("nginx.conf");
        std::fs::write(&config, text)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(&config).stdin(Stdio::null()).stdout(Stdio::null());
        let child = match command.stderr(File::create(folder.join("nginx.stderr"))?).spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            child => child?,
        };
        let mut server = Self { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            if server.child.try_wait()?.is_some() || begun.elapsed() > PATIENCE {
                let said = std::fs::read_to_string(folder.join("nginx.stderr")).unwrap_or_default();
                return Err(format!("nginx does not listen; on standard error it said: {said:?}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Some(server))
    }

    fn start(command: &mut Command, errors: &PathBuf) -> Result<Self> {
        command.env("TOKIO_WORKER_THREADS", WORKERS).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(File::create(errors)?).spawn()?;
        let (ready, told) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || watch(BufReader::new(stdout), &ready));
        }
        match told.recv_timeout(PATIENCE) {
            Ok(address) => Ok(Self { child, address }),
            Err(_) => Err(not_ready(child, command, errors)),
        }
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // Both fail only if the process has ended already.
    let _killed = child.kill();
    let _reaped = child.wait();
}

fn not_ready(mut child: Child, command: &Command, errors: &Path) -> Box<dyn std::error::Error + Send + Sync> {
    end(&mut child);
    let said = std::fs::read_to_string(errors).unwrap_or_default();
    format!("{command:?} did not say that it listens; on standard error it said: {said:?}").into()
}

/// Reports the ready line, and reads on so that the server never waits for a full pipe.
fn watch(stdout: impl BufRead, ready: &Sender<SocketAddr>) {
    for line in stdout.lines().map_while(std::result::Result::ok) {
        if let Some(address) = address_in(&line) {
            // Nobody listens any more once the first one was told.
            let _sent = ready.send(address);
        }
    }
}

/// The address of the base URL in a ready line, which is a JSON object.
fn address_in(line: &str) -> Option<SocketAddr> {
    let ready: serde_json::Value = serde_json::from_str(line).ok()?;
    ready.get("base")?.as_str()?.strip_prefix("http://")?.trim_end_matches('/').parse().ok()
}
