//! `serve --watch`: a world that changes on disk is taken whole, and one that is wrong changes nothing.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use notify::event::AccessKind;
use notify::{EventKind, RecursiveMode, Watcher};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::executable::{Fake, SOON, run, words};
use crate::support::http_client::blocking_client;

const TAKEN: &str = "was reloaded";
const KEPT: &str = "is served as it was before";
const LIST: &str = "/api/v2/employers/me/crew/crew_1/documents";

/// A folder with a world in it.
struct OnDisk {
    folder: TempDir,
    base: bool,
}

impl OnDisk {
    fn new(documents: &[&str]) -> Self {
        let disk = Self { folder: TempDir::new().unwrap(), base: false };
        disk.write(&world(documents));
        disk
    }

    /// A world that only extends one in another folder, in which all is that changes.
    fn with_base(documents: &[&str]) -> Self {
        let disk = Self { folder: TempDir::new().unwrap(), base: true };
        std::fs::create_dir(disk.folder.path().join("base")).unwrap();
        std::fs::write(disk.folder.path().join("world.yaml"), "extends: base/world.yaml\n").unwrap();
        disk.write(&world(documents));
        disk
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(if self.base { "base/world.yaml" } else { "world.yaml" })
    }

    fn write(&self, text: &str) {
        std::fs::write(self.file(), text).unwrap();
    }

    /// Writes another file and puts it in the place of the world.
    fn rename(&self, text: &str) {
        let new = self.folder.path().join("world.yaml.new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, self.file()).unwrap();
    }

    /// Waits, when called, until somebody reads the world anew.
    fn reading(&self) -> impl FnOnce() {
        let (tell, output) = channel();
        let file = self.file();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let event = event.unwrap();
            if matches!(event.kind, EventKind::Access(AccessKind::Open(_))) && event.paths.contains(&file) {
                let _ = tell.send(());
            }
        })
        .unwrap();
        watcher.watch(self.file().parent().unwrap(), RecursiveMode::NonRecursive).unwrap();
        move || {
            output.recv_timeout(SOON).unwrap();
            drop(watcher);
        }
    }

    fn serve(&self, args: &[&str]) -> Fake {
        let path = self.folder.path().join("world.yaml");
        Fake::start(&[&["--watch", "--world", path.to_str().unwrap()], args].concat())
    }
}

fn world(documents: &[&str]) -> String {
    let scopes = ["crew:documents:read", "crew:documents:download"];
    let documents: Vec<Value> = documents
        .iter()
        .map(|id| {
            json!({
                "id": id, "type": "STCW", "title": id, "verification_status": "verified", "file": {"generate": "pdf"}
            })
        })
        .collect();
    let world = json!({
        "name": "watched",
        "policies": {"link_ttl": "600s"},
        "partners": [{"id": "prt_1", "granted_scopes": scopes, "keys": [{"name": "full"}]}],
        "vessels": [{"id": "ves_1", "name": "M/Y Watched", "partners": ["prt_1"]}],
        "crew": [{"id": "crew_1", "vessels": ["ves_1"], "consent": {"prt_1": scopes}, "documents": documents}],
    });
    serde_json::to_string_pretty(&world).unwrap()
}

fn health(fake: &Fake) -> Value {
    fake.request("GET", "/__mock/health").send().unwrap().json::<Value>().unwrap()["world"].take()
}

#[test]
fn a_change_is_taken_however_it_was_written() {
    for disk in [OnDisk::new(&["doc_1"]), OnDisk::with_base(&["doc_1"])] {
        let fake = disk.serve(&[]);
        assert_eq!(fake.listed("crew_1"), ["doc_1"]);
        assert_eq!(health(&fake), json!({"name": "watched", "loads": 1, "error": null}));
        disk.write(&world(&["doc_1", "doc_2"]));
        let line = fake.says(TAKEN);
        assert_eq!(
            line,
            "crewpass-mock: world `watched` was reloaded: 1 partner, 1 vessel, 1 crew member, 2 current of 2 documents\n"
        );
        assert_eq!(fake.listed("crew_1"), ["doc_2", "doc_1"]);
        disk.rename(&world(&["doc_3"]));
        fake.says(TAKEN);
        assert_eq!(fake.listed("crew_1"), ["doc_3"]);
        disk.write(&world(&["doc_4"]));
        fake.says(TAKEN);
        assert_eq!(fake.listed("crew_1"), ["doc_4"], "the file that was put there is watched, too");
        assert_eq!(health(&fake), json!({"name": "watched", "loads": 4, "error": null}));
    }
}

