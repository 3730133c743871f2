//! Judges of names: `file_name` is the server's word, and never decides what on this machine is overwritten.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, prints};
use super::{Finding, Verdict, list};
use crate::client::case::Expected;
use crate::client::witness::Kind;

judges! {
    "CPK-NAME-01" => nothing_outside,
    "CPK-NAME-02" => both_saved,
    "CPK-NAME-03" => distinct_everywhere,
    "CPK-NAME-04" => symlink_not_followed,
    "CPK-NAME-05" => safe_name,
    "CPK-NAME-06" => quiet_terminal,
    "CPK-NAME-07" => old_bytes_kept,
    "CPK-NAME-08" => plain_file,
    "CPK-NAME-09" => own_name,
}

/// Not exercised, unless links for so many documents were given.
fn got_links(run_view: &RunView<'_>, documents: usize) -> Result<(), Verdict> {
    let issued_links: BTreeSet<&str> = run_view.issued_links.iter().map(|link| link.document.as_str()).collect();
    CaseView::require_exercised(
        issued_links.len() >= documents,
        &format!("links for {documents} documents were not given"),
    )
}

/// CPK-NAME-01.
pub(super) fn nothing_outside(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    got_links(run_view, 1)?;
    let expected = "nothing outside of OUT_DIR is made, changed or removed";
    let strayed = view.strayed(run_view).into_iter();
    let mut findings: Vec<Finding> =
        strayed.map(|path| view.found(run_view, expected, "another file than before").in_file(&path).done()).collect();
    findings.extend(view.must_end_rightly(run_view));
    if run_view.run.process.end.is_success() {
        findings.extend(view.must_have_all(run_view));
    }
    Ok(Verdict::of(findings))
}

/// CPK-NAME-02.
pub(super) fn both_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    got_links(run_view, 2)?;
    Ok(Verdict::of(view.must_have_all(run_view)))
}

