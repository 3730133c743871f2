//! Worlds: partners, keys, vessels, crew members and documents. `model` has the types of a world
//! file; `generate` creates one from a seed. `read` and `layers` read a file and the files that it
//! extends; `lint` and `version_chains` check it, and report each problem as a `finding`. `loaded`
//! is the world that is served.

mod changed_details;
mod day;
mod details;
mod disk_file;
mod emails;
mod file_store;
mod finding;
mod fingerprint;
mod fleet;
#[cfg(feature = "generate")]
pub mod generate;
mod generated_files;
mod given_compliance;
mod index;
mod layers;
mod lint;
mod lint_details;
mod loaded;
mod model;
mod pools;
mod read;
mod role;
mod schema;
mod shared;
mod starter;
mod text;
mod version_chains;

pub use crate::compliance::{OverallStatus, RequirementStatus};
pub use crate::secret::Mode;
pub use crate::webhook::Callback;
pub use crewpass_diagnostics::{Problem, Problems as WorldError};
pub use day::{BadDay, Day, WrittenDay, days_since_epoch};
pub use details::{Address, BackgroundCheck, Details, Employment, Language, Passport, Profile, Verification, Visa};
pub use disk_file::{DiskFile, FileStamp};
pub use file_store::{Content, Unnamed};
pub use fingerprint::Seen;
pub(crate) use fleet::{FleetRow, by_id, by_name, rows_of};
pub use given_compliance::{GivenCompliance, GivenMedical, GivenModule, GivenRequirement, GivenStcw, Percentage};
pub(crate) use lint::is_header_text;
pub(crate) use lint_details::is_imo_number;
pub use loaded::World;
pub use model::{
    CrewMember, Document, DocumentStore, FileSpec, GeneratedKind, Key, Partner, PartnerKind, Status, Vessel, WorldFile,
};
pub(crate) use read::new_source;
pub use role::{DocumentMatch, Requirement, RequirementSource, Role};
pub use schema::{schema, schema_text};
pub use shared::{Pool, Pooled, Shared};
pub use text::Text;
