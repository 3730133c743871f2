//! Judges of names and of the outcome.

use crewpass_contract::client::judge::Verdict;
use crewpass_contract::client::transport::{Class, Report, ReportedFile};
use crewpass_contract::client::witness::{End, Entry, Kind, Listener};
use serde_json::json;

use crate::judge::verdicts::{fails, holds, is_not_exercised, judge, passes};
use crate::support::case_builder::{BASE, CaseBuilder, LIST, OUT, file_path, link_path, regular};

fn at(name: &str) -> String {
    format!("{OUT}/{name}")
}

#[test]
fn name_01_looks_outside() {
    let named = || CaseBuilder::new("right_exit: either").all();
    holds("CPK-NAME-01", named(), named().writes("a/b/escaped.pdf", "x"));
    let canary = || CaseBuilder::new("right_exit: either").lay("a/b/c/work/canary.txt", regular("canary")).all();
    fails("CPK-NAME-01", &canary().writes("a/b/c/work/canary.txt", "sha256-of-doc_1"));
    fails("CPK-NAME-01", &canary().with(|case| case.runs[0].after.entries.retain(|path, _| path.starts_with(OUT))));
    passes("CPK-NAME-01", &named().writes("a/b/c/work/home/.cache/x", "x"));
    fails("CPK-NAME-01", &named().writes("a/b/c/work/home/x", "sha256-of-doc_1"));
    let refused = || CaseBuilder::new("right_exit: either").list().link("doc_1");
    passes("CPK-NAME-01", &refused().exits(1));
    fails("CPK-NAME-01", &refused().exits(0));
    fails("CPK-NAME-01", &refused().ends(End::Signal(6)));
    // A list of somebody else is refused before any link.
    let other = || {
        let list = json!({"crew_unique_id": "../../escaped", "items": []});
        CaseBuilder::new("right_exit: either").asks(LIST, 200, Some(list))
    };
    passes("CPK-NAME-01", &other().exits(20));
    fails("CPK-NAME-01", &other().exits(20).writes("a/b/escaped.pdf", "x"));
}

#[test]
fn name_02_wants_both() {
    holds(
        "CPK-NAME-02",
        CaseBuilder::good(),
        CaseBuilder::new("").list().link("doc_1").link("doc_2").saves("doc_1").exits(0),
    );
}

#[test]
fn name_03_folds_names() {
    let pair = |one: &str, other: &str| {
        let story = CaseBuilder::new("").list().link("doc_1").link("doc_2").link("doc_3").saves("doc_3");
        story.writes(&at(one), "sha256-of-doc_1").writes(&at(other), "sha256-of-doc_2")
    };
    holds("CPK-NAME-03", pair("a.pdf", "b.pdf"), pair("A.pdf", "a.pdf"));
    fails("CPK-NAME-03", &pair("Zo\u{eb}.pdf", "Zoe\u{308}.pdf"));
    fails("CPK-NAME-03", &pair("b.pdf", "b.pdf."));
    fails("CPK-NAME-03", &pair("b.pdf", "b.pdf "));
}

#[test]
fn name_04_and_07_look_at_what_was_there() {
    let link = || {
        let second = CaseBuilder::good().run(&["doc_1", "doc_2", "doc_3"]).fresh();
        second.lay(&at("doc_1.pdf"), Kind::Symlink("../target.txt".into())).lay("a/b/c/work/target.txt", regular("t"))
    };
    holds("CPK-NAME-04", link().all(), link().all().writes("a/b/c/work/target.txt", "sha256-of-doc_1"));
    is_not_exercised("CPK-NAME-04", &CaseBuilder::good());
    let other = || {
        let second = CaseBuilder::new("right_exit: either").all().run(&["doc_1", "doc_2", "doc_3"]).fresh();
        second.lay(&at("doc_1.pdf"), regular("old"))
    };
    holds("CPK-NAME-07", other().all().writes(&at("doc_1 (old).pdf"), "old"), other().all());
    passes("CPK-NAME-07", &other().list().link("doc_2").file("doc_2").exits(1));
    is_not_exercised("CPK-NAME-07", &CaseBuilder::good());
}

