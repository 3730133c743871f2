//! What a generated world says of a person beside documents: e-mail, statuses, roles, profile and photo.
//!
//! It has separate random streams, so that names, vessels and documents are those of before.

use std::collections::BTreeMap;

use compact_str::{CompactString, format_compact};
use rand::RngExt;
use serde::Deserialize;

use super::catalogue::Department;
use super::data;
use super::dice::{Dice, percent, pick, weighted};
use super::document_number::document_number;
use crate::world::{
    Address, BackgroundCheck, CrewMember, Day, Details, Employment, FileSpec, GeneratedKind, Language, Passport,
    Profile, Text, Verification, Visa,
};

/// Each state of a background check with its share in percent.
const CHECKS: &[(u32, Option<BackgroundCheck>)] = &[
    (58, Some(BackgroundCheck::Completed)),
    (8, Some(BackgroundCheck::Pending)),
    (6, Some(BackgroundCheck::Awaiting)),
    (6, Some(BackgroundCheck::InProgress)),
    (4, Some(BackgroundCheck::Declined)),
    (6, Some(BackgroundCheck::Expired)),
    (12, None),
];

/// The words of what is said of people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    domains: Box<[Box<str>]>,
    countries: Box<[Country]>,
    streets: Box<[Box<str>]>,
    proficiencies: Box<[Text]>,
    skills: Skills,
    bios: Box<[Box<str>]>,
    visas: Box<[Visa]>,
    fit_categories: Box<[Text]>,
}

/// A country that people come from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Country {
    #[serde(rename = "country")]
    name: Text,
    nationality: Text,
    language: Text,
    calling_code: Box<str>,
    cities: Box<[Text]>,
    postcode: Box<str>,
    passport: Box<str>,
}

/// The skills of each department.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skills {
    deck: Box<[Text]>,
    engine: Box<[Text]>,
    interior: Box<[Text]>,
    galley: Box<[Text]>,
}

impl Skills {
    fn of(&self, departments: &[Department]) -> &[Text] {
        match departments.first() {
            Some(Department::Engine) => &self.engine,
            Some(Department::Interior) => &self.interior,
            Some(Department::Galley) => &self.galley,
            Some(Department::Deck | Department::Officer) | None => &self.deck,
        }
    }
}

/// Generates the details of people.
pub(super) struct DetailsGenerator {
    words: Words,
    /// The names of earlier vessels.
    vessels: Box<[Box<str>]>,
}

/// The person whose details are generated.
pub(super) struct Holder<'a> {
    pub(super) index: u32,
    pub(super) member: &'a CrewMember,
    pub(super) departments: &'a [Department],
    /// The ranks of the same departments.
    pub(super) ranks: &'a [Text],
}

impl DetailsGenerator {
    /// Creates a generator; earlier employments were on vessels of these names.
    pub(super) fn new(vessels: Box<[Box<str>]>) -> Self {
        Self { words: data::parse(data::PEOPLE), vessels }
    }

    /// Generates the details of a person. Those of the first one are complete.
    pub(super) fn generate(&self, dice: &mut Dice, holder: &Holder<'_>) -> Details {
        let is_complete = holder.index == 0;
        let country = pick(dice, &self.words.countries);
        let (_, check) = *weighted(dice, CHECKS, |(share, _)| *share);
        let is_verified = percent(dice, 88) || is_complete;
        let email = self.email(dice, holder);
        let profile = self.profile(dice, holder, country);
        let has_photo = percent(dice, 80) || is_complete;
        let kind = *pick(dice, &[GeneratedKind::Jpeg, GeneratedKind::Jpeg, GeneratedKind::Png]);
        let photo = FileSpec { generate: Some(kind), ..FileSpec::default() };
        Details {
            email: (percent(dice, 96) || is_complete).then_some(email),
            verification: if is_verified { Verification::Verified } else { Verification::Unverified },
            background_check: if is_complete { Some(BackgroundCheck::Completed) } else { check },
            roles: roles(dice, holder),
            profile: Some(profile.into()),
            photo: has_photo.then(|| photo.into()),
            compliance: None,
            fit_category: percent(dice, 70).then(|| pick(dice, &self.words.fit_categories).clone()),
        }
    }

    /// Generates an address that nobody has: the number of the person makes it unique.
    fn email(&self, dice: &mut Dice, holder: &Holder<'_>) -> Box<str> {
        let name = holder.member.name.as_deref().unwrap_or_default();
        let words = name.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        let name = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join(".");
        let name = if name.is_empty() { "crew".to_owned() } else { name };
        format!("{name}.{}@{}", holder.index + 1, pick(dice, &self.words.domains)).into_boxed_str()
    }

