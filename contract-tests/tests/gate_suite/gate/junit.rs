//! The report in `JUnit` XML keeps the rules that dashboards rely on.

use std::process::Command;

use crewpass_contract::client::judge::{Judge, Verdict};
use crewpass_contract::client::play::Unplayed;
use crewpass_contract::outcome::Outcome;
use crewpass_contract::outcome::judged;
use crewpass_contract::report::{Entry, Format, Run};
use crewpass_contract::requirement::{Catalogue, Grade};

use crate::gate::needs;
use crate::gate::outcomes::{plan, play};
use crate::gate::people::broken;
use crate::gate::recorded::{always_fail, not_exercised};

/// The value of an attribute of the element that begins at the start of a text.
fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let tag = &element[..element.find('>').unwrap()];
    let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    &tag[from..from + tag[from..].find('"').unwrap()]
}

#[test]
fn counts_are_right_names_are_there_and_no_character_is_forbidden() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-FILE-03", "CPK-OUT-04", "CPK-LIST-01"]);
    let played = play(&plan, None);
    let controls: Judge = |_| Verdict::NotExercised("a\u{0}b\u{1b}[31m<c>&\"d".to_owned());
    let judge = |id: &str| Some(if id == "CPK-FILE-03" { always_fail as Judge } else { not_exercised });
    let results = judged(&plan, &played, &catalogue, |id| if id == "CPK-LIST-01" { Some(controls) } else { judge(id) });
    let xml = Format::Junit.render(&Run::new(&results, &played, &catalogue, 1, Grade::MUST), 80).unwrap();
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "{xml}");
    assert!(xml.chars().all(|c| !c.is_control() || c == '\n'), "{xml:?}");
    let counts = |text: &str, element: &str| text.matches(&format!("<{element} ")).count().to_string();
    let suites: Vec<_> = xml.split("<testsuite ").skip(1).map(|rest| format!("<testsuite {rest}")).collect();
    assert!(suites.len() >= 3, "{xml}");
    for suite in std::iter::once(xml[xml.find("<testsuites ").unwrap()..].to_owned()).chain(suites) {
        for (name, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            if name != "skipped" || suite.starts_with("<testsuite ") {
                assert_eq!(attribute(&suite, name), counts(&suite, element), "{name} of {suite}");
            }
        }
        for case in suite.split("<testcase ").skip(1).map(|rest| format!("<testcase {rest}")) {
            assert!(attribute(&case, "time").parse::<f64>().unwrap() >= 0.0);
            assert!(!attribute(&case, "name").is_empty() && !attribute(&case, "classname").is_empty(), "{case}");
        }
    }
}

/// Returns the annotations, and whether a dashboard that reads the XML is red.
fn shown_in_pipelines(run: &Run) -> (String, bool) {
    let xml = Format::Junit.render(run, 80).unwrap();
    (Format::Github.render(run, 80).unwrap(), xml.contains("<failure ") || xml.contains("<error "))
}

#[test]
fn pipelines_are_red_if_and_only_if_the_run_fails() {
    let catalogue = Catalogue::built_in().unwrap();
    let outcomes = [
        Outcome::Fail,
        Outcome::Stale,
        Outcome::HarnessError,
        Outcome::NotJudged,
        Outcome::NotExercised,
        Outcome::NotObservable,
        Outcome::Unsupported,
        Outcome::KnownFailure,
        Outcome::Pass,
    ];
    let mut codes = std::collections::BTreeSet::new();
    for (place, known) in catalogue.obligations().iter().enumerate() {
        let other = &catalogue.obligations()[(place + 1) % catalogue.obligations().len()];
        for outcome in outcomes {
            for fail_on in [Grade::MUST, Grade::SHOULD, Grade::MAY] {
                let entries = vec![Entry::about(known, outcome, "a/one"), Entry::about(other, Outcome::Pass, "a/one")];
                let run = Run::from_entries(entries, &catalogue, 1, fail_on);
                let fails = run.exit.code() != 0;
                let (annotations, is_red) = shown_in_pipelines(&run);
                let about = format!("{} {outcome:?} {fail_on:?} {:?}", known.id, run.exit);
                assert_eq!(is_red, fails, "{about}");
                assert_eq!(annotations.contains("::error "), fails, "{about}\n{annotations}");
                codes.insert(run.exit.code());
            }
        }
    }
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [0, 1, 3, 4]);
}

