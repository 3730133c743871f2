//! Worlds: who exists. `model` is what a file says, `load` reads and checks one, `generate` makes one from a seed.

mod day;
pub mod generate;
mod model;
mod text;

pub use day::{BadDay, Day, days_of, write_day};
pub use model::{
    CrewMember, Document, FileSpec, GeneratedKind, Key, Mode, Partner, PartnerKind, Status, Vessel, WorldFile,
};
pub use text::Text;
