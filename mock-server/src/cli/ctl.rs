//! `ctl`: the control API of a running fake, from the command line.

use std::fs::File;

use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::args::{At, ClockOrder, Ctl, Order, StoreOrder, UploadOrder};
use super::error::CliError;
use super::say::say;

/// Tells the fake, and prints what it answers.
pub(crate) fn run(args: &Ctl) -> Result<(), CliError> {
    let fake = Fake::new(args)?;
    let answer = match &args.order {
        Order::Clock(order) => clock(&fake, order),
        Order::Store(order) => store(&fake, order),
        Order::Upload(order) => upload(&fake, order),
        Order::Remove { crew, document } => {
            fake.send(fake.request(Method::DELETE, &["crew", crew, "documents", document])?)
        }
        Order::Reset => fake.send(fake.request(Method::POST, &["reset"])?),
    }?;
    say(&format!("{answer}\n"))
}

fn clock(fake: &Fake, order: &ClockOrder) -> Result<Value, CliError> {
    let change = match order {
        ClockOrder::Show => return fake.send(fake.request(Method::GET, &["clock"])?),
        ClockOrder::Freeze => json!({"freeze": true}),
        ClockOrder::Run => json!({"run": true}),
        ClockOrder::Advance { by } => json!({"advance": by}),
        ClockOrder::Set { to } => json!({"set": to}),
    };
    fake.send(fake.request(Method::POST, &["clock"])?.json(&change))
}

fn store(fake: &Fake, order: &StoreOrder) -> Result<Value, CliError> {
    let change = match order {
        StoreOrder::Show => return fake.send(fake.request(Method::GET, &["store"])?),
        StoreOrder::Up => json!({"down": false}),
        StoreOrder::Down { times, at } => {
            let at = match at {
                At::Both => "both",
                At::Link => "link",
                At::File => "file",
            };
            json!({"down": true, "times": times, "at": at})
        }
    };
    fake.send(fake.request(Method::POST, &["store"])?.json(&change))
}

fn upload(fake: &Fake, order: &UploadOrder) -> Result<Value, CliError> {
    let (document, path) = (order.document.as_deref(), &order.file);
    let failed = |source| CliError::File { path: path.clone(), source };
    let file = File::open(path).map_err(failed)?;
    // A folder can be opened, and would fail only while it is sent, as if the fake were to blame.
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(std::io::ErrorKind::IsADirectory.into()));
    }
    let own_name = path.file_name().and_then(|name| name.to_str());
    let file_name = order.file_name.as_deref().or(if document.is_none() { own_name } else { None });
    let told = [
        ("supersedes", document),
        ("type", order.kind.as_deref()),
        ("title", order.title.as_deref()),
        ("file_name", file_name),
        ("content_type", order.content_type.as_deref()),
        ("verification_status", order.status.as_deref()),
    ];
    let query: Vec<_> = told.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let request = fake.request(Method::POST, &["crew", &order.crew, "documents"])?;
    fake.send(request.query(&query).body(file))
}

/// A running fake.
struct Fake<'a> {
    base: reqwest::Url,
    token: Option<&'a str>,
    client: Client,
}

impl<'a> Fake<'a> {
    fn new(args: &'a Ctl) -> Result<Self, CliError> {
        let wrong = |why: &dyn std::fmt::Display| CliError::Usage(format!("--base {}: {why}", args.base));
        let base: reqwest::Url = args.base.parse().map_err(|error| wrong(&error))?;
        if base.cannot_be_a_base() {
            return Err(wrong(&"expected a URL such as http://127.0.0.1:8787"));
        }
        // A proxy in the environment is for the world outside, where no fake is.
        if base.scheme() == "https" {
            return Err(wrong(&"ctl speaks plain http; reach a fake over TLS with curl --cacert"));
        }
        let client = Client::builder().no_proxy().timeout(None).build().map_err(|error| wrong(&error))?;
        Ok(Self { base, token: args.token.as_deref(), client })
    }

    fn request(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, CliError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CliError::Usage("--base is no URL that has a path".to_owned()))?
            .pop_if_empty()
            .push("__mock")
            .extend(path);
        let request = self.client.request(method, url);
        Ok(match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    fn send(&self, request: RequestBuilder) -> Result<Value, CliError> {
        let unreachable = |error: reqwest::Error| {
            let why =
                if error.is_connect() { "nothing listens there".to_owned() } else { error.without_url().to_string() };
            CliError::Control(format!("no fake answers at {}: {why}; start one, or name it with --base", self.base))
        };
        let answer = request.send().map_err(unreachable)?;
        let status = answer.status();
        let body: Value = answer.json().unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        let message = body["error"]["message"].as_str().unwrap_or("that is no crewpass-mock");
        Err(CliError::Control(format!("{} answers {}: {message}", self.base, status.as_u16())))
    }
}
