//! Judges of names: the server's `file_name` never decides which file on this machine is
//! overwritten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::view::{CaseView, IssuedLink, JudgeResult, RequestView, RunView, printed_text};
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

/// Returns `NotExercised` unless links for at least `documents` documents were issued.
fn require_links(run_view: &RunView<'_>, documents: usize) -> Result<(), Verdict> {
    let issued_links: BTreeSet<&str> = run_view.issued_links.iter().map(|link| link.document.as_str()).collect();
    CaseView::require_exercised(
        issued_links.len() >= documents,
        &format!("links for {documents} documents were not issued"),
    )
}

/// Judges CPK-NAME-01 (a file name can't leave the folder): nothing outside of `OUT_DIR` changes.
pub(super) fn nothing_outside(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    // A list of somebody else is rightly refused before any link is requested (CPK-LIST-07).
    if !run_view.run.process.end.is_refusal() || !list::names_another(view, run_view) {
        require_links(run_view, 1)?;
    }
    let expected = "nothing outside of OUT_DIR is made, changed or removed";
    let strayed = view.changes_outside(run_view).into_iter();
    let mut findings: Vec<Finding> = strayed
        .map(|path| view.finding(run_view, expected, "a file that is new, changed or removed").in_file(&path).build())
        .collect();
    findings.extend(view.require_expected_exit(run_view));
    if run_view.run.process.end.is_success() {
        findings.extend(view.require_all_saved(run_view));
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-NAME-02 (two documents may share a name): both are saved.
pub(super) fn both_saved(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    require_links(run_view, 2)?;
    Ok(Verdict::from_findings(view.require_all_saved(run_view)))
}

/// Judges CPK-NAME-03 (names that a disk takes for one): saved names stay distinct on every file
/// system.
pub(super) fn distinct_everywhere(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    require_links(run_view, 2)?;
    let mut findings = view.require_all_saved(run_view);
    let mut known: BTreeMap<String, &std::path::Path> = BTreeMap::new();
    for saved in run_view.saved_files(view.out_dir()) {
        let plain: Vec<String> =
            saved.path.components().map(|part| folded(&part.as_os_str().to_string_lossy())).collect();
        if let Some(other) = known.insert(plain.join("/"), saved.path) {
            let observed = format!("the same name as `{}`", other.display());
            let expected = "names that differ also on systems that fold case, Unicode forms, dots and spaces";
            findings.push(view.finding(run_view, expected, observed).in_file(saved.path).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns a name in its most reduced form: lower case, NFC, without leading or trailing dots and
/// spaces.
fn folded(name: &str) -> String {
    let lower: String = name.nfc().flat_map(char::to_lowercase).collect();
    lower.nfc().collect::<String>().trim_matches([' ', '.']).to_owned()
}

/// Judges CPK-NAME-04 (a symlink is not written through): the target of a planted link stays
/// unchanged.
pub(super) fn symlink_not_followed(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let planted = run_view
        .run
        .before
        .entries
        .iter()
        .any(|(path, entry)| path.starts_with(view.out_dir()) && matches!(entry.kind, Kind::Symlink(_)));
    let sent = run_view.files().any(RequestView::is_whole);
    CaseView::require_exercised(planted && sent, "no document was sent while a symbolic link was in its place")?;
    let expected = "the target of a symbolic link stays unchanged";
    let strayed = view.changes_outside(run_view).into_iter();
    let findings =
        strayed.map(|path| view.finding(run_view, expected, "it was changed through the link").in_file(&path).build());
    Ok(Verdict::from_findings(findings.collect()))
}

/// Judges CPK-NAME-05 (odd names still save): every document is saved under a name that is safe
/// everywhere.
pub(super) fn safe_name(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    require_links(run_view, 1)?;
    let mut findings = list::all_saved(view)?;
    for saved in run_view.saved_files(view.out_dir()) {
        let name = saved.name();
        if let Some(why) = unsafe_in(&name) {
            let observed = format!("`{}` {why}", name.escape_default());
            findings.push(
                view.finding(run_view, "a name that is safe on every system", observed).in_file(saved.path).build(),
            );
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Returns why a name is unsafe on some system, if it is.
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

/// Judges CPK-NAME-06 (no control bytes on the terminal): control characters of a name, a title or an issuer are not
/// printed raw, whether list, link or file has it.
pub(super) fn quiet_terminal(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let is_loud = |name: &&str| name.contains(['\u{1b}', '\r']);
    let by_link = run_view.issued_links.iter().filter_map(file_name);
    let listed: Vec<String> = list::whole_lists(run_view).flat_map(|(_, list)| texts_of(&list)).collect();
    let names = by_link.chain(sent_names(run_view)).chain(listed.iter().map(String::as_str));
    let names: BTreeSet<&str> = names.filter(is_loud).collect();
    CaseView::require_exercised(!names.is_empty(), "no link with such a name was issued")?;
    let printed = printed_text(run_view.run);
    let expected = "no control character of a name is printed unescaped";
    let raw = names.into_iter().flat_map(around_controls).filter(|part| printed.contains(part));
    let found = |part: &str| view.finding(run_view, expected, format!("`{}`", part.escape_default())).build();
    Ok(Verdict::from_findings(raw.map(found).collect()))
}

/// Returns the title and the issuer of each item of a list.
fn texts_of(list: &Value) -> Vec<String> {
    let items = list.get("items").and_then(Value::as_array).into_iter().flatten();
    let texts = items.flat_map(|item| [item.get("title"), item.get("issuer")]);
    texts.filter_map(|text| text?.as_str().map(str::to_owned)).collect()
}

fn file_name<'r>(link: &'r IssuedLink<'_>) -> Option<&'r str> {
    link.answer.get("file_name")?.as_str()
}

/// Returns the names of the documents whose files came with another name in Content-Disposition.
fn sent_names<'r>(run_view: &'r RunView<'_>) -> impl Iterator<Item = &'r str> {
    let has_name = |request: &&RequestView<'_>| {
        let mut values = request.exchange.response_header("content-disposition");
        values.any(|value| value.contains("filename*="))
    };
    let sent: BTreeSet<&str> =
        run_view.files().filter(has_name).filter_map(|request| request.subject.document()).collect();
    let current = run_view.run.current.iter().filter(move |one| sent.contains(one.id.as_str()));
    current.filter_map(|one| one.file_name.as_deref())
}

/// Returns each control character of a name with up to three characters after it, to ignore the
/// client's own escapes.
fn around_controls(name: &str) -> impl Iterator<Item = &str> {
    name.char_indices().filter(|(_, letter)| matches!(letter, '\u{1b}' | '\r')).map(|(at, _)| {
        let rest = &name[at..];
        let end = rest.char_indices().nth(4).map_or(rest.len(), |(end, _)| end);
        &rest[..end]
    })
}

/// Judges CPK-NAME-07 (another file of that name is kept): files from before the run are not lost.
pub(super) fn old_bytes_kept(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let planted: Vec<(&std::path::Path, &str)> = run_view
        .run
        .before
        .files()
        .filter(|(path, ..)| path.starts_with(view.out_dir()))
        .map(|(path, _, hash)| (path.as_path(), hash))
        .collect();
    let sent = run_view.files().any(RequestView::is_whole);
    CaseView::require_exercised(
        !planted.is_empty() && sent,
        "no document was sent while another file was in its place",
    )?;
    if run_view.run.process.end.is_refusal() {
        return Ok(Verdict::Pass(None));
    }
    let lost = planted.into_iter().filter(|(_, hash)| {
        !run_view.run.after.files().any(|(path, _, now)| path.starts_with(view.out_dir()) && now == *hash)
    });
    let expected = "a file that was there before is kept, under any name, or the exit is not 0";
    let found = |path| view.finding(run_view, expected, "its bytes are no longer on disk").in_file(path).build();
    let mut findings: Vec<Finding> = lost.map(|(path, _)| found(path)).collect();
    findings.extend(view.require_expected_exit(run_view));
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-NAME-08 (no hidden and no executable files): saved files are visible and have no
/// execute bit.
pub(super) fn plain_file(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    let any = run_view.run.current.iter().any(|one| run_view.has_document(view.out_dir(), one));
    CaseView::require_exercised(any, "no document was saved")?;
    let mut findings = Vec::new();
    for saved in run_view.saved_files(view.out_dir()) {
        let below = saved.path.strip_prefix(view.out_dir()).unwrap_or(saved.path);
        if below.components().any(|part| part.as_os_str().to_string_lossy().starts_with('.')) {
            findings.push(
                view.finding(run_view, "no hidden file", "a name that starts with a dot").in_file(saved.path).build(),
            );
        }
        if saved.mode & 0o111 != 0 {
            let observed = format!("mode {:o}", saved.mode);
            findings.push(view.finding(run_view, "no executable file", observed).in_file(saved.path).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}

/// Judges CPK-NAME-09 (no document under another's name): no file has the name or id of another
/// document.
pub(super) fn own_name(view: &CaseView<'_>) -> JudgeResult {
    let run_view = view.last()?;
    require_links(run_view, 2)?;
    let is_under = |one: &Expected, name: &str| {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        one.file_name.as_deref() == Some(name) || one.id == name || one.id == stem
    };
    let mut findings = Vec::new();
    for saved in run_view.saved_files(view.out_dir()) {
        let name = saved.name();
        let Some(what) = run_view.run.current.iter().find(|one| one.sha256 == saved.sha256) else { continue };
        let claims = run_view.run.current.iter().filter(|one| is_under(one, &name));
        let others: Vec<&Expected> = claims.clone().filter(|one| one.sha256 != what.sha256).collect();
        if let (Some(other), false) = (others.first(), is_under(what, &name)) {
            let observed = format!("the bytes of `{}` under the name of `{}`", what.id, other.id);
            let expected = "no document has the name or the id of another one";
            findings.push(view.finding(run_view, expected, observed).in_file(saved.path).build());
        }
    }
    Ok(Verdict::from_findings(findings))
}
