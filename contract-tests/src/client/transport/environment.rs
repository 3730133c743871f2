//! The environment of a client's process: these variables and no others.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::client::task::Task;

/// Environment variables of toolchains, with their default place below the real home: `HOME` is a
/// fresh folder. Variables of missing places are not set.
const TOOLCHAINS: [(&str, Option<&str>); 5] = [
    ("RUSTUP_HOME", Some(".rustup")),
    ("CARGO_HOME", Some(".cargo")),
    ("PYENV_ROOT", Some(".pyenv")),
    ("NVM_DIR", Some(".nvm")),
    ("JAVA_HOME", None),
];

/// Environment variables in which clients look for a certificate to trust.
const AUTHORITY: [&str; 5] =
    ["CPK_CA_FILE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// The values that a client receives for one run.
#[derive(Clone)]
pub struct ClientEnv {
    /// `BASE`.
    pub base: String,
    /// `CPK_KEY`.
    pub key: String,
    /// The task of the run; `CPK_TASK`, if it is not `documents`.
    pub task: Task,
    /// `CREW_ID`, in the task `documents`.
    pub crew_id: String,
    /// `OUT_DIR`, which is also the working directory.
    pub out_dir: PathBuf,
    /// `HOME`.
    pub home: PathBuf,
    /// `TMPDIR`.
    pub temporary: PathBuf,
    /// The certificate to trust, if `BASE` is https.
    pub authority: Option<PathBuf>,
    /// `CPK_LINK_HOSTS`.
    pub link_hosts: Vec<String>,
    /// `CPK_DEADLINE_S`.
    pub deadline: Duration,
    /// The root of the sandbox. The client does not receive it; processes that work in it belong to
    /// the client.
    pub sandbox: PathBuf,
}

impl ClientEnv {
    /// Replaces the placeholders of an argument. Text that was filled in is not filled again.
    pub(super) fn fill(&self, argument: &str) -> OsString {
        let placeholders = [
            ("{crew_id}", self.crew_id.as_ref()),
            ("{out_dir}", self.out_dir.as_os_str()),
            ("{base}", self.base.as_ref()),
        ];
        let mut filled = OsString::new();
        let mut rest = argument;
        while let Some((at, (placeholder, value))) =
            placeholders.iter().filter_map(|known| Some((rest.find(known.0)?, known))).min_by_key(|(at, _)| *at)
        {
            filled.push(&rest[..at]);
            filled.push(value);
            rest = &rest[at + placeholder.len()..];
        }
        filled.push(rest);
        filled
    }

    /// Returns the whole environment of a run, with the variables of `keep` from the real one.
    pub(super) fn environment(
        &self,
        keep: &[String],
        real_variable: &impl Fn(&str) -> Option<OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut all = self.base_environment(keep, real_variable);
        let mut set = |name: &str, value: OsString| {
            all.insert(name.into(), value);
        };
        set("BASE", (&self.base).into());
        set("CPK_KEY", (&self.key).into());
        match self.task {
            Task::Documents => set("CREW_ID", (&self.crew_id).into()),
            Task::Fleet => set("CPK_TASK", self.task.name().into()),
        }
        set("OUT_DIR", (&self.out_dir).into());
        set("CPK_LINK_HOSTS", self.link_hosts.join(",").into());
        set("CPK_DEADLINE_S", self.deadline.as_secs().max(1).to_string().into());
        for name in self.authority.iter().flat_map(|_| AUTHORITY) {
            set(name, self.authority.clone().unwrap_or_default().into());
        }
        all
    }

    /// Returns the part of the environment that does not depend on the job.
    pub(super) fn base_environment(
        &self,
        keep: &[String],
        real_variable: &impl Fn(&str) -> Option<OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut all: BTreeMap<OsString, OsString> = BTreeMap::new();
        let mut set = |name: &str, value: OsString| {
            all.insert(name.into(), value);
        };
        for name in ["PATH"].into_iter().chain(keep.iter().map(String::as_str)) {
            if let Some(value) = real_variable(name) {
                set(name, value);
            }
        }
        for (name, below_home) in TOOLCHAINS {
            if let Some(home) = toolchain(name, below_home, real_variable) {
                set(name, home);
            }
        }
        set("HOME", (&self.home).into());
        set("TMPDIR", (&self.temporary).into());
        for (name, value) in [("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")] {
            set(name, value.into());
        }
        all
    }
}

/// Returns a variable of the real environment.
pub(super) fn real_variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

fn toolchain(
    name: &str,
    below_home: Option<&str>,
    real_variable: &impl Fn(&str) -> Option<OsString>,
) -> Option<OsString> {
    real_variable(name).or_else(|| {
        let home = Path::new(&real_variable("HOME")?).join(below_home?);
        home.is_dir().then(|| home.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_env() -> ClientEnv {
        ClientEnv {
            base: "http://127.0.0.1:1".into(),
            key: "cpk_test_0".into(),
            task: Task::Documents,
            crew_id: "{base} x".into(),
            out_dir: "/s/out".into(),
            home: "/s/home".into(),
            temporary: "/s/tmp".into(),
            authority: None,
            link_hosts: vec!["127.0.0.1:1".into(), "127.0.0.2:2".into()],
            deadline: Duration::from_millis(300),
            sandbox: "/s".into(),
        }
    }

    #[test]
    fn placeholders_are_filled_once_and_an_argument_stays_one() {
        assert_eq!(client_env().fill("--to={out_dir}/{crew_id}"), "--to=/s/out/{base} x");
        assert_eq!(client_env().fill("{other} {"), "{other} {");
    }

    #[test]
    fn the_environment_has_only_the_listed_names() {
        let real_variable = |name: &str| match name {
            "PATH" => Some("/bin".into()),
            "JAVA_HOME" => Some("/java".into()),
            "HOME" => Some("/nowhere".into()),
            "KEPT" | "SECRET" => Some("1".into()),
            _ => None,
        };
        let environment = client_env().environment(&["KEPT".into(), "ABSENT".into()], &real_variable);
        let names: Vec<_> = environment.keys().map(|name| name.to_str().unwrap()).collect();
        let plain = [
            "BASE",
            "CPK_DEADLINE_S",
            "CPK_KEY",
            "CPK_LINK_HOSTS",
            "CREW_ID",
            "HOME",
            "JAVA_HOME",
            "KEPT",
            "LANG",
            "LC_ALL",
            "OUT_DIR",
            "PATH",
            "TMPDIR",
            "TZ",
        ];
        assert_eq!(names, plain);
        assert_eq!(environment[&OsString::from("CPK_LINK_HOSTS")], "127.0.0.1:1,127.0.0.2:2");
        assert_eq!(environment[&OsString::from("HOME")], "/s/home");
    }

    #[test]
    fn a_client_of_the_fleet_gets_its_task_and_no_crew_id() {
        let env = ClientEnv { task: Task::Fleet, ..client_env() };
        let environment = env.environment(&[], &|_| None);
        assert_eq!(environment[&OsString::from("CPK_TASK")], "fleet");
        assert!(!environment.contains_key(&OsString::from("CREW_ID")));
    }

    #[test]
    fn a_certificate_is_set_under_every_name() {
        let env = ClientEnv { authority: Some("/s/ca.pem".into()), ..client_env() };
        let environment = env.environment(&[], &|_| None);
        for name in AUTHORITY {
            assert_eq!(environment[&OsString::from(name)], "/s/ca.pem", "{name}");
        }
    }
}
