//! Scenarios: what a client is put through, one file each, for people to read and write.

mod adapted;
mod all;
mod check;
mod explain;
mod folder;
mod har;
mod judged;
mod load;
mod model;
mod schema;
mod waits;
mod written;

pub(crate) use adapted::with_one_person;
pub use all::Scenarios;
pub use explain::{explanation, table};
pub use har::{Made, from_har};
pub use model::{
    Action, BaseForm, Certificate, Clock, HeaderNames, Need, Plant, PlantKind, RightExit, RunPlan, Scenario, StepName,
    Terminate,
};
pub use schema::schema_text;
pub use written::written;
