//! `explain`: the response that a request to a running fake would get, and why.

use std::process::ExitCode;

use clap::Args as ClapArgs;
use http::Method;

use super::ctl::{Address, Fake};
use super::error::CliError;
use super::standard_output::say;

/// `explain`.
#[derive(Debug, ClapArgs)]
#[command(
    allow_missing_positional = true,
    after_help = "\
Exits with 0 if the request would be served, with 1 if it would be refused.
The request is not counted, and changes nothing.

Example:
  crewpass-mock explain /api/v2/employers/me/crew/crew_003/documents"
)]
pub(crate) struct Explain {
    /// The API key of the request, as in `Authorization: Bearer`
    #[arg(long, value_name = "KEY", env = "CPK_KEY", hide_env_values = true)]
    key: Option<String>,
    /// A second API key, as in `X-Partner-API-Key`
    #[arg(long, value_name = "KEY")]
    partner_key: Option<String>,
    /// The body of a POST, which is JSON
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: Address,
    /// The method
    #[arg(default_value = "GET")]
    method: String,
    /// A path, or a URL such as a `download_url`
    target: String,
}

/// The reason of a request that is served.
const SERVED: &str = "served";

/// Asks the fake and prints its explanation. Returns 0 if the request would be served, else 1.
pub(crate) fn run(args: &Explain) -> Result<ExitCode, CliError> {
    let fake = Fake::new(&args.at)?;
    let sent = [("key", &args.key), ("partner_key", &args.partner_key), ("body", &args.body)];
    let keys: Vec<_> = sent.into_iter().filter_map(|(name, key)| Some((name, key.as_deref()?))).collect();
    let request = fake.request(Method::GET, &["explain"]).query(&[("method", &args.method), ("target", &args.target)]);
    let accept = if args.json { "application/json" } else { "text/plain" };
    let answer = fake.answered(request.query(&keys).accept(accept))?;
    let served = answer.head().headers().get("x-mock-reason").is_some_and(|reason| reason == SERVED);
    let text = String::from_utf8_lossy(&answer.bytes()?).into_owned();
    say(&text)?;
    Ok(if served { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
