//! The commands `list`, `explain` and `schema`, which need no client.

use std::path::Path;

use crate::client::scenario::{self, Scenarios};
use crate::requirement::{self, Catalogue, Grade};
use crate::{receiver, server};
use crewpass_diagnostics::did_you_mean;

use super::console::{say, table_width, width};
use super::error::CliError;
use super::list_args::{Explain, List, Schema, SchemaOf};
use super::run_inputs::pinned;
use super::server_inputs::ServerInputs;

/// Runs `list`: prints obligations or clauses.
pub(crate) fn list(args: &List) -> Result<(), CliError> {
    let catalogue = match (args.server, args.receiver, args.sender) {
        (true, ..) => ServerInputs::open(None)?.catalogue,
        (_, true, _) => receiver::catalogue()?,
        (.., true) => Catalogue::of_sender()?,
        (false, false, false) => pinned(args.catalogue)?,
    };
    if args.scenarios {
        let scenarios = Scenarios::load(&catalogue, &[] as &[&Path])?;
        let known = scenarios.iter().filter(|scenario| scenario.since <= catalogue.version());
        return say(&scenario::table(known, table_width()));
    }
    if args.markdown {
        return say(&requirement::markdown(&catalogue));
    }
    let area = args.area.as_deref().map(|given| area(&catalogue, given)).transpose()?;
    let grade = args.grade.map(Grade::from);
    let wanted = catalogue
        .obligations()
        .iter()
        .filter(|known| grade.is_none_or(|grade| known.grade <= grade) && area.is_none_or(|area| known.area() == area));
    let table = requirement::table(wanted, table_width());
    if table.is_empty() {
        return Err(CliError::Usage("no obligation has this grade and area".to_owned()));
    }
    say(&table)
}

/// Runs `explain`: prints one obligation or clause.
pub(crate) fn explain(args: &Explain) -> Result<(), CliError> {
    if Path::new(&args.id).is_file() {
        let (scenarios, id) = Scenarios::with_file(&pinned(None)?, Path::new(&args.id))?;
        return scenarios.get(&id).map_or(Ok(()), |scenario| say(&scenario::explanation(scenario, width())));
    }
    let catalogue = Catalogue::with_id(&args.id)?;
    // Only the obligations of clients are provoked by scenario files.
    if catalogue != pinned(None)? {
        let known = catalogue.find(&args.id)?;
        return say(&requirement::explanation(known, &[], width()));
    }
    let scenarios = Scenarios::load(&catalogue, &[] as &[&Path])?;
    let name = args.id.split('[').next().unwrap_or(&args.id);
    if let Some(scenario) = scenarios.get(name) {
        return say(&scenario::explanation(scenario, width()));
    }
    if name.contains('/') {
        let guess = did_you_mean(name, scenarios.of_all_tasks().map(|scenario| scenario.id.as_str()));
        let guess = guess.map(|guess| format!("; {guess}")).unwrap_or_default();
        return Err(CliError::Usage(format!("there is no scenario `{name}`{guess}")));
    }
    let known = catalogue.find(&args.id)?;
    say(&requirement::explanation(known, &scenarios.that_provoke(&known.id), width()))
}

/// Runs `schema`: prints a JSON Schema.
pub(crate) fn schema(args: &Schema) -> Result<(), CliError> {
    match args.of {
        SchemaOf::Obligations => say(&requirement::schema_text()),
        SchemaOf::Report => say(&crate::report::schema_text()),
        SchemaOf::Expectation => say(&server::schema_text()),
        SchemaOf::Scenario => say(&scenario::schema_text()),
    }
}

fn area<'a>(catalogue: &'a Catalogue, given: &str) -> Result<&'a str, CliError> {
    let areas = catalogue.areas();
    let found = areas.iter().find(|known| known.eq_ignore_ascii_case(given));
    found.copied().ok_or_else(|| {
        let guess = did_you_mean(given, areas.iter().copied()).unwrap_or_default();
        CliError::Usage(format!("there is no area `{given}`; {guess} the areas are {}", areas.join(", ")))
    })
}
