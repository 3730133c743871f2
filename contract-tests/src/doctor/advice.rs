//! What to change, in words for a reader who has never seen the gate.

use super::look::Look;
use crate::operation::{Name, raw_path};

/// What a client prints that looked for a file which is not there.
const NO_FILE: [&str; 6] = [
    "No such file",
    "can't open file",
    "Cannot find module",
    "No module named",
    "not found",
    "Unable to access jarfile",
];

/// The command could not be started, which the reason says already.
pub(super) fn not_started() -> Vec<String> {
    owned(&[
        "Behind `--`, write it as you would in a shell. No shell reads it, though: for pipes and variables name one, as in \
         `-- bash -c '…'`.",
        "A path is read from the folder in which you call this, and a bare name is looked for on the PATH.",
    ])
}

/// No request came: the likely reasons first.
pub(super) fn never_came(look: &Look<'_>) -> Vec<String> {
    let printed = look.printed();
    let refused = look.run.handshakes.iter().any(|shake| !shake.completed);
    if refused {
        return owned(&[
            "The client refused the certificate of BASE. It has to trust the authority in the file that CPK_CA_FILE \
             names, for this run at least; SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS \
             name it, too.",
        ]);
    }
    let mut all = Vec::new();
    if NO_FILE.iter().any(|words| printed.contains(words)) {
        all.push(
            "It may have looked for a file that is not there: the client works in a fresh folder, not in the one in \
             which you call this. Write paths in full, such as `$PWD/my_client.py`.",
        );
    }
    let lower = printed.to_lowercase();
    if !look.manner.tls && ["https", "tls", "scheme", "protocol"].iter().any(|word| lower.contains(word)) {
        all.push("It may refuse plain http: add `--tls`, and BASE is an https address.");
    }
    if printed.contains("CPK_") || printed.contains("BASE") || printed.contains("KeyError") {
        all.push("It may have missed a variable: the client sees PATH, BASE, CPK_KEY, CREW_ID, OUT_DIR and few others; `--keep-env NAME` lets one of yours in.");
    }
    all.push(
        "Read the server's address from the variable BASE, or take it as an argument: `{base}` in the command stands \
         for it. It is another one in each run, so it can't be written down in the client or its configuration.",
    );
    owned(&all)
}

/// None, or another one.
pub(super) fn key() -> Vec<String> {
    owned(&[
        "Read the key from the variable CPK_KEY, and send it as `Authorization: Bearer …` with every request to the \
         API. It is another one in each run: a key from a file, a vault or the client's own settings is refused here.",
    ])
}

/// The list was not had.
pub(super) fn list(crew_id: &str) -> Vec<String> {
    vec![format!(
        "Ask for GET BASE{}. The crew member is `{crew_id}` in this run: take \
         the id from the variable CREW_ID, or as an argument, `{{crew_id}}`.",
        raw_path(Name::ListDocuments, &["CREW_ID"])
    )]
}

/// Saved, but not where it should be.
pub(super) fn elsewhere() -> Vec<String> {
    owned(&[
        "Save to the folder that the variable OUT_DIR names, or take it as an argument: `{out_dir}` in the command \
         stands for it. It is the folder in which the client is started, too. A folder that is written down in the \
         client or its configuration can't be seen here.",
    ])
}

/// Files that are no documents.
pub(super) fn other_bytes() -> Vec<String> {
    owned(&[
        "Save the bytes as they come: no text mode, no decoding, nothing before or after them.",
        "What is saved must be the file that the link leads to, not the answer that holds the link.",
    ])
}

/// The list was had, and that is all.
pub(super) fn not_downloaded() -> Vec<String> {
    let path = raw_path(Name::GetDownloadLink, &["CREW_ID", "DOCUMENT_ID"]);
    vec![format!(
        "For each document of the list, ask for GET BASE{path} with the key, then for its `download_url` without the key."
    )]
}

/// Another exit code than it should be.
pub(super) fn exit() -> Vec<String> {
    owned(&[
        "Exit code 0 says that every document of the list is saved, 1 to 127 that not all are, and the client has to \
         end by itself. Here the server does well, so all can be saved.",
    ])
}

fn owned(all: &[&str]) -> Vec<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}