    fn profile(&self, dice: &mut Dice, holder: &Holder<'_>, country: &Country) -> Profile {
        let age = dice.random_range(20..60);
        let years = dice.random_range(2..=(age - 18).min(30));
        let rank = holder.member.rank.clone();
        let bio = pick(dice, &self.words.bios).replace("{years}", &years.to_string());
        let bio = bio.replace("{rank}", rank.as_deref().unwrap_or("Crew"));
        let is_complete = holder.index == 0;
        let has = |dice: &mut Dice, share: u32| percent(dice, share) || is_complete;
        Profile {
            nationality: Some(country.nationality.clone()),
            languages: self.languages(dice, country),
            skills: some_of(dice, self.words.skills.of(holder.departments), 4),
            years_experience: Some(format_compact!("{years}")),
            bio: has(dice, 85).then(|| bio.into_boxed_str()),
            phone: has(dice, 90).then(|| phone(dice, country)),
            employment_history: has(dice, 90).then(|| self.employments(dice, holder, years)),
            date_of_birth: has(dice, 95).then(|| Day::In(-(age * 365 + dice.random_range(0..365)))),
            address: has(dice, 85).then(|| self.address(dice, country)),
            passport: has(dice, 92).then(|| Passport {
                nationality: Some(country.nationality.clone()),
                number: Some(document_number(dice, &country.passport)),
                expiry: Some(Day::In(dice.random_range(-100..3_000))),
            }),
            visas: has(dice, 70).then(|| self.visas(dice)),
        }
    }

    fn languages(&self, dice: &mut Dice, country: &Country) -> Vec<Language> {
        let native = Language { language: country.language.clone(), proficiency: "native".into() };
        let mut languages = vec![native];
        if country.language.as_str() != "English" {
            languages.push(Language { language: "English".into(), proficiency: "fluent".into() });
        }
        let third = pick(dice, &self.words.countries).language.clone();
        if percent(dice, 40) && languages.iter().all(|known| known.language != third) {
            languages.push(Language { language: third, proficiency: pick(dice, &self.words.proficiencies).clone() });
        }
        languages
    }

    /// Generates employments, the newest first; the first one goes on.
    fn employments(&self, dice: &mut Dice, holder: &Holder<'_>, years: i32) -> Vec<Employment> {
        let mut ended = 0;
        let count = dice.random_range(1..=3);
        let one = |at: i32| {
            let started = ended - dice.random_range(90..=(years * 365 / 3).max(120));
            let employment = Employment {
                vessel_name: Some(pick(dice, &self.vessels).clone()),
                role: if at == 0 { holder.member.rank.clone() } else { Some(pick(dice, holder.ranks).clone()) },
                started_at: Some(Day::In(started)),
                ended_at: (at > 0).then_some(Day::In(ended)),
                source: Some(pick(dice, &["employer_confirmed", "self_reported"]).to_owned().into()),
            };
            ended = started - dice.random_range(1..200);
            employment
        };
        (0..count).map(one).collect()
    }

    fn address(&self, dice: &mut Dice, country: &Country) -> Address {
        let number = dice.random_range(1..200);
        Address {
            line1: Some(format!("{number} {}", pick(dice, &self.words.streets)).into_boxed_str()),
            line2: percent(dice, 20).then(|| format!("Flat {}", dice.random_range(1..30)).into_boxed_str()),
            city: Some(pick(dice, &country.cities).clone()),
            state: None,
            country: Some(country.name.clone()),
            postcode: Some(document_number(dice, &country.postcode)),
        }
    }

    fn visas(&self, dice: &mut Dice) -> Vec<Visa> {
        let visas = some_of(dice, &self.words.visas, 2);
        let dated = visas.into_iter().map(|visa| Visa { expiry: Some(Day::In(dice.random_range(-60..2_000))), ..visa });
        dated.collect()
    }
}

fn phone(dice: &mut Dice, country: &Country) -> CompactString {
    format_compact!("{} 000 {:06}", country.calling_code, dice.random_range(0..1_000_000))
}

/// Returns a role on each vessel of a person on several; on one vessel the rank is the role.
fn roles(dice: &mut Dice, holder: &Holder<'_>) -> Option<BTreeMap<Text, Text>> {
    let [first, others @ ..] = &**holder.member.vessels else { return None };
    if others.is_empty() {
        return None;
    }
    let own = holder.member.rank.clone().map(|rank| (first.clone(), rank));
    let others = others.iter().map(|vessel| (vessel.clone(), pick(dice, holder.ranks).clone()));
    Some(others.chain(own).collect())
}

/// Picks at most this number of entries, in their order.
fn some_of<T: Clone>(dice: &mut Dice, list: &[T], most: usize) -> Vec<T> {
    let count = dice.random_range(0..=most.min(list.len()));
    let mut left = count;
    let chosen = list.iter().enumerate().filter(|(at, _)| {
        // Each of the rest has the same chance.
        let is_chosen = left > 0 && dice.random_range(0..list.len() - at) < left;
        left -= usize::from(is_chosen);
        is_chosen
    });
    chosen.map(|(_, entry)| entry.clone()).collect()
}
