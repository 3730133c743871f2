//! What three witnesses might have seen, without any client behind it: cases of any fields at all.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use crewpass_contract::client::case::{Case, Expected, Run};
use crewpass_contract::client::observability::Observability;
use crewpass_contract::client::witness::{
    End, Entry, Exchange, Handshake, Kind, Listener, Losses, Process, Strain, Tree,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::properties::texts::text;
use crate::support::case_builder::{CaseBuilder, KEY, OUT, file_path, link_path};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![text().prop_map(String::into_bytes), vec(any::<u8>(), 0..24), Just(KEY.into())]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![(0..40_000_u64).prop_map(Duration::from_millis), Just(Duration::MAX), Just(Duration::ZERO)]
}

fn target() -> impl Strategy<Value = String> {
    let known = select(vec![
        "/api/v2/employers/me/crew/crew_001/documents".to_owned(),
        link_path("doc_1"),
        link_path(".."),
        file_path("doc_1", 0),
        format!("/x?k={KEY}"),
    ]);
    prop_oneof![3 => known.clone(), 1 => (known, text()).prop_map(|(known, more)| known + &more), 1 => text()]
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = select(vec![
        "authorization",
        "x-partner-api-key",
        "cookie",
        "referer",
        "accept-encoding",
        "range",
        "host",
        "location",
        "date",
        "retry-after",
        "content-type",
        "content-length",
        "content-encoding",
        "set-cookie",
        "",
    ]);
    vec((prop_oneof![3 => name.prop_map(str::to_owned), 1 => text()], bytes()), 0..4)
}

fn json() -> impl Strategy<Value = Bytes> {
    let odd = select(vec![
        r#"{"items": [{"document_id": "doc_1"}, {"document_id": null}, 7, []], "crew_unique_id": 3}"#,
        r#"{"items": {}}"#,
        r#"{"download_url": 3}"#,
        r#"{"download_url": "http://[::1]:99999/", "expires_at": "x"}"#,
        r#"{"error": {"code": 7, "retry_after_seconds": 1e300}}"#,
        r#"{"error": {"retry_after_seconds": -1}}"#,
        "[]",
        "null",
        "{",
        "",
    ]);
    prop_oneof![odd.prop_map(|json| Bytes::from_static(json.as_bytes())), bytes().prop_map(Bytes::from)]
}

fn listener() -> impl Strategy<Value = Listener> {
    select(vec![Listener::Base, Listener::Second, Listener::Foreign])
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let request = (listener(), any::<bool>(), text(), target(), headers());
    let numbers = (any::<u64>(), 0..4_u64, any::<u16>(), any::<u64>(), any::<bool>());
    let answer =
        (duration(), prop::option::of(duration()), headers(), prop::option::of(json()), prop::option::of(text()));
    (request, numbers, answer).prop_map(
        |((listener, tls, method, target, headers), (seq, connection, status, bytes, whole), answer)| {
            let (started, ended, response_headers, json, fault) = answer;
            let method = if method.len() < 6 { "GET".to_owned() } else { method };
            Exchange {
                seq,
                listener,
                tls,
                connection,
                started,
                ended,
                method,
                target,
                headers,
                status,
                response_headers,
                json,
                bytes,
                whole,
                fault,
            }
        },
    )
}

fn path() -> impl Strategy<Value = PathBuf> {
    let below = select(vec!["", "a", OUT, "a/b/c/work/out/doc_1.pdf", "a/b/c/home"]);
    (below, bytes()).prop_map(|(below, name)| PathBuf::from(below).join(OsStr::from_bytes(&name)))
}

