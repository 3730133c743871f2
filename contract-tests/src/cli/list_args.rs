//! The arguments of `list`, `explain` and `schema`.

use clap::{Args as ClapArgs, ValueEnum};

use super::shared_args::GradeArg;

/// `list`.
#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// Of this grade and of graver ones
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// Of this area only, such as RTY
    #[arg(long)]
    pub(crate) area: Option<String>,
    /// Those of a server
    #[arg(long, conflicts_with_all = ["catalogue", "markdown"])]
    pub(crate) server: bool,
    /// As they were at this version of the catalogue
    #[arg(long, value_name = "VERSION")]
    pub(crate) catalogue: Option<u32>,
    /// Print the page docs/obligations.md
    #[arg(long, conflicts_with_all = ["grade", "area"])]
    pub(crate) markdown: bool,
}

/// `explain`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// Such as CPK-NAME-01 of a client, or CPS-LINK-04 of a server
    pub(crate) id: String,
}

/// `schema`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The catalogue of obligations
    Obligations,
    /// A scenario file
    Scenario,
    /// A report in JSON
    Report,
    /// What is known of a server
    Expectation,
}
