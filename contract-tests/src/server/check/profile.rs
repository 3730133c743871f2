//! Checks of the profile: its base, and its full block. No finding repeats a value, since all of them are personal.

use super::access::{difference, face, refused_at, wrong};
use super::values::{Form, is_by_another, is_granted, misshapen, status_and_code};
use crate::client::judge::Verdict;
use crate::server::expect::PROFILE_FULL;
use crate::server::expect_crew::is_same;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-PROFILE-01", shape),
    ("CPS-PROFILE-02", base),
    ("CPS-PROFILE-03", field_forms),
    ("CPS-PROFILE-04", full),
    ("CPS-PROFILE-05", base_only),
    ("CPS-PROFILE-06", values),
    ("CPS-PROFILE-07", |seen| refused_at(seen, Rule::Granted, Step::Profile)),
    ("CPS-PROFILE-08", |seen| off_fleet(seen, Step::Profile)),
    ("CPS-PROFILE-09", block_form),
    ("CPS-PROFILE-10", |seen| consent(seen, Step::Profile, "a profile")),
];

/// The fields that are always there.
const BASE: [&str; 9] =
    ["name", "rank", "nationality", "languages", "skills", "years_experience", "bio", "email", "phone"];
/// The fields of the full block.
const FULL: [&str; 5] = ["employment_history", "date_of_birth", "address", "passport", "visas"];
const FORMS: &[(&str, Form)] = &[
    ("name", Form::MaybeText),
    ("rank", Form::MaybeText),
    ("nationality", Form::MaybeText),
    ("languages", Form::MaybeObjects),
    ("skills", Form::MaybeTexts),
    ("years_experience", Form::MaybeText),
    ("bio", Form::MaybeText),
    ("email", Form::MaybeText),
    ("phone", Form::MaybeText),
    ("profile_photo_url", Form::MaybeText),
    ("employment_history", Form::MaybeObjects),
    ("date_of_birth", Form::MaybeDay),
    ("address", Form::MaybeObject),
    ("passport", Form::MaybeObject),
    ("visas", Form::MaybeObjects),
];

/// Returns the profiles that were given.
pub(super) fn given<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    seen.fine(Step::Profile).filter(|one| one.status == 200)
}

fn shape(seen: &Seen<'_>) -> Verdict {
    each(seen.fine(Step::Profile), |answer| {
        let body = answer.json();
        let crew = &answer.question.crew;
        let is_right = answer.status == 200 && body["crew_unique_id"] == **crew && body["full_profile"].is_boolean();
        let expected = format!("200 with `crew_unique_id: {crew}` and the boolean `full_profile`");
        (!is_right).then(|| (expected, answer.summary()))
    })
}

fn base(seen: &Seen<'_>) -> Verdict {
    each(given(seen), |answer| {
        let body = answer.json();
        let missing: Vec<_> = BASE.into_iter().filter(|field| body.get(field).is_none()).collect();
        let expected = || format!("every base field in the profile of {}", answer.question.crew);
        (!missing.is_empty()).then(|| (expected(), format!("no {}", missing.join(", "))))
    })
}

fn field_forms(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in given(seen) {
        any = true;
        let wrong = misshapen(&answer.json(), FORMS).into_iter();
        findings.extend(wrong.map(|(expected, observed)| finding(answer, expected, observed)));
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

/// Returns true if the full block is granted to the key and consented to by the person, as far as that is known.
fn is_effective(seen: &Seen<'_>, answer: &Answer) -> Option<bool> {
    let granted = is_granted(seen, &answer.question.by, PROFILE_FULL)?;
    let consented = seen.expect.crew.get(&answer.question.crew)?.consents(PROFILE_FULL);
    if granted { consented } else { Some(false) }
}

fn full(seen: &Seen<'_>) -> Verdict {
    each(given(seen).filter(|one| is_effective(seen, one) == Some(true)), |answer| {
        let body = answer.json();
        let missing: Vec<_> = FULL.into_iter().filter(|field| body.get(field).is_none()).collect();
        let expected =
            || format!("`full_profile: true` and the five fields in the profile of {}", answer.question.crew);
        if body["full_profile"] != true {
            return Some((expected(), format!("`full_profile: {}`", body["full_profile"])));
        }
        (!missing.is_empty()).then(|| (expected(), format!("no {}", missing.join(", "))))
    })
}

fn base_only(seen: &Seen<'_>) -> Verdict {
    let asked = seen.fine(Step::Profile).filter(|one| is_effective(seen, one) == Some(false));
    each(asked, |answer| {
        let body = answer.json();
        let shown = FULL.into_iter().find(|field| !body[*field].is_null());
        let expected =
            || format!("200 with `full_profile: false`, without the full block, for {}", answer.question.crew);
        let observed = match shown {
            _ if answer.status != 200 => answer.summary(),
            Some(field) => format!("a value of `{field}`"),
            None if body["full_profile"] != false => format!("`full_profile: {}`", body["full_profile"]),
            None => return None,
        };
        Some((expected(), observed))
    })
}

fn values(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for answer in given(seen) {
        let crew = &answer.question.crew;
        let Some(known) = seen.expect.crew.get(crew).and_then(|person| person.profile.as_ref()) else { continue };
        any = true;
        let body = answer.json();
        for (field, value) in &known.0 {
            let observed = match body.get(field) {
                None => "no such field",
                Some(found) if !is_same(value, found) => "another value",
                Some(_) => continue,
            };
            findings.push(finding(answer, format!("the known `{field}` of {crew}"), observed));
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

/// Checks that a person off the fleet is 404, with the answer for one who does not exist; also for another partner.
pub(super) fn off_fleet(seen: &Seen<'_>, step: Step) -> Verdict {
    let by_full: Vec<_> =
        seen.refused_at(step, Rule::Fleet).filter(|one| one.question.by == Credential::full()).collect();
    let is_mine = |one: &&Answer| {
        seen.expect.crew.get(&one.question.crew).is_some_and(|person| person.fleet && person.fleet_of.is_none())
    };
    let by_another = seen.at(step, Phase::Baseline).filter(|one| is_by_another(seen, one)).filter(is_mine);
    let unknown = by_full.last().copied();
    each(by_full.iter().copied().chain(by_another), |answer| {
        if let Some(wrong) = wrong(answer, Rule::Fleet) {
            return Some(wrong);
        }
        let unknown = unknown.filter(|unknown| face(unknown) != face(answer))?;
        let expected = format!("the same answer as for an id that does not exist: {}", unknown.summary());
        Some((expected, format!("{}: {}", answer.question.crew, difference(answer, unknown))))
    })
}

/// Observes the answer for a person who does not consent.
pub(super) fn consent(seen: &Seen<'_>, step: Step, what: &str) -> Verdict {
    let refused = seen.refused_at(step, Rule::Consented).filter(|one| one.question.by == Credential::full());
    observed(refused.map(|answer| format!("{what} without consent is answered with {}", status_and_code(answer))))
}

fn block_form(seen: &Seen<'_>) -> Verdict {
    let base_only = given(seen).filter(|one| is_effective(seen, one) == Some(false));
    observed(base_only.flat_map(|answer| {
        let body = answer.json();
        let form = |field| if body.get(field).is_none() { "absent" } else { "null" };
        FULL.map(|field| format!("the full block is {} where it is not shown", form(field)))
    }))
}
