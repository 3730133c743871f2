//! Scenarios: what a client is put through, one file each, for people to read and write.

mod model;

pub use model::{
    Action, BaseForm, Certificate, Clock, Need, Plant, PlantKind, RightExit, RunPlan, Scenario, StepName, Terminate,
};
