//! The report for people: its order, its size, and that nothing of it has to be read twice.

use std::sync::Arc;

use crewpass_contract::client::case::Case;
use crewpass_contract::client::plan::PlannedCase;
use crewpass_contract::client::play::{PlayCase, Unplayed, play_all};
use crewpass_contract::client::run::StopSignal;
use crewpass_contract::outcome::{Exit, Outcome, judged};
use crewpass_contract::report::{Entry, Evidence, Format, Head, Look, Run, read_saved_run, saved_run_text, show};
use crewpass_contract::requirement::{Catalogue, Grade, Requirement};

use crate::gate::outcomes::{plan, play};
use crate::gate::recorded::{KEY, TOKEN, always_fail, case, not_exercised};

const COMMAND: [&str; 4] = ["python3", "my_client.py", "{crew_id}", "{out_dir}"];

fn command() -> Vec<String> {
    COMMAND.map(str::to_owned).into()
}

fn entry(known: &Requirement, outcome: Outcome, scenario: &str) -> Entry {
    let long = "words that go on and on, as those of a real finding may do ".repeat(4);
    Entry {
        expected: long.clone(),
        observed: format!("{} {long}", known.id),
        evidence: Evidence {
            title: "The connection ends before the length that the header names".to_owned(),
            answer: "200, cut after 1000 of 3409 bytes for the file of doc_1".to_owned(),
            brief: "200, cut for the file of doc_1".to_owned(),
            request: "GET /api/v2/files/{token} -> 200 (1000 bytes, cut)".to_owned(),
            file: "{out_dir}/PST_certificate.pdf (1000 bytes)".to_owned(),
            end: "exit 0".to_owned(),
            printed: "saved 3 of 3 documents".to_owned(),
            ..Evidence::default()
        },
        replay: format!("crewpass-contract replay {scenario} -- CMD"),
        ..Entry::about(known, outcome, scenario)
    }
}

/// A run in which so many obligations are broken, each in three of four cases, and none of the others was exercised,
/// each for a reason of its own.
pub(crate) fn broken(count: usize) -> Run {
    let catalogue = Catalogue::built_in().unwrap();
    let mut entries = Vec::new();
    for (place, known) in catalogue.obligations().iter().enumerate() {
        if place < count {
            entries.extend(["a/one", "a/two", "a/three"].map(|name| entry(known, Outcome::Fail, name)));
            entries.push(entry(known, Outcome::Pass, "a/four"));
        } else {
            entries.push(Entry { scenario: "b/one".to_owned(), ..entry(known, Outcome::NotExercised, "b/one") });
        }
    }
    let mut run = Run::from_entries(entries, &catalogue, 7, Grade::MUST).replayed_with("--tls", &command());
    let machine = "linux x86_64, 2 cores".to_owned();
    let subject = COMMAND.join(" ");
    run.head = Head {
        subject,
        selection: String::new(),
        version: "0.1.0".to_owned(),
        catalogue: 2,
        machine,
        time: "2027-01-01 00:00 UTC".to_owned(),
    };
    run
}

fn look(width: usize) -> Look {
    Look { is_saved: true, ..Look::from(width) }
}

fn render(run: &Run, look: Look) -> String {
    Format::Human.render(run, look).unwrap()
}

#[test]
fn forty_broken_obligations_fit_on_two_screens() {
    for count in [1, 5, 6, 20, 30, 40] {
        let run = broken(count);
        let text = render(&run, look(80));
        assert!(text.lines().count() <= 100, "{count}: {} lines\n{text}", text.lines().count());
        let wide = text.lines().find(|line| line.chars().count() > 80 && !line.contains("replay"));
        assert_eq!(wide, None, "{count}");
        let failures = text.lines().filter(|line| line.starts_with("FAIL CPK-")).count();
        assert_eq!(failures, count, "each obligation once\n{text}");
        let full = text.lines().filter(|line| line.starts_with("  replay    ")).count();
        assert_eq!(full, count.min(5), "the first five in full");
    }
    let verbose = render(&broken(40), Look { verbose: true, ..look(80) });
    assert_eq!(verbose.lines().filter(|line| line.starts_with("FAIL CPK-")).count(), 120);
}

#[test]
fn advice_is_never_cut() {
    for count in [1, 6, 20, 40] {
        let run = broken(count);
        let text = render(&run, look(80));
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("FAIL ")).take(5).collect();
        let is_shown = |entry: &&Entry| shown.iter().any(|line| line.starts_with(&entry.id));
        for entry in run.entries.iter().filter(is_shown) {
            let advice = entry.advice.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(&advice), "{count}: {advice}\n{flat}");
        }
    }
}

