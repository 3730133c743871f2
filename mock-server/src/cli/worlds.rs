//! `check-world` and `schema`.

use crate::world::{Seen, World, schema_text};

use super::args::{CheckWorld, Schema, SchemaOf};
use super::error::CliError;
use super::standard_output::say;
use super::world_warnings::warn;

/// Says what a world holds, or everything that is wrong with it.
pub(crate) fn check(args: &CheckWorld) -> Result<(), CliError> {
    let world = World::open_seen(&args.path, args.world_root.as_deref(), &mut Seen::default())?;
    say(&format!("{}: fine. {}.\n", args.path.display(), census(&world)))?;
    warn(&world, None);
    Ok(())
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
