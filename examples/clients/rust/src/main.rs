//! Saves every current document of a crew member.
//!
//! ```console
//! $ BASE=https://partners.crewpass.co.uk CPK_KEY=cpk_live_… crewpass-documents CREW_ID FOLDER
//! ```
//!
//! Exits 0 only if everything is saved; 10: some; 20: denied; 21: not found; 22: unavailable; 23: a response that breaks
//! the contract; 24: an error on this machine.

use std::env;
use std::path::Path;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(crew_id), Some(folder)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: crewpass-documents CREW_ID FOLDER");
        return ExitCode::from(24);
    };
    let folder = Path::new(&folder);
    crewpass_documents::run(folder, async |crewpass| crewpass.person(&crew_id, folder).await.map(|_| ())).await
}
