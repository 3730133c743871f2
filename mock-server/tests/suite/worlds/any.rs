//! Any text is an error or a world, and what is written is read again.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crewpass_mock::scope::{Scope, ScopeSet};
use crewpass_mock::world::{
    CrewMember, Day, Document, DocumentStore, FileSpec, GeneratedKind, Partner, Status, Text, Vessel, World, WorldFile,
};

use super::broken::VALID;

/// Texts that YAML might take for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "null",
        "~",
        "true",
        "no",
        "1e3",
        "0x1f",
        "- a",
        "a: b",
        "#x",
        " x ",
        "'",
        "\"",
        "é\u{2028}",
        "\u{feff}x",
        "2028-03-01",
        "<<",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        "`",
        "=",
        "?",
        "-",
        "",
        "a\nb\n",
        "\ta",
        "\u{7f}",
        "\u{85}",
    ];
    prop_oneof![prop::sample::select(ODD).prop_map(str::to_owned), ".{0,12}", "[a-z]{1,8}"]
}

fn day() -> impl Strategy<Value = Option<Day>> {
    prop::option::of(prop_oneof![(-700_000..2_900_000).prop_map(Day::On), (-9_999..9_999).prop_map(Day::In)])
}

fn document() -> impl Strategy<Value = Document> {
    let status = prop::sample::select(vec![Status::Verified, Status::Pending, Status::Rejected, Status::Expired]);
    let kind = prop::sample::select(vec![GeneratedKind::Pdf, GeneratedKind::Png, GeneratedKind::Bytes]);
    let texts = (text(), text(), prop::option::of(text()), prop::option::of(text()), prop::option::of(text()));
    let days = (day(), day(), day());
    (texts, days, status, kind, prop::option::of(0..9_999_u64)).prop_map(
        |((title, of, category, issuer, number), (issued, expires, uploaded), status, kind, size)| Document {
            id: "".into(),
            supersedes: None,
            kind: Text::from(&*of),
            category: category.as_deref().map(Text::from),
            title: Text::from(&*title),
            issuer: issuer.as_deref().map(Text::from),
            verification_status: status,
            issue_date: issued,
            expiry_date: expires,
            number: number.map(Into::into),
            uploaded,
            file: FileSpec { generate: Some(kind), size, name: category.map(Into::into), ..FileSpec::default() },
            store: DocumentStore::Up,
            current: false,
            version: 0,
        },
    )
}

fn person() -> impl Strategy<Value = CrewMember> {
    let rank = prop::option::of(text().prop_map(|rank| Text::from(&*rank)));
    (prop::option::of(text()), rank, prop::collection::vec(document(), 0..4), any::<bool>()).prop_map(
        |(name, rank, documents, aboard)| CrewMember {
            id: "".into(),
            name: name.map(Into::into),
            rank,
            vessels: aboard.then(|| "ves".into()).into_iter().collect::<Box<[Text]>>().into(),
            consent: BTreeMap::from([("prt".into(), ScopeSet::from_iter([Scope::DocumentsRead]))]).into(),
            details: None,
            documents,
        },
    )
}

/// A valid world: ids are numbered, and every other document supersedes the one before it.
fn world() -> impl Strategy<Value = WorldFile> {
    (any::<u64>(), prop::option::of(text()), text(), prop::collection::vec(person(), 0..5)).prop_map(
        |(seed, name, called, mut crew)| {
            let mut documents = 0;
            for (number, person) in crew.iter_mut().enumerate() {
                person.id = format!("crew {number} é").into();
                for at in 0..person.documents.len() {
                    documents += 1;
                    person.documents[at].id = documents.to_string().into();
                    if at % 2 == 1 {
                        person.documents[at].supersedes = Some((documents - 1).to_string().into());
                    }
                }
            }
            let keys = r#"[{"name": "full"}, {"name": "old", "revoked": true, "granted_scopes": []}]"#;
            let partner: Partner = serde_json::from_str(&format!(r#"{{"id": "prt", "keys": {keys}}}"#)).unwrap();
            let partners = Box::new(["prt".into()]);
            let vessel = Vessel { id: "ves".into(), name: called.into(), partners, flag: None, kind: None, imo: None };
            let name = name.map(Into::into);
            WorldFile { seed, name, partners: vec![partner], vessels: vec![vessel], crew, ..WorldFile::default() }
        },
    )
}

fn same(read: &World, made: &World) -> Result<(), TestCaseError> {
    prop_assert_eq!(&read.crew, &made.crew);
    prop_assert_eq!(&read.partners, &made.partners);
    prop_assert_eq!(&read.vessels, &made.vessels);
    prop_assert_eq!((&read.name, read.seed), (&made.name, made.seed));
    Ok(())
}

/// Nothing that can be said about a text panics.
fn is_told(text: &str) {
    if let Err(error) = World::parse(text, "any", None) {
        assert!(!error.problems().is_empty());
        assert!(!error.render(false, 60).is_empty());
        assert!(!error.to_string().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_an_error_or_a_world(text in any::<String>()) {
        is_told(&text);
    }

    #[test]
    fn any_damage_to_a_world_is_told(at in 0..VALID.len(), length in 0..9_usize, new in "[ -~\\n\\t\\réß{}\\[\\]:\"]{0,3}") {
        let at = VALID.floor_char_boundary(at);
        let end = VALID.floor_char_boundary((at + length).min(VALID.len()));
        is_told(&format!("{}{new}{}", &VALID[..at], &VALID[end..]));
    }

    #[test]
    fn what_is_written_is_read_again(file in world()) {
        let made = World::build(file.clone(), "w", None).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let yaml = serde_saphyr::to_string(&file).unwrap();
        let json = serde_json::to_string(&file).unwrap();
        for text in [yaml, json] {
            let read = World::parse(&text, "w", None);
            same(&read.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?, &made)?;
        }
    }
}