#[test]
fn a_file_and_a_pipe_get_the_first_five_whole_and_two_lines_of_each_other() {
    let run = broken(40);
    let whole = Look { whole: true, ..look(80) };
    let text = render(&run, whole);
    let (first, rest) = text.split_once("Then these:").unwrap();
    assert!(!first.contains('…'), "{first}");
    let wide = text.lines().find(|line| line.chars().count() > 80 && !line.contains("replay"));
    assert_eq!(wide, None);
    let flat = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = run.entries.iter().filter(|entry| first.contains(&format!("FAIL {} ", entry.id)));
    for entry in shown {
        let observed = entry.observed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(&observed), "{observed}\n{text}");
    }
    let lines: Vec<&str> = rest.split("\nnot exercised:").next().unwrap().trim().lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("FAIL CPK-")).count(), 35, "each obligation once");
    assert_eq!(lines.len(), 70, "{rest}");
}

#[test]
fn up_to_twenty_obligations_have_two_lines_each() {
    let text = render(&broken(20), look(80));
    let rest = text.split("Then these:").nth(1).unwrap();
    let two = rest.lines().filter(|line| line.starts_with("  200, cut for the file of doc_1, yet CPK-")).count();
    assert_eq!(two, 15, "{text}");
}

#[test]
fn what_was_judged_comes_first_and_the_reason_of_the_exit_last() {
    let text = render(&broken(8), look(80));
    let places = [
        "python3 my_client.py {crew_id} {out_dir}\ncrewpass-contract 0.1.0, catalogue 2, seed 7, linux x86_64, 2 cores\n",
        "\nMUST  ",
        "\nSHOULD  ",
        "\nFix these first (5 of 8):\n",
        "\nThen these:\n",
        "\nnot exercised:\n",
        "\nMore: crewpass-contract show ",
        " obligations: 8 broken, ",
        "\nexit 1: ",
    ];
    let found: Vec<_> = places.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}"))).collect();
    assert!(found.is_sorted(), "{found:?}\n{text}");
    assert!(text[found[8] + 1..].lines().count() <= 3, "{text}");
}

#[test]
fn a_block_says_what_happened_and_how_to_see_it_again() {
    let text = render(&broken(1), look(700));
    for row in [
        "  case      a/one: The connection ends before the length that the header names\n",
        "  server    200, cut after 1000 of 3409 bytes for the file of doc_1\n",
        "; file {out_dir}/PST_certificate.pdf (1000 bytes); exit 0; last line: saved 3 of 3 documents\n",
        "  clause    documents guide, introduction; /authentication for X-Partner-API-Key: Both steps",
        "  mend      Set Authorization",
        "  also      and in 2 more cases: a/two, a/three\n",
        "  replay    crewpass-contract replay --tls a/one -- python3 my_client.py {crew_id} {out_dir}\n",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
}

#[test]
fn colours_change_nothing_but_the_colour() {
    let (plain, colored) = (render(&broken(8), look(80)), render(&broken(8), Look { color: true, ..look(80) }));
    assert!(!plain.contains('\u{1b}'));
    let mut parts = colored.split('\u{1b}');
    let first = parts.next().unwrap().to_owned();
    let stripped = parts.fold(first, |text, part| text + part.split_once('m').unwrap().1);
    assert_eq!(stripped, plain);
    assert!(colored.contains("\u{1b}[31mFAIL\u{1b}[0m"), "{colored}");
}

#[test]
fn a_kept_run_is_the_run() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-FILE-03", "CPK-OUT-04", "CPK-LIST-01"]);
    let played = play(&plan, None);
    let judge = |id: &str| if id == "CPK-LIST-01" { not_exercised } else { always_fail };
    let results = judged(&plan, &played, &catalogue, |id| Some(judge(id)));
    let mut run = Run::new(&results, &played, &catalogue, 7, Grade::MUST).replayed_with("", &command());
    run.head = Head { version: env!("CARGO_PKG_VERSION").to_owned(), ..broken(1).head };
    let text = saved_run_text(&run).unwrap();
    assert!(!text.contains(KEY) && !text.contains(TOKEN), "{text}");
    let again = read_saved_run(&text).unwrap();
    for verbose in [false, true] {
        let look = Look { verbose, ..look(80) };
        assert_eq!(render(&run, look), render(&again, look));
    }
    let shown = show(&again, "CPK-OUT-04", look(80)).unwrap();
    assert_eq!(shown.lines().filter(|line| line.starts_with("FAIL CPK-OUT-04 MAY: ")).count(), 4, "{shown}");
    assert!(shown.contains("\ntranscript of ") && shown.contains("     > authorization: Bearer {key}\n"), "{shown}");
    let unreached = show(&again, "CPK-LIST-01", look(800)).unwrap();
    assert!(unreached.contains("NOT EXERCISED CPK-LIST-01 MUST: "), "{unreached}");
    let known = catalogue.find("CPK-LIST-01").unwrap();
    assert!(unreached.contains(&format!("  needed    {}\n", known.exercised_when())), "{unreached}");
    assert!(unreached.contains("  to do     The client stopped before what is needed. "), "{unreached}");
    assert!(!unreached.contains("  mend "), "advice on what may be right: {unreached}");
    assert_eq!(show(&again, "CPK-RTY-01", look(80)), None);
    let other = text.replace(&format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION")), "\"version\":\"0.0.1\"");
    assert!(read_saved_run(&other).unwrap_err().to_string().contains("another version"));
    assert!(read_saved_run("{}").is_err());
}

