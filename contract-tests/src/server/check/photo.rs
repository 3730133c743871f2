//! Checks of the photo: its URL and its bytes.

use reqwest::Url;

use super::access::{refused_at, wrong};
use super::file::is_media_type;
use super::profile::{consent, given};
use crate::client::judge::Verdict;
use crate::operation::{Name, path};
use crate::server::ask::is_crewpass;
use crate::server::expect::Known;
use crate::server::expect_crew::Picture;
use crate::server::question::{Answer, Credential, Step};
use crate::server::rule::Rule;
use crate::server::seen::{Check, Seen, each, observed};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-PHOTO-01", url),
    ("CPS-PHOTO-02", picture),
    ("CPS-PHOTO-03", none),
    ("CPS-PHOTO-04", |seen| refused_at(seen, Rule::Granted, Step::Photo)),
    ("CPS-PHOTO-05", off_fleet),
    ("CPS-PHOTO-06", content_type),
    ("CPS-PHOTO-07", url_without_photo),
    ("CPS-PHOTO-08", |seen| consent(seen, Step::Photo, "a photo")),
];

/// Returns what is known of the photo of the person who was asked for.
fn known<'a>(seen: &'a Seen<'_>, answer: &Answer) -> Known<&'a Picture> {
    seen.expect.crew.get(&answer.question.crew)?.photo.as_ref().map(Option::as_ref)
}

fn url(seen: &Seen<'_>) -> Verdict {
    let base = Url::parse(&seen.base).ok();
    let with_photo =
        |one: &&Answer| one.json()["profile_photo_url"].is_string() || matches!(known(seen, one), Some(Some(_)));
    each(given(seen).filter(with_photo), |answer| {
        let body = answer.json();
        let found = body["profile_photo_url"].as_str().and_then(|text| Url::parse(text).ok());
        let own = path(Name::GetPhoto, &[&answer.question.crew]);
        let is_right = found.as_ref().is_some_and(|url| {
            let is_here = base.as_ref().is_some_and(|base| base.origin() == url.origin());
            let is_crewpass = url.scheme() == "https" && is_crewpass(url.host_str().unwrap_or_default());
            (is_here || is_crewpass) && url.path().ends_with(&own) && url.query().is_none()
        });
        let observed = found.map_or_else(
            || body["profile_photo_url"].to_string(),
            |url| format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()),
        );
        (!is_right).then(|| (format!("`profile_photo_url` on the API's own host, with the path {own}"), observed))
    })
}

fn picture(seen: &Seen<'_>) -> Verdict {
    each(seen.fine(Step::Photo), |answer| {
        let wanted = known(seen, answer).flatten().and_then(|picture| picture.sha256.as_ref());
        if answer.status != 200 {
            return Some(("200 with the picture".to_owned(), answer.summary()));
        }
        let wanted = wanted.map(|wanted| wanted.to_lowercase()).filter(|wanted| *wanted != answer.sha256)?;
        let expected = format!("the photo of {}, sha256 {wanted}", answer.question.crew);
        Some((expected, format!("{} bytes, sha256 {}", answer.len, answer.sha256)))
    })
}

fn none(seen: &Seen<'_>) -> Verdict {
    let asked = seen.refused_at(Step::Photo, Rule::Document).filter(|one| one.question.by == Credential::full());
    each(asked, |answer| wrong(answer, Rule::Document))
}

fn off_fleet(seen: &Seen<'_>) -> Verdict {
    let asked = seen.refused_at(Step::Photo, Rule::Fleet).filter(|one| one.question.by == Credential::full());
    each(asked, |answer| {
        let expected = "a status from 400 to 499 for a person who is not on the fleet".to_owned();
        (!(400..500).contains(&answer.status)).then(|| (expected, answer.summary()))
    })
}

fn content_type(seen: &Seen<'_>) -> Verdict {
    let wanted = |answer: &Answer| known(seen, answer).flatten().and_then(|picture| picture.content_type.as_deref());
    let given = seen.fine(Step::Photo).filter(|one| one.status == 200 && wanted(one).is_some());
    each(given, |answer| {
        let wanted = wanted(answer)?;
        let value = answer.header("content-type").unwrap_or("nothing");
        let expected = format!("Content-Type {wanted} for the photo of {}", answer.question.crew);
        (!is_media_type(value, wanted)).then(|| (expected, value.to_owned()))
    })
}

fn url_without_photo(seen: &Seen<'_>) -> Verdict {
    let without = given(seen).filter(|one| matches!(known(seen, one), Some(None)));
    observed(without.map(|answer| {
        let body = answer.json();
        let form = match body.get("profile_photo_url") {
            None => "absent",
            Some(value) if value.is_null() => "null",
            Some(_) => "a URL",
        };
        format!("`profile_photo_url` without a photo is {form}")
    }))
}
