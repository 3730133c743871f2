//! Who issues certificates: real authorities of flag states, and training schools that do not exist.
//!
//! The schools are invented so that a made-up certificate never bears a real school's name. A verification vendor is
//! never an issuer (G); a test keeps the known ones out.

use super::dice::{Dice, percent, pick};
use crate::world::Text;

/// Which authorities may issue a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Circle {
    /// Maritime administrations of flag states.
    Flag,
    /// Training schools, now and then an administration.
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

/// One document in this many hundred has no issuer: CrewPass could not determine it (G).
const NULL_PERCENT: u32 = 8;

const BRITISH: &[&str] = &["Maritime & Coastguard Agency"];

/// The first, of the largest yacht fleet, is as likely as any two others.
const FLAG: &[&str] = &[
    "Maritime & Coastguard Agency",
    "Maritime & Coastguard Agency",
    "Cayman Islands Shipping Registry",
    "Transport Malta",
    "Republic of the Marshall Islands Maritime Administrator",
    "Bahamas Maritime Authority",
    "Bermuda Shipping and Maritime Authority",
    "Isle of Man Ship Registry",
    "Red Ensign Group – Gibraltar Maritime Administration",
    "Panama Maritime Authority",
    "Maritime Authority of Jamaica",
    "United States Coast Guard",
    "Transport Canada",
    "Australian Maritime Safety Authority",
    "Maritime New Zealand",
    "South African Maritime Safety Authority",
    "Maritime Industry Authority",
    "Norwegian Maritime Authority",
    "Direction générale des affaires maritimes",
    "Dirección General de la Marina Mercante",
    "Bundesamt für Seeschifffahrt und Hydrographie",
    "Urząd Morski w Gdyni",
    "Υπουργείο Ναυτιλίας και Νησιωτικής Πολιτικής",
    "Адміністрація судноплавства України",
];

const SCHOOL: &[&str] = &[
    "Halcyon Reef Maritime Academy",
    "Port Solenne Sea School",
    "Brackwater Bay Crew Training",
    "Tern Island Nautical College",
    "Meridian Quay Superyacht School",
    "Nordhavn Fjord Safety Centre",
    "Cap Mirelle Formation Maritime",
    "Escuela Náutica Punta Alcaraván",
    "Scuola Nautica Isola Verdemare",
    "Seefahrtschule Möwensand",
    "Ναυτική Σχολή Ακτή Γλάρου",
];

const PASSPORT: &[&str] = &[
    "HM Passport Office",
    "U.S. Department of State",
    "Australian Passport Office",
    "New Zealand Passports Office",
    "Department of Home Affairs",
    "Department of Foreign Affairs",
    "Préfecture de police",
    "Ministero degli Affari Esteri",
    "Passamt der Stadt",
];

const UNITED_STATES: &[&str] = &["U.S. Department of State"];

const SCHENGEN: &[&str] = &[
    "Consulate General of Spain",
    "Consulat général de France",
    "Consolato Generale d'Italia",
    "Consulate General of Greece",
    "Embassy of the Kingdom of the Netherlands",
];

const BOATING: &[&str] = &["Royal Yachting Association", "International Yacht Training", "Australian Sailing"];

/// The issuers as shared texts, made once for a world.
pub(super) struct Issuers {
    /// Maritime & Coastguard Agency, which the guide's example names.
    pub(super) agency: Text,
    lists: [Box<[Text]>; 7],
}

impl Issuers {
    /// Every issuer, each held once.
    pub(super) fn new() -> Self {
        let share = |list: &[&str]| list.iter().map(|name| Text::from(*name)).collect();
        Self {
            agency: BRITISH[0].into(),
            lists: [FLAG, SCHOOL, PASSPORT, UNITED_STATES, SCHENGEN, BOATING, BRITISH].map(share),
        }
    }

    /// An issuer of the circle, or none.
    pub(super) fn roll(&self, dice: &mut Dice, circle: Circle) -> Option<Text> {
        if percent(dice, NULL_PERCENT) {
            return None;
        }
        let list = match circle {
            Circle::Flag => 0,
            Circle::School if percent(dice, 25) => 0,
            Circle::School => 1,
            Circle::Passport => 2,
            Circle::UnitedStates => 3,
            Circle::Schengen => 4,
            Circle::Boating => 5,
            Circle::British => 6,
        };
        Some(pick(dice, &self.lists[list]).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Identity-verification vendors; the names are matched without case, anywhere in an issuer's.
    const VENDORS: &[&str] = &[
        "onfido",
        "veriff",
        "jumio",
        "sumsub",
        "persona",
        "idenfy",
        "trulioo",
        "yoti",
        "idnow",
        "au10tix",
        "mitek",
        "socure",
        "shufti",
        "complycube",
        "didit",
        "incode",
        "ondato",
        "idemia",
        "entrust",
        "stripe",
        "plaid",
        "gbg",
        "checkr",
        "sterling",
        "verifeye",
    ];

    #[test]
    fn no_verification_vendor_is_an_issuer() {
        for name in [FLAG, SCHOOL, PASSPORT, UNITED_STATES, SCHENGEN, BOATING, BRITISH].concat() {
            let name = name.to_lowercase();
            assert!(!VENDORS.iter().any(|vendor| name.contains(vendor)), "{name}");
        }
    }
}
