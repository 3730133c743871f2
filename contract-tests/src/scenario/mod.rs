//! Scenarios: what a client is put through, one file each, for people to read and write.

mod check;
mod folder;
mod har;
mod load;
mod model;
mod schema;
mod waits;
mod written;

pub use har::{Made, from_har};
pub use load::Scenarios;
pub use model::{
    Action, BaseForm, Certificate, Clock, Need, Plant, PlantKind, RightExit, RunPlan, Scenario, StepName, Terminate,
};
pub use schema::schema_text;
pub use written::written;
