//! The checks of details that a person gets at run time: those of a world.

use crewpass_diagnostics::Path;

use super::details::{Details, normalized_email};
use super::lint::{check_content_type, check_file};
use super::lint_details::check_picture;
use super::{CrewMember, World};

impl World {
    /// Checks details that a person gets at run time. `present` are those of before, whose photo may stay.
    ///
    /// # Errors
    /// The reason why no world could say this.
    pub(crate) fn check_details(&self, details: &Details, present: Option<&Details>) -> Result<(), String> {
        if details.email.as_deref().is_some_and(|email| normalized_email(email).is_empty()) {
            return Err("an address can't be empty".to_owned());
        }
        let mut on_vessels = details.roles.iter().flat_map(|roles| roles.keys());
        if let Some(unknown) = on_vessels.find(|vessel| self.vessel(vessel).is_none()) {
            return Err(format!("there is no vessel `{unknown}` in this world"));
        }
        let Some(photo) = &details.photo else { return Ok(()) };
        if present.and_then(|present| present.photo.as_ref()) == Some(photo) {
            return Ok(());
        }
        if photo.path.is_some() {
            return Err("a photo at run time is made from the seed: write {\"generate\": \"png\"}".to_owned());
        }
        let place = || Path::top_level("photo");
        let finding = check_file(photo, place).or_else(|| check_content_type(photo, place));
        let finding = finding.or_else(|| check_picture(photo, place()));
        finding.map_or(Ok(()), |finding| Err(finding.message))
    }
}

impl CrewMember {
    /// Returns true if the person has an e-mail address, compared without blanks around it and case.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        let own = self.details.as_ref().and_then(|details| details.email.as_deref());
        own.is_some_and(|own| normalized_email(own) == normalized_email(email))
    }
}
