//! A served name is advice: files stay in the folder, apart from each other, and from what was there.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::{Value, json};

use super::situation::{Situation, as_agreed, document, documents, link_with, list_with};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{Document, Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation {
        title: "names that lead out of the folder",
        play: hostile,
        bugs: &["trusts-file-name", "decodes-file-name", "strips-dots-once", "composes-name-last"],
    },
    Situation {
        title: "names from elsewhere that lead out of the folder",
        play: elsewhere,
        bugs: &["trusts-header-name", "trusts-coded-name", "trusts-title", "trusts-id"],
    },
    Situation {
        title: "answers that name their subject by a path that leads out of the folder",
        play: echoes,
        bugs: &["trusts-list-crew-id", "trusts-link-id"],
    },
    Situation {
        title: "names of devices and settings files in a header alone",
        play: by_header,
        bugs: &["keeps-header-devices", "keeps-coded-devices", "keeps-header-dotfiles", "keeps-coded-dotfiles"],
    },
    Situation {
        title: "headers that hold no name to read, or a very long one",
        play: odd_dispositions,
        bugs: &["chokes-on-disposition", "long-header-name-fails"],
    },
    Situation {
        title: "control bytes of a name in a header alone",
        play: control_bytes_by_header,
        bugs: &["prints-header-names"],
    },
    Situation { title: "two documents of one name", play: same_name, bugs: &["basename-only"] },
    Situation { title: "names that some disks take for one", play: nearly_same, bugs: &["case-matters"] },
    Situation { title: "a symlink under the name", play: planted_symlink, bugs: &["follows-symlink"] },
    Situation { title: "names that are no names", play: odd, bugs: &["refuses-odd-names", "long-name-fails"] },
    Situation { title: "control bytes in a title", play: control_bytes_of_title, bugs: &["prints-raw-titles"] },
    Situation { title: "control bytes in a name", play: control_bytes, bugs: &["prints-raw-names"] },
    Situation { title: "another file under the name", play: planted_file, bugs: &["overwrites-existing"] },
    Situation { title: "a dotfile", play: dotfile, bugs: &["keeps-dotfiles", "saves-executable"] },
    Situation { title: "each under its own name", play: own_names, bugs: &["swaps-names", "names-by-next-id"] },
];

/// Documents with these names.
fn named(names: impl IntoIterator<Item = impl Into<Value>>) -> Vec<Document> {
    names.into_iter().enumerate().map(|(place, name)| document(place + 1, name)).collect()
}

fn hostile(who: Who) -> bool {
    // Four folders down, so that what gets out is still in the sandbox.
    let names = ["../../x.pdf", "..\\..\\x.pdf", "C:\\x.pdf", "%2e%2e/y.pdf", "/etc/../x.pdf", "a/../../z.pdf"];
    let seemingly = ["....//....//v.pdf", "..././..././w.pdf", "\u{ff0e}\u{ff0e}\u{ff0f}\u{ff0e}\u{ff0e}\u{ff0f}u.pdf"];
    let stage = ScriptedServer::new(named(names.into_iter().chain(seemingly)), as_agreed);
    let mut client = Client::new(&stage, who);
    client.run().is_whole(&stage) && client.strays().is_empty()
}

fn control_bytes_of_title(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| list_with(ask, &documents(1), "title", "\u{1b}[2Jall is well"));
    let ran = Client::new(&stage, who).run();
    ran.is_whole(&stage) && !ran.printed.contains('\u{1b}')
}

/// Serves a document without a name, whose file has this `Content-Disposition`.
fn with_disposition(value: impl Into<String>) -> ScriptedServer {
    let value = value.into();
    ScriptedServer::new(named([Value::Null]), move |ask| {
        let headers = [("Content-Type", "application/pdf"), ("Content-Disposition", value.as_str())];
        (ask.step == Step::File(0)).then(|| Reply::new(200, &headers, &document(1, Value::Null).bytes))
    })
}

fn elsewhere(who: Who) -> bool {
    let title = ScriptedServer::new(named([Value::Null]), |ask| {
        list_with(ask, &named([Value::Null]), "title", "../../escaped")
    });
    let mut by_id = document(1, Value::Null);
    "../../escaped".clone_into(&mut by_id.id);
    let stages = [
        with_disposition("attachment; filename=\"../../escaped.pdf\""),
        with_disposition("attachment; filename=\"escaped.pdf\"; filename*=UTF-8''..%2F..%2Fescap%C3%A9.pdf"),
        title,
        ScriptedServer::new(vec![by_id], as_agreed),
    ];
    stages.iter().all(|stage| {
        let mut client = Client::new(stage, who);
        client.run().is_whole(stage) && client.strays().is_empty()
    })
}

/// The client saves nothing or all of it, and nothing outside of its folder.
fn echoes(who: Who) -> bool {
    let list = ScriptedServer::new(documents(1), |ask| {
        let mut list = crate::reference::harness::list(&documents(1));
        list["crew_unique_id"] = "../../escaped".into();
        (ask.step == Step::List).then(|| Reply::json(&list))
    });
    let link = ScriptedServer::new(documents(1), |ask| link_with(ask, "document_id", "../../escaped"));
    [list, link].iter().all(|stage| {
        let mut client = Client::new(stage, who);
        let ran = client.run();
        (ran.is_whole(stage) || ran.refused()) && client.strays().is_empty()
    })
}

