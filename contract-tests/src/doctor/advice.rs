//! Advice on what to change, for a reader who has never seen this tool.

use super::examined_case::ExaminedCase;
use crate::operation::{Name, raw_path};

/// Texts that a client prints if it looked for a file that does not exist.
///
/// Where no request came, the output of the client is the only evidence. Its words choose hints, and never a verdict.
const NO_FILE: [&str; 5] =
    ["No such file", "can't open file", "Cannot find module", "not found", "Unable to access jarfile"];

/// Texts that a client prints if it was started without the arguments that it wants.
const NO_ARGUMENTS: [&str; 9] = [
    "usage:",
    "USAGE",
    "Usage:",
    "required argument",
    "arguments are required",
    "arguments were not provided",
    "missing argument",
    "list index out of range",
    "parameter not set",
];

/// Texts that a client prints if a module of it is missing.
const NO_MODULE: [&str; 6] = [
    "No module named",
    "Cannot find module",
    "Cannot find package",
    "cannot load such file",
    "ClassNotFoundException",
    "NoClassDefFoundError",
];

/// Texts that a client prints if it reached no server.
const NO_SERVER: [&str; 8] = [
    "Connection refused",
    "ECONNREFUSED",
    "connection refused",
    "Failed to connect",
    "Name or service not known",
    "Could not resolve host",
    "getaddrinfo",
    "ENOTFOUND",
];

/// Returns advice for a command that could not be started; the reason has already been shown.
pub(super) fn not_started() -> Vec<String> {
    owned(&[
        "Write the command after `--`, as you would in a shell. No shell reads it: for pipes and variables, call one: \
         `-- bash -c '…'`.",
        "A path is relative to your current folder. A name without a slash is searched on the PATH.",
    ])
}

/// Returns advice if no request came, the likely reasons first.
pub(super) fn never_came(examined: &ExaminedCase<'_>) -> Vec<String> {
    let printed = examined.printed();
    let refused = examined.run.handshakes.iter().any(|shake| !shake.completed);
    if refused {
        return owned(&[
            "The client refused the certificate of BASE. It must trust the CA certificate in the file named by \
             CPK_CA_FILE, at least for this run. SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE and \
             NODE_EXTRA_CA_CERTS name the same file.",
        ]);
    }
    let mut all = Vec::new();
    if NO_ARGUMENTS.iter().any(|words| printed.contains(words)) {
        all.push(
            "It may lack arguments. Write each that it takes into the command, as a placeholder: `{crew_id}`, `{out_dir}` \
             and `{base}` are replaced in every run, as in `-- python3 my_client.py {crew_id} {out_dir}`.",
        );
    }
    let lacks_module = NO_MODULE.iter().any(|words| printed.contains(words));
    if lacks_module {
        all.push(
            "A module of the client is missing. The client gets PATH and few other variables, so PYTHONPATH and NODE_PATH \
             have no effect, and an interpreter without a path is the first one on PATH: install the module there, \
             name the interpreter of an environment, such as `$PWD/.venv/bin/python`, or pass a variable with \
             `--keep-env PYTHONPATH`. HOME is a new folder, too: what `pip install --user` put into yours is not found.",
        );
    }
    if NO_SERVER.iter().any(|words| printed.contains(words)) {
        all.push("It tried to reach another address than BASE, where no server answered.");
    }
    if NO_FILE.iter().any(|words| printed.contains(words)) {
        all.push(
            "It may have looked for a file that does not exist: the client runs in a new, empty folder, not in your \
             current one. Check the spelling, and write a full path, such as `$PWD/my_client.py`.",
        );
    }
    let lower = printed.to_lowercase();
    if !examined.options.tls && ["https", "tls", "scheme", "protocol"].iter().any(|word| lower.contains(word)) {
        all.push("It may refuse plain http. Add `--tls` to get an https address in BASE.");
    }
    if printed.contains("CPK_") || printed.contains("BASE") || printed.contains("KeyError") {
        all.push("An environment variable may be missing: the client gets PATH, BASE, CPK_KEY, CREW_ID, OUT_DIR and few others. Pass one of yours with `--keep-env NAME`.");
    }
    // A client that did not even load says nothing about where it looks for the server.
    if lacks_module {
        return owned(&all);
    }
    all.push(
        "Read the server's address from the environment variable BASE, or take it as an argument: `{base}` in the \
         command is replaced by it. It changes with each run, so do not write it into the client or its configuration.",
    );
    owned(&all)
}

