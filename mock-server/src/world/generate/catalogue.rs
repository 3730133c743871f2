//! The kinds of certificates that yacht crew hold, with what each looks like.
//!
//! Every kind has a validity and so an expiry date, also where the real one never expires: whether `expiry_date` may
//! be null is documented nowhere, and a scenario that wants it says so by the policy `nullable`.

use super::issuers::Circle::{self, Boating, British, Flag, Passport, Schengen, School, UnitedStates};
use crate::world::Text;

/// Deck crew, officers included.
pub(super) const DECK: u8 = 1;
/// Engineers and electricians.
pub(super) const ENGINE: u8 = 2;
/// Stewards and stewardesses.
pub(super) const INTERIOR: u8 = 4;
/// Chefs and cooks.
pub(super) const GALLEY: u8 = 8;
/// Those among the deck crew who keep a watch.
pub(super) const OFFICER: u8 = 16;
const ALL: u8 = DECK | ENGINE | INTERIOR | GALLEY;

/// A row of the table: type, title, file name, shape of the number, validity in years, issuers, departments.
type Row = (Group, &'static str, &'static str, &'static str, i32, Circle, u8);

/// Type and category, which always go together.
#[derive(Clone, Copy)]
enum Group {
    Stcw,
    Coc,
    Endorsement,
    Medical,
    Radio,
    Travel,
    Visa,
    Seaman,
    Boat,
    Yacht,
    Catering,
}
use Group::{Boat, Catering, Coc, Endorsement, Medical, Radio, Seaman, Stcw, Travel, Visa, Yacht};

impl Group {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Stcw => ("STCW", "STCW Modules"),
            Coc => ("CoC", "Certificates of Competency"),
            Endorsement => ("Endorsement", "Flag State Endorsements"),
            Medical => ("Medical", "Medical Certificates"),
            Radio => ("GMDSS", "Radio Certificates"),
            Travel => ("Passport", "Travel Documents"),
            Visa => ("Visa", "Travel Documents"),
            Seaman => ("Seaman's Book", "Travel Documents"),
            Boat => ("Powerboat", "Watercraft Licences"),
            Yacht => ("Yacht Training", "Yacht Qualifications"),
            Catering => ("Catering", "Food & Hospitality"),
        }
    }
}

