//! The inputs of a run: catalogue, scenarios, manifest and known failures, from the command line
//! and files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::client::plan::Plan;
use crate::client::scenario::Scenarios;
use crate::manifest::{Manifest, USUAL_NAME};
use crate::outcome::{KnownFailures, Rules};
use crate::report::{Anchor, named};
use crate::requirement::Catalogue;
use crewpass_diagnostics::{Problem, Problems, did_you_mean};
use jiff::ZonedDateTime;
use jiff::civil::Date;

use super::client_args::Asked;
use super::console::note;
use super::error::CliError;

/// The inputs of a run.
pub(crate) struct RunInputs {
    pub(crate) catalogue: Catalogue,
    pub(crate) scenarios: Scenarios,
    pub(crate) manifest: Manifest,
    pub(crate) known: KnownFailures,
    pub(crate) today: Date,
    pub(crate) anchor: Option<Anchor>,
}

impl RunInputs {
    /// Reads all inputs.
    pub(crate) fn open(asked: &Asked) -> Result<Self, CliError> {
        let newest = pinned(None)?;
        let path = manifest_path(asked.manifest.as_deref());
        let manifest = match &path {
            Some(path) => Manifest::open(path, &newest)?,
            None => Manifest::default(),
        };
        let known = match asked.known_failures.as_ref().or(manifest.known_failures.as_ref()) {
            // The list that a manifest names has to be written for the first time by a run.
            Some(path) if asked.known_failures.is_none() && !path.exists() => {
                let path = path.display();
                note(&format!(
                    "crewpass-contract: warning: there is no {path}, which the manifest names as `known_failures`, so no \
                     failure is known; `--write-known-failures {path}` writes it\n"
                ));
                KnownFailures::default()
            }
            Some(path) => known_failures(path, &newest)?,
            None => KnownFailures::default(),
        };
        let scenarios = Scenarios::load(&newest, &asked.scenarios)?;
        note_vain_cases(&known, &scenarios, &newest);
        let catalogue = pinned(asked.catalogue.or(manifest.catalogue))?;
        let anchor = anchor(path.as_deref());
        Ok(Self { catalogue, scenarios, manifest, known, today: ZonedDateTime::now().date(), anchor })
    }

    /// Returns the rules of the client's own files for a plan.
    pub(crate) fn rules(&self, plan: &Plan) -> Rules<'_> {
        let unsupported = &self.manifest.unsupported;
        Rules { unsupported, known: &self.known, today: self.today, partial: plan.partial }
    }
}

/// Returns the catalogue, at a version if one is given.
pub(crate) fn pinned(version: Option<u32>) -> Result<Catalogue, CliError> {
    let newest = Catalogue::built_in()?;
    Ok(match version {
        Some(version) => newest.at(version)?,
        None => newest,
    })
}

fn manifest_path(given: Option<&Path>) -> Option<PathBuf> {
    let usual = || Some(PathBuf::from(USUAL_NAME)).filter(|path| path.is_file());
    given.map(Path::to_path_buf).or_else(usual)
}

/// Reads a list of known failures; its ids must be in this catalogue. A reason that was never filled in is a warning.
pub(crate) fn known_failures(path: &Path, catalogue: &Catalogue) -> Result<KnownFailures, Problems> {
    let file = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Problem::unreadable(&file, &error))?;
    let known = KnownFailures::parse(&text, &file, catalogue)?;
    let unexplained = known.unexplained();
    if !unexplained.is_empty() {
        let ids = named(&unexplained);
        note(&format!(
            "crewpass-contract: warning: {file}: nobody has filled in why {ids} may fail: replace each reason that begins \
             with \"FILL IN\"\n"
        ));
    }
    Ok(known)
}

/// Warns of known failures in scenarios that do not exist, or do not judge the obligation: such an entry excuses nothing.
fn note_vain_cases(known: &KnownFailures, scenarios: &Scenarios, catalogue: &Catalogue) {
    for (id, case) in known.cases() {
        let name = case.split('[').next().unwrap_or(case);
        if let Some(scenario) = scenarios.get(name) {
            if catalogue.find(id).is_ok_and(|known| !scenario.may_break(known)) {
                note(&format!(
                    "crewpass-contract: warning: known failure {id}: {name} does not judge it; `crewpass-contract explain {id}` \
                     lists the scenarios that do\n"
                ));
            }
        } else {
            let guess = did_you_mean(name, scenarios.of_all_tasks().map(|scenario| scenario.id.as_str()));
            let guess = guess.map(|guess| format!("; {guess}")).unwrap_or_default();
            note(&format!("crewpass-contract: warning: known failure {id}: there is no scenario `{name}`{guess}\n"));
        }
    }
}

/// Returns the place for annotations: the command in the manifest, or the line of the workflow that
/// calls this tool.
pub(crate) fn anchor(manifest: Option<&Path>) -> Option<Anchor> {
    let (file, word) = match manifest {
        Some(path) => (path.to_path_buf(), "command"),
        None => (workflow()?, "crewpass-contract"),
    };
    let text = fs::read_to_string(&file).ok()?;
    let line = text.lines().position(|line| line.contains(word)).unwrap_or(0) + 1;
    Some(Anchor { file: file.display().to_string(), line })
}

/// Returns the workflow's file, from `owner/repository/.github/workflows/x.yml@ref`.
fn workflow() -> Option<PathBuf> {
    let workflow = std::env::var("GITHUB_WORKFLOW_REF").ok()?;
    let path = workflow.split('@').next()?.splitn(3, '/').nth(2)?;
    Some(PathBuf::from(path))
}
