//! Makes a large world and the files of one member, and prints what that took.
//!
//! `cargo run --release -p crewpass-mock --example made_world -- [CREW] [DOCUMENTS] [FOLDER]`; with a folder, the
//! files of the first five members are written there.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::path::PathBuf;
use std::time::Instant;

use crewpass_mock::world::GeneratedKind;
use crewpass_mock::world::generate::{Recipe, file, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let crew = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let documents = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let folder = arguments.next().map(PathBuf::from);

    let before = resident();
    let start = Instant::now();
    let world = generate(&Recipe { crew, documents, seed: 1, hostile: false });
    let took = start.elapsed();
    let versions: usize = world.crew.iter().map(|member| member.documents.len()).sum();
    println!("{crew} crew, {documents} documents each, {versions} versions: {took:.2?}");
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("resident: {} MiB", (after - before) / 1024);
    }

    let sample: Vec<_> = world.crew.iter().take(1000).flat_map(|member| &member.documents).collect();
    for kind in [GeneratedKind::Pdf, GeneratedKind::Png, GeneratedKind::Jpeg, GeneratedKind::Bytes] {
        let start = Instant::now();
        let bytes: usize = sample.iter().map(|document| file(1, document, kind, None).len()).sum();
        let count = u32::try_from(sample.len().max(1))?;
        println!("{kind:?}: {:.1?} and {} bytes each", start.elapsed() / count, bytes / sample.len().max(1));
    }

    if let Some(folder) = folder {
        for document in world.crew.iter().take(5).flat_map(|member| &member.documents) {
            let kind = document.file.generate.unwrap_or(GeneratedKind::Pdf);
            let name = format!("{}.{kind:?}", document.id).to_lowercase();
            std::fs::write(folder.join(name), file(1, document, kind, document.file.size))?;
        }
    }
    Ok(())
}

/// The process's resident memory in KiB, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