/// The guide's example comes first: it is `doc_1` of `crew_001`.
#[rustfmt::skip]
const ROWS: &[Row] = &[
    (Stcw, "Personal Survival Techniques", "PST_certificate", "PST-#####", 5, School, ALL),
    (Stcw, "Fire Prevention and Fire Fighting", "FPFF_certificate", "FPFF-#####", 5, School, ALL),
    (Stcw, "Elementary First Aid", "EFA_certificate", "EFA-#####", 5, School, ALL),
    (Stcw, "Personal Safety and Social Responsibilities", "PSSR_certificate", "PSSR-#####", 5, School, ALL),
    (Stcw, "Proficiency in Designated Security Duties", "PDSD_certificate", "PDSD-######", 5, School, ALL),
    (Stcw, "Proficiency in Security Awareness", "PSA_certificate", "PSA-######", 5, School, ALL),
    (Stcw, "Advanced Fire Fighting", "AFF_certificate", "AFF-#####", 5, School, DECK | ENGINE),
    (Stcw, "Proficiency in Survival Craft and Rescue Boats", "PSCRB_certificate", "PSCRB-#####", 5, School, DECK | ENGINE),
    (Stcw, "Proficiency in Fast Rescue Boats", "PFRB_certificate", "PFRB-#####", 5, School, DECK),
    (Stcw, "Medical First Aid", "MFA_certificate", "MFA-#####", 5, School, ALL),
    (Stcw, "Proficiency in Medical Care", "PMC_certificate", "PMC-#####", 5, School, OFFICER),
    (Stcw, "Ship Security Officer", "SSO_certificate", "SSO-@####", 5, School, OFFICER),
    (Stcw, "Crowd Management", "Crowd_management", "CM-######", 5, School, INTERIOR | DECK),
    (Stcw, "Human Element, Leadership and Management", "HELM_certificate", "HELM-#####", 5, School, OFFICER | ENGINE),
    (Stcw, "Navigation Watch Rating", "NWR_certificate", "NWR ######", 5, Flag, DECK),
    (Stcw, "Electronic Chart Display and Information System", "ECDIS_certificate", "ECDIS-#####", 5, School, OFFICER),
    (Stcw, "High Voltage, Management Level", "HV_certificate", "HV-@@###", 5, School, ENGINE),
    (Coc, "Master 500GT Yachts", "CoC_Master_500GT", "@@ ######", 5, British, OFFICER),
    (Coc, "Master 3000GT Yachts", "CoC_Master_3000GT", "@@ ######", 5, British, OFFICER),
    (Coc, "Chief Mate 3000GT Yachts", "CoC_Chief_Mate", "@@ ######", 5, British, OFFICER),
    (Coc, "Officer of the Watch 3000GT Yachts", "CoC_OOW", "@@ ######", 5, Flag, OFFICER),
    (Coc, "Y4 Engineer", "CoC_Y4", "Y4-######", 5, British, ENGINE),
    (Coc, "Y3 Chief Engineer", "CoC_Y3", "Y3-######", 5, British, ENGINE),
    (Coc, "Y2 Chief Engineer", "CoC_Y2", "Y2-######", 5, British, ENGINE),
    (Coc, "Approved Engine Course", "AEC_certificate", "AEC#######", 5, School, ENGINE | DECK),
    (Coc, "Electro-Technical Officer", "CoC_ETO", "ETO-######", 5, Flag, ENGINE),
    (Endorsement, "Endorsement Attesting Recognition", "Flag_endorsement", "END/####/@@##", 5, Flag, OFFICER | ENGINE),
    (Medical, "ENG1 Medical Certificate", "ENG1_medical", "@@######", 2, British, ALL),
    (Medical, "Seafarer Medical Fitness Certificate", "Medical_fitness", "SMF-####-##", 2, Flag, ALL),
    (Radio, "GMDSS General Operator's Certificate", "GMDSS_GOC", "GOC-######", 5, Flag, OFFICER | ENGINE),
    (Radio, "VHF Short Range Certificate", "VHF_SRC", "SRC######", 5, Boating, ALL),
    (Travel, "Passport", "Passport", "#########", 10, Passport, ALL),
    (Visa, "US Visa B1/B2", "Visa_B1B2", "########", 10, UnitedStates, ALL),
    (Visa, "Schengen Visa, Multiple Entry", "Visa_Schengen", "@@@ ######", 1, Schengen, ALL),
    (Seaman, "Seaman's Discharge Book", "Seamans_book", "@######", 10, Flag, ALL),
    (Boat, "Personal Watercraft Proficiency", "PWC_licence", "PWC#######", 5, Boating, ALL),
    (Boat, "Powerboat Level 2", "Powerboat_level_2", "PB2-######", 5, Boating, DECK | INTERIOR),
    (Boat, "Tender Operator", "Tender_operator", "TO-#####", 5, Boating, DECK),
    (Yacht, "Yachtmaster Offshore", "Yachtmaster_Offshore", "YMO-#######", 5, Boating, DECK),
    (Yacht, "Silver Service and Interior Level II", "Interior_level_2", "INT2-####", 5, School, INTERIOR),
    (Catering, "Food Safety and Hygiene Level 2", "Food_hygiene_L2", "FH2-######", 3, School, INTERIOR | GALLEY),
    (Catering, "Ship's Cook Certificate of Competency", "Ships_cook_CoC", "SC-######", 5, Flag, GALLEY),
    (Catering, "Wine & Spirit Award, Level 2", "Wine_level_2", "W2-#######", 5, School, INTERIOR | GALLEY),
];

/// One kind of certificate, its texts shared by the whole world.
pub(super) struct Certificate {
    pub(super) kind: Text,
    pub(super) category: Text,
    pub(super) title: Text,
    pub(super) file: &'static str,
    pub(super) shape: &'static str,
    /// How many days it is valid.
    pub(super) days: i32,
    pub(super) circle: Circle,
    pub(super) departments: u8,
    /// Whether crew send a photograph rather than a scan.
    pub(super) photographed: bool,
}

/// Every kind, the guide's example first.
pub(super) fn certificates() -> Box<[Certificate]> {
    ROWS.iter()
        .map(|&(group, title, file, shape, years, circle, departments)| {
            let (kind, category) = group.names();
            Certificate {
                kind: kind.into(),
                category: category.into(),
                title: title.into(),
                file,
                shape,
                days: years * 365 + years / 4,
                circle,
                departments,
                photographed: matches!(group, Travel | Visa | Seaman),
            }
        })
        .collect()
}
