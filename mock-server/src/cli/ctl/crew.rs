//! `ctl crew`: changes of a crew member.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use http::Method;
use serde_json::{Map, Value, json};

use super::super::error::CliError;
use super::args::{Scopes, object, setting};
use super::fake::Fake;
use super::orders::something;

/// `ctl crew`.
#[derive(Debug, ClapArgs)]
pub(crate) struct CrewOrder {
    /// The crew member's id
    crew: String,
    /// The vessels of the crew member; replaces the present ones (repeatable)
    #[arg(long, value_name = "ID", conflicts_with = "off_fleet")]
    vessel: Vec<String>,
    /// Remove the crew member from every vessel
    #[arg(long)]
    off_fleet: bool,
    /// The scopes that the crew member consents to for a partner, such as
    /// `prt_123=crew:documents:read,crew:documents:download`; an empty list revokes all
    #[arg(long, value_name = "PARTNER=SCOPES", value_parser = consent)]
    consent: Vec<(String, Scopes)>,
    /// The name
    #[arg(long)]
    name: Option<String>,
    /// The rank, which is the role on each vessel unless roles are given
    #[arg(long)]
    rank: Option<String>,
    /// The role on a vessel (repeatable). With a role on one vessel, there is none on the others without one
    #[arg(long, value_name = "VESSEL=ROLE", value_parser = setting)]
    role: Vec<(String, String)>,
    /// The verification status of the person: verified or unverified
    #[arg(long, value_name = "STATUS")]
    verification: Option<String>,
    /// The background check: pending, awaiting, in-progress, completed, declined, expired, or none
    #[arg(long, value_name = "STATUS")]
    background_check: Option<String>,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Further details as JSON, merged into what is there, such as '{"profile": {"bio": null}}'
    #[arg(long, value_name = "JSON", value_parser = object)]
    details: Option<Value>,
}

/// Sends an order about a crew member.
pub(super) fn send(fake: &Fake, order: &CrewOrder) -> Result<Value, CliError> {
    let change = order.change()?;
    something(&change, "--vessel, --off-fleet, --consent, --name, --rank, --role, --verification or another option")?;
    fake.send(fake.request(Method::POST, &["crew", &order.crew]).json(&change))
}

impl CrewOrder {
    fn change(&self) -> Result<Map<String, Value>, CliError> {
        let mut change = Map::new();
        if self.off_fleet || !self.vessel.is_empty() {
            change.insert("vessels".to_owned(), json!(self.vessel));
        }
        if !self.consent.is_empty() {
            let consent: BTreeMap<_, _> = self.consent.iter().cloned().collect();
            change.insert("consent".to_owned(), json!(consent));
        }
        let texts = [("name", &self.name), ("rank", &self.rank)];
        change.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))));
        let details = self.details()?;
        if !details.is_empty() {
            change.insert("details".to_owned(), details.into());
        }
        Ok(change)
    }

    fn details(&self) -> Result<Map<String, Value>, CliError> {
        let mut details = match &self.details {
            None => Map::new(),
            Some(Value::Object(details)) => details.clone(),
            Some(_) => return Err(CliError::Usage("--details: expected an object".to_owned())),
        };
        if !self.role.is_empty() {
            let roles: BTreeMap<_, _> = self.role.iter().cloned().collect();
            details.insert("roles".to_owned(), json!(roles));
        }
        let texts = [
            ("verification", &self.verification),
            ("email", &self.email),
            ("background_check", &self.background_check),
        ];
        for (name, text) in texts {
            let Some(text) = text else { continue };
            let is_none = name == "background_check" && text == "none";
            details.insert(name.to_owned(), if is_none { Value::Null } else { json!(text) });
        }
        Ok(details)
    }
}

fn consent(text: &str) -> Result<(String, Scopes), &'static str> {
    let (partner, named) = text.split_once('=').ok_or("write PARTNER=SCOPE,SCOPE")?;
    Ok((partner.to_owned(), Scopes::parse(named)))
}
