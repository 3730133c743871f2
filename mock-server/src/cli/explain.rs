//! `explain`: what a request to a running fake would get, and why.

use std::process::ExitCode;

use clap::Args as ClapArgs;
use http::Method;

use super::ctl::{Address, Fake};
use super::error::CliError;
use super::output::say;

/// `explain`.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Ends with 0 if the request would be served, with 1 if it would be refused. Nothing is counted or changed.

Example:
  crewpass-mock explain /api/v2/employers/me/crew/crew_003/documents")]
pub(crate) struct Explain {
    /// The API key of the request, as in `Authorization: Bearer`
    #[arg(long, value_name = "KEY", env = "CPK_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A key as in `X-Partner-API-Key`
    #[arg(long, value_name = "KEY")]
    partner_key: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: Address,
    /// The method, GET unless told, and a path or a whole URL such as a `download_url`
    #[arg(required = true, num_args = 1..=2, value_names = ["METHOD", "TARGET"])]
    request: Vec<String>,
}

/// The reason of a request that is served.
const SERVED: &str = "served";

/// Asks, prints what comes back, and ends as the request would.
pub(crate) fn run(args: &Explain) -> Result<ExitCode, CliError> {
    let (method, target) = match args.request.as_slice() {
        [method, target] => (method.as_str(), target),
        [target] => ("GET", target),
        _ => return Err(CliError::Usage("say [METHOD] TARGET".to_owned())),
    };
    let fake = Fake::new(&args.at)?;
    let told = [("key", &args.key), ("partner_key", &args.partner_key)];
    let keys: Vec<_> = told.into_iter().filter_map(|(name, key)| Some((name, key.as_deref()?))).collect();
    let request = fake.request(Method::GET, &["explain"]).query(&[("method", method), ("target", target)]);
    let accept = if args.json { "application/json" } else { "text/plain" };
    let answer = fake.answered(request.query(&keys).accept(accept))?;
    let served = answer.head().headers().get("x-mock-reason").is_some_and(|reason| reason == SERVED);
    let text = String::from_utf8_lossy(&answer.bytes()?).into_owned();
    say(&if args.json { text + "\n" } else { text })?;
    Ok(if served { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
