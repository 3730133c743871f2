//! What reports look like, and that none of them holds a secret.

use crewpass_contract::client::judge::Judge;
use crewpass_contract::outcome::{KnownFailures, Rules, judged};
use crewpass_contract::report::{Anchor, Format, JsonReport, Run, schema_text};
use crewpass_contract::requirement::{Catalogue, Grade};
use jiff::civil::date;

use crate::gate::generated::read;
use crate::gate::outcomes::{plan, play};
use crate::gate::recorded::{KEY, TOKEN, always_fail, always_pass, not_exercised, not_observable};

fn judge(id: &str) -> Judge {
    match id {
        "CPK-FILE-03" | "CPK-OUT-02" => always_fail,
        "CPK-OUT-04" => not_observable,
        "CPK-AUTH-02" => not_exercised,
        _ => always_pass,
    }
}

/// One of everything: kept, broken, known, not exercised, not observable.
fn run() -> Run {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-FILE-03", "CPK-OUT-02", "CPK-OUT-04", "CPK-AUTH-02", "CPK-LIST-01"]);
    let played = play(&plan, None);
    let list = "[[failure]]\nid = 'CPK-OUT-02'\nreason = 'leaves its log'\nissue = 'GH-7'\n";
    let known = KnownFailures::parse(list, "k.toml", &catalogue).unwrap();
    let rules = Rules { unsupported: &[], known: &known, today: date(2027, 1, 1), partial: false };
    let results = rules.apply(judged(&plan, &played, &catalogue, |id| Some(judge(id))));
    let mut run = Run::new(&results, &played, &catalogue, 7, Grade::MUST);
    run.anchor = Some(Anchor { file: "crewpass-contract.toml".to_owned(), line: 3 });
    run
}

fn render(format: Format) -> String {
    format.render(&run(), 80).unwrap()
}

#[test]
fn human() {
    let text = render(Format::Human);
    for line in text.lines().filter(|line| !line.contains("replay")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    let text = render(Format::Json);
    let schema = read("fixtures/contract/report.schema.json");
    assert_eq!(schema, schema_text(), "run `make generate`");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    jsonschema::validate(&serde_json::from_str(&schema).unwrap(), &value).unwrap();
    let top: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("  \""))
        .map(|line| line.trim().split(':').next().unwrap())
        .collect();
    assert_eq!(top, ["\"exit\"", "\"seed\"", "\"obligations\"", "\"merged\""]);
    assert_eq!(text, render(Format::Json));
    insta::assert_snapshot!(text);
}

#[test]
fn a_json_report_is_read_again() {
    let catalogue = Catalogue::built_in().unwrap();
    let text = render(Format::Json);
    let entries = JsonReport::parse(&text).unwrap().entries(&catalogue).unwrap();
    let again = Run::from_entries(entries, &catalogue, 7, Grade::MUST);
    assert_eq!(Format::Json.render(&again, 80).unwrap(), text);
    assert!(JsonReport::parse("{}").is_err());
    let other = text.replace("CPK-FILE-03", "CPK-FILE-99");
    assert!(JsonReport::parse(&other).unwrap().entries(&catalogue).is_err());
}

#[test]
fn junit() {
    insta::assert_snapshot!(render(Format::Junit));
}

#[test]
fn html() {
    let text = render(Format::Html);
    for word in ["<script", "src=", "http://", "https://", "@import", "url("] {
        assert!(!text.contains(word), "{word}");
    }
    assert_eq!(text.matches("href=").count(), text.matches("href=\"#CPK-").count(), "a link leads out of the page");
    insta::assert_snapshot!(text);
}

#[test]
fn github() {
    insta::assert_snapshot!(render(Format::Github));
}

#[test]
fn summary() {
    insta::assert_snapshot!(render(Format::Summary));
}

#[test]
fn badge() {
    insta::assert_snapshot!(render(Format::Badge));
}

#[test]
fn no_report_holds_a_secret_a_port_or_a_control_byte() {
    for format in Format::ALL {
        let text = render(format);
        for secret in [KEY, TOKEN, "41873", "\u{1b}"] {
            assert!(!text.contains(secret), "{}: {secret}", format.name());
        }
    }
}

#[test]
fn a_format_is_found_by_its_name() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(Format::named("xml"), None);
}
