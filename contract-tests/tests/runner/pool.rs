//! Cases in this process that share a sandbox: none sees a file of another.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crewpass_contract::client::run::{Fake, Options, play};
use crewpass_contract::client::transport::{Class, Client, InProcess, Job, Report};
use serde_json::json;

use crate::harness::scenario;

/// What lay in a sandbox when a case began, and where that was.
#[derive(Clone, Debug)]
struct Met {
    out: PathBuf,
    files: Vec<PathBuf>,
}

/// A client that looks around, and leaves what it is told to.
struct Leaves {
    what: fn(&Path),
    met: Arc<Mutex<Vec<Met>>>,
}

impl Client for Leaves {
    async fn download(&self, job: Job) -> Report {
        let work = job.out_dir.parent().unwrap();
        let below = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = below(job.out_dir.clone()).chain(below(work.join("tmp"))).chain(below(work.join("home")));
        let files = files.collect();
        self.met.lock().unwrap().push(Met { out: job.out_dir.clone(), files });
        (self.what)(&job.out_dir);
        Report::new(Class::LocalError)
    }
}

/// What each of three cases met, one after the other.
async fn three_cases(what: fn(&Path)) -> Vec<Met> {
    let met = Arc::default();
    let options = Options::new(InProcess::new(Leaves { what, met: Arc::clone(&met) }));
    let fake = Fake::start().await.unwrap();
    for _ in 0..3 {
        play(&fake, &scenario(json!({})), None, &options).await.unwrap();
    }
    let met = met.lock().unwrap().clone();
    drop(fake);
    assert!(met.iter().all(|met| !met.out.exists()), "what is kept goes away with the fake");
    met
}

fn root(met: &Met) -> String {
    let root = met.out.ancestors().nth(5).unwrap();
    root.file_name().unwrap().to_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_case_sees_what_an_earlier_one_saved() {
    let met = three_cases(|out| fs::write(out.join("passport.pdf"), "saved").unwrap()).await;
    assert!(met.iter().all(|met| met.files.is_empty()), "{met:?}");
    let first = root(&met[0]);
    assert_eq!((root(&met[1]), root(&met[2])), (format!("{first}.1"), format!("{first}.2")), "one for all");
    assert!(met[..2].iter().all(|met| !met.out.exists()), "whoever is late meets no folder");
}

#[tokio::test]
async fn a_sandbox_with_anything_else_is_thrown_away() {
    let leaves: [fn(&Path); 5] = [
        |out| fs::write(out.parent().unwrap().join("tmp/left"), "left").unwrap(),
        |out| fs::write(out.parent().unwrap().join("home/left"), "left").unwrap(),
        |out| fs::write(out.parent().unwrap().join("canary.txt"), "other").unwrap(),
        |out| fs::create_dir(out.join("folder")).unwrap(),
        |_| panic!("on purpose"),
    ];
    for what in leaves {
        let met = three_cases(what).await;
        assert!(met.iter().all(|met| met.files.is_empty()), "{met:?}");
        assert!(met.iter().all(|met| !root(met).contains('.')), "{met:?}");
    }
}
