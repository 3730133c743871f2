//! Reads the facts of the obligations at build time, and writes what the compiler needs of them: the tests that
//! `contract_tests!` declares, the ways by which each obligation can be observed, and which of them are about the end of a client.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use serde::Deserialize;

const OBLIGATIONS: &str = "fixtures/contract/obligations.yaml";

/// The facts that are needed here; the library reads and checks all of them.
#[derive(Deserialize)]
struct Facts {
    id: String,
    observable_by: Vec<String>,
    #[serde(default)]
    time: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // The scenarios are embedded: the crate is rebuilt when a file of them comes or goes.
    println!("cargo::rerun-if-changed=fixtures/scenarios");
    println!("cargo::rerun-if-changed={OBLIGATIONS}");
    println!("cargo::rerun-if-changed=build.rs");
    let obligations: Vec<Facts> = serde_saphyr::from_str(&fs::read_to_string(OBLIGATIONS)?)?;
    let folder = env::var("OUT_DIR")?;
    // The tests start the reference client, a program of another package: it is built beside the gate's own programs.
    let programs = Path::new(&folder).ancestors().nth(3).ok_or("OUT_DIR is not below a folder of programs")?;
    let client = programs.join("crewpass-reference-client").with_extension(env::consts::EXE_EXTENSION);
    println!("cargo::rustc-env=REFERENCE_CLIENT={}", client.display());
    fs::write(Path::new(&folder).join("tests_of_obligations.rs"), tests(&obligations)?)?;
    fs::write(Path::new(&folder).join("observable_by.rs"), observable_by(&obligations)?)?;
    fs::write(Path::new(&folder).join("judges_end.rs"), judges_end(&obligations))?;
    Ok(())
}

/// Returns a list of the obligations that are about the end of a client.
fn judges_end(obligations: &[Facts]) -> String {
    let about_end = |known: &&Facts| matches!(known.time.as_deref(), Some("end" | "overrun"));
    let ids: Vec<_> = obligations.iter().filter(about_end).map(|known| format!("{:?}", known.id)).collect();
    format!("&[{}]", ids.join(", "))
}

/// Returns a macro that declares one test for each obligation that a client in the gate's own process can show.
fn tests(obligations: &[Facts]) -> Result<String, std::fmt::Error> {
    let mut text = "/// The tests of all obligations that show in the gate's own process.\n\
        #[doc(hidden)]\n#[macro_export]\nmacro_rules! tests_of_obligations {\n\
        \x20   (($client:expr) $grade:ident) => {\n\
        \x20       $crate::obligation_tests! { ($client) $grade\n"
        .to_owned();
    for known in obligations.iter().filter(|known| known.observable_by.iter().any(|way| way == "in_process")) {
        let name = known.id.to_lowercase().replace('-', "_");
        writeln!(text, "            {name} {:?},", known.id)?;
    }
    text.push_str("        }\n    };\n}\n");
    Ok(text)
}

/// Returns a table of the ways by which each obligation can be observed.
fn observable_by(obligations: &[Facts]) -> Result<String, std::fmt::Error> {
    let mut text = "&[\n".to_owned();
    for known in obligations {
        let ways: Vec<_> = known.observable_by.iter().map(|way| format!("Observability::{}", variant(way))).collect();
        writeln!(text, "    ({:?}, &[{}]),", known.id, ways.join(", "))?;
    }
    text.push(']');
    Ok(text)
}

/// Returns `InProcess` for `in_process`.
fn variant(name: &str) -> String {
    let word = |word: &str| word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default();
    name.split('_').map(word).collect()
}