/// CPK-NAME-03.
pub(super) fn distinct_everywhere(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    got_links(run_view, 2)?;
    let mut findings = view.must_have_all(run_view);
    let mut known: BTreeMap<String, &std::path::Path> = BTreeMap::new();
    for saved in run_view.saved(view.out()) {
        let plain: Vec<String> =
            saved.path.components().map(|part| folded(&part.as_os_str().to_string_lossy())).collect();
        if let Some(other) = known.insert(plain.join("/"), saved.path) {
            let observed = format!("one name with `{}`", other.display());
            let expected = "names that differ also on systems that fold case, Unicode forms, dots and spaces";
            findings.push(view.found(run_view, expected, observed).in_file(saved.path).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// A name as the most forgetful system keeps it.
fn folded(name: &str) -> String {
    let lower: String = name.nfc().flat_map(char::to_lowercase).collect();
    lower.nfc().collect::<String>().trim_matches([' ', '.']).to_owned()
}

/// CPK-NAME-04.
pub(super) fn symlink_not_followed(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let planted = run_view
        .run
        .before
        .entries
        .iter()
        .any(|(path, entry)| path.starts_with(view.out()) && matches!(entry.kind, Kind::Symlink(_)));
    let sent = run_view.files().any(RequestView::is_whole);
    CaseView::require_exercised(planted && sent, "no document came where a symbolic link lay")?;
    let expected = "what a symbolic link leads to stays as it was";
    let strayed = view.strayed(run_view).into_iter();
    let findings =
        strayed.map(|path| view.found(run_view, expected, "it was changed through the link").in_file(&path).done());
    Ok(Verdict::of(findings.collect()))
}

/// CPK-NAME-05.
pub(super) fn safe_name(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    got_links(run_view, 1)?;
    let mut findings = list::all_saved(view)?;
    for saved in run_view.saved(view.out()) {
        let name = saved.name();
        if let Some(why) = unsafe_in(&name) {
            let observed = format!("`{}` {why}", name.escape_default());
            findings
                .push(view.found(run_view, "a name that is safe on every system", observed).in_file(saved.path).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// What is wrong with a name, if anything.
fn unsafe_in(name: &str) -> Option<&'static str> {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com1", "lpt1"];
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    if name.chars().any(char::is_control) {
        Some("has a control character")
    } else if name.starts_with('-') {
        Some("looks like an option")
    } else if DEVICES.contains(&stem.as_str()) {
        Some("is a device on some system")
    } else if name.contains(':') {
        Some("has a colon, which is a stream on some system")
    } else {
        None
    }
}

/// CPK-NAME-06.
pub(super) fn quiet_terminal(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_loud = |link: &&IssuedLink<'_>| file_name(link).is_some_and(|name| name.contains(['\u{1b}', '\r']));
    let names: BTreeSet<&str> = run_view.issued_links.iter().filter(is_loud).filter_map(file_name).collect();
    CaseView::require_exercised(!names.is_empty(), "no link with such a name was given")?;
    let printed = prints(run_view.run);
    let expected = "no control character of a name is printed as it is";
    let raw = names.into_iter().flat_map(around_controls).filter(|part| printed.contains(part));
    let found = |part: &str| view.found(run_view, expected, format!("`{}`", part.escape_default())).done();
    Ok(Verdict::of(raw.map(found).collect()))
}

fn file_name<'r>(link: &'r IssuedLink<'_>) -> Option<&'r str> {
    link.answer.get("file_name")?.as_str()
}

/// Each control character of a name with up to three letters behind it, so that a client's own are not meant.
fn around_controls(name: &str) -> impl Iterator<Item = &str> {
    name.char_indices().filter(|(_, letter)| matches!(letter, '\u{1b}' | '\r')).map(|(at, _)| {
        let rest = &name[at..];
        let end = rest.char_indices().nth(4).map_or(rest.len(), |(end, _)| end);
        &rest[..end]
    })
}

/// CPK-NAME-07.
pub(super) fn old_bytes_kept(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let planted: Vec<(&std::path::Path, &str)> = run_view
        .run
        .before
        .files()
        .filter(|(path, ..)| path.starts_with(view.out()))
        .map(|(path, _, hash)| (path.as_path(), hash))
        .collect();
    let sent = run_view.files().any(RequestView::is_whole);
    CaseView::require_exercised(!planted.is_empty() && sent, "no document came where another file lay")?;
    if run_view.run.process.end.is_refusal() {
        return Ok(Verdict::Pass(None));
    }
    let lost = planted.into_iter().filter(|(_, hash)| {
        !run_view.run.after.files().any(|(path, _, now)| path.starts_with(view.out()) && now == *hash)
    });
    let expected = "a file that was there before is kept, under any name, or the exit is not 0";
    let found = |path| view.found(run_view, expected, "its bytes are nowhere any more").in_file(path).done();
    let mut findings: Vec<Finding> = lost.map(|(path, _)| found(path)).collect();
    findings.extend(view.must_end_rightly(run_view));
    Ok(Verdict::of(findings))
}

/// CPK-NAME-08.
pub(super) fn plain_file(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let any = run_view.run.current.iter().any(|one| run_view.has(view.out(), one));
    CaseView::require_exercised(any, "no document was saved")?;
    let mut findings = Vec::new();
    for saved in run_view.saved(view.out()) {
        let below = saved.path.strip_prefix(view.out()).unwrap_or(saved.path);
        if below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
            findings.push(view.found(run_view, "no hidden file", "a name with a dot first").in_file(saved.path).done());
        }
        if saved.mode & 0o111 != 0 {
            let observed = format!("mode {:o}", saved.mode);
            findings.push(view.found(run_view, "no executable file", observed).in_file(saved.path).done());
        }
    }
    Ok(Verdict::of(findings))
}

/// CPK-NAME-09.
pub(super) fn own_name(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    got_links(run_view, 2)?;
    let is_under = |one: &Expected, name: &str| {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        one.file_name.as_deref() == Some(name) || one.id == name || one.id == stem
    };
    let mut findings = Vec::new();
    for saved in run_view.saved(view.out()) {
        let name = saved.name();
        let Some(what) = run_view.run.current.iter().find(|one| one.sha256 == saved.sha256) else { continue };
        let claims = run_view.run.current.iter().filter(|one| is_under(one, &name));
        let others: Vec<&Expected> = claims.clone().filter(|one| one.sha256 != what.sha256).collect();
        if let (Some(other), false) = (others.first(), is_under(what, &name)) {
            let observed = format!("the bytes of `{}` under the name of `{}`", what.id, other.id);
            let expected = "no document stands under the name or the id of another one";
            findings.push(view.found(run_view, expected, observed).in_file(saved.path).done());
        }
    }
    Ok(Verdict::of(findings))
}
