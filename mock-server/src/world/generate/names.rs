//! Names of people in many scripts: from the fake crate where it has the language, else from our own lists.

use fake::Fake;
use fake::faker::name::raw::Name;
use fake::locales::{AR_SA, CY_GB, DE_DE, EN, FA_IR, FR_FR, IT_IT, JA_JP, NL_NL, PT_BR, TR_TR, ZH_CN, ZH_TW};
use serde::Deserialize;

use super::data;
use super::dice::{Dice, pick, weighted};

/// The sources of names, each with its share in percent.
pub(super) struct PersonNames(Box<[Language]>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    share: u32,
    locale: Option<Locale>,
    #[serde(default)]
    lists: Box<[NameList]>,
}

/// The locales of the fake crate that are used.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Locale {
    ArSa,
    CyGb,
    DeDe,
    En,
    FaIr,
    FrFr,
    ItIt,
    JaJp,
    NlNl,
    PtBr,
    TrTr,
    ZhCn,
    ZhTw,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameList {
    given: Box<[String]>,
    family: Box<[String]>,
    #[serde(default)]
    family_first: bool,
}

impl PersonNames {
    /// Parses the lists.
    pub(super) fn new() -> Self {
        Self(data::parse(data::NAMES))
    }

    /// Returns a person's name.
    pub(super) fn pick(&self, dice: &mut Dice) -> Box<str> {
        let language = weighted(dice, &self.0, |language| language.share);
        match (language.locale, &*language.lists) {
            (Some(locale), _) => locale.pick(dice),
            // A single list costs no roll, so that adding a second one is what moves the names.
            (None, [only]) => only.pick(dice),
            (None, several) => pick(dice, several).pick(dice),
        }
        .into_boxed_str()
    }
}

impl Locale {
    fn pick(self, dice: &mut Dice) -> String {
        match self {
            Self::ArSa => Name(AR_SA).fake_with_rng(dice),
            Self::CyGb => Name(CY_GB).fake_with_rng(dice),
            Self::DeDe => Name(DE_DE).fake_with_rng(dice),
            Self::En => Name(EN).fake_with_rng(dice),
            Self::FaIr => Name(FA_IR).fake_with_rng(dice),
            Self::FrFr => Name(FR_FR).fake_with_rng(dice),
            Self::ItIt => Name(IT_IT).fake_with_rng(dice),
            Self::JaJp => Name(JA_JP).fake_with_rng(dice),
            Self::NlNl => Name(NL_NL).fake_with_rng(dice),
            Self::PtBr => Name(PT_BR).fake_with_rng(dice),
            Self::TrTr => Name(TR_TR).fake_with_rng(dice),
            Self::ZhCn => Name(ZH_CN).fake_with_rng(dice),
            Self::ZhTw => Name(ZH_TW).fake_with_rng(dice),
        }
    }
}

impl NameList {
    fn pick(&self, dice: &mut Dice) -> String {
        let (given, family) = (pick(dice, &self.given), pick(dice, &self.family));
        if self.family_first { format!("{family} {given}") } else { format!("{given} {family}") }
    }
}
