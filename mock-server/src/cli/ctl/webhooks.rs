//! `ctl webhooks`: callbacks and deliveries from the command line.

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCandidates;
use http::Method;
use serde_json::{Map, Value, json};

use super::super::error::CliError;
use super::super::shell::event_types;
use super::args::object;
use super::fake::Fake;
use crate::webhook::CallbackUrl;

/// `ctl webhooks`.
#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksOrder {
    /// Print the callbacks, and the deliveries with their attempts [default]
    Show {
        /// Print only the deliveries in this state
        #[arg(long, value_enum)]
        state: Option<DeliveryState>,
    },
    /// Add a callback. If the URL is known, replace its secret and keep the old one as the previous secret. The URL
    /// must be on this machine or on the host of `serve --callback-host`
    Add {
        /// The URL, such as `http://127.0.0.1:9000/webhooks`
        url: CallbackUrl,
        /// The secret that signs its deliveries
        #[arg(long, env = "WEBHOOK_SECRET", hide_env_values = true)]
        secret: String,
        /// An event that it gets, such as crew.document.processed (repeatable) [default: all]
        #[arg(long, value_name = "TYPE")]
        event: Vec<String>,
        /// The partner that it belongs to [default: the first one]
        #[arg(long, value_name = "ID")]
        partner: Option<String>,
    },
    /// Remove every callback; deliveries that exist are still made
    Clear,
    /// Send an event now, as it is or altered
    Fire(FireOrder),
    /// Alter, repeat or delay the next deliveries
    Alter {
        /// What to alter, as JSON, such as {"signature": "missing"}; {} alters nothing (docs/webhooks.md)
        #[arg(value_name = "JSON", value_parser = object)]
        alter: Value,
        /// The number of deliveries
        #[arg(long, default_value_t = 1)]
        times: u32,
        /// The number of copies, sent at the same time
        #[arg(long, value_name = "N")]
        copies: Option<u32>,
        /// A wait before each on the session's clock, such as 30s: later events come first
        #[arg(long, value_name = "DURATION")]
        after: Option<String>,
    },
    /// Send all failed deliveries again, or one of them
    Redeliver {
        /// The number of the delivery, see `ctl webhooks show`
        delivery: Option<u64>,
    },
    /// End with exit code 1 unless every delivery has arrived
    Verify,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeliveryState {
    /// To be sent later
    Waiting,
    /// Under way
    Sending,
    /// Taken by the callback
    Delivered,
    /// Refused by the callback for good
    Refused,
    /// Failed in every attempt
    Dead,
}

/// `ctl webhooks fire`.
#[derive(Debug, ClapArgs)]
pub(crate) struct FireOrder {
    /// The type of the event, such as crew.document.updated
    #[arg(add = ArgValueCandidates::new(event_types))]
    event_type: String,
    /// The crew member's id [default: the first one on the fleet]
    #[arg(long, value_name = "ID")]
    crew: Option<String>,
    /// The document's id [default: the first current one]
    #[arg(long, value_name = "ID")]
    document: Option<String>,
    /// `data` of the event, as JSON; the ids above are added [default: the present state of the crew member]
    #[arg(long, value_name = "JSON", value_parser = object)]
    data: Option<Value>,
    /// Allow a type, a crew member or a document that does not exist
    #[arg(long)]
    unknown: bool,
    /// The callback [default: all of the partner's]
    #[arg(long)]
    url: Option<String>,
    /// The number of copies to each callback, sent at the same time
    #[arg(long, value_name = "N")]
    copies: Option<u32>,
    /// Send it after this time on the session's clock, such as 30s
    #[arg(long, value_name = "DURATION")]
    after: Option<String>,
    /// What to alter, as JSON, such as {"body": "value"} (docs/webhooks.md)
    #[arg(long, value_name = "JSON", value_parser = object)]
    alter: Option<Value>,
}

/// Sends an order about webhooks.
pub(super) fn send(fake: &Fake, order: &WebhooksOrder) -> Result<Value, CliError> {
    let post = |action: &str, body: &Value| fake.send(fake.request(Method::POST, &["webhooks", action]).json(body));
    match order {
        WebhooksOrder::Show { state } => show(fake, *state),
        WebhooksOrder::Add { url, secret, event, partner } => {
            let mut callback = json!({"url": url, "secret": secret});
            if !event.is_empty() {
                callback["events"] = json!(event);
            }
            if let Some(partner) = partner {
                callback["partner"] = json!(partner);
            }
            post("callbacks", &callback)
        }
        WebhooksOrder::Clear => fake.send(fake.request(Method::DELETE, &["webhooks", "callbacks"])),
        WebhooksOrder::Fire(order) => post("fire", &order.body()),
        WebhooksOrder::Alter { alter, times, copies, after } => {
            let mut body = json!({"alter": alter, "times": times});
            if let Some(copies) = copies {
                body["copies"] = json!(copies);
            }
            if let Some(after) = after {
                body["after"] = json!(after);
            }
            post("alter", &body)
        }
        WebhooksOrder::Redeliver { delivery: Some(delivery) } => post("redeliver", &json!({"delivery": delivery})),
        WebhooksOrder::Redeliver { delivery: None } => post("redeliver", &json!({})),
        WebhooksOrder::Verify => fake.verify(fake.request(Method::GET, &["webhooks", "verify"])),
    }
}

/// Prints the webhooks, or those in one state.
fn show(fake: &Fake, state: Option<DeliveryState>) -> Result<Value, CliError> {
    let mut webhooks = fake.send(fake.request(Method::GET, &["webhooks"]))?;
    let name = state.and_then(|state| state.to_possible_value());
    if let (Some(name), Some(deliveries)) = (name, webhooks["deliveries"].as_array_mut()) {
        deliveries.retain(|delivery| delivery["state"] == name.get_name());
    }
    Ok(webhooks)
}

impl FireOrder {
    fn body(&self) -> Value {
        let Self { event_type, crew, document, data, unknown, url, copies, after, alter } = self;
        let mut body = Map::new();
        body.insert("event_type".to_owned(), json!(event_type));
        let texts = [("crew", crew), ("document", document), ("url", url), ("after", after)];
        body.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))));
        body.extend(copies.map(|copies| ("copies".to_owned(), json!(copies))));
        body.extend(data.clone().map(|data| ("data".to_owned(), data)));
        body.extend(unknown.then(|| ("unknown".to_owned(), true.into())));
        body.extend(alter.clone().map(|alter| ("alter".to_owned(), alter)));
        body.into()
    }
}
