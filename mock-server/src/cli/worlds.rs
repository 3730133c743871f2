//! `check-world` and `schema`.

use crate::webhook::callback_warning;
use crate::world::{Seen, World, schema_text};

use super::args::{CheckWorld, Schema, SchemaOf};
use super::error::CliError;
use super::standard_output::say;

/// Says what a world holds, or everything that is wrong with it.
pub(crate) fn check(args: &CheckWorld) -> Result<(), CliError> {
    let world = World::open_seen(&args.path, args.world_root.as_deref(), &mut Seen::default())?;
    say(&format!("{}: fine. {}.\n", args.path.display(), census(&world)))?;
    warn_if_empty(&world);
    Ok(())
}

/// Warns on stderr of a world that no request can succeed in.
#[expect(clippy::print_stderr, reason = "the command line is one of the two places that print")]
pub(crate) fn warn_if_empty(world: &World) {
    let advice = "`crewpass-mock new DIR` writes a world to begin with";
    if let Some(lack) = lack(world) {
        eprintln!("crewpass-mock: warning: world `{}` {lack}; {advice}", world.name);
    }
}

/// Warns on stderr of callbacks to which no delivery may go.
#[expect(clippy::print_stderr, reason = "the command line is one of the two places that print")]
pub(crate) fn warn_of_callbacks(world: &World, callback_host: Option<&str>) {
    for warning in world.callbacks.iter().filter_map(|callback| callback_warning(&callback.url, callback_host)) {
        eprintln!("crewpass-mock: warning: {warning}");
    }
}

/// Returns what a world lacks without which nothing can be asked for.
fn lack(world: &World) -> Option<&'static str> {
    if world.keys().next().is_none() {
        Some("has no partner with a key, so every request is refused with 401")
    } else if world.crew.is_empty() {
        Some("has no crew member, so there is nobody to ask for")
    } else {
        None
    }
}

/// Returns the numbers of people, documents and the rest of a world.
pub(crate) fn census(world: &World) -> String {
    let documents = world.crew.iter().flat_map(|person| &person.documents);
    let (current, all) = (documents.clone().filter(|document| document.current).count(), documents.count());
    format!(
        "{}, {}, {}, {} current of {}",
        count(world.partners.len(), "partner"),
        count(world.vessels.len(), "vessel"),
        count(world.crew.len(), "crew member"),
        current,
        count(all, "document"),
    )
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Prints a schema.
pub(crate) fn schema(args: &Schema) -> Result<(), CliError> {
    match args.of {
        SchemaOf::World => say(&schema_text()),
    }
}
