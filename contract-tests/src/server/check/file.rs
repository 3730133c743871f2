//! Checks of the file: its bytes and its headers.

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
        let media_type = value.split(';').next().unwrap_or_default().trim();
        let right = media_type.eq_ignore_ascii_case(&wanted);
        (!right).then(|| (format!("Content-Type {wanted} for {}", answer.question.document), value.to_owned()))
    })
}

fn disposition(seen: &Seen<'_>) -> Verdict {
    let files = seen.at(Step::File, Phase::Baseline).filter(|one| one.status == 200);
    observed(files.map(|answer| match answer.header("content-disposition") {
        Some(value) => format!("files are sent as {}", value.split(';').next().unwrap_or_default()),
        None => "files are sent without Content-Disposition".to_owned(),
    }))
}
