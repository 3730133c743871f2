//! The report in `JUnit` XML keeps the rules that dashboards rely on.

use std::process::Command;

use crewpass_contract::client::judge::{Judge, Verdict};
use crewpass_contract::client::play::Unplayed;
use crewpass_contract::outcome::judged;
use crewpass_contract::report::{Format, Run};
use crewpass_contract::requirement::{Catalogue, Grade};

use crate::gate::needs;
use crate::gate::outcomes::{plan, play};
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
