//! The scenario of a capture, as a text that people read, change and commit.

use std::collections::BTreeMap;
use std::path::Path;

use crewpass_diagnostics::Problem;

use super::answer::LONGEST_WAIT;
use super::capture::{Entry, read};
use super::documents::world;
use super::order::Rules;
use super::redirects::joined;
use super::secrets::Secrets;
use super::seen::{Link, Seen, origin};
use super::standing::Standing;
use super::time::{clock, runs};
use crate::client::scenario::{BaseForm, HeaderNames, Need, RightExit, Scenario, written};
use crate::client::task::Task;
use crate::operation::{Name, raw_path};

/// Where something waits or is tried again, a client has longer.
const PATIENT: &str = "60s";

/// A scenario that was made from a capture.
#[derive(Clone, Debug)]
pub struct Made {
    /// The scenario; it is called like the capture.
    pub scenario: Scenario,
    /// As YAML, with a comment that says where it comes from.
    pub text: String,
    /// The number of answers with documents or a link whose body the capture does not have. What depends on them, such as
    /// the request for a file, is missing in the scenario.
    pub without_body: usize,
}

/// Makes a scenario from a capture, for one crew member: the given one, or the only one in it.
pub fn from_har(file: &str, text: &str, crew: Option<&str>) -> Result<Made, Problem> {
    let entries = read(file, text)?;
    let secrets = Secrets::from_entries(&entries);
    let mut all = seen(&entries);
    let crew = chosen(file, &entries, &all, crew)?;
    all.retain(|seen| seen.crew == crew);
    let without_body = all.iter().filter(|seen| seen.lacks_body()).count();
    let all = joined(all);
    let (standing, name) = (Standing::new(&all), name_of(file));
    let rules = Rules::new(&all, &standing);
    let comment = secrets.masked(&comment(&name, &all, rules.lasting));
    let mut scenario = scenario(&name, &crew, &all, &standing, rules);
    scenario.title = secrets.masked(&scenario.title);
    scenario.crew_id = secrets.masked(&scenario.crew_id);
    secrets.mask(&mut scenario.world);
    scenario.faults.iter_mut().for_each(|fault| secrets.mask(fault));
    let text = written(&scenario, &comment).map_err(|error| Problem::of_file(file, error))?;
    if secrets.stand_in(&text) {
        let help = "take the names out of the capture that hold it, such as the title of a document, and try again";
        let message = "a key, token or cookie of this capture would be in the scenario";
        return Err(Problem::of_file(file, message).help(Some(help.to_owned())));
    }
    Ok(Made { scenario, text, without_body })
}

/// Returns the entries that are steps of the contract; a file belongs to the link before it.
fn seen(entries: &[Entry]) -> Vec<Seen> {
    let (mut all, mut given): (Vec<Seen>, Vec<Link>) = (Vec::new(), Vec::new());
    for entry in entries {
        if let Some(seen) = Seen::from_entry(entry, &given) {
            given.extend(seen.link());
            all.push(seen);
        }
    }
    all
}

/// Returns the crew member to use, or the problem if there is none.
fn chosen(file: &str, entries: &[Entry], all: &[Seen], wanted: Option<&str>) -> Result<String, Problem> {
    let mut there: Vec<&str> = Vec::new();
    for seen in all {
        if !there.contains(&seen.crew.as_str()) {
            there.push(&seen.crew);
        }
    }
    let problem = |message: String, help: String| Err(Problem::of_file(file, message).help(Some(help)));
    match (there.as_slice(), wanted) {
        ([], _) => {
            let mut hosts: Vec<_> = entries.iter().filter_map(|entry| origin(&entry.request.url)).collect();
            hosts.sort_unstable();
            hosts.dedup();
            let met = if hosts.is_empty() { "nothing".to_owned() } else { hosts.join(", ") };
            problem(
                format!("none of its {} entries asks for a crew member's documents", entries.len()),
                format!("capture a GET of …{}; this one has requests to {met}", raw_path(Name::ListDocuments, &["ID"])),
            )
        }
        ([only], None) => Ok((*only).to_owned()),
        (several, None) => problem(
            format!("it is about {} crew members, and a scenario is about one", several.len()),
            format!("say which with --crew: {}", several.join(", ")),
        ),
        (there, Some(wanted)) if there.contains(&wanted) => Ok(wanted.to_owned()),
        (there, Some(wanted)) => {
            problem(format!("it has no request about `{wanted}`"), format!("it has {}", there.join(", ")))
        }
    }
}

fn scenario(name: &str, crew: &str, all: &[Seen], standing: &Standing, rules: Rules) -> Scenario {
    let right_exit = match (standing.refuses() || rules.lasting, rules.passing) {
        (true, _) => RightExit::Refused,
        (false, true) => RightExit::Either,
        (false, false) => RightExit::Saved,
    };
    Scenario {
        task: Task::default(),
        since: 1,
        id: String::new(),
        title: format!("What {name} captured"),
        provokes: Vec::new(),
        twin: None,
        only: false,
        off_contract: false,
        world: world(crew, all, standing),
        crew_id: crew.to_owned(),
        not_in_fleet: None,
        is_adapted: false,
        key: "full".to_owned(),
        policies: BTreeMap::new(),
        vary: BTreeMap::new(),
        clock: clock(all),
        base: BaseForm::Plain,
        certificate: None,
        second_certificate: None,
        header_names: HeaderNames::default(),
        traps: Vec::new(),
        second_is_ours: false,
        runs: runs(all),
        right_exit,
        met: rules.met.into_iter().map(Need::Fault).collect(),
        deadline: (!rules.all.is_empty()).then(|| PATIENT.to_owned()),
        client_deadline: None,
        faults: rules.all,
    }
}

fn name_of(file: &str) -> String {
    Path::new(file).file_name().map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned())
}

fn comment(name: &str, all: &[Seen], lasting: bool) -> String {
    let day =
        all.iter().find_map(|seen| seen.at).map_or_else(String::new, |at| format!(" of {}", at.strftime("%Y-%m-%d")));
    let lasts = if lasting {
        "\nA failure lasts to the end here, since the client did not ask again. If it was brief, write `when: {times: 1}`\n\
         into the fault, `right_exit: saved`, and what it provokes, such as CPK-RTY-01 for a 503 of a link."
    } else {
        ""
    };
    format!(
        "Made from {name}, a capture{day} with {} requests to the API.\n\
         Keys, tokens and cookies are left out, and so are the files: others of the same kind and size are made.\n\
         Titles, numbers and file names stand as they were listed: read them before this is given to anybody.\n\
         No Retry-After is longer than {LONGEST_WAIT} s here.{lasts}",
        all.len()
    )
}
