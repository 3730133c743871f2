//! Reports: whatever text is in whatever field, each format stays what it is, and says the text.

use std::collections::BTreeSet;
use std::time::Duration;

use crewpass_contract::outcome::Outcome;
use crewpass_contract::report::{Anchor, Entry, Evidence, Format, JsonReport, Look, Run, Transcript};
use crewpass_contract::requirement::{Catalogue, Grade, Source};
use crewpass_diagnostics::escape;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use roxmltree::Node;

use crate::properties::noise::case;
use crate::properties::texts::text;

const OUTCOMES: [Outcome; 8] = [
    Outcome::Fail,
    Outcome::Stale,
    Outcome::HarnessError,
    Outcome::NotExercised,
    Outcome::NotObservable,
    Outcome::Unsupported,
    Outcome::KnownFailure,
    Outcome::Pass,
];

fn entry() -> impl Strategy<Value = Entry> {
    let id = prop_oneof![text(), (text(), text()).prop_map(|(area, number)| format!("CPK-{area}-{number}"))];
    let texts = (id, text(), text(), text(), text());
    let seen = (text(), text(), text(), prop::option::of(text()), prop::option::of(text()));
    let kinds =
        (select(&Grade::ALL[..]), select(vec![Source::G, Source::P, Source::H, Source::D]), select(&OUTCOMES[..]));
    let facts = (text(), text(), text(), text(), text(), text(), prop_oneof![Just(String::new()), text()]);
    (texts, seen, kinds, text(), facts).prop_map(
        |((id, title, clause, place, advice), (scenario, expected, observed, file, note), kinds, replay, facts)| {
            Entry {
                id,
                title,
                clause,
                place,
                advice,
                scenario,
                expected,
                observed,
                note,
                evidence: Evidence {
                    title: facts.0,
                    answer: facts.1,
                    request: facts.2,
                    file: file.unwrap_or_default(),
                    end: "exit 0".to_owned(),
                    printed: facts.3,
                    brief: facts.4,
                    mend: facts.5,
                    broken_twin: facts.6,
                },
                replay,
                grade: kinds.0,
                source: kinds.1,
                outcome: kinds.2,
            }
        },
    )
}

/// Any run: entries of any texts, with a transcript, a time and a place for annotations.
pub(crate) fn run() -> impl Strategy<Value = Run> {
    let anchor = prop::option::of((text(), any::<usize>()).prop_map(|(file, line)| Anchor { file, line }));
    (vec(entry(), 0..4), case(), anchor, vec(text(), 0..3), any::<u64>()).prop_map(
        |(entries, case, anchor, coming, seed)| {
            let catalogue = Catalogue::built_in().unwrap();
            let mut run = Run::from_entries(entries, &catalogue, seed, Grade::MUST);
            let transcript = Transcript::of_case(&case);
            for entry in &run.entries {
                run.transcripts.insert(entry.scenario.clone(), transcript.clone());
                run.durations.insert(entry.scenario.clone(), Duration::from_millis(seed % 90_000));
            }
            (run.anchor, run.coming) = (anchor, coming);
            run
        },
    )
}

/// The same run with the bytes of each text in hex: what it is without anything to escape.
fn plain(run: &Run) -> Run {
    let mut run = run.clone();
    let calm = |text: &mut String| {
        if !text.is_empty() {
            *text = format!("{:x?}", text.as_bytes());
        }
    };
    for entry in &mut run.entries {
        let Entry { id, title, clause, place, advice, scenario, expected, observed, evidence, note, replay, .. } =
            entry;
        [id, title, clause, place, advice, expected, observed, replay].into_iter().chain(note).for_each(calm);
        let Evidence { title, answer, brief, request, file, end, printed, mend, broken_twin } = evidence;
        [title, answer, brief, request, file, end, printed, mend, broken_twin].into_iter().for_each(calm);
        // A transcript is found by its name, which is a text of its own.
        let of_case = run.transcripts.remove(scenario);
        calm(scenario);
        if let Some(mut of_case) = of_case {
            for shown in &mut of_case.runs {
                for one in &mut shown.wire {
                    let texts = one.request.iter_mut().chain(&mut one.answer);
                    texts.chain([&mut one.line, &mut one.body]).for_each(calm);
                }
                let texts = shown.files.iter_mut().chain(&mut shown.handshakes);
                texts.chain([&mut shown.end, &mut shown.printed]).for_each(calm);
            }
            run.transcripts.insert(scenario.clone(), of_case);
        }
    }
    run.merged.iter_mut().for_each(|(id, ..)| calm(id));
    run
}