#[test]
fn name_05_wants_a_safe_name() {
    let under = |name: &str| {
        CaseBuilder::new("").list().link("doc_1").saves("doc_2").saves("doc_3").writes(&at(name), "sha256-of-doc_1")
    };
    holds("CPK-NAME-05", under("_.pdf"), under("-rf"));
    for name in ["CON", "con.pdf", "a:b", "two\nlines.pdf"] {
        fails("CPK-NAME-05", &under(name));
    }
    fails("CPK-NAME-05", &CaseBuilder::new("").list().link("doc_1").exits(1));
}

#[test]
fn name_06_reads_the_terminal() {
    let named = |line: &str| {
        let answer = json!({"document_id": "doc_1", "download_url": format!("{BASE}{}", file_path("doc_1", 0)),
            "file_name": "\u{1b}[31mred.pdf"});
        CaseBuilder::new("").list().asks(&link_path("doc_1"), 200, Some(answer)).prints(line)
    };
    holds("CPK-NAME-06", named("\u{1b}[32msaved\u{1b}[0m \\e[31mred.pdf"), named("saved \u{1b}[31mred.pdf"));
    // The file has the name, and the link has none.
    let sent = |line: &str| {
        let coded = ("content-disposition".to_owned(), b"attachment; filename*=UTF-8''%1B%5B31mred.pdf".to_vec());
        let case = CaseBuilder::new("").list().link("doc_1").file("doc_1").but(|one| one.response_headers.push(coded));
        case.with(|case| case.runs[0].current[0].file_name = Some("\u{1b}[31mred.pdf".to_owned())).prints(line)
    };
    holds("CPK-NAME-06", sent("saved \\e[31mred.pdf"), sent("saved \u{1b}[31mred.pdf"));
    is_not_exercised("CPK-NAME-06", &CaseBuilder::good());
}

#[test]
fn name_08_wants_a_plain_file() {
    holds("CPK-NAME-08", CaseBuilder::good(), CaseBuilder::good().writes(&at(".bashrc"), "sha256-of-doc_1"));
    let executable = CaseBuilder::good().with(|case| {
        case.runs[0].after.entries.values_mut().for_each(|entry: &mut Entry| entry.mode = 0o755);
    });
    fails("CPK-NAME-08", &executable);
    is_not_exercised("CPK-NAME-08", &CaseBuilder::new("").list().link("doc_1").exits(1));
}

#[test]
fn name_09_wants_ones_own_name() {
    holds("CPK-NAME-09", CaseBuilder::good(), CaseBuilder::good().writes(&at("doc_2.pdf"), "sha256-of-doc_1"));
    passes("CPK-NAME-09", &CaseBuilder::good().writes(&at("anything.pdf"), "sha256-of-doc_1"));
    fails("CPK-NAME-09", &CaseBuilder::good().writes(&at("doc_3"), "sha256-of-doc_1"));
}

#[test]
fn a_client_that_gave_up_and_says_so_is_not_told_to_say_so() {
    let advice = |story: &CaseBuilder| match judge("CPK-OUT-01", story) {
        Verdict::Fail(findings) => findings[0].mend,
        other => panic!("{other:?}"),
    };
    let gave_up = CaseBuilder::new("").list().link_is("doc_1", 503).exits(1);
    assert!(advice(&gave_up).unwrap().starts_with("Find out why the client gave up"));
    assert_eq!(advice(&CaseBuilder::good().exits(1)), None, "everything is there");
    assert_eq!(advice(&CaseBuilder::new("").list().exits(0)), None, "it does not say so");
}

