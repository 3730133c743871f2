//! Exit 0 means that exactly the current documents are on the disk.

use super::situation::{Situation, as_agreed, document, documents};
use crate::reference::client::{Client, Who};
use crate::reference::harness::{Reply, ScriptedServer, Step};

pub(crate) const SITUATIONS: &[Situation] = &[
    Situation {
        title: "all, and nothing else",
        play: all,
        bugs: &[
            "stops-at-ten",
            "leaves-log",
            "refuses-everything",
            "does-nothing",
            "crashes-at-once",
            "forks-and-exits",
        ],
    },
    Situation { title: "a file of 100 KiB", play: large, bugs: &["skips-large"] },
    Situation { title: "it says what it saved", play: says_so, bugs: &["says-saved-early"] },
    Situation { title: "the same run twice", play: twice, bugs: &["piles-up"] },
    Situation { title: "answers without Content-Length", play: no_length, bugs: &["needs-length"] },
    Situation {
        title: "types in upper case, and none",
        play: odd_types,
        bugs: &["compares-types-as-text", "needs-type"],
    },
    Situation { title: "BASE with a path and a slash", play: base_with_path, bugs: &["doubles-slash"] },
];

fn all(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(12), as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn large(who: Who) -> bool {
    let mut scan = document(1, "scan.png");
    scan.bytes = (0u32..25_600).flat_map(u32::to_le_bytes).collect();
    let stage = ScriptedServer::new(vec![scan], as_agreed);
    Client::new(&stage, who).run().is_whole(&stage)
}

fn says_so(who: Who) -> bool {
    let stage =
        ScriptedServer::new(documents(2), |ask| (ask.step == Step::File(0)).then(|| Reply::refusal(500, "internal")));
    let ran = Client::new(&stage, who).run();
    let saved: Vec<_> = ran.printed.lines().filter(|line| line.starts_with("saved ")).collect();
    ran.failed() && saved.len() == 1 && saved[0].contains("certificate 2.pdf")
}

fn twice(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(2), as_agreed);
    let mut client = Client::new(&stage, who);
    client.run().is_whole(&stage) && client.run().is_whole(&stage)
}

fn no_length(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(1), |ask| {
        let bytes = &documents(1)[0].bytes;
        let chunked = [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n0\r\n\r\n"].concat();
        match ask.step {
            Step::List => {
                let list = crate::reference::harness::list(&documents(1)).to_string();
                Some(Reply::head(200, &[("cOnTeNt-TyPe", "application/json")], list.as_bytes()))
            }
            Step::File(_) => Some(Reply::head(200, &[("transfer-encoding", "chunked")], &chunked)),
            _ => None,
        }
    });
    Client::new(&stage, who).run().is_whole(&stage)
}

fn odd_types(who: Who) -> bool {
    [&[("Content-Type", "APPLICATION/JSON; Charset=\"UTF-8\"")][..], &[]].into_iter().all(|headers| {
        let stage = ScriptedServer::new(documents(1), |ask| {
            let list = crate::reference::harness::list(&documents(1)).to_string();
            (ask.step == Step::List).then(|| Reply::new(200, headers, list))
        });
        Client::new(&stage, who).run().is_whole(&stage)
    })
}

fn base_with_path(who: Who) -> bool {
    let stage = ScriptedServer::new(documents(0), super::situation::empty);
    let ran = Client::at(&format!("{}/proxy/", stage.base()), who).run();
    ran.code == Some(0) && stage.asked()[0].target == "/proxy/api/v2/employers/me/crew/crew_001/documents"
}