#[test]
fn what_belongs_to_the_run_stays() {
    let disk = OnDisk::new(&["doc_1", "doc_2"]);
    let args = ["--policy", "dead_link=410", "--clock", "2026-06-08T10:00:00Z"];
    let fake = disk.serve(&args);
    fake.ctl(&["clock", "advance", "1h"]).fine();
    let clock = fake.ctl(&["clock", "show"]).fine();
    let (stays, goes) = (fake.link("crew_1", "doc_1"), fake.link("crew_1", "doc_2"));
    let (_, bytes) = fake.follow(&stays);
    disk.rename(&world(&["doc_1"]).replace("600s", "120s"));
    let changed = fake.request("GET", "/__mock/journal?change=world&wait=5m").send().unwrap().json::<Value>().unwrap();
    assert_eq!(changed["entries"][0]["detail"], json!({"name": "watched", "crew": 1}));
    assert_eq!(changed["entries"][0]["seq"], 5, "the journal goes on: {changed}");
    assert_eq!(fake.ctl(&["clock", "show"]).fine(), clock);
    assert_eq!(fake.follow(&stays), (200, bytes));
    assert_eq!(fake.follow(&goes).0, 410, "the policy of the command line");
    fake.ctl(&["clock", "advance", "599s"]).fine();
    assert_eq!(fake.follow(&stays).0, 200, "a link lives as long as was said when it was given");
    let policies: Value = fake.request("GET", "/__mock/policies").send().unwrap().json().unwrap();
    assert_eq!((&policies["link_ttl"], &policies["dead_link"]), (&json!("120s"), &json!("410")));
    fake.ctl(&["reset"]).fine();
    assert_eq!(fake.listed("crew_1"), ["doc_1"], "a reset is one to the world that is served now");
    assert_eq!(fake.follow(&goes).0, 410);
}

#[test]
fn a_link_that_was_spent_stays_spent_and_no_new_one_is_taken_for_it() {
    let disk = OnDisk::new(&["doc_1"]);
    let fake = disk.serve(&["--policy", "link_use=once"]);
    let spent = fake.link("crew_1", "doc_1");
    assert_eq!(fake.follow(&spent).0, 200);
    disk.write(&world(&["doc_1", "doc_2"]));
    fake.says(TAKEN);
    assert_eq!(fake.follow(&spent).0, 404);
    assert_eq!(fake.follow(&fake.link("crew_1", "doc_1")).0, 200);
}

#[test]
fn a_broken_world_is_told_once_and_the_old_one_stays() {
    let disk = OnDisk::new(&["doc_1"]);
    let fake = disk.serve(&[]);
    let broken = world(&["doc_2"]).replace("\"ves_1\"\n", "\"ves_9\"\n");
    disk.write(&broken);
    let output = fake.says(KEPT);
    let again = run(&["check-world", disk.file().to_str().unwrap()]).stderr;
    assert_eq!(output, format!("{again}crewpass-mock: world `watched` {KEPT}\n"), "as at the start");
    assert!(output.contains("world.yaml:") && output.contains("ves_9"), "{output}");
    assert_eq!(fake.listed("crew_1"), ["doc_1"]);
    let world_now = health(&fake);
    assert_eq!(world_now["loads"], 1);
    let error = world_now["error"].as_str().unwrap();
    assert!(error.contains("world.yaml:") && error.contains("ves_9"), "{error}");
    // The same mistake again, then half a file, then no file, then the world mended.
    let read = disk.reading();
    disk.rename(&broken);
    read();
    disk.rename(&broken[..broken.len() / 2]);
    let half = fake.says(KEPT);
    assert!(!half.contains("ves_9"), "told twice: {half}");
    std::fs::remove_file(disk.file()).unwrap();
    assert!(words(&fake.says(KEPT)).contains("can't be read"));
    assert_eq!(fake.listed("crew_1"), ["doc_1"]);
    disk.rename(&world(&["doc_2"]));
    assert_eq!(fake.says(TAKEN).lines().count(), 1);
    assert_eq!(fake.listed("crew_1"), ["doc_2"]);
    assert_eq!(health(&fake), json!({"name": "watched", "loads": 2, "error": null}));
}

#[test]
fn what_is_no_file_in_the_place_of_a_world_is_not_read() {
    let disk = OnDisk::new(&["doc_1"]);
    let fake = disk.serve(&[]);
    let new = disk.folder.path().join("new");
    std::os::unix::fs::symlink("/dev/zero", &new).unwrap();
    std::fs::rename(&new, disk.file()).unwrap();
    let refused = || assert!(words(&fake.says(KEPT)).contains("it is not a regular file"));
    refused();
    disk.rename(&world(&["doc_2"]));
    fake.says(TAKEN);
    assert!(std::process::Command::new("mkfifo").arg(&new).status().unwrap().success());
    std::fs::rename(&new, disk.file()).unwrap();
    refused();
    disk.rename(&world(&["doc_3"]));
    fake.says(TAKEN);
    assert_eq!(fake.listed("crew_1"), ["doc_3"]);
    assert!(fake.peak_memory() < 500 << 20, "it read a device");
    fake.signal("TERM");
    assert_eq!(fake.ended().code, Some(0));
}

