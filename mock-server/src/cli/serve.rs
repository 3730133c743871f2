//! `serve`: binds first, prints the start-up information, and serves until it is stopped.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crewpass_diagnostics::to_hex;

use crate::fault::read_faults;
use crate::http::{Authority, DEFAULT_NAMES, HeaderNames, Limits, TlsConfig};
use crate::notice;
use crate::regular_file::read_regular;
use crate::request_log::{self, LogEvent, LogSender};
use crate::watch::Watch;
use crate::world::generate::{Recipe, generate};
use crate::world::{Seen, World};
use crate::{Builder, ControlAccess, MockServer};
use tokio::sync::oneshot;

use super::args::Serve;
use super::error::CliError;
use super::ready::Ready;
use super::request_log::Writer;
use super::signals;
use super::standard_output::say;
use super::watch::follow;
use super::world_warnings::warn;

/// How long a stop waits for threads that read or write files.
const MAX_SHUTDOWN: Duration = Duration::from_secs(5);

/// The largest file of an authority's certificates in bytes.
const MAX_CA_BYTES: u64 = 1 << 20;

/// Serves until SIGTERM, Ctrl-C or the end of standard input, then lets open requests end.
pub(crate) fn run(args: &Serve) -> Result<(), CliError> {
    let mut seen = Seen::default();
    let world = world(args, &mut seen)?;
    warn(&world, args.callback_host.as_deref());
    let watch = args
        .world
        .as_deref()
        .filter(|_| args.watch)
        .map(|path| Watch::start(path, args.world_root.as_deref(), seen))
        .transpose()?;
    let (config, authority) = tls(args)?.unzip();
    let builder = builder(args, Arc::clone(&world), config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (log, receiver) = request_log::log();
    let writer = Writer::start(receiver, args.log_format)?;
    notice::set_log(Some(log.clone()));
    let builder = if args.quiet { builder } else { builder.request_log(log.clone()) };
    let served = runtime.block_on(serve(args, builder, authority, &world.name, watch, log));
    // Every task is gone then, and with the last sender of the log its writer ends, after what it still has to write.
    // A thread that the disk keeps waiting, such as one on a network, holds up no stop.
    runtime.shutdown_timeout(MAX_SHUTDOWN);
    notice::set_log(None);
    writer.finish();
    served
}

fn world(args: &Serve, seen: &mut Seen) -> Result<Arc<World>, CliError> {
    if let Some((crew, documents)) = args.generate {
        let recipe = Recipe { crew, documents, seed: args.seed.unwrap_or(1), hostile: args.hostile };
        return Ok(Arc::new(World::build(generate(&recipe), "generated", None)?));
    }
    match &args.world {
        Some(path) => Ok(Arc::new(World::open_seen(path, args.world_root.as_deref(), seen)?)),
        None => Ok(World::starter()),
    }
}

/// Makes an authority and a certificate. Returns the configuration and the authority's certificate, and writes that to
/// the file for it.
fn tls(args: &Serve) -> Result<Option<(TlsConfig, String)>, CliError> {
    if !args.tls {
        return Ok(None);
    }
    let authority = Authority::new()?;
    let names: Vec<&str> = args.tls_name.iter().map(String::as_str).collect();
    let config = authority.server_config(if names.is_empty() { &DEFAULT_NAMES } else { &names })?;
    if let Some(path) = &args.tls_ca {
        std::fs::write(path, authority.ca_pem()).map_err(|source| CliError::File { path: path.clone(), source })?;
    }
    Ok(Some((config, authority.ca_pem().to_owned())))
}

fn builder(args: &Serve, world: Arc<World>, tls: Option<TlsConfig>) -> Result<Builder, CliError> {
    let limits = Limits { header_timeout: args.header_timeout, ..Limits::default() };
    let origins = crate::Origins {
        public_url: args.public_url.as_deref().map(Box::from),
        trust_forwarded: args.trust_forwarded,
        allowed_hosts: args.allowed_host.iter().map(|host| host.as_str().into()).collect(),
    };
    args.control_token.as_deref().map_or(Ok(()), check_token)?;
    let access = ControlAccess { token: args.control_token.as_deref().map(Box::from) };
    let mut builder =
        MockServer::builder().bind(args.bind).world(world).limits(limits).origins(origins).control_access(access);
    builder = builder.session_idle(args.session_idle).journal(args.journal).explain_header(args.explain_header);
    let header_names = if args.title_case_headers { HeaderNames::TitleCase } else { HeaderNames::LowerCase };
    builder = builder.metrics(args.metrics).header_names(header_names);
    if let Some(config) = tls {
        builder = builder.tls(config);
    }
    for setting in &args.policy {
        builder = builder.policy_from(setting)?;
    }
    for path in &args.fault {
        for fault in read_faults(path)? {
            builder = builder.fault(fault)?;
        }
    }
    if let Some(host) = &args.callback_host {
        builder = builder.callback_host(host);
    }
    if let Some(path) = &args.callback_ca {
        let failed = |source| CliError::File { path: path.clone(), source };
        let wrong = |error: String| failed(io::Error::new(io::ErrorKind::InvalidData, error));
        let pem = read_regular(path, MAX_CA_BYTES).map_err(failed)?;
        let pem = String::from_utf8(pem).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
        builder = builder.callback_ca(&pem).map_err(|error| wrong(error.to_string()))?;
    }
    if let Some(at) = args.clock {
        builder = builder.frozen_at(at);
    }
    if let Some(seed) = args.seed {
        builder = builder.seed(seed);
    }
    if let Some(secret) = &args.signing_secret {
        builder = builder.signing_secret(secret);
    } else if !args.bind.ip().to_canonical().is_loopback() {
        // Everybody who knows the seed could sign links with the secret that is derived from it.
        builder = builder.signing_secret(&random_secret()?);
    }
    Ok(builder)
}

/// Checks that a request can have the token. The message does not show it.
fn check_token(token: &str) -> Result<(), CliError> {
    let is_sendable = http::HeaderValue::from_str(token).is_ok() && token.trim_ascii() == token;
    let refused =
        "no request can have this control token: remove blanks around it and characters that no header can carry";
    if is_sendable { Ok(()) } else { Err(CliError::Usage(refused.to_owned())) }
}

/// Returns a new secret.
fn random_secret() -> Result<String, CliError> {
    let mut bytes = [0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    Ok(to_hex(&bytes))
}

/// Resolves when standard input ends, or never if nobody wants that.
async fn stdin_ended(is_wanted: bool) {
    let (sender, ended) = oneshot::channel();
    // Not a thread of the runtime: it would wait for the last byte before the process could end.
    let reader = move || {
        // What is read does not matter, and an input that fails has ended too.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        sender.send(())
    };
    let started = is_wanted && std::thread::Builder::new().name("stdin".to_owned()).spawn(reader).is_ok();
    if !started || ended.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Reports once that connections can't be accepted, and resolves never.
async fn report_accept_error(fake: &MockServer, log: &LogSender) {
    let error = fake.traffic().accept_error().await;
    let limit = "new connections wait until others end; `ulimit -n` shows the limit of open files";
    log.send(LogEvent::Notice(format!("crewpass-mock: can't accept a connection: {error}; {limit}\n")));
    std::future::pending::<()>().await;
}

async fn serve(
    args: &Serve,
    builder: Builder,
    authority: Option<String>,
    world: &str,
    watch: Option<Watch>,
    log: LogSender,
) -> Result<(), CliError> {
    // Before the ready line, so that a stop right after it is a clean one.
    let stopped = signals::listen()?;
    let fake = builder.start().await?;
    let has_token = args.control_token.is_some();
    let ready = Ready::new(&fake, args.tls_ca.as_deref(), authority, has_token);
    if let Some(path) = &args.ready_file {
        ready.write(path)?;
    }
    // The lines for people say it themselves.
    if let Some(notice) = ready.open_notice().filter(|_| args.json) {
        log.send(LogEvent::Notice(format!("crewpass-mock: {notice}\n")));
    }
    say(&if args.json { format!("{}\n", ready.json()) } else { ready.text(world) })?;
    tokio::select! {
        () = stopped => {}
        () = stdin_ended(args.stop_with_stdin) => {}
        () = follow(watch, &fake, &log) => {}
        () = report_accept_error(&fake, &log) => {}
    }
    fake.stop().await;
    Ok(())
}
