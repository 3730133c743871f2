//! Checks of the link: its form, its host and its lifetime.

use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

use crate::client::judge::Verdict;
use crate::server::ask::is_crewpass;
use crate::server::question::{Answer, Phase, Step};
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-LINK-01", shape),
    ("CPS-LINK-02", type_and_name),
    ("CPS-LINK-03", lifetime),
    ("CPS-LINK-04", place),
    ("CPS-LINK-05", opens),
    ("CPS-LINK-06", dies),
    ("CPS-LINK-07", tokens),
    ("CPS-LINK-08", form),
    ("CPS-LINK-09", dead),
    ("CPS-LINK-10", twice),
    ("CPS-LINK-11", still_alive),
];

/// The accepted lifetime of about 15 minutes, in seconds.
const ABOUT: std::ops::RangeInclusive<i64> = 780..=1_020;

fn shape(seen: &Seen<'_>) -> Verdict {
    each(seen.fine(Step::Link), |answer| {
        let body = answer.json();
        let url = body["download_url"].as_str().is_some_and(|url| Url::parse(url).is_ok());
        let time = body["expires_at"].as_str().is_some_and(|time| time.parse::<Timestamp>().is_ok());
        let right = answer.status == 200 && body["document_id"] == *answer.question.document && url && time;
        let expected =
            format!("200 with `document_id: {}`, a `download_url` and an `expires_at`", answer.question.document);
        (!right).then(|| (expected, answer.summary()))
    })
}

fn type_and_name(seen: &Seen<'_>) -> Verdict {
    let (mut any, mut findings) = (false, Vec::new());
    for (answer, _) in seen.links() {
        any = true;
        let (body, question) = (answer.json(), &answer.question);
        let known = seen.expect.document(&question.crew, &question.document).map(|document| &document.file);
        let fields =
            [("content_type", known.map(|file| &file.content_type)), ("file_name", known.map(|file| &file.file_name))];
        for (field, known) in fields {
            let value = &body[field];
            let wanted = known.and_then(Option::as_ref);
            let right = match wanted {
                Some(text) => value.as_str() == text.as_deref() && (value.is_string() || value.is_null()),
                None => value.is_string() || value.is_null(),
            };
            if !right {
                let wanted = match wanted {
                    Some(text) => text.as_ref().map_or(Value::Null, |text| Value::from(text.as_str())).to_string(),
                    None => "a string or null".to_owned(),
                };
                findings.push(finding(answer, format!("`{field}: {wanted}`"), value.to_string()));
            }
        }
    }
    if any { Verdict::from_findings(findings) } else { unexercised() }
}

fn lifetime(seen: &Seen<'_>) -> Verdict {
    each(seen.links().map(|(answer, _)| answer).filter(|answer| !answer.clock_moved), |answer| {
        let body = answer.json();
        let expires = body["expires_at"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let lives = expires.map(|expires| expires.as_second() - answer.server_time());
        let right = lives.is_some_and(|lives| ABOUT.contains(&lives));
        let observed_text = lives.map_or_else(|| body["expires_at"].to_string(), |lives| format!("{lives} s"));
        (!right).then(|| ("`expires_at` 780 to 1,020 s after Date".to_owned(), observed_text))
    })
}

fn place(seen: &Seen<'_>) -> Verdict {
    let base = Url::parse(&seen.base).ok();
    each(seen.links().map(|(answer, _)| answer), |answer| {
        let link = Url::parse(&answer.link()?).ok()?;
        let here = base.as_ref().is_some_and(|base| base.origin() == link.origin());
        let crewpass = link.scheme() == "https" && is_crewpass(link.host_str().unwrap_or_default());
        let observed_text = format!("{}://{}", link.scheme(), link.host_str().unwrap_or_default());
        (!here && !crewpass)
            .then(|| ("a link on the origin of BASE, or on a CrewPass domain".to_owned(), observed_text))
    })
}

/// Returns the first answer for each link; second answers belong to another clause.
fn first_files<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = &'a Answer> {
    let mut known: Vec<&str> = Vec::new();
    seen.at(Step::File, Phase::Baseline).filter(move |answer| {
        let new = !known.contains(&answer.target.as_str());
        known.push(&answer.target);
        new
    })
}

fn opens(seen: &Seen<'_>) -> Verdict {
    each(first_files(seen).filter(|answer| !(300..400).contains(&answer.status)), |answer| {
        (answer.status != 200).then(|| ("200 for a link that is followed without a key".to_owned(), answer.summary()))
    })
}

fn dies(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::File, Phase::Expired), |answer| {
        let gone = answer.status >= 400;
        (!gone).then(|| ("a refusal, since the link has expired".to_owned(), answer.summary()))
    })
}

fn still_alive(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::File, Phase::Later), |answer| {
        (answer.status != 200).then(|| ("200 at 12 minutes after the link was issued".to_owned(), answer.summary()))
    })
}

fn dead(seen: &Seen<'_>) -> Verdict {
    let seen = seen.at(Step::File, Phase::Expired);
    observed(seen.map(|answer| format!("this server answers a dead link with {}", code(answer))))
}

fn code(answer: &Answer) -> String {
    match answer.code() {
        Some(code) => format!("{} `{code}`", answer.status),
        None => answer.status.to_string(),
    }
}

fn tokens(seen: &Seen<'_>) -> Verdict {
    let links: Vec<_> = seen.links().collect();
    let pair = links.iter().enumerate().find_map(|(n, (one, link))| {
        let same = |(other, _): &&(&Answer, String)| other.question == one.question;
        links[n + 1..].iter().find(same).map(|(_, other)| link == other)
    });
    let text = |same| if same { "two requests give one token" } else { "two requests give two tokens" };
    observed(pair.map(|same| text(same).to_owned()))
}

fn form(seen: &Seen<'_>) -> Verdict {
    observed(seen.links().filter_map(|(_, link)| {
        let url = Url::parse(&link).ok()?;
        let (folder, token) = url.path().rsplit_once('/')?;
        let begins = if token.starts_with("eyJ") { "begins with eyJ" } else { "does not begin with eyJ" };
        Some(format!("links have the path {folder}/TOKEN, and TOKEN {begins}"))
    }))
}

fn twice(seen: &Seen<'_>) -> Verdict {
    let files: Vec<_> = seen.at(Step::File, Phase::Baseline).collect();
    let again =
        files.iter().enumerate().filter(|(n, one)| files[..*n].iter().any(|before| before.target == one.target));
    observed(again.map(|(_, answer)| format!("a link that is used again is answered with {}", code(answer))))
}