#[test]
fn out_01_is_exit_0_iff_all_is_there() {
    holds(
        "CPK-OUT-01",
        CaseBuilder::good(),
        CaseBuilder::new("").list().link("doc_1").file("doc_1").saves("doc_1").exits(0),
    );
    fails("CPK-OUT-01", &CaseBuilder::good().exits(1));
    fails("CPK-OUT-01", &CaseBuilder::good().writes(&at("page.html"), "a page"));
    // An overrun is a finding of its own.
    is_not_exercised("CPK-OUT-01", &CaseBuilder::good().ends(End::Deadline));
    fails("CPK-OUT-01", &CaseBuilder::new("").exits(0));
    let refused = || CaseBuilder::new("right_exit: refused").list_is(403);
    passes("CPK-OUT-01", &refused().exits(1));
    // One that never came was turned away by nobody.
    is_not_exercised("CPK-OUT-01", &CaseBuilder::new("right_exit: refused").exits(1));
    fails("CPK-OUT-01", &refused().exits(0));
    fails("CPK-OUT-01", &refused().exits(134));
    passes("CPK-OUT-01", &CaseBuilder::new("right_exit: refused").shakes_hands(Listener::Base).exits(1));
    let either = || CaseBuilder::new("right_exit: either");
    passes("CPK-OUT-01", &either().all());
    passes("CPK-OUT-01", &either().list().exits(1));
    fails("CPK-OUT-01", &either().list().exits(0));
    fails("CPK-OUT-01", &either().list().ends(End::Signal(6)));
    let stopped = |code| CaseBuilder::new("right_exit: refused").list().ends(End::Terminated(code));
    // What a stopped client says is judged by another obligation.
    for code in [Some(143), Some(0), None] {
        passes("CPK-OUT-01", &stopped(code));
    }
    is_not_exercised("CPK-OUT-01", &either().list().ends(End::Deadline));
    let written_through = either().list().link("doc_1").saves("doc_2").saves("doc_3");
    let written_through = written_through.lay("a/b/c/work/target.txt", regular("sha256-of-doc_1"));
    for target in ["../target.txt", "/tmp/crewpass-contract-x/a/b/c/work/target.txt"] {
        passes("CPK-OUT-01", &written_through.clone().lay(&at("doc_1.pdf"), Kind::Symlink(target.into())));
    }
    fails("CPK-OUT-01", &written_through.lay(&at("doc_1.pdf"), Kind::Symlink("../other.txt".into())));
    // A new file with the bytes of what was superseded is no current document.
    let old = CaseBuilder::good().run(&["doc_9", "doc_2", "doc_3"]).fresh().all();
    passes("CPK-OUT-01", &old);
    fails("CPK-OUT-01", &old.saves("doc_1"));
}

#[test]
fn out_02_wants_nothing_else() {
    holds("CPK-OUT-02", CaseBuilder::good(), CaseBuilder::good().writes(&at("index.json"), "x"));
    fails("CPK-OUT-02", &CaseBuilder::good().writes(&at("doc_1.pdf.part"), "x"));
    let folder = |kind: Kind| {
        CaseBuilder::good().with(|case| {
            case.runs[0].after.entries.insert(at("more").into(), Entry { kind, mode: 0o755 });
        })
    };
    passes("CPK-OUT-02", &folder(Kind::Folder));
    fails("CPK-OUT-02", &folder(Kind::Special));
    fails("CPK-OUT-02", &folder(Kind::Symlink("x".into())));
    passes("CPK-OUT-02", &folder(Kind::Folder).writes(&at("more/doc_1.pdf"), "sha256-of-doc_1"));
    passes("CPK-OUT-02", &CaseBuilder::good().writes(&at("doc_1.pdf.part"), "x").ends(End::Terminated(Some(143))));
    passes("CPK-OUT-02", &CaseBuilder::good().lay(&at("before.txt"), regular("x")));
}

#[test]
fn out_02_excuses_what_the_gate_interrupted_under_any_temporary_name() {
    let cut = || {
        let story = CaseBuilder::new("right_exit: refused").list().link("doc_1").file("doc_1");
        story.but(|one| (one.whole, one.bytes) = (false, 100))
    };
    for end in [End::Terminated(Some(143)), End::Terminated(None), End::Deadline] {
        for name in [".download-x8K2", "tmpq1w2e3r4", "doc_1.pdf.incomplete", "9c1f0b", "doc_1.pdf~"] {
            // At the deadline it is not kept either, since the client was not done.
            match end {
                End::Deadline => is_not_exercised("CPK-OUT-02", &cut().writes(&at(name), "x").ends(end)),
                end => _ = passes("CPK-OUT-02", &cut().writes(&at(name), "x").ends(end)),
            }
            fails("CPK-OUT-02", &cut().writes(&at(name), "x").exits(1));
        }
        // Under its own name a part is a part.
        fails("CPK-OUT-02", &cut().writes(&at("doc_1.pdf"), "x").ends(end));
    }
    // A part that is left under a temporary name is litter, and no document.
    passes("CPK-FILE-02", &cut().writes(&at(".download-x8K2"), "x").exits(1));
    fails("CPK-FILE-02", &cut().writes(&at("doc_1.pdf"), "x").exits(1));
}

