//! What a client leaves: processes, files, folders. After a case nothing of it is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crewpass_contract::client::run::{Fake, HarnessError, Options, StopSignal, play, until_stopped};
use crewpass_contract::client::transport::adopt_orphans;
use crewpass_contract::client::witness::{End, Kind};
use serde_json::json;

use crate::harness::{client, one_run, options, played, printed, processes_with, scenario, shell};

#[tokio::test]
async fn a_daemon_is_counted_and_ended() {
    adopt_orphans().unwrap();
    let process = one_run(&options(&["python3", &client("daemon.py")])).await.process;
    assert_eq!((process.end, process.left_behind), (End::Exit(0), 1));
}

#[tokio::test]
async fn a_process_that_shed_its_environment_is_known_by_its_folder_or_its_group() {
    let process = one_run(&shell("setsid env -i sleep 600 & sleep 0.2")).await.process;
    assert_eq!(process.left_behind, 1, "by its folder");
    let process = one_run(&shell("cd /; env -i sleep 600 & sleep 0.2")).await.process;
    assert_eq!(process.left_behind, 1, "by its group");
}

#[tokio::test]
async fn a_process_that_ends_by_itself_is_not_left_behind() {
    assert_eq!(one_run(&shell("sleep 0.1 & exit 0")).await.process.left_behind, 0);
}

#[tokio::test]
async fn a_daemon_does_not_hold_the_output_open() {
    let run = one_run(&shell("echo early; sleep 600 & exit 3")).await;
    assert_eq!((run.process.end, printed(&run).as_str()), (End::Exit(3), "early\n"));
    assert!(run.process.took < Duration::from_mins(10));
}

#[tokio::test]
async fn what_is_written_outside_of_the_folder_is_seen_and_goes_away() {
    let script = "echo $OUT_DIR; echo out > ../../evil.txt; echo x > a; chmod 700 a; ln -s ../nowhere l; mkdir d; mkfifo p; \
                  echo changed > ../canary.txt; mkdir shut; echo x > shut/in; chmod 0 shut";
    let canary = json!({"faults": [{"match": {"step": "link"}, "then": {"link": "file://{canary}"}}]});
    let run = played(&scenario(canary), &shell(script)).await.runs.remove(0);
    let out = PathBuf::from("a/b/c/work/out");
    let kind = |path: &Path| run.after.entries.get(path).map(|entry| entry.kind.clone());
    let content = |path: &Path| match kind(path) {
        Some(Kind::File { bytes: Some(bytes), len, .. }) => (String::from_utf8(bytes).unwrap(), len),
        other => panic!("{path:?}: {other:?}"),
    };
    assert_eq!(content(Path::new("a/b/c/evil.txt")), ("out\n".into(), 4));
    assert_eq!(content(Path::new("a/b/c/work/canary.txt")).0, "changed\n");
    assert!(
        run.before.entries.contains_key(Path::new("a/b/c/work/canary.txt"))
            && !run.before.entries.contains_key(&out.join("a"))
    );
    assert_eq!(kind(&out.join("l")), Some(Kind::Symlink("../nowhere".into())));
    assert_eq!((kind(&out.join("d")), kind(&out.join("p"))), (Some(Kind::Folder), Some(Kind::Special)));
    assert_eq!(run.after.entries[&out.join("a")].mode, 0o700);
    let place = PathBuf::from(printed(&run).lines().next().unwrap());
    assert!(place.ends_with(&out) && !place.exists());
    assert!(!place.ancestors().nth(5).unwrap().exists(), "the sandbox is still there");
}

/// A client that never ends, with a process in a session of its own that tells its key and its folder.
struct Lasting {
    folder: tempfile::TempDir,
    options: Options,
}

impl Lasting {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("announced");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, 0o600.into()).unwrap();
        let tell = format!("echo \"$CPK_KEY $OUT_DIR\" > {}", pipe.display());
        let options = shell(&format!("setsid sh -c '{tell}; sleep 600' & sleep 600"));
        Self { folder, options }
    }

    async fn announced(&self) -> String {
        let pipe = self.folder.path().join("announced");
        tokio::task::spawn_blocking(|| std::fs::read_to_string(pipe).unwrap()).await.unwrap()
    }

    fn nothing_is_left(announced: &str) {
        let (key, out) = announced.trim().split_once(' ').unwrap();
        assert_eq!(processes_with(key), Vec::<String>::new());
        assert!(!Path::new(out).exists());
    }
}

#[tokio::test]
async fn a_case_that_is_dropped_leaves_nothing() {
    let (fake, scenario, client) = (Fake::start().await.unwrap(), scenario(json!({})), Lasting::new());
    let announced = tokio::select! {
        announced = client.announced() => announced,
        case = play(&fake, &scenario, None, &client.options) => panic!("it ended: {case:?}"),
    };
    Lasting::nothing_is_left(&announced);
}

#[tokio::test]
async fn told_to_stop_the_gate_ends_its_clients() {
    let (fake, scenario, client) = (Fake::start().await.unwrap(), scenario(json!({})), Lasting::new());
    let stops = async {
        let announced = client.announced().await;
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM).unwrap();
        announced
    };
    let (done, announced) = tokio::join!(until_stopped(play(&fake, &scenario, None, &client.options)), stops);
    assert!(matches!(done, Err(HarnessError::Stopped(StopSignal::Terminate))), "{done:?}");
    Lasting::nothing_is_left(&announced);
}

#[tokio::test]
async fn home_and_temporary_files_are_kept_between_runs_and_the_folder_unless_told() {
    let scenario = scenario(json!({"runs": [{}, {}, {"fresh_folder": true}]}));
    let script = "ls $HOME $TMPDIR $OUT_DIR | grep -c kept; touch $HOME/kept.h $TMPDIR/kept.t kept.o";
    let case = played(&scenario, &shell(script)).await;
    let counts: Vec<_> = case.runs.iter().map(|run| printed(run).trim().to_owned()).collect();
    assert_eq!(counts, ["0", "3", "2"]);
}
