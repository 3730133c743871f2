//! A scenario as a file that people read, change and replay.

use crate::client::scenario::Scenario;

/// Writes a scenario as YAML, with a comment in front of it.
pub fn written(scenario: &Scenario, comment: &str) -> Result<String, String> {
    let body = serde_saphyr::to_string(scenario).map_err(|error| error.to_string())?;
    let lines = comment.lines().flat_map(|line| ["# ", line, "\n"]);
    Ok(lines.chain([body.as_str()]).collect())
}
