//! `ctl vessel`: changes of a vessel's name, flag, type and IMO number.

use clap::Args as ClapArgs;
use http::Method;
use serde_json::{Map, Value, json};

use super::super::error::CliError;
use super::fake::Fake;
use super::orders::something;

/// `ctl vessel`.
#[derive(Debug, ClapArgs)]
pub(crate) struct VesselOrder {
    /// The vessel's id
    vessel: String,
    /// The name
    #[arg(long)]
    name: Option<String>,
    /// The flag state; an empty one removes it
    #[arg(long)]
    flag: Option<String>,
    /// The type, such as `Motor Yacht`; an empty one removes it
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// The IMO number, seven digits; an empty one removes it
    #[arg(long)]
    imo: Option<String>,
}

/// Sends an order about a vessel.
pub(super) fn send(fake: &Fake, order: &VesselOrder) -> Result<Value, CliError> {
    let mut change = Map::new();
    change.extend(order.name.as_ref().map(|name| ("name".to_owned(), json!(name))));
    for (name, text) in [("flag", &order.flag), ("type", &order.kind), ("imo", &order.imo)] {
        let value = |text: &String| if text.is_empty() { Value::Null } else { json!(text) };
        change.extend(text.as_ref().map(|text| (name.to_owned(), value(text))));
    }
    something(&change, "--name, --flag, --type or --imo")?;
    fake.send(fake.request(Method::POST, &["vessels", &order.vessel]).json(&change))
}