#[test]
fn the_file_of_a_document_is_watched() {
    let files = TempDir::new().unwrap();
    let disk = OnDisk::new(&["doc_1"]);
    let (name, place) = ("scan.pdf", disk.folder.path().join("files"));
    std::fs::create_dir(&place).unwrap();
    let put = |bytes: &[u8]| {
        let new = files.path().join(name);
        std::fs::write(&new, bytes).unwrap();
        std::fs::rename(new, place.join(name)).unwrap();
    };
    put(b"the first");
    let text = world(&["doc_1"]).replace("\"generate\": \"pdf\"", &format!("\"path\": \"{name}\""));
    disk.write(&text.replacen('{', "{\"files\": \"files\",", 1));
    let fake = disk.serve(&[]);
    let now = |fake: &Fake| fake.follow(&fake.link("crew_1", "doc_1")).1;
    assert_eq!(now(&fake), b"the first");
    // One that is kept in memory, and one that is read from the disk.
    for bytes in [b"the second".to_vec(), vec![b'3'; 2 << 20]] {
        put(&bytes);
        fake.says(TAKEN);
        assert!(now(&fake) == bytes);
    }
    std::fs::remove_file(place.join(name)).unwrap();
    assert!(words(&fake.says(KEPT)).contains("there is no file `scan.pdf`"));
    put(b"the fourth");
    fake.says(TAKEN);
    assert_eq!(now(&fake), b"the fourth");
}

#[test]
fn a_folder_that_is_put_back_is_watched() {
    let disk = OnDisk::with_base(&["doc_1"]);
    let fake = disk.serve(&[]);
    let (base, away) = (disk.folder.path().join("base"), disk.folder.path().join("away"));
    std::fs::rename(&base, &away).unwrap();
    fake.says(KEPT);
    std::fs::rename(&away, &base).unwrap();
    fake.says(TAKEN);
    disk.write(&world(&["doc_2"]));
    fake.says(TAKEN);
    assert_eq!(fake.listed("crew_1"), ["doc_2"]);
}

#[test]
fn further_sessions_keep_their_world() {
    let disk = OnDisk::new(&["doc_1"]);
    let fake = disk.serve(&[]);
    let open = || fake.request("POST", "/__mock/sessions").send().unwrap().json::<Value>().unwrap();
    let documents = |session: &Value| {
        let key = session["keys"]["full"].as_str().unwrap();
        let list: Value = fake.request("GET", LIST).bearer_auth(key).send().unwrap().json().unwrap();
        list["items"].as_array().unwrap().iter().map(|item| item["document_id"].clone()).collect::<Vec<_>>()
    };
    let before = open();
    disk.write(&world(&["doc_2"]));
    fake.says(TAKEN);
    assert_eq!(documents(&before), ["doc_1"]);
    assert_eq!(documents(&open()), ["doc_2"]);
    assert_eq!(fake.listed("crew_1"), ["doc_2"]);
}

#[test]
fn keys_change_with_the_world() {
    let disk = OnDisk::new(&["doc_1"]);
    let fake = disk.serve(&[]);
    disk.write(&world(&["doc_1"]).replace("\"full\"", "\"other\""));
    fake.says(TAKEN);
    assert_eq!(fake.get(LIST).status(), 401);
    let sessions: Value = fake.request("GET", "/__mock/sessions").send().unwrap().json().unwrap();
    let key = sessions["sessions"][0]["keys"]["other"].as_str().unwrap();
    assert_eq!(fake.request("GET", LIST).bearer_auth(key).send().unwrap().status(), 200);
}

#[test]
fn requests_see_the_old_world_or_the_new_one() {
    let worlds = [world(&["doc_1", "doc_2"]), world(&["doc_3", "doc_4", "doc_5"])];
    let disk = OnDisk::new(&["doc_1", "doc_2"]);
    let fake = disk.serve(&[]);
    let over = AtomicBool::new(false);
    let client = blocking_client();
    let ask = || {
        let mut seen = [0, 0];
        while !over.load(Ordering::Relaxed) {
            let answer = client.get(format!("{}{LIST}", fake.base)).bearer_auth(&fake.key).send().unwrap();
            assert_eq!(answer.status(), 200);
            let list: Value = answer.json().unwrap();
            let ids: Vec<&str> =
                list["items"].as_array().unwrap().iter().map(|item| item["document_id"].as_str().unwrap()).collect();
            match ids[..] {
                ["doc_2", "doc_1"] => seen[0] += 1,
                ["doc_5", "doc_4", "doc_3"] => seen[1] += 1,
                _ => panic!("a mix: {ids:?}"),
            }
        }
        seen
    };
    thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        let swaps = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for swap in 1..=20 {
                disk.rename(&worlds[swap % 2]);
                fake.says(TAKEN);
            }
        }));
        over.store(true, Ordering::Relaxed);
        for asked in asking {
            let seen = asked.join().unwrap();
            assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
        }
        swaps.unwrap();
    });
    assert_eq!(health(&fake)["loads"], 21);
}

#[test]
fn there_must_be_a_file_to_watch() {
    for (args, about) in [(["--watch"].as_slice(), "--world"), (&["--watch", "--generate", "2x2"], "--generate")] {
        let ran = run(&[&["serve", "--bind", "127.0.0.1:0"], args].concat());
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(about) && ran.stderr.contains("--watch"), "{ran:?}");
    }
}
