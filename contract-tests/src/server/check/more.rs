//! Checks that need a lever or an option: file store, re-uploads, unusual requests and the rate
//! limit.

use crate::client::judge::Verdict;
use crate::server::limit::exceeds_limit;
use crate::server::question::{Answer, Credential, Phase, Step};
use crate::server::seen::{Check, Seen, each, finding, observed, unexercised};

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("CPS-STORE-01", store_down),
    ("CPS-STORE-02", no_link),
    ("CPS-STORE-03", file_while_down),
    ("CPS-STORE-04", back_again),
    ("CPS-UP-01", hidden),
    ("CPS-UP-02", new_bytes),
    ("CPS-UP-03", link_before),
    ("CPS-ODD-01", odd_ids),
    ("CPS-ODD-02", changed_token),
    ("CPS-ODD-03", two_keys),
    ("CPS-ODD-04", wrong_method),
    ("CPS-ODD-05", head),
    ("CPS-RATE-01", limit),
    ("CPS-RATE-02", how_long),
    ("CPS-RATE-03", other_scope),
    ("CPS-RATE-04", promised_wait),
];

fn store_down(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::Link, Phase::StoreDown), |answer| {
        (answer.status != 503).then(|| ("503 while the file store can't be reached".to_owned(), answer.summary()))
    })
}

fn no_link(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::Link, Phase::StoreDown).filter(|one| one.status == 503), |answer| {
        let text = String::from_utf8_lossy(&answer.body).to_lowercase();
        let url = ["http://", "https://", "s3://", "gs://"].into_iter().any(|scheme| text.contains(scheme));
        let to = answer.headers.contains_key("location");
        (url || to).then(|| ("a 503 without any link".to_owned(), answer.summary()))
    })
}

fn file_while_down(seen: &Seen<'_>) -> Verdict {
    let files = seen.at(Step::File, Phase::StoreDown);
    observed(
        files.map(|answer| format!("a link issued before is answered with {} while the store is down", answer.status)),
    )
}

fn back_again(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::Link, Phase::StoreUp), |answer| {
        (answer.status != 200).then(|| ("200 once the file store is up again".to_owned(), answer.summary()))
    })
}

fn hidden(seen: &Seen<'_>) -> Verdict {
    let Some(upload) = &seen.upload else { return unexercised() };
    each(seen.at(Step::List, Phase::Reuploaded), |answer| {
        let items = answer.items();
        let ids: Vec<_> = items.iter().filter_map(|item| item["document_id"].as_str()).collect();
        if ids.contains(&upload.document.as_str()) {
            let observed_text = format!("{} is still listed", upload.document);
            return Some((format!("no {} after it was superseded", upload.document), observed_text));
        }
        let new = ids.iter().filter(|id| !upload.before.iter().any(|old| old == *id)).count();
        (new != 1).then(|| ("one new document in the list".to_owned(), format!("{new} new ones")))
    })
}

fn new_bytes(seen: &Seen<'_>) -> Verdict {
    let Some(upload) = &seen.upload else { return unexercised() };
    let new = seen.at(Step::File, Phase::Reuploaded).filter(|one| one.question.document != upload.document);
    each(new, |answer| {
        let right = answer.status == 200 && answer.sha256 == upload.sha256;
        (!right).then(|| (format!("the uploaded file, sha256 {}", upload.sha256), answer.summary()))
    })
}

fn link_before(seen: &Seen<'_>) -> Verdict {
    let Some(upload) = &seen.upload else { return unexercised() };
    let old = seen.at(Step::File, Phase::Reuploaded).filter(|one| one.question.document == upload.document);
    observed(old.map(|answer| {
        let which = if answer.status != 200 {
            ""
        } else if answer.sha256 == upload.sha256 {
            ", with the new version"
        } else {
            ", with the version that it was issued for"
        };
        format!("a link issued before a re-upload is answered with {}{which}", answer.status)
    }))
}

