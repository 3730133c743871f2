//! Whatever a client, a server or a file name says, no report gives it power over a terminal, a CI runner or a disk.

use crewpass_contract::report::{Entry, Format, Head, Look, Run};
use crewpass_contract::requirement::{Catalogue, Grade};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::properties::reports::run;
use crate::properties::texts::text;

/// Texts that a terminal or a runner would obey, in the forms that come from outside.
const HOSTILE: [&str; 9] = [
    "\u{1b}[2J\u{1b}]0;title\u{7}",
    "a\r\n::error file=a::b",
    "::set-output name=a::b",
    " ::stop-commands::x",
    "##[error]no",
    "##vso[task.setvariable variable=a]b",
    "\u{9b}31m",
    "a\u{202e}fdp.exe",
    "]]><script>alert(1)</script>--> & \u{0}",
];

/// The longest report of a run with one problem, whatever its texts: each is cut.
const BOUND: usize = 2 << 20;

/// A text that comes from outside: any, or one that a terminal or a runner would obey.
pub(crate) fn foreign() -> impl Strategy<Value = String> {
    prop_oneof![text(), proptest::sample::select(&HOSTILE[..]).prop_map(str::to_owned)]
}

/// A run of entries with foreign texts, whose subject is one, too.
fn foreign_run() -> impl Strategy<Value = Run> {
    let texts = (foreign(), foreign(), foreign(), foreign());
    (run(), foreign(), texts).prop_map(|(run, subject, (observed, printed, file, scenario))| {
        let mut entries = run.entries.clone();
        for entry in &mut entries {
            entry.observed.clone_from(&observed);
            entry.evidence.printed.clone_from(&printed);
            entry.evidence.file.clone_from(&file);
            entry.scenario.clone_from(&scenario);
        }
        let mut foreign = of_entries(entries);
        foreign.transcripts = run.transcripts.into_values().map(|transcript| (scenario.clone(), transcript)).collect();
        foreign.head = Head::new(&subject, 2, Timestamp::UNIX_EPOCH);
        foreign
    })
}

fn of_entries(entries: Vec<Entry>) -> Run {
    Run::from_entries(entries, &Catalogue::built_in().unwrap(), 1, Grade::MUST)
}

/// Returns what is wrong with a report, if anything.
fn power_of(format: Format, report: &str) -> Option<String> {
    if let Some(odd) = report.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Some(format!("the control character {odd:?}"));
    }
    let bidirectional =
        |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if let Some(odd) = report.chars().find(bidirectional) {
        return Some(format!("the direction mark {odd:?}"));
    }
    if report.contains("##[") || report.contains("##vso[") {
        return Some("a command of a runner".to_owned());
    }
    let is_own =
        |line: &str| format == Format::Github && (line.starts_with("::error ") || line.starts_with("::warning "));
    let commands = report.lines().filter(|line| line.trim_start().starts_with("::"));
    commands.into_iter().find(|line| !is_own(line)).map(|line| format!("the workflow command {line:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_report_has_power_over_what_shows_it(run in foreign_run(), width in 40..200_usize) {
        for format in Format::ALL {
            for look in [Look::from(width), Look { verbose: true, ..Look::from(width) }] {
                let report = format.render(&run, look).unwrap();
                prop_assert_eq!(power_of(format, &report), None, "{}: {:?}", format.name(), report);
            }
        }
    }

    #[test]
    fn no_text_makes_a_report_long(mut run in run(), length in 100_000..1_000_000_usize) {
        let long = "\u{1b}::##[x ".repeat(length / 10);
        run.entries.truncate(1);
        for entry in &mut run.entries {
            entry.observed.clone_from(&long);
            entry.evidence.printed.clone_from(&long);
            entry.evidence.file.clone_from(&long);
        }
        let run = of_entries(run.entries);
        for format in Format::ALL {
            let report = format.render(&run, Look { verbose: true, ..Look::from(80) }).unwrap();
            prop_assert!(report.len() < BOUND, "{}: {} bytes", format.name(), report.len());
        }
    }
}