#[test]
fn a_case_that_a_fault_cut_says_why_and_what_to_do() {
    let catalogue = Catalogue::built_in().unwrap();
    let cut = Entry {
        expected: "A file was sent in full.".to_owned(),
        observed: "no file was sent to the client in full".to_owned(),
        ..entry(catalogue.find("CPK-FILE-03").unwrap(), Outcome::NotExercised, "file/cut")
    };
    let run = Run::from_entries(vec![cut], &catalogue, 1, Grade::MUST);
    let text = show(&run, "CPK-FILE-03", look(800)).unwrap();
    for row in [
        "  server    200, cut after 1000 of 3409 bytes for the file of doc_1\n",
        "  client    no file was sent to the client in full; ",
        "  needed    A file was sent in full.\n",
        "  to do     The server gives the answer above on purpose, and the client stopped before what is needed. ",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
}

#[test]
fn a_case_whose_twin_is_broken_gives_no_advice_of_its_own() {
    let catalogue = Catalogue::built_in().unwrap();
    let mut entry = entry(catalogue.find("CPK-RTY-03").unwrap(), Outcome::NotExercised, "rty/retry-after");
    entry.observed = "not counted: the client already fails auth/plain".to_owned();
    entry.evidence.broken_twin = "auth/plain".to_owned();
    let run = Run::from_entries(vec![entry], &catalogue, 1, Grade::MUST);
    let text = show(&run, "CPK-RTY-03", look(800)).unwrap();
    assert!(text.contains("  why       not counted: the client already fails auth/plain\n"), "{text}");
    for row in ["  client ", "  server ", "  needed ", "  to do ", "  mend "] {
        assert!(!text.contains(row), "{row}\n{text}");
    }
}

#[test]
fn cases_that_do_not_show_a_kept_obligation_are_a_note() {
    let catalogue = Catalogue::built_in().unwrap();
    let known = catalogue.find("CPK-FILE-03").unwrap();
    let case = |outcome, name: &str| Entry { observed: "why".to_owned(), ..entry(known, outcome, name) };
    let cases = [
        case(Outcome::Pass, "plain/three-documents"),
        case(Outcome::NotExercised, "file/cut"),
        case(Outcome::NotExercised, "auth/tls"),
    ];
    let text = show(&Run::from_entries(cases.into(), &catalogue, 1, Grade::MUST), "CPK-FILE-03", look(800)).unwrap();
    assert!(text.starts_with("CPK-FILE-03 MUST: ") && text.contains(" is kept\n"), "{text}");
    let note = "  note      not exercised in 2 cases, which the others make up for: file/cut, auth/tls\n";
    assert!(text.contains(note) && !text.contains("NOT EXERCISED"), "{text}");
}

#[test]
fn the_reason_for_exit_0_says_of_how_many_obligations_it_speaks() {
    let catalogue = Catalogue::built_in().unwrap();
    let last_line = |unshown, selection: &str| {
        let ids = ["CPK-FILE-01", "CPK-FILE-03", "CPK-LIST-01"];
        let entries = ids.iter().enumerate().map(|(place, id)| {
            let outcome = if place < unshown { Outcome::NotExercised } else { Outcome::Pass };
            entry(catalogue.find(id).unwrap(), outcome, "a/one")
        });
        let mut run = Run::from_entries(entries.collect(), &catalogue, 1, Grade::MUST);
        (run.exit, run.head.selection) = (Exit::Kept, selection.to_owned());
        render(&run, look(80)).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(last_line(0, ""), "exit 0: every MUST is kept");
    assert_eq!(last_line(0, "--only FILE"), "exit 0: every MUST of this selection is kept");
    assert_eq!(last_line(1, ""), "exit 0: every MUST that was exercised is kept, and 1 was not exercised");
    assert_eq!(last_line(2, ""), "exit 0: every MUST that was exercised is kept, and 2 were not exercised");
}

#[test]
fn advice_of_a_finding_stands_in_the_place_of_the_obligations() {
    let mut run = broken(1);
    for entry in &mut run.entries {
        entry.evidence.mend = "Do this instead.".to_owned();
    }
    for format in [Format::Human, Format::Github, Format::Summary, Format::Html] {
        let text = format.render(&run, look(800)).unwrap();
        assert!(text.contains("Do this instead.") && !text.contains(&run.entries[0].advice), "{text}");
    }
}

#[test]
fn a_part_of_the_plan_and_a_signal_are_named_beside_what_is_broken() {
    let mut run = broken(2);
    run.head = run.head.selected_by("--only LINK --shard 1/2");
    run.exit = Exit::Stopped(StopSignal::Terminate);
    let text = render(&run, look(800));
    assert!(text.contains("\n--only LINK --shard 1/2\ncrewpass-contract 0.1.0, "), "{text}");
    let ids = "2 MUST are broken (CPK-AUTH-01, CPK-AUTH-02)";
    assert!(text.contains(&format!("\nexit 143: {ids}, and stopped by SIGTERM; ")), "{text}");
}

/// A client that sends no key, and is refused everywhere.
struct WithoutKey;

impl PlayCase for WithoutKey {
    async fn play(&self, planned: PlannedCase) -> Result<Case, Unplayed> {
        let mut case = case(&planned, 1);
        let wire = &mut case.runs[0].wire;
        wire.truncate(1);
        (wire[0].status, wire[0].headers) = (401, Vec::new());
        case.runs[0].process.stderr = b"requests.exceptions.HTTPError: 401 Client Error\n".to_vec();
        Ok(case)
    }
}

#[test]
fn a_cause_of_most_cases_is_named_once_and_nothing_else() {
    let catalogue = Catalogue::built_in().unwrap();
    let plan = plan(&catalogue, &["CPK-FILE-03", "CPK-OUT-04", "CPK-LIST-01"]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let played = runtime.block_on(play_all(&plan, Arc::new(WithoutKey), 2, |_| true));
    let results = judged(&plan, &played, &catalogue, |_| Some(always_fail));
    let run = Run::new(&results, &played, &catalogue, 7, Grade::MUST).replayed_with("", &command());
    let text = render(&run, look(80));
    assert!(text.starts_with("FIRST OF ALL: it sends no key\n"), "{text}");
    assert!(text.contains("  last line requests.exceptions.HTTPError: 401 Client Error\n"), "{text}");
    assert!(text.contains("Read the key from the environment variable CPK_KEY"), "{text}");
    assert!(!text.contains("FAIL ") && text.lines().count() < 25, "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("3 obligations are left out here"), "{text}");
    // What is left out is named, and can be shown.
    assert!(flat.contains("More: crewpass-contract show CPK-"), "{text}");
    assert!(flat.contains("exit 1: 2 MUST are broken (CPK-LIST-01, CPK-FILE-03)"), "{text}");
    let summary = Format::Summary.render(&run, 80).unwrap();
    assert!(summary.contains("2 MUST are broken (CPK-LIST-01, CPK-FILE-03)"), "{summary}");
    for (format, says) in
        [(Format::Github, "::error title=First of all::it sends no key"), (Format::Html, "First of all: ")]
    {
        let text = format.render(&run, 80).unwrap();
        assert!(text.contains(says) && !text.contains("class=\"card"), "{text}");
    }
    // The same is no cause where most cases go well.
    let good = Run::new(&results, &play(&plan, None), &catalogue, 7, Grade::MUST);
    assert_eq!(good.cause, None);
}

#[test]
fn github_gets_as_many_annotations_as_it_shows() {
    let run = broken(76);
    let text = Format::Github.render(&run, 80).unwrap();
    let levels = ["::error ", "::warning "].map(|level| text.lines().filter(|line| line.starts_with(level)).count());
    assert_eq!((levels, text.lines().count()), ([10, 10], 20), "{text}");
    let summary = Format::Summary.render(&run, 80).unwrap();
    let rows = summary.lines().filter(|line| line.starts_with("| CPK-")).count();
    assert_eq!(rows, run.merged.iter().filter(|(.., outcome)| *outcome == Outcome::Fail).count());
}
