//! A drawn document: its fields, earlier versions, file and file name.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Document ids with special characters; each is still one path segment.
const ODD_IDS: [&str; 5] = ["a/b", "d?x=1#f", "50%", "dok ü", "../x"];

/// File names that lead out of a folder, or that no disk accepts unchanged.
const HOSTILE: [&str; 12] = [
    "../../escaped.pdf",
    "..\\..\\escaped.pdf",
    "C:\\escaped.pdf",
    "%2e%2e/escaped.pdf",
    "{canary}",
    "",
    ".",
    "..",
    "nul\0byte.pdf",
    "two\nlines.pdf",
    "\u{1b}[31mred.pdf",
    "CON",
];

/// File names that file systems or clients often confuse.
const TWINS: [&str; 6] = ["scan.pdf", "Scan.pdf", "scan.pdf", "Zo\u{eb}.pdf", "Zoe\u{308}.pdf", "scan.pdf."];

/// A drawn document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DrawnDocument {
    /// The special id, if it has one.
    odd_id: Option<&'static str>,
    status: &'static str,
    /// True for each known nullable field: issuer, category, both dates, number.
    known: [bool; 5],
    kind: (&'static str, &'static str),
    /// True if the link step gives the file's type.
    typed: bool,
    size: Option<u64>,
    /// The number of superseded versions.
    older: usize,
}

/// The name of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A unique name.
    Own,
    /// No name.
    None,
    /// A name that another file may share.
    Twin(&'static str),
    /// An unsafe name.
    Hostile(&'static str),
}

/// Draws a document.
pub(super) fn document() -> impl Strategy<Value = DrawnDocument> {
    let kinds = [("pdf", "application/pdf"), ("png", "image/png"), ("jpeg", "image/jpeg"), ("bytes", "text/plain")];
    let odd_id = prop_oneof![9 => Just(None), 1 => select(&ODD_IDS[..]).prop_map(Some)];
    let known = proptest::array::uniform5(prop_oneof![3 => Just(true), 1 => Just(false)]);
    let size = prop_oneof![3 => Just(None), 1 => (1_u64..100_000).prop_map(Some)];
    let older = prop_oneof![4 => Just(0_usize), 1 => 1_usize..3];
    let status = select(&["verified", "pending", "rejected", "expired"][..]);
    let typed = prop_oneof![5 => Just(true), 1 => Just(false)];
    (odd_id, status, known, select(kinds.to_vec()), typed, size, older).prop_map(
        |(odd_id, status, known, kind, typed, size, older)| DrawnDocument {
            odd_id,
            status,
            known,
            kind,
            typed,
            size,
            older,
        },
    )
}

/// Draws file names for the largest number of documents.
pub(super) fn names(most: usize) -> impl Strategy<Value = Vec<Name>> {
    let plain = || prop_oneof![9 => Just(Name::Own), 1 => Just(Name::None)];
    let twin = prop_oneof![1 => plain(), 3 => select(&TWINS[..]).prop_map(Name::Twin)];
    let hostile = prop_oneof![3 => plain(), 1 => select(&HOSTILE[..]).prop_map(Name::Hostile)];
    let all = |name| proptest::collection::vec(name, most);
    prop_oneof![6 => all(plain().boxed()), 2 => all(twin.boxed()), 1 => all(hostile.boxed())]
}

impl DrawnDocument {
    /// Returns a document with all fields known and nothing unusual.
    pub(super) const fn plain() -> Self {
        Self {
            odd_id: None,
            status: "verified",
            known: [true; 5],
            kind: ("pdf", "application/pdf"),
            typed: true,
            size: None,
            older: 0,
        }
    }

    /// Returns true if the document equals [`DrawnDocument::plain`].
    pub(super) fn is_plain(&self) -> bool {
        *self == Self::plain()
    }

    /// Returns true if its id has special characters.
    pub(super) const fn has_an_odd_id(&self) -> bool {
        self.odd_id.is_some()
    }

    /// Returns true if its date has passed.
    fn has_passed(&self) -> bool {
        matches!(self.status, "expired" | "rejected")
    }

    /// Returns its id as the document with this number.
    pub(super) fn id(&self, number: usize) -> String {
        match self.odd_id {
            Some(odd) => format!("{odd}{number}"),
            None => format!("doc_{number}"),
        }
    }

    /// Returns its versions in the form of a world, the oldest first.
    pub(super) fn versions(&self, number: usize, name: &Name) -> Vec<Value> {
        let current = self.id(number);
        let id = |age: usize| if age == 0 { current.clone() } else { format!("old_{number}_{age}") };
        (0..=self.older)
            .rev()
            .map(|age| {
                let mut version = self.version(number, name);
                version.insert("id".to_owned(), json!(id(age)));
                if age < self.older {
                    version.insert("supersedes".to_owned(), json!(id(age + 1)));
                }
                Value::Object(version)
            })
            .collect()
    }

    fn version(&self, number: usize, name: &Name) -> Map<String, Value> {
        let mut version = Map::new();
        version.insert("type".to_owned(), json!("STCW"));
        version.insert("title".to_owned(), json!(format!("Certificate {number}")));
        version.insert("verification_status".to_owned(), json!(self.status));
        let nullable = [
            ("issuer", "Maritime & Coastguard Agency"),
            ("category", "STCW Modules"),
            ("issue_date", "2018-03-01"),
            ("expiry_date", if self.has_passed() { "2023-03-01" } else { "2028-03-01" }),
            ("document_number", "PST-12345"),
        ];
        for (field, value) in nullable.iter().zip(self.known).filter(|(_, known)| *known).map(|(field, _)| field) {
            version.insert((*field).to_owned(), json!(value));
        }
        version.insert("file".to_owned(), self.file(number, name));
        version
    }

    fn file(&self, number: usize, name: &Name) -> Value {
        let (kind, content_type) = self.kind;
        let mut file = json!({"generate": kind});
        match name {
            Name::None => {}
            // A client that trusts names would treat bytes under such a name as text.
            Name::Own if kind == "bytes" => file["name"] = json!(format!("certificate_{number}.txt")),
            Name::Own => file["name"] = json!(format!("certificate_{number}.{kind}")),
            Name::Twin(name) | Name::Hostile(name) => file["name"] = json!(name),
        }
        if self.typed {
            file["content_type"] = json!(content_type);
        }
        if let Some(size) = self.size {
            file["size"] = json!(size);
        }
        file
    }
}