fn odd_ids(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::Odd, Phase::Hostile), |answer| {
        let right = (400..500).contains(&answer.status);
        (!right).then(|| (format!("a status from 400 to 499 for {}", answer.question.detail), answer.summary()))
    })
}

fn changed_token(seen: &Seen<'_>) -> Verdict {
    each(seen.at(Step::File, Phase::Hostile), |answer| {
        let right = (400..500).contains(&answer.status);
        (!right).then(|| (format!("a status from 400 to 499 for {}", answer.question.detail), answer.summary()))
    })
}

fn hostile_list<'a>(seen: &'a Seen<'_>, method: &'static str, by: Credential) -> impl Iterator<Item = &'a Answer> {
    seen.at(Step::List, Phase::Hostile).filter(move |one| one.method == method && one.question.by == by)
}

fn two_keys(seen: &Seen<'_>) -> Verdict {
    let both = hostile_list(seen, "GET", Credential::Both);
    observed(both.map(|answer| format!("two Authorization headers are answered with {}", answer.status)))
}

fn wrong_method(seen: &Seen<'_>) -> Verdict {
    each(hostile_list(seen, "POST", Credential::full()), |answer| {
        let right = answer.status == 405 && answer.headers.contains_key("allow");
        let allow = if answer.headers.contains_key("allow") { "with Allow" } else { "without Allow" };
        (!right).then(|| ("405 with Allow for POST".to_owned(), format!("{}, {allow}", answer.summary())))
    })
}

fn head(seen: &Seen<'_>) -> Verdict {
    let heads = hostile_list(seen, "HEAD", Credential::full());
    observed(heads.map(|answer| format!("HEAD of a list is answered with {}", answer.status)))
}

fn limit(seen: &Seen<'_>) -> Verdict {
    let Some(took) = seen.burst else { return unexercised() };
    let burst: Vec<_> = seen.at(Step::List, Phase::Burst).filter(|one| one.came()).collect();
    let refused: Vec<_> = burst.iter().filter(|one| one.status == 429).copied().collect();
    let Some(last) = burst.last() else { return unexercised() };
    if refused.is_empty() {
        let sent = burst.len();
        if !exceeds_limit(sent, took) {
            return Verdict::NotExercised(format!("{sent} requests took {took:.1} s, which is within the limit"));
        }
        let observed_text = format!("{sent} requests within {took:.1} s, none of them refused");
        return Verdict::Fail(vec![finding(last, "429 for more than 60 requests in a second", observed_text)]);
    }
    each(refused, |answer| {
        let right = answer.code().as_deref() == Some("partner_rate_limited");
        (!right).then(|| ("429 `partner_rate_limited`".to_owned(), answer.summary()))
    })
}

fn how_long(seen: &Seen<'_>) -> Verdict {
    each(seen.answers.iter().filter(|one| one.status == 429), |answer| {
        let wait = &answer.json()["error"]["retry_after_seconds"];
        let right = wait.as_f64().is_some_and(|wait| wait >= 0.0);
        (!right).then(|| ("`retry_after_seconds`, a number".to_owned(), wait.to_string()))
    })
}

fn after_burst<'a>(seen: &'a Seen<'_>, step: Step) -> impl Iterator<Item = &'a Answer> {
    seen.at(step, Phase::AfterBurst).filter(|one| one.came())
}

fn other_scope(seen: &Seen<'_>) -> Verdict {
    each(after_burst(seen, Step::Link), |answer| {
        let expected = "no 429 for a link while lists are over their limit".to_owned();
        (answer.status == 429).then(|| (expected, answer.summary()))
    })
}

fn promised_wait(seen: &Seen<'_>) -> Verdict {
    each(after_burst(seen, Step::List), |answer| {
        let expected = "no 429 once the promised `retry_after_seconds` are over".to_owned();
        (answer.status == 429).then(|| (expected, answer.summary()))
    })
}
