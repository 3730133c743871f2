//! The behaviour of a client in one case as a text that is equal in every run: requests, waits,
//! files and the end. Meaningless differences are left out: times, lengths of answers, ports,
//! tokens.

use std::time::Duration;

use crewpass_diagnostics::escape;

use super::normalizer::Normalizer;
use super::transcript::ended;
use crate::client::case::{Case, Run};
use crate::client::witness::{Exchange, Kind, Listener, Step};

/// The longest target or path that is shown, in characters.
const LONGEST_NAME: usize = 4_000;

/// The shortest pause that counts as a wait; waits are shown in whole seconds.
const WAIT: Duration = Duration::from_millis(700);

/// Returns the text of a case.
pub fn snapshot(case: &Case) -> String {
    let normalizer = Normalizer::new(case);
    let runs = case.runs.iter().enumerate().map(|(number, run)| {
        let lines = requests(run, &normalizer).into_iter().chain(files(case, run, &normalizer));
        let lines: String = lines.flat_map(|line| ["  ".to_owned(), line, "\n".to_owned()]).collect();
        format!("run {}\n{lines}  {}\n", number + 1, ended(&run.process))
    });
    runs.collect()
}

fn requests(run: &Run, normalizer: &Normalizer) -> Vec<String> {
    let (mut lines, mut free_since) = (Vec::new(), None);
    for one in &run.wire {
        let pause = free_since.map_or(Duration::ZERO, |since| one.started.saturating_sub(since));
        if pause >= WAIT {
            lines.push(format!("wait {} s", (pause + Duration::from_millis(300)).as_secs().max(1)));
        }
        lines.push(request(one, normalizer));
        free_since = one.ended.or(free_since).max(free_since);
    }
    lines
}

fn request(one: &Exchange, normalizer: &Normalizer) -> String {
    let target = match one.step() {
        Step::File { .. } => crate::operation::masked_file_path(),
        _ => normalizer.text(&one.target),
    };
    let target = escape::line(&target, LONGEST_NAME);
    let status = if one.status == 0 { "no answer".to_owned() } else { one.status.to_string() };
    let place = match one.listener {
        Listener::Base => "",
        Listener::Second => " at the second origin",
        Listener::Foreign => " at a foreign origin",
    };
    let cut = if one.whole || one.status == 0 { "" } else { ", cut" };
    format!("{} {target}{place} -> {status}{cut}", one.method)
}

/// Returns the entries below the folder, each file with the document that has its bytes.
fn files(case: &Case, run: &Run, normalizer: &Normalizer) -> Vec<String> {
    let below = run.after.entries.iter().filter(|(path, _)| path.starts_with(&case.out_dir) && **path != case.out_dir);
    below
        .map(|(path, entry)| {
            let shown = normalizer.text(&path.to_string_lossy());
            let shown = escape::line(&shown, LONGEST_NAME);
            match &entry.kind {
                Kind::File { sha256, len, .. } => {
                    let all = case.runs.iter().flat_map(|run| &run.current);
                    let document = all.into_iter().find(|one| one.sha256 == *sha256);
                    document.map_or_else(|| format!("{shown}: {len} other bytes"), |one| format!("{shown}: {}", one.id))
                }
                Kind::Folder => format!("{shown}/"),
                Kind::Symlink(_) => format!("{shown}: a symbolic link"),
                Kind::Special => format!("{shown}: a socket, pipe or device"),
            }
        })
        .collect()
}
