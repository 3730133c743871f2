//! Chains of document versions by `supersedes`: their checks, current versions and version numbers.

use crewpass_diagnostics::{Path, did_you_mean};
use hashbrown::HashMap;

use super::finding::{AT_MOST, Finding};
use super::{CrewMember, Document, WorldFile};

/// Checks the chains of one crew member.
pub(super) fn check(world: &WorldFile, position: usize, findings: &mut Vec<Finding>) {
    let person = &world.crew[position];
    if person.documents.iter().all(|document| document.supersedes.is_none()) {
        return;
    }
    let chains = Chains::new(person);
    let mut superseded: HashMap<usize, usize> = HashMap::new();
    for (at, document) in person.documents.iter().enumerate() {
        let Some(old) = document.supersedes.as_deref() else { continue };
        let here = path(position, at, "supersedes");
        if findings.len() >= AT_MOST {
            return;
        }
        match chains.positions.get(old) {
            None => findings.push(leads_nowhere(world, person, here, old)),
            Some(before) => {
                if let Some(first) = superseded.insert(*before, at) {
                    findings.push(two_current(here, old).earlier(path(position, first, "supersedes")));
                }
            }
        }
    }
    findings.extend(chains.cycles().map(|at| cycle(path(position, at, "supersedes"), &person.documents[at])));
}

/// Sets `current` and `version` of each document; the chains must have been checked.
pub(super) fn set_versions(person: &mut CrewMember) {
    for document in &mut person.documents {
        document.current = true;
        document.version = 1;
    }
    if person.documents.iter().all(|document| document.supersedes.is_none()) {
        return;
    }
    let chains = Chains::new(person);
    let before = chains.before.clone();
    let versions: Vec<u16> = (0..before.len()).map(|at| chains.length(at)).collect();
    drop(chains);
    for (at, version) in versions.into_iter().enumerate() {
        person.documents[at].version = version;
        if let Some(before) = before[at] {
            person.documents[before].current = false;
        }
    }
}

/// A crew member's documents by id, each with the index of the document that it supersedes.
struct Chains<'p> {
    positions: HashMap<&'p str, usize>,
    before: Vec<Option<usize>>,
}

impl<'p> Chains<'p> {
    fn new(person: &'p CrewMember) -> Self {
        let positions: HashMap<&str, usize> =
            person.documents.iter().enumerate().map(|(at, document)| (&*document.id, at)).collect();
        let old = |document: &Document| document.supersedes.as_deref().and_then(|id| positions.get(id)).copied();
        let before = person.documents.iter().map(old).collect();
        Self { positions, before }
    }

    /// Returns the length of the chain that ends with this document.
    fn length(&self, at: usize) -> u16 {
        let links = std::iter::successors(Some(at), |at| self.before[*at]).take(self.before.len());
        u16::try_from(links.count()).unwrap_or(u16::MAX)
    }

    /// Returns one document of each cycle.
    fn cycles(&self) -> impl Iterator<Item = usize> {
        // 0 is not visited; a document that is met again with the number of the same walk is on a cycle.
        let mut walk = vec![0; self.before.len()];
        (0..self.before.len()).filter(move |start| {
            let number = start + 1;
            let mut at = Some(*start);
            while let Some(here) = at.filter(|here| walk[*here] == 0) {
                walk[here] = number;
                at = self.before[here];
            }
            at.is_some_and(|here| walk[here] == number)
        })
    }
}

fn leads_nowhere(world: &WorldFile, person: &CrewMember, here: Path, old: &str) -> Finding {
    let others = world.crew.iter().filter(|other| other.documents.iter().any(|document| *document.id == *old));
    if let Some(owner) = others.map(|owner| &owner.id).next() {
        let message = format!("`{old}` is a document of `{owner}`, and can't be superseded by one of `{}`", person.id);
        return Finding::at(here, message, "expected a document of the same person");
    }
    let names = person.documents.iter().map(|document| &*document.id);
    let message = format!("there is no document `{old}` that this could supersede");
    Finding::at(here, message, "unknown document").help(did_you_mean(old, names))
}

fn two_current(here: Path, old: &str) -> Finding {
    let message = format!("two documents supersede `{old}`, so both would be current");
    let help = "let the later one supersede the earlier one: a version has one successor";
    Finding::at(here, message, "expected the newest version before this one").help(Some(help.to_owned()))
}

fn cycle(here: Path, document: &Document) -> Finding {
    let way = if document.supersedes.as_ref() == Some(&document.id) { "" } else { ", by way of its own successors" };
    let message = format!("`{}` supersedes itself{way}", document.id);
    Finding::at(here, message, "this closes a circle")
        .help(Some("take `supersedes` out of the first version".to_owned()))
}

/// Returns the path of a field of a document.
pub(super) fn path(person: usize, document: usize, field: &str) -> Path {
    Path::entry("crew", person).field("documents").item(document).field(field)
}

/// Returns, for each crew member, the index of their first document in the list of all documents,
/// followed by the total.
pub(super) fn starts(world: &WorldFile) -> Vec<usize> {
    let counts = world.crew.iter().map(|person| person.documents.len());
    let sums = counts.scan(0, |sum, count| {
        *sum += count;
        Some(*sum)
    });
    std::iter::once(0).chain(sums).collect()
}

/// Returns the document at an index in the list of all documents (see [`starts`]), with the index
/// of its crew member and its index among their documents.
pub(super) fn document<'w>(world: &'w WorldFile, starts: &[usize], at: usize) -> Option<(usize, usize, &'w Document)> {
    let person = starts.partition_point(|start| *start <= at).checked_sub(1)?;
    let own = at - starts[person];
    world.crew.get(person)?.documents.get(own).map(|document| (person, own, document))
}