fn tree() -> impl Strategy<Value = Tree> {
    let sha256 = prop_oneof![Just("sha256-of-doc_1".to_owned()), text()];
    let file = (any::<u64>(), sha256, prop::option::of(bytes()));
    let kind = prop_oneof![
        4 => file.prop_map(|(len, sha256, bytes)| Kind::File { len, sha256, bytes }),
        1 => Just(Kind::Folder),
        1 => path().prop_map(Kind::Symlink),
        1 => Just(Kind::Special),
    ];
    btree_map(path(), (kind, any::<u32>()).prop_map(|(kind, mode)| Entry { kind, mode }), 0..5)
        .prop_map(|entries| Tree { entries, excess: None })
}

fn process() -> impl Strategy<Value = Process> {
    let end = prop_oneof![
        any::<i32>().prop_map(End::Exit),
        any::<i32>().prop_map(End::Gone),
        any::<i32>().prop_map(End::Signal),
        Just(End::Exit(0)),
        Just(End::Unseen),
        Just(End::Deadline),
        prop::option::of(any::<i32>()).prop_map(End::Terminated),
    ];
    let seen = (end, duration(), prop::option::of(duration()), prop::option::of(any::<u64>()));
    (seen, bytes(), bytes(), any::<u64>(), any::<usize>()).prop_map(
        |((end, took, took_to_stop, peak_memory), stdout, stderr, printed, left_behind)| Process {
            end,
            took,
            took_to_stop,
            peak_memory,
            stdout,
            stderr,
            printed,
            left_behind,
            strain: Strain::default(),
            losses: Losses::default(),
        },
    )
}

fn observability() -> impl Strategy<Value = Observability> {
    select(vec![Observability::Process, Observability::InProcess, Observability::Wire])
}

fn expected() -> impl Strategy<Value = Expected> {
    (text(), prop::option::of(text()), text(), any::<u64>()).prop_map(|(id, file_name, sha256, len)| Expected {
        crew_id: "crew_001".to_owned(),
        id,
        file_name,
        sha256,
        len,
    })
}

fn run() -> impl Strategy<Value = Run> {
    let handshake = (listener(), any::<bool>()).prop_map(|(listener, completed)| Handshake { listener, completed });
    (vec(expected(), 0..4), vec(exchange(), 0..8), vec(handshake, 0..3), tree(), tree(), process()).prop_map(
        |(current, wire, handshakes, before, after, process)| Run {
            current,
            wire,
            handshakes,
            before,
            after,
            process,
            report: None,
        },
    )
}

/// What a good client did, with noise around it: requests between its own, files beside its own, another end.
fn amid(mut case: Case, noise: Vec<Run>) -> Case {
    if case.runs.len() < noise.len() {
        case.runs.extend_from_within(..);
    }
    for (run, noise) in case.runs.iter_mut().zip(noise) {
        for (at, exchange) in noise.wire.into_iter().enumerate() {
            run.wire.insert((at * 2).min(run.wire.len()), exchange);
        }
        run.after.entries.extend(noise.after.entries);
        run.before.entries.extend(noise.before.entries);
        run.handshakes = noise.handshakes;
        run.process = noise.process;
    }
    case
}

/// Any case, of a scenario that is as plain as can be or not.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let scenario = select(vec!["", "right_exit: refused", "second_is_ours: true", "clock: {ahead: 10m}", "key: none"]);
    let texts = (text(), text(), text(), prop::option::of(text()));
    let whole = (scenario, observability(), texts, path(), any::<bool>(), vec(run(), 0..3)).prop_map(
        |(scenario, observability, (crew_id, key, base, variant), out_dir, exit_classes, runs)| {
            let case = CaseBuilder::new(scenario).case;
            Case { crew_id, key, base, variant, out_dir, observability, exit_classes, runs, ..case }
        },
    );
    let scenario = select(vec!["", "right_exit: refused", "right_exit: either", "second_is_ours: true"]);
    let around = (scenario, observability(), vec(run(), 1..3), any::<bool>()).prop_map(
        |(scenario, observability, noise, exit_classes)| {
            let case = Case { observability, exit_classes, ..CaseBuilder::new(scenario).all().case };
            amid(case, noise)
        },
    );
    prop_oneof![1 => whole, 2 => around]
}
