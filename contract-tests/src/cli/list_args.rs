//! The arguments of `list`, `explain` and `schema`.

use clap::{Args as ClapArgs, ValueEnum};
use clap_complete::engine::ArgValueCandidates;

use super::shared_args::GradeArg;
use super::shell::{areas, explainable, versions};

/// The arguments of `list`.
#[derive(Debug, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct List {
    /// List only this grade and higher ones
    #[arg(long, value_enum)]
    pub(crate) grade: Option<GradeArg>,
    /// List only this area, such as RTY
    #[arg(long, add = ArgValueCandidates::new(areas))]
    pub(crate) area: Option<String>,
    /// List the scenarios of clients, each with what happens in it (of the other options, only --catalogue may be
    /// added)
    #[arg(long, conflicts_with_all = ["grade", "area", "server", "receiver", "sender", "markdown"])]
    pub(crate) scenarios: bool,
    /// List the clauses of a server
    #[arg(long, conflicts_with_all = ["catalogue", "markdown"])]
    pub(crate) server: bool,
    /// List the obligations of a webhook receiver
    #[arg(long, conflicts_with_all = ["server", "catalogue", "markdown"])]
    pub(crate) receiver: bool,
    /// List the clauses of a sender of webhooks
    #[arg(long, conflicts_with_all = ["server", "receiver", "catalogue", "markdown"])]
    pub(crate) sender: bool,
    /// Use this version of the catalogue
    #[arg(long, value_name = "VERSION", add = ArgValueCandidates::new(versions))]
    pub(crate) catalogue: Option<u32>,
    /// Print the obligations of clients as a page in Markdown
    #[arg(long, conflicts_with_all = ["grade", "area"])]
    pub(crate) markdown: bool,
}

/// The arguments of `explain`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// An obligation of a client or receiver, such as CPK-NAME-01 or NAME-01, a clause of a server or
    /// sender, such as CPS-LINK-04, or a scenario: its name, such as list/odd-crew-id, or its file
    #[arg(add = ArgValueCandidates::new(explainable))]
    pub(crate) id: String,
}

/// The arguments of `schema`.
#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// The file format
    #[arg(value_enum)]
    pub(crate) of: SchemaOf,
}

/// The file formats with a JSON Schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SchemaOf {
    /// The catalogue of obligations
    Obligations,
    /// A scenario file
    Scenario,
    /// A report in JSON
    Report,
    /// An expectation: the facts that are known of a server
    Expectation,
}
