//! `generate`: writes a world made from a seed to standard output.

use std::io::Write;

use crate::world::WorldFile;
use crate::world::generate::{Recipe, generate};

use super::args::{Format, Generate};
use super::error::CliError;
use super::standard_output::heard;

/// Writes the world.
pub(crate) fn run(args: &Generate) -> Result<(), CliError> {
    let recipe = Recipe { crew: args.crew, documents: args.documents, seed: args.seed, hostile: args.hostile };
    let world = generate(&recipe);
    heard(write(args, &world))
}

fn write(args: &Generate, world: &WorldFile) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    match args.format {
        Format::Json => {
            serde_json::to_writer(&mut out, world).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Yaml => {
            let text = serde_saphyr::to_string(world).map_err(|error| std::io::Error::other(error.to_string()))?;
            writeln!(
                out,
                "# Made by: crewpass-mock generate --crew {} --documents {} --seed {}{}",
                args.crew,
                args.documents,
                args.seed,
                if args.hostile { " --hostile" } else { "" }
            )?;
            out.write_all(text.as_bytes())?;
        }
    }
    out.flush()
}
