//! The checks of what the endpoints beside the documents need: vessels, roles, and the details of people.

use crewpass_diagnostics::{Path, did_you_mean};
use hashbrown::HashMap;

use super::details::normalized_email;
use super::finding::{AT_MOST, Finding};
use super::generated_files::SMALL;
use super::lint::{Lint, check_content_type, check_file, duplicate, unknown};
use super::{CrewMember, FileSpec, GeneratedKind};

/// The number of digits of an IMO number.
const IMO_DIGITS: usize = 7;

/// Returns true if a text has the form of an IMO number.
pub(crate) fn is_imo_number(text: &str) -> bool {
    text.len() == IMO_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Lint<'_> {
    /// Checks that an IMO number has its form.
    pub(super) fn imo_numbers(&mut self) {
        for (position, vessel) in self.world.vessels.iter().enumerate() {
            if let Some(imo) = vessel.imo.as_deref().filter(|imo| !is_imo_number(imo)) {
                let path = Path::entry("vessels", position).field("imo");
                let message = format!("`{imo}` is not an IMO number");
                self.findings.push(Finding::at(path, message, "expected seven digits, such as \"9074729\""));
            }
        }
    }

    /// Checks roles: names are unique, and the keys of each role's requirements.
    pub(super) fn roles(&mut self) {
        let mut names: HashMap<&str, usize> = HashMap::new();
        for (position, role) in self.world.roles.iter().enumerate() {
            let path = |at: usize| Path::entry("roles", at).field("name");
            if let Some(first) = names.insert(&role.name, position) {
                self.findings.push(duplicate(path(position), &role.name).earlier(path(first)));
            }
            let mut keys: HashMap<&str, usize> = HashMap::new();
            for (at, requirement) in role.requires.iter().enumerate() {
                let path = |at: usize| Path::entry("roles", position).field("requires").item(at).field("key");
                if let Some(first) = keys.insert(&requirement.key, at) {
                    self.findings.push(duplicate(path(at), &requirement.key).earlier(path(first)));
                }
            }
        }
    }

    /// Checks the details of every person: no two have one address, each role is on a known vessel, a photo is a picture.
    pub(super) fn details(&mut self) {
        let mut emails: HashMap<String, usize> = HashMap::new();
        for (position, person) in self.world.crew.iter().enumerate() {
            if self.findings.len() >= AT_MOST {
                return;
            }
            let Some(details) = &person.details else { continue };
            let path = |at: usize, field: &str| Path::entry("crew", at).field("details").field(field);
            if let Some(email) = &details.email {
                let normalized = normalized_email(email);
                if normalized.is_empty() {
                    let place = path(position, "email");
                    self.findings.push(Finding::at(place, "an address can't be empty", "expected an e-mail address"));
                } else if let Some(first) = emails.insert(normalized, position) {
                    self.findings.push(duplicate(path(position, "email"), email).earlier(path(first, "email")));
                }
            }
            self.roles_of(position, person);
            if let Some(photo) = &details.photo {
                let place = || path(position, "photo");
                self.findings.extend(check_file(photo, place));
                self.findings.extend(check_content_type(photo, place));
                self.findings.extend(check_picture(photo, place()));
            }
        }
    }

    /// Checks that the vessels of a person's roles are known.
    fn roles_of(&mut self, position: usize, person: &CrewMember) {
        let roles = person.details.as_ref().and_then(|details| details.roles.as_ref());
        for vessel in roles.into_iter().flat_map(|roles| roles.keys()) {
            if self.vessels.find(vessel, |at| &self.world.vessels[at].id).is_none() {
                let path = Path::entry("crew", position).field("details").field("roles").key(vessel);
                let names = self.world.vessels.iter().map(|vessel| &*vessel.id);
                self.findings.push(unknown(path, "vessel", vessel).help(did_you_mean(vessel, names)));
            }
        }
    }
}

/// Checks that a photo that is made from the seed is a picture.
pub(super) fn check_picture(photo: &FileSpec, place: Path) -> Option<Finding> {
    let is_picture = matches!(photo.generate, None | Some(GeneratedKind::Png | GeneratedKind::Jpeg));
    if photo.size.is_some_and(|size| size > SMALL) {
        let message = format!("a photo has at most {SMALL} bytes");
        return Some(Finding::at(place.field("size"), message, "expected a smaller one"));
    }
    let finding = || Finding::at(place.field("generate"), "a photo is a picture", "expected `png` or `jpeg`");
    (!is_picture).then(finding)
}