/// Returns a text as XML can hold it.
fn shown(text: &str) -> String {
    escape::markup(text, 16_000).into_owned()
}

/// Returns a text as an attribute, which is one line.
fn line(text: &str) -> String {
    shown(&text.replace(['\n', '\t'], " "))
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The texts of a test case as a dashboard reads them.
fn is_told_in_xml(test: Node<'_, '_>, entry: &Entry) -> Result<(), TestCaseError> {
    let suite = test.parent().and_then(|suite| suite.attribute("name"));
    prop_assert_eq!(suite, Some(&*line(entry.id.split('-').nth(1).unwrap_or_default())));
    let name = format!("{} {}: {}", entry.id, entry.grade.name(), entry.title);
    prop_assert_eq!(test.attribute("name"), Some(&*line(&name)));
    let scenario = if entry.scenario.is_empty() { "no scenario" } else { &entry.scenario };
    prop_assert_eq!(test.attribute("classname"), Some(&*line(scenario)));
    let verdict = ["failure", "error", "skipped"].into_iter().find_map(|name| child(test, name));
    prop_assert_eq!(verdict.is_none(), entry.outcome == Outcome::Pass);
    let Some(verdict) = verdict else { return Ok(()) };
    prop_assert_eq!(verdict.attribute("type"), Some(entry.outcome.name()));
    let message = entry.note.as_deref().unwrap_or(&entry.observed);
    let shown_message = verdict.attribute("message").unwrap_or_default();
    let is_mild = entry.outcome == Outcome::Fail && entry.grade > Grade::MUST;
    prop_assert!(shown_message.ends_with(&line(message)), "{:?}", shown_message);
    prop_assert_eq!(shown_message.starts_with("broken, but "), is_mild || message.starts_with("broken, but "));
    if entry.outcome.is_problem() {
        let texts = verdict.text().unwrap_or_default();
        // Of a case that does not count for its twin, nothing was expected.
        let expected = Some(&entry.expected).filter(|_| entry.evidence.broken_twin.is_empty());
        for part in [&entry.clause, &entry.place, &entry.observed, &entry.replay].into_iter().chain(expected) {
            prop_assert!(texts.contains(&shown(part)), "{:?} in {:?}", part, texts);
        }
    }
    Ok(())
}

/// A text as HTML holds it, in an attribute or not.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_back_from_the_xml(run in run()) {
        let xml = Format::Junit.render(&run, 80).unwrap();
        let read = roxmltree::Document::parse(&xml).map_err(|error| TestCaseError::fail(format!("{error}: {xml:?}")))?;
        let tests: Vec<_> = read.descendants().filter(|node| node.has_tag_name("testcase")).collect();
        prop_assert_eq!(tests.len(), run.entries.len());
        for (test, entry) in tests.into_iter().zip(&run.entries) {
            is_told_in_xml(test, entry)?;
        }
    }

    #[test]
    fn any_text_is_read_back_from_the_json(run in run()) {
        let json = Format::Json.render(&run, 80).unwrap();
        let read = JsonReport::parse(&json).map_err(|error| TestCaseError::fail(format!("{error}: {json:?}")))?;
        prop_assert_eq!(&read.obligations, &JsonReport::from(&run).obligations);
        for (read, entry) in read.obligations.iter().zip(&run.entries) {
            prop_assert_eq!((&read.id, &read.scenario), (&entry.id, &entry.scenario));
            prop_assert_eq!((&read.expected, &read.replay), (&entry.expected, &entry.replay));
            prop_assert!(read.observed.contains(&entry.observed) && read.outcome == entry.outcome);
        }
        let badge: serde_json::Value = serde_json::from_str(&Format::Badge.render(&run, 80).unwrap()).unwrap();
        prop_assert_eq!(&badge["schemaVersion"], 1);
    }

    #[test]
    fn no_text_is_markup_in_the_page(run in run()) {
        let page = Format::Html.render(&run, 80).unwrap();
        let calm = Format::Html.render(&plain(&run), 80).unwrap();
        for mark in ['<', '>', '"'] {
            prop_assert_eq!(page.matches(mark).count(), calm.matches(mark).count(), "{} in {}", mark, page);
        }
        let bare = page.match_indices('&').find(|(at, _)| {
            !["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|known| page[*at..].starts_with(known))
        });
        prop_assert_eq!(bare, None, "{}", page);
        // Each obligation has one card; of several entries with one id, any may be the one that is shown in full.
        let alone = |entry: &&Entry| run.problems().filter(|other| other.id == entry.id).count() == 1;
        for entry in run.problems().filter(alone) {
            let evidence = &entry.evidence;
            let advice = if evidence.mend.is_empty() { &entry.advice } else { &evidence.mend };
            // Of a stale entry, the advice is about the list of known failures.
            let advice = Some(advice).filter(|_| entry.outcome != Outcome::Stale);
            let judged = [Some(&entry.expected), advice].into_iter().flatten();
            let judged = judged.filter(|_| evidence.broken_twin.is_empty());
            for part in [&entry.id, &entry.title, &entry.scenario, &entry.observed].into_iter().chain(judged) {
                let visible = escape::markup(part, 16_000);
                // An id or a title is not foreign text: the page has it as it is, but for markup.
                let is_shown = page.contains(&escaped(&visible)) || page.contains(&escaped(part));
                prop_assert!(is_shown, "{:?} in {}", part, page);
            }
        }
    }

    #[test]
    fn no_text_breaks_a_line_of_the_annotations_or_a_row_of_the_summary(run in run()) {
        let troubles = run.problems().map(|entry| &entry.id).collect::<BTreeSet<_>>().len();
        let lines = Format::Github.render(&run, 80).unwrap();
        let begun: Vec<_> = lines.split(['\n', '\r']).filter(|line| !line.is_empty()).collect();
        // A run that fails has an error, also if nothing is broken.
        let has_error = begun.iter().any(|line| line.starts_with("::error "));
        prop_assert_eq!(has_error, run.exit.code() != 0, "{:?}", lines);
        let reasons = begun.iter().filter(|line| line.contains("title=crewpass-contract::exit ")).count();
        prop_assert_eq!(begun.len(), troubles + reasons, "{:?}", lines);
        prop_assert!(begun.iter().all(|line| line.starts_with("::error ") || line.starts_with("::warning ")), "{:?}", lines);
        let page = Format::Summary.render(&run, 80).unwrap();
        let rows = page.split(['\n', '\r']).filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
        let cells: Vec<_> = rows.map(cells).collect();
        let rows = cells.iter().filter(|cells| **cells == 5).count();
        prop_assert_eq!(rows, if troubles == 0 { 0 } else { troubles + 1 }, "{:?}", page);
        prop_assert!(cells.iter().all(|cells| *cells == 5 || *cells == 2), "{:?}", page);
        prop_assert!(!page.replace("<br>", "").contains('<'), "{:?}", page);
    }

    #[test]
    fn people_get_a_report_of_any_text_at_any_width(run in run(), width in 0..200_usize) {
        let text = Format::Human.render(&run, Look { verbose: true, ..Look::from(width) }).unwrap();
        for entry in run.problems() {
            prop_assert!(text.contains(&entry.replay), "{:?} in {}", entry.replay, text);
        }
    }
}

/// How many cells a row has: a backslash escapes whatever stands behind it.
fn cells(row: &str) -> usize {
    let (mut bars, mut escaped) = (0, false);
    for c in row.chars() {
        bars += usize::from(c == '|' && !escaped);
        escaped = c == '\\' && !escaped;
    }
    bars - 1
}
