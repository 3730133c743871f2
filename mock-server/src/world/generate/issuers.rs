//! The issuers of certificates, by group.

use serde::Deserialize;

use super::data;
use super::dice::{Dice, percent, pick};
use crate::world::Text;

/// The authorities that may issue a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IssuerGroup {
    /// Maritime administrations of flag states.
    Flag,
    /// Training schools, sometimes an administration.
    School,
    /// Passport offices.
    Passport,
    /// The one country of a US visa.
    UnitedStates,
    /// Consulates of the Schengen area.
    Schengen,
    /// Bodies of leisure and commercial boating.
    Boating,
    /// The one administration of certificates that only the United Kingdom has, such as ENG1.
    British,
}

/// The share of documents without an issuer: CrewPass could not determine it (G).
const NULL_PERCENT: u32 = 8;

/// The issuers as shared texts, parsed once for a world.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issuers {
    flag: Box<[Text]>,
    school: Box<[Text]>,
    passport: Box<[Text]>,
    united_states: Box<[Text]>,
    schengen: Box<[Text]>,
    boating: Box<[Text]>,
    british: Box<[Text]>,
}

impl Issuers {
    /// Parses the lists.
    pub(super) fn new() -> Self {
        data::parse(data::ISSUERS)
    }

    /// Returns the issuer of the guide's example.
    pub(super) fn of_guide_example(&self) -> Option<Text> {
        self.british.first().cloned()
    }

    /// Returns an issuer of the group, or none.
    pub(super) fn pick(&self, dice: &mut Dice, group: IssuerGroup) -> Option<Text> {
        if percent(dice, NULL_PERCENT) {
            return None;
        }
        let list = match group {
            IssuerGroup::Flag => &self.flag,
            IssuerGroup::School if percent(dice, 25) => &self.flag,
            IssuerGroup::School => &self.school,
            IssuerGroup::Passport => &self.passport,
            IssuerGroup::UnitedStates => &self.united_states,
            IssuerGroup::Schengen => &self.schengen,
            IssuerGroup::Boating => &self.boating,
            IssuerGroup::British => &self.british,
        };
        Some(pick(dice, list).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Identity-verification vendors, in lower case.
    const VENDORS: &str = include_str!("../../../fixtures/generator/verification-vendors.txt");

    #[test]
    fn no_verification_vendor_is_an_issuer() {
        let Issuers { flag, school, passport, united_states, schengen, boating, british } = Issuers::new();
        assert!(VENDORS.lines().count() >= 20);
        for name in [flag, school, passport, united_states, schengen, boating, british].iter().flatten() {
            let name = name.to_lowercase();
            assert!(!VENDORS.lines().any(|vendor| name.contains(vendor)), "{name}");
        }
    }
}
