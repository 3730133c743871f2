//! The one world of the sequences, as a file and as the model begins with it.

use super::model::{Document, Key, Person, State};

/// 2026-06-08T10:00:00Z, at which the clock stands when a sequence begins.
pub(crate) const START: i64 = 1_780_912_800;

/// Partners, vessels and people by their places in the model.
pub(crate) const PARTNERS: [&str; 2] = ["prt_1", "prt_2"];
pub(crate) const VESSELS: [&str; 2] = ["ves_1", "ves_2"];
pub(crate) const CREW: [&str; 3] = ["crew_a", "crew_b", "crew_c"];

/// The names of the keys; `alive` is a live one, which a test world refuses.
pub(crate) const KEYS: [&str; 5] = ["full", "lister", "fetcher", "other", "alive"];

/// The text of a key.
pub(crate) fn key_text(at: usize) -> String {
    let mode = if KEYS.get(at) == Some(&"alive") { "live" } else { "test" };
    format!("cpk_{mode}_{:032x}", 0x5eed_0000 + at)
}

const FILES: [(&str, &str); 6] = [
    ("a_old", "the old certificate"),
    ("a_new", "%PDF the new certificate"),
    ("a_two", "\u{0}\r\n second"),
    ("b_one", "of somebody else"),
    ("b_two", "and another"),
    ("c_one", "of nobody's fleet"),
];

/// Writes the world and its files into a folder.
pub(crate) fn write(folder: &std::path::Path) -> std::path::PathBuf {
    for (id, text) in FILES {
        std::fs::write(folder.join(id), text).unwrap();
    }
    let keys = |from: usize, to: usize| {
        let one = |at: usize| {
            let narrowed = match KEYS[at] {
                "lister" => ", granted_scopes: [crew:documents:read]",
                "fetcher" => ", granted_scopes: [crew:documents:download]",
                _ => "",
            };
            format!("      - {{name: {}, key: {}{narrowed}}}\n", KEYS[at], key_text(at))
        };
        (from..to).map(one).collect::<String>()
    };
    let document = |id: &str, more: &str| {
        format!(
            "      - {{document_id: {id}, type: STCW, title: Title of {id}, verification_status: verified, \
             file: {{path: {id}, name: {id}.pdf, content_type: application/pdf}}{more}}}\n"
        )
        .replace("document_id", "id")
    };
    let text = format!(
        "mode: test\npartners:\n  - id: prt_1\n    granted_scopes: [crew:documents:read, crew:documents:download]\n    \
         keys:\n{}  - id: prt_2\n    granted_scopes: [crew:documents:read, crew:documents:download]\n    keys:\n{}\
         vessels:\n  - {{id: ves_1, name: One, partners: [prt_1]}}\n  - {{id: ves_2, name: Two, partners: [prt_2]}}\n\
         crew:\n  - id: crew_a\n    vessels: [ves_1]\n    consent: {{prt_1: [crew:documents:read, \
         crew:documents:download]}}\n    documents:\n{}{}{}  - id: crew_b\n    vessels: [ves_2]\n    consent: {{prt_2: \
         [crew:documents:read]}}\n    documents:\n{}{}  - id: crew_c\n    vessels: []\n    consent: {{prt_1: \
         [crew:documents:read, crew:documents:download]}}\n    documents:\n{}",
        keys(0, 3),
        keys(3, 5),
        document("a_old", ""),
        document("a_new", ", supersedes: a_old"),
        document("a_two", ""),
        document("b_one", ""),
        document("b_two", ""),
        document("c_one", ""),
    );
    let path = folder.join("world.yaml");
    std::fs::write(&path, text).unwrap();
    path
}

/// What the model begins with.
pub(crate) fn begin() -> State {
    let document = |id: &str| Document {
        id: id.to_owned(),
        supersedes: None,
        current: true,
        kind: "STCW".to_owned(),
        title: format!("Title of {id}"),
        status: "verified",
        uploaded: None,
        bytes: FILES.iter().find(|(known, _)| *known == id).unwrap().1.as_bytes().to_vec(),
        name: Some(format!("{id}.pdf")),
        content_type: Some("application/pdf".to_owned()),
        is_down: false,
    };
    let mut old = document("a_old");
    old.current = false;
    let mut new = document("a_new");
    new.supersedes = Some("a_old".to_owned());
    let person = |vessel: Option<usize>, consent: [u8; 2], documents: Vec<Document>| Person {
        vessels: (0..2).map(|at| vessel == Some(at)).collect(),
        consent,
        documents,
    };
    State {
        now: START,
        granted: [3, 3],
        enabled: [true, true],
        keys: (0..KEYS.len())
            .map(|at| Key {
                partner: usize::from(at >= 3),
                narrowed: [3, 1, 2, 3, 3][at],
                revoked: false,
                live: KEYS[at] == "alive",
            })
            .collect(),
        crew: vec![
            person(Some(0), [3, 0], vec![old, new, document("a_two")]),
            person(Some(1), [0, 1], vec![document("b_one"), document("b_two")]),
            person(None, [3, 0], vec![document("c_one")]),
        ],
        ..State::default()
    }
}