#[test]
fn out_03_believes_the_disk() {
    let says = |line: &str| CaseBuilder::new("").list().link("doc_1").saves("doc_1").prints(line);
    holds("CPK-OUT-03", says("saved doc_1.pdf"), says("saved doc_2.pdf"));
    fails("CPK-OUT-03", &says("Saved: doc_2 as anything.pdf"));
    passes("CPK-OUT-03", &says("saved /tmp/x/a/b/c/work/out/doc_1.pdf"));
    fails("CPK-OUT-03", &says("saved other.pdf").writes(&at("other.pdf"), "something else"));
    assert!(passes("CPK-OUT-03", &says("done")).is_some());
}

#[test]
fn out_03_takes_a_name_as_a_whole() {
    let story = |line: &str| {
        let story = CaseBuilder::new("").list().link("doc_1").saves("doc_2").prints(line);
        story.lay(&at("PST-12345"), regular("old")).writes(&at("PST-12345 (2)"), "sha256-of-doc_1")
    };
    for line in [
        "saved PST-12345 (2) (3409 bytes)",
        "saved \"PST-12345 (2)\", 3409 bytes.",
        "Saved document doc_1 as PST-12345 (2)",
        "saved /tmp/x/out/PST-12345 (2)",
        "saved 3409 bytes to PST-12345 (2)",
        "saved 2 of 3; doc_3 failed",
        "saved 2 documents, but not doc_3.pdf",
        "saved PST-123",
    ] {
        passes("CPK-OUT-03", &story(line));
    }
    for line in ["saved PST-12345 (3409 bytes)", "saved doc_3", "saved file doc_3.pdf (3 bytes)", "saved: 'doc_3'."] {
        fails("CPK-OUT-03", &story(line));
    }
    let stem = |line: &str| {
        let story = CaseBuilder::new("").list().link("doc_1").prints(line).lay(&at("PST"), regular("old"));
        story.writes(&at("PST (2).pdf"), "sha256-of-doc_1")
    };
    let spaced = |line: &str| {
        let story = CaseBuilder::new("")
            .list()
            .link("doc_1")
            .saves("doc_2")
            .prints(line)
            .writes(&at("b.pdf"), "sha256-of-doc_1");
        story.with(|case| case.runs[0].current[2].file_name = Some("b.pdf ".into()))
    };
    passes("CPK-OUT-03", &spaced("saved b.pdf (1026 bytes)"));
    passes("CPK-OUT-03", &stem("saved PST (2)"));
    fails("CPK-OUT-03", &stem("saved PST"));
}

#[test]
fn out_03_holds_a_report_to_the_disk() {
    let reported = |id: &str, name: &str, sha256: Option<&str>| ReportedFile {
        document_id: id.to_owned(),
        path: at(name).into(),
        sha256: sha256.map(str::to_owned),
    };
    let says = |outcome: Class, file: ReportedFile| {
        let report = Report { files: vec![file], ..Report::new(outcome) };
        CaseBuilder::good().with(|case| case.runs[0].report = Some(report))
    };
    // Hexadecimal may be told in capitals.
    for sha256 in [None, Some("SHA256-OF-DOC_1"), Some("sha256-of-doc_1")] {
        passes("CPK-OUT-03", &says(Class::Partial, reported("doc_1", "doc_1.pdf", sha256)));
    }
    fails("CPK-OUT-03", &says(Class::Partial, reported("doc_1", "doc_1.pdf", Some("sha256-of-doc_2"))));
    fails("CPK-OUT-03", &says(Class::Partial, reported("doc_1", "doc_2.pdf", None)));
    fails("CPK-OUT-03", &says(Class::Partial, reported("doc_1", "doc_4.pdf", None)));
    fails("CPK-OUT-03", &says(Class::Partial, reported("doc_4", "doc_1.pdf", None)));
}

#[test]
fn out_04_wants_no_pile_up() {
    let again = || CaseBuilder::good().run(&["doc_1", "doc_2", "doc_3"]).all();
    holds("CPK-OUT-04", again(), again().writes(&at("doc_1 (1).pdf"), "sha256-of-doc_1"));
    fails("CPK-OUT-04", &again().writes(&at("page.html"), "a page"));
    let emptied = CaseBuilder::good().run(&["doc_1", "doc_2", "doc_3"]).fresh().list();
    fails("CPK-OUT-04", &emptied);
}

#[test]
fn out_01_counts_an_exit_0_of_each_run() {
    let two = |first: i32| CaseBuilder::new("").list().exits(first).run(&["doc_1", "doc_2", "doc_3"]).all();
    holds("CPK-OUT-01", two(22), two(0));
}
