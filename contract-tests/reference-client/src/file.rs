//! The file: following a link to a part on the disk.

use std::path::Path;

use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE};

use crate::bugs::Bug;
use crate::failure::Failure;
use crate::http::{Http, Step};
use crate::link::Link;
use crate::part::{LARGEST, Part};
use crate::{names, resume};

/// Types of pages and messages, which a certificate is not unless the link said so.
const NOT_FILES: [&str; 4] = ["text/html", "application/xhtml+xml", "application/json", "application/problem+json"];

/// Follows a link once.
pub(crate) async fn fetch(http: &Http, link: &Link, final_path: &Path) -> Result<Part, Failure> {
    if link.url.scheme() == "file" {
        return copied(http, link, final_path);
    }
    let mut answer = http.get(Step::File, &link.url).await?;
    let odd_status = !matches!(answer.status().as_u16(), 200 | 206);
    if !odd_status {
        check_type(http, link, &answer)?;
    }
    let gzip = is_gzip(&answer)?;
    let limit = answer.content_length().filter(|length| *length > LARGEST);
    if limit.is_some() && !http.has(Bug::NoSizeLimit) && !http.has(Bug::ReservesLength) {
        return Err(Failure::contract("the file is too large"));
    }
    let disposition = answer.headers().get(CONTENT_DISPOSITION).and_then(|value| value.to_str().ok());
    if http.has(Bug::ChokesOnDisposition) && disposition.is_some_and(|text| !names::is_readable(text)) {
        return Err(Failure::contract("a Content-Disposition that can't be read"));
    }
    http.disposition.replace(disposition.map(str::to_owned));
    let before = resume::bytes_before(http, &answer)?;
    let mut part = Part::begin(&http.config, gzip, final_path)?.named(link.file_name.as_deref());
    if let Some(length) = limit.filter(|_| http.has(Bug::ReservesLength)) {
        part.reserve(length)?;
    }
    match fill(http, &mut answer, &mut part, before).await {
        Ok(length) if length > 0 || http.has(Bug::SavesNothing) => Ok(part),
        Ok(_) => {
            part.discard();
            Err(Failure::contract("the file is empty"))
        }
        Err(failure) => {
            part.discard();
            Err(failure)
        }
    }
}

/// Reads a body to its end. `before` is what an earlier try brought of the same file.
async fn fill(http: &Http, answer: &mut Response, part: &mut Part, before: Vec<u8>) -> Result<u64, Failure> {
    let mut pace = http.pace();
    part.add(&before)?;
    let (mut came, mut tag) = (before, resume::tag_of(http, answer).filter(|_| !is_coded(answer)));
    loop {
        match pace.next(answer).await {
            Ok(Some(bytes)) => {
                part.add(&bytes)?;
                tag = tag.filter(|_| resume::fits(came.len() + bytes.len()));
                if tag.is_some() {
                    came.extend_from_slice(&bytes);
                }
            }
            Ok(None) => break,
            Err(_) if http.has(Bug::ShortIsWhole) => break,
            Err(failure) => {
                resume::remember(http, came, tag);
                return Err(failure);
            }
        }
    }
    part.end()
}

fn is_coded(answer: &Response) -> bool {
    answer.headers().contains_key(CONTENT_ENCODING)
}

/// Refuses a page instead of the file, whatever its status.
fn check_type(http: &Http, link: &Link, answer: &Response) -> Result<(), Failure> {
    let given = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if given.is_some_and(|given| is_passed_over(http, given)) {
        return Ok(());
    }
    let given = given.map(essence);
    let said = link.content_type.as_deref().map(essence);
    let is_page = given.as_deref().is_some_and(|given| NOT_FILES.contains(&given));
    if is_page && given != said && !http.has(Bug::SavesHtml) {
        return Err(Failure::contract("a page instead of the file"));
    }
    Ok(())
}

/// Returns true if a variant does not see that a type is that of a page.
fn is_passed_over(http: &Http, kind: &str) -> bool {
    http.has(Bug::ComparesPagesAsText) && kind.contains(';')
        || http.has(Bug::SavesJsonErrors) && essence(kind).ends_with("json")
}

/// Returns a content type without its parameters.
fn essence(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// Returns true if the file was sent with gzip; other codings are refused.
fn is_gzip(answer: &Response) -> Result<bool, Failure> {
    let coding = answer.headers().get(CONTENT_ENCODING).map_or(b"".as_slice(), |value| value.as_bytes());
    match coding.trim_ascii().to_ascii_lowercase().as_slice() {
        b"" | b"identity" => Ok(false),
        b"gzip" | b"x-gzip" => Ok(true),
        _ => Err(Failure::contract("a content coding that was not asked for")),
    }
}

/// Copies the file of a `file:` link, which one variant follows.
fn copied(http: &Http, link: &Link, final_path: &Path) -> Result<Part, Failure> {
    let source = link.url.to_file_path().map_err(|()| Failure::contract("no path"))?;
    let mut part = Part::begin(&http.config, false, final_path)?;
    part.add(&std::fs::read(source)?)?;
    part.end()?;
    Ok(part)
}
