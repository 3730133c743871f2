//! `check-world` and `schema`.

use crewpass_mock::world::{World, schema_text};

use super::args::{CheckWorld, Schema, SchemaOf};
use super::error::CliError;

/// Says what a world holds, or everything that is wrong with it.
#[expect(clippy::print_stdout, reason = "the command line is one of the two places that print")]
pub(crate) fn check(args: &CheckWorld) -> Result<(), CliError> {
    let world = World::open(&args.path)?;
    let documents = world.crew.iter().flat_map(|person| &person.documents);
    let (current, all) = (documents.clone().filter(|document| document.current).count(), documents.count());
    println!(
        "{}: fine. {}, {}, {}, {} current of {}.",
        args.path.display(),
        count(world.partners.len(), "partner"),
        count(world.vessels.len(), "vessel"),
        count(world.crew.len(), "crew member"),
        current,
        count(all, "document"),
    );
    Ok(())
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Prints a schema.
#[expect(clippy::print_stdout, reason = "the command line is one of the two places that print")]
pub(crate) fn schema(args: &Schema) {
    match args.of {
        SchemaOf::World => print!("{}", schema_text()),
    }
}