/// Returns advice for a missing or wrong key.
pub(super) fn key() -> Vec<String> {
    owned(&["Read the key from the environment variable CPK_KEY, and send it as `Authorization: Bearer …` with every \
         request to the API. It changes with each run: a key from a file, a vault or your settings is refused here."])
}

/// Returns advice for the right key in the wrong form.
pub(super) fn scheme() -> Vec<String> {
    owned(&["Write the word `Bearer`, a space and the key, as it is, into the header: `Authorization: Bearer …`. \
         X-Partner-API-Key takes the key alone."])
}

/// Returns advice for a request with several credentials.
pub(super) fn one_key() -> Vec<String> {
    owned(&[
        "Send exactly one credential with each request to the API: `Authorization: Bearer …`, set in one place. Often \
         one is a default header of the HTTP client, and another one is added to the request, or by an option for \
         logins.",
    ])
}

/// Returns advice for a client that trusts no certificate of the gate.
pub(super) fn authority() -> Vec<String> {
    owned(&["Without this, CPK-AUTH-06 is not observable. Trust the CA certificate in the file named by CPK_CA_FILE. \
         SSL_CERT_FILE, CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS name the same file, for HTTP \
         libraries that read one of them."])
}

/// Returns advice if the list was not received.
pub(super) fn list(crew_id: &str) -> Vec<String> {
    vec![format!(
        "Request GET BASE{}. The crew member is `{crew_id}` in this run: take \
         the id from the environment variable CREW_ID, or as the argument `{{crew_id}}`.",
        raw_path(Name::ListDocuments, &["CREW_ID"])
    )]
}

/// Returns advice if documents were saved in another place.
pub(super) fn elsewhere() -> Vec<String> {
    owned(&[
        "Save to the folder in the environment variable OUT_DIR, or take it as an argument: `{out_dir}` in the command \
         is replaced by it. The client also starts in this folder. Files in a folder that is written into the client \
         or its configuration are not found.",
    ])
}

/// Returns advice if the saved files are not documents.
pub(super) fn other_bytes() -> Vec<String> {
    owned(&[
        "Save the bytes exactly as received: no text mode, no decoding, nothing before or after them.",
        "Save the file that the link leads to, not the JSON answer that contains the link.",
    ])
}

/// Returns advice if the client requested the list and nothing else.
pub(super) fn not_downloaded() -> Vec<String> {
    let path = raw_path(Name::GetDownloadLink, &["CREW_ID", "DOCUMENT_ID"]);
    vec![format!(
        "For each document of the list, request GET BASE{path} with the key, and then its `download_url` without the key."
    )]
}

/// Returns advice for a client that saved some of the documents.
pub(super) fn not_all() -> Vec<String> {
    owned(&[
        "In this run the server works, so every document of the list can be saved. Write each under a name of its own, \
         with its `document_id`: `file_name` may be missing, and two documents may have the same.",
        "Exit with code 0 only if every document of the list is saved.",
    ])
}

/// Returns advice for a wrong exit code.
pub(super) fn exit() -> Vec<String> {
    owned(&[
        "Exit with code 0 if every document of the list is saved, and with another one if not (129 to 192 mean a crash). \
         The client must end by itself. In this run the server works, so every document can be saved.",
    ])
}

/// Returns advice for a client that does not refuse as it should.
pub(super) fn refusal() -> Vec<String> {
    owned(&[
        "In this run the list is answered with 404, so no document can be saved. End with an exit code that is not 0 \
         and not 129 to 192, which mean a crash.",
    ])
}

fn owned(all: &[&str]) -> Vec<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}
