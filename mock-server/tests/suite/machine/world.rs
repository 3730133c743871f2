//! The one world of the sequences, as a file and as the model begins with it.

use super::model::{ALL, Document, Key, Person, State};

/// 2026-06-08T10:00:00Z, at which the clock stands when a sequence begins.
pub(crate) const START: i64 = 1_780_912_800;

/// Partners, vessels and people by their places in the model.
pub(crate) const PARTNERS: [&str; 2] = ["prt_1", "prt_2"];
pub(crate) const VESSELS: [&str; 2] = ["ves_1", "ves_2"];
pub(crate) const CREW: [&str; 3] = ["crew_a", "crew_b", "crew_c"];

/// The names that people begin with, which are the names of their addresses too; they are in another order than the ids.
pub(crate) const NAMES: [&str; 3] = ["Zoe", "Max", "Ana"];
/// The addresses that people begin with.
pub(crate) const EMAILS: [&str; 3] = ["Zoe@example.invalid", "Max@example.invalid", "Ana@example.invalid"];

/// The names of the keys; `alive` is a live one, which a test world refuses.
pub(crate) const KEYS: [&str; 5] = ["full", "lister", "fetcher", "other", "alive"];

/// The text of a key.
pub(crate) fn key_text(at: usize) -> String {
    let mode = if KEYS.get(at) == Some(&"alive") { "live" } else { "test" };
    format!("cpk_{mode}_{:032x}", 0x5eed_0000 + at)
}

/// The bytes of the only photo.
pub(crate) const PHOTO: &str = "\u{0}a photo";

const FILES: [(&str, &str); 7] = [
    ("a_photo", PHOTO),
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
    let all = super::model::scopes(super::model::ALL).join(", ");
    let person = |crew: usize, vessel: &str, consent: &str, details: &str, documents: &[String]| {
        let (id, name) = (CREW[crew], NAMES[crew]);
        format!(
            "  - id: {id}\n    name: {name}\n    rank: Chef\n    vessels: [{vessel}]\n    consent: {{{consent}}}\n    \
             details: {{email: {name}@example.invalid, {details}}}\n    documents:\n{}",
            documents.concat()
        )
    };
    let text = format!(
        "mode: test\npartners:\n  - id: prt_1\n    granted_scopes: [{all}]\n    keys:\n{}  - id: prt_2\n    \
         granted_scopes: [{all}]\n    keys:\n{}vessels:\n  - {{id: ves_1, name: One, partners: [prt_1]}}\n  \
         - {{id: ves_2, name: Two, partners: [prt_2]}}\nroles: {}\ncrew:\n{}{}{}",
        keys(0, 3),
        keys(3, 5),
        super::people::roles(),
        person(
            0,
            "ves_1",
            &format!("prt_1: [{all}]"),
            "verification: verified, background_check: completed, profile: {bio: First.}, \
             photo: {path: a_photo, content_type: image/png}",
            &[document("a_old", ""), document("a_new", ", supersedes: a_old"), document("a_two", "")]
        ),
        person(1, "ves_2", "prt_2: [crew:documents:read]", "", &[document("b_one", ""), document("b_two", "")]),
        person(2, "", &format!("prt_1: [{all}]"), "", &[document("c_one", "")]),
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
        was_final: true,
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
    let person = |crew: usize, vessel: Option<usize>, consent: [u8; 2], documents: Vec<Document>| Person {
        vessels: (0..2).map(|at| vessel == Some(at)).collect(),
        consent,
        documents,
        name: Some(NAMES[crew]),
        rank: Some("Chef"),
        email: Some(EMAILS[crew]),
        verification: if crew == 0 { "verified" } else { "unverified" },
        background_check: (crew == 0).then_some("completed"),
        bio: (crew == 0).then_some("First."),
        born: None,
        has_photo: crew == 0,
    };
    let crew = vec![
        person(0, Some(0), [ALL, 0], vec![old, new, document("a_two")]),
        person(1, Some(1), [0, 1], vec![document("b_one"), document("b_two")]),
        person(2, None, [ALL, 0], vec![document("c_one")]),
    ];
    State {
        now: START,
        granted: [ALL; 2],
        enabled: [true, true],
        keys: (0..KEYS.len())
            .map(|at| Key {
                partner: usize::from(at >= 3),
                narrowed: [ALL, 1, 2, ALL, ALL][at],
                revoked: false,
                live: KEYS[at] == "alive",
            })
            .collect(),
        projections: State::first_projections(&crew),
        crew,
        ..State::default()
    }
}
