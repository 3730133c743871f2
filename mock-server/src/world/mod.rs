//! Worlds: who exists. `model` is what a file says, `generate` makes one from a seed, `read` and `layers` read one, `lint` and `chains` check it, `loaded`
//! is the world that is served; `problem` is what a person reads where one is wrong.

mod chains;
mod day;
mod excerpt;
mod finding;
pub mod generate;
mod index;
mod layers;
mod lint;
mod loaded;
mod locate;
mod made;
mod mask;
mod model;
mod near;
mod pools;
mod problem;
mod read;
mod schema;
mod seen;
mod shared;
mod shelf;
mod starter;
mod text;
mod told;

pub use crate::secret::Mode;
pub use day::{BadDay, Day, WrittenDay, days_of};
pub use loaded::World;
pub use model::{CrewMember, Document, FileSpec, GeneratedKind, Key, Partner, PartnerKind, Status, Vessel, WorldFile};
pub(crate) use near::nearest;
pub use problem::{Problem, WorldError};
pub(crate) use read::Source;
pub use schema::{schema, schema_text};
pub use seen::Seen;
pub use shared::{Pool, Pooled, Shared};
pub use shelf::{Content, Unnamed};
pub use text::Text;
