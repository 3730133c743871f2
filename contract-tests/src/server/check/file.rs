//! Checks of the file: its bytes and its headers.

use mime::Mime;

use crate::client::judge::Verdict;
use crate::server::question::{Phase, Step};
use crate::server::seen::{Check, Seen, each, observed};

pub(super) const CHECKS: &[(&str, Check)] =
    &[("CPS-FILE-01", bytes), ("CPS-FILE-02", content_type), ("CPS-FILE-03", disposition)];

fn bytes(seen: &Seen<'_>) -> Verdict {
    let wanted = |crew: &str, id: &str| seen.expect.document(crew, id).and_then(|one| one.file.sha256.clone());
    let files = seen.at(Step::File, Phase::Baseline).filter(|one| one.status == 200);
    let known = files.filter(|one| wanted(&one.question.crew, &one.question.document).is_some());
    each(known, |answer| {
        let wanted = wanted(&answer.question.crew, &answer.question.document)?.to_lowercase();
        let right = answer.sha256 == wanted;
        let expected = format!("the file of {}, sha256 {wanted}", answer.question.document);
        (!right).then(|| (expected, format!("{} bytes, sha256 {}", answer.len, answer.sha256)))
    })
}

fn content_type(seen: &Seen<'_>) -> Verdict {
    let wanted = |crew: &str, id: &str| seen.expect.document(crew, id).and_then(|one| one.file.content_type.clone()?);
    let files = seen.at(Step::File, Phase::Baseline).filter(|one| one.status == 200);
    let known = files.filter(|one| wanted(&one.question.crew, &one.question.document).is_some());
    each(known, |answer| {
        let wanted = wanted(&answer.question.crew, &answer.question.document)?;
        let value = answer.header("content-type").unwrap_or("nothing");
        let right = is_media_type(value, &wanted);
        (!right).then(|| (format!("Content-Type {wanted} for {}", answer.question.document), value.to_owned()))
    })
}

/// Returns true if a Content-Type is the wanted media type, with at least the wanted parameters.
pub(super) fn is_media_type(value: &str, wanted: &str) -> bool {
    let (Ok(value), Ok(wanted)) = (value.parse::<Mime>(), wanted.parse::<Mime>()) else {
        return value.trim().eq_ignore_ascii_case(wanted.trim());
    };
    let has = |(name, text): (mime::Name<'_>, mime::Name<'_>)| {
        value.get_param(name).is_some_and(|given| given.as_str().eq_ignore_ascii_case(text.as_str()))
    };
    value.essence_str() == wanted.essence_str() && wanted.params().all(has)
}

fn disposition(seen: &Seen<'_>) -> Verdict {
    let files = seen.at(Step::File, Phase::Baseline).filter(|one| one.status == 200);
    observed(files.map(|answer| match answer.header("content-disposition") {
        Some(value) => format!("files are sent as {}", value.split(';').next().unwrap_or_default()),
        None => "files are sent without Content-Disposition".to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_compared_with_the_parameters_that_are_known() {
        for (value, wanted, same) in [
            ("application/pdf", "application/pdf", true),
            ("Text/Plain; charset=UTF-8", "text/plain", true),
            ("text/plain;charset=utf-8", "text/plain; charset=\"UTF-8\"", true),
            ("text/plain", "text/plain; charset=utf-8", false),
            ("text/plain; charset=latin1", "text/plain; charset=utf-8", false),
            ("text/html", "application/pdf", false),
            ("nothing", "application/pdf", false),
            ("scan", "scan", true),
        ] {
            assert_eq!(is_media_type(value, wanted), same, "{value} for {wanted}");
        }
    }
}
