//! The worlds that the fake serves during the bench.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Result;

/// Crew members of `World::Wire`, by what they are there for.
pub(crate) const ONE: u32 = 1;
pub(crate) const FIFTY: u32 = 2;
pub(crate) const BIG: u32 = 3;

/// The one key, which is granted what the cases need.
pub(crate) const KEY: &str = "cpk_test_0123456789abcdef0123456789abcdef";

/// How many documents each crew member of `World::Crew` has.
const DOCUMENTS: u32 = 10;

/// A world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    /// Three crew members: one with 1 document, one with 50, one with a file of 64 KiB.
    Wire,
    /// So many crew members with 10 documents each.
    Crew(u32),
    /// One crew member, whose document is a file that lies beside the world.
    Large,
}

/// The name of that file.
pub(crate) const LARGE_FILE: &str = "large.bin";

impl World {
    /// What reports call it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Wire => "wire".to_owned(),
            Self::Crew(crew) => format!("crew-{crew}"),
            Self::Large => "large".to_owned(),
        }
    }

    /// How many crew members it has.
    pub(crate) const fn crew(self) -> u32 {
        match self {
            Self::Wire => 3,
            Self::Crew(crew) => crew,
            Self::Large => 1,
        }
    }

    /// Writes it below `folder`.
    pub(crate) fn write(self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(self.name()).with_extension("json");
        let mut out = BufWriter::new(File::create(&path)?);
        write!(out, "{{\"partners\":{},\"vessels\":{},\"crew\":[", partners(), vessels())?;
        for crew in 1..=self.crew() {
            let comma = if crew == 1 { "" } else { "," };
            write!(out, "{comma}\n{}", member(crew, &self.documents(crew)))?;
        }
        writeln!(out, "]}}")?;
        out.flush()?;
        Ok(path)
    }

    fn documents(self, crew: u32) -> Vec<Value> {
        match (self, crew) {
            (Self::Large, _) => vec![one_document(crew, 1, &json!({ "path": LARGE_FILE }))],
            (Self::Wire, ONE) => documents(crew, 1, None),
            (Self::Wire, FIFTY) => documents(crew, 50, None),
            (Self::Wire, BIG) => documents(crew, 1, Some(65_536)),
            _ => documents(crew, DOCUMENTS, None),
        }
    }
}

/// The id of a crew member. Its number has seven digits, so that lists of like worlds are of like length.
pub(crate) fn crew_id(crew: u32) -> String {
    format!("crew_{crew:07}")
}

/// The id of a document of a crew member.
pub(crate) fn document_id(crew: u32, document: u32) -> String {
    format!("doc_{crew:07}_{document:02}")
}

fn scopes() -> Value {
    json!(["crew:documents:read", "crew:documents:download"])
}

fn partners() -> Value {
    json!([{ "id": "prt_bench", "granted_scopes": scopes(), "keys": [{ "name": "full", "key": KEY }] }])
}

fn vessels() -> Value {
    json!([{ "id": "ves_bench", "name": "Bench", "partners": ["prt_bench"] }])
}

fn member(crew: u32, documents: &[Value]) -> Value {
    json!({
        "id": crew_id(crew),
        "vessels": ["ves_bench"],
        "consent": { "prt_bench": scopes() },
        "documents": documents,
    })
}

fn documents(crew: u32, count: u32, size: Option<u32>) -> Vec<Value> {
    let mut file = json!({ "generate": "pdf", "name": "x.pdf", "content_type": "application/pdf" });
    if let Some(size) = size {
        file["size"] = size.into();
    }
    (1..=count).map(|document| one_document(crew, document, &file)).collect()
}

fn one_document(crew: u32, document: u32, file: &Value) -> Value {
    json!({
        "id": document_id(crew, document),
        "type": "STCW",
        "category": "STCW Modules",
        "title": "Personal Survival Techniques",
        "issuer": "Maritime and Coastguard Agency",
        "verification_status": "verified",
        "issue_date": "2023-03-14",
        "expiry_date": "2028-03-13",
        "document_number": format!("PST-{crew:07}-{document:02}"),
        "file": file,
    })
}