fn by_header(who: Who) -> bool {
    let dispositions = [
        "attachment; filename=\"CON.pdf\"",
        "attachment; filename=\"CO_.pdf\"; filename*=UTF-8''CON.%C3%A9.pdf",
        "attachment; filename=\".bashrc\"",
        "attachment; filename=\"profile\"; filename*=UTF-8''.profil%C3%A9",
    ];
    let is_safe = |name: &String| !name.starts_with('.') && !name.to_lowercase().starts_with("con.");
    dispositions.into_iter().all(|value| {
        let stage = with_disposition(value);
        let ran = Client::new(&stage, who).run();
        ran.is_whole(&stage) && ran.files.keys().all(is_safe)
    })
}

fn odd_dispositions(who: Who) -> bool {
    let long = format!("attachment; filename=\"{}.pdf\"", "n".repeat(4_000));
    let odd = ["", "attachment; filename=\"certificate.pdf", "attachment; filename*=UTF-8''%ZZ%E2.pdf", &long];
    odd.into_iter().all(|value| {
        let stage = with_disposition(value);
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn control_bytes_by_header(who: Who) -> bool {
    let stage = with_disposition("attachment; filename=\"_.pdf\"; filename*=UTF-8''a%1B%5B2Jb%0D.pdf");
    let ran = Client::new(&stage, who).run();
    ran.is_whole(&stage) && !ran.printed.contains(['\u{1b}', '\r'])
}

fn same_name(who: Who) -> bool {
    let stage = ScriptedServer::new(named(["certificate.pdf", "certificate.pdf"]), as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn nearly_same(who: Who) -> bool {
    let names = ["A.pdf", "a.pdf", "\u{e9}.pdf", "e\u{301}.pdf", "b.pdf", "b.pdf ", "b.pdf.", "STRASSE", "stra\u{df}e"];
    let stage = ScriptedServer::new(named(names), as_agreed);
    let ran = Client::new(&stage, who).run();
    let folded: HashSet<_> = ran.files.keys().map(|name| name.to_uppercase()).collect();
    ran.is_whole(&stage) && folded.len() == names.len()
}

fn planted_symlink(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), as_agreed);
    let mut client = Client::new(&stage, who);
    let canary = client.home().join("canary");
    fs::write(&canary, "as it was").unwrap();
    symlink(&canary, client.made_folder().join("certificate 1.pdf")).unwrap();
    let ran = client.run();
    let saved = ran.files.values().any(|bytes| *bytes == stage.documents()[0].bytes);
    ran.code == Some(0) && saved && fs::read(&canary).unwrap() == b"as it was"
}

fn odd(who: Who) -> bool {
    let long = format!("{}.pdf", "x".repeat(300));
    let names =
        ["", ".", "..", "a\0b.pdf", "a\nb.pdf", &long, "CON", "com1.pdf", "a:b", "-rf", "sub/a.pdf", "\u{202e}"];
    let stage =
        ScriptedServer::new(named(names.map(Value::from).into_iter().chain([json!(null), json!(7)])), as_agreed);
    let ran = Client::new(&stage, who).run();
    let safe = |name: &String| {
        name.len() <= 200
            && !name.starts_with(['-', '.'])
            && !name.chars().any(|c| c.is_control() || "/\\:\u{202e}".contains(c))
            && !["con", "com1.pdf"].contains(&name.to_lowercase().as_str())
    };
    ran.is_whole(&stage) && ran.files.keys().all(safe)
}

fn control_bytes(who: Who) -> bool {
    let stage = ScriptedServer::new(named(["a\u{1b}[2Jb\r.pdf"]), as_agreed);
    let ran = Client::new(&stage, who).run();
    ran.is_whole(&stage) && !ran.printed.contains(['\u{1b}', '\r'])
}

fn planted_file(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), as_agreed);
    let mut client = Client::new(&stage, who);
    fs::write(client.made_folder().join("certificate 1.pdf"), "as it was").unwrap();
    let ran = client.run();
    ran.code == Some(0) && ran.files.len() == 2 && ran.files.values().any(|bytes| bytes == b"as it was")
}

fn dotfile(who: Who) -> bool {
    let stage = ScriptedServer::new(named([".bashrc"]), as_agreed);
    let mut client = Client::new(&stage, who);
    let ran = client.run();
    let mode = |name: &String| fs::metadata(client.folder().join(name)).unwrap().permissions().mode();
    let harmless = |name: &String| !name.starts_with('.') && mode(name) & 0o111 == 0;
    ran.is_whole(&stage) && ran.files.keys().all(harmless)
}

fn own_names(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(3), as_agreed);
    let ran = Client::new(&stage, who).run();
    let under_its_name =
        |document: &Document| ran.files.get(document.file_name.as_str().unwrap()) == Some(&document.bytes);
    ran.is_whole(&stage) && stage.documents().iter().all(under_its_name)
}