#[test]
fn what_another_case_has_shown_is_no_error() {
    let catalogue = Catalogue::built_in().unwrap();
    let known = catalogue.find("CPK-LINK-02").unwrap();
    let of = |outcomes: &[Outcome]| {
        let case = |(place, outcome): (usize, &Outcome)| Entry::about(known, *outcome, &format!("a/{place}"));
        Run::from_entries(outcomes.iter().enumerate().map(case).collect(), &catalogue, 1, Grade::MUST)
    };
    assert_eq!(shown_in_pipelines(&of(&[Outcome::Pass, Outcome::NotExercised])), (String::new(), false));
    let (annotations, is_red) = shown_in_pipelines(&of(&[Outcome::NotExercised]));
    assert!(is_red && annotations.starts_with("::error title=crewpass-contract::exit 3: "), "{annotations}");
}

#[test]
fn a_mild_problem_is_skipped_with_a_message_and_everything_that_helps() {
    let run = broken(76);
    let xml = Format::Junit.render(&run, 80).unwrap();
    let case = |grade: &str| {
        let start = format!("<testcase name=\"CPK-{{}} {grade}: ");
        let (before, after) = start.split_once("{}").unwrap();
        let cases = xml.split("<testcase ").filter(|case| format!("<testcase {case}").starts_with(before));
        cases.filter(|case| case.split('>').next().unwrap().contains(after)).find(|case| case.contains("type=\"fail\""))
    };
    let (must, should) = (case("MUST").unwrap(), case("SHOULD").unwrap());
    assert!(must.contains("<failure message=\"CPK-"), "{must}");
    let says = "<skipped message=\"broken, but a SHOULD does not fail this run (--fail-on should): CPK-";
    assert!(should.contains(says), "{should}");
    for test in [must, should] {
        for part in
            ["\nserver: 200, cut after", "; file {out_dir}/PST_", "; last line: saved 3", "\nmend: ", "\nreplay: "]
        {
            assert!(test.contains(part), "{part} in {test}");
        }
    }
}

#[test]
fn a_summary_says_what_happened_and_what_to_do_and_stays_below_the_limit_of_github() {
    let mut run = broken(76);
    let page = Format::Summary.render(&run, 80).unwrap();
    for part in
        ["; file {out_dir}/PST_certificate.pdf (1000 bytes); exit 0; last line: saved 3", " | Set Authorization"]
    {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(page.contains("| SHOULD | warning (does not fail the run) in 3 of 4, as a/one |"), "{page}");
    assert!(page.contains("| MUST | fail in 3 of 4, as a/one |"), "{page}");
    for entry in &mut run.entries {
        entry.observed = "|&<".repeat(5_000);
        entry.advice.clone_from(&entry.observed);
        entry.title.clone_from(&entry.observed);
    }
    let page = Format::Summary.render(&run, 80).unwrap();
    assert!(page.len() < 1 << 20 && page.lines().last().unwrap().starts_with("and "), "{}", page.len());
}

#[test]
fn it_keeps_the_schema_of_dashboards() {
    let Some(xmllint) = needs::tool(&["xmllint"]) else { return };
    let catalogue = Catalogue::built_in().unwrap();
    let ids = ["CPK-FILE-03", "CPK-OUT-04", "CPK-LIST-01"];
    let (plan, broken) = (plan(&catalogue, &ids), Unplayed::Broken("a\u{0} <b> & \"c\"".to_owned()));
    let mut played = play(&plan, None);
    played
        .iter_mut()
        .filter(|one| one.planned.variant.as_deref() == Some("unknown_fields=none"))
        .for_each(|one| one.case = Err(broken.clone()));
    let judge = |id: &str| match id {
        "CPK-FILE-03" => Some(always_fail as Judge),
        "CPK-LIST-01" => Some((|_| Verdict::Pass(None)) as Judge),
        _ => Some(not_exercised as Judge),
    };
    let results = judged(&plan, &played, &catalogue, judge);
    let xml = Format::Junit.render(&Run::new(&results, &played, &catalogue, 1, Grade::MUST), 80).unwrap();
    assert!(["<failure ", "<error ", "<skipped "].iter().all(|kind| xml.contains(kind)), "{xml}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let verdict = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/schemas/junit-10.xsd");
        Command::new(xmllint).args(["--noout", "--nonet", "--schema", schema]).arg(&file).output().unwrap()
    };
    let kept = verdict(&xml);
    assert!(kept.status.success(), "{}\n{xml}", String::from_utf8_lossy(&kept.stderr));
    // Who takes everything proves nothing.
    assert!(!verdict(&xml.replacen(" tests=", " test=", 1)).status.success());
}
