//! What a client's process is told: an environment of these names, and of no others.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Homes of toolchains, with their place below the real home, since `HOME` is a fresh folder. What is not there is not
/// told.
const TOOLCHAINS: [(&str, Option<&str>); 5] = [
    ("RUSTUP_HOME", Some(".rustup")),
    ("CARGO_HOME", Some(".cargo")),
    ("PYENV_ROOT", Some(".pyenv")),
    ("NVM_DIR", Some(".nvm")),
    ("JAVA_HOME", None),
];

/// Names under which clients look for a certificate to trust.
const AUTHORITY: [&str; 5] =
    ["CPK_CA_FILE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// What one run of a client is told.
#[derive(Clone)]
pub struct ClientEnv {
    /// `BASE`.
    pub base: String,
    /// `CPK_KEY`.
    pub key: String,
    /// `CREW_ID`.
    pub crew_id: String,
    /// `OUT_DIR`, which is also the working directory.
    pub out_dir: PathBuf,
    /// `HOME`.
    pub home: PathBuf,
    /// `TMPDIR`.
    pub temporary: PathBuf,
    /// The certificate to trust, where `BASE` is https.
    pub authority: Option<PathBuf>,
    /// `CPK_LINK_HOSTS`.
    pub link_hosts: Vec<String>,
    /// `CPK_DEADLINE_S`.
    pub deadline: Duration,
    /// The root of the sandbox, which is not told: whoever works in it is the client's.
    pub sandbox: PathBuf,
}

impl ClientEnv {
    /// An argument with its places filled in. What is filled in is not filled again.
    pub(super) fn fill(&self, argument: &str) -> OsString {
        let places = [
            ("{crew_id}", self.crew_id.as_ref()),
            ("{out_dir}", self.out_dir.as_os_str()),
            ("{base}", self.base.as_ref()),
        ];
        let mut filled = OsString::new();
        let mut rest = argument;
        while let Some((at, (place, value))) =
            places.iter().filter_map(|known| Some((rest.find(known.0)?, known))).min_by_key(|(at, _)| *at)
        {
            filled.push(&rest[..at]);
            filled.push(value);
            rest = &rest[at + place.len()..];
        }
        filled.push(rest);
        filled
    }

    /// The environment, with the names that are kept besides.
    pub(super) fn environment(
        &self,
        keep: &[String],
        real: &impl Fn(&str) -> Option<OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut all = self.surroundings(keep, real);
        let mut tell = |name: &str, value: OsString| {
            all.insert(name.into(), value);
        };
        tell("BASE", (&self.base).into());
        tell("CPK_KEY", (&self.key).into());
        tell("CREW_ID", (&self.crew_id).into());
        tell("OUT_DIR", (&self.out_dir).into());
        tell("CPK_LINK_HOSTS", self.link_hosts.join(",").into());
        tell("CPK_DEADLINE_S", self.deadline.as_secs().max(1).to_string().into());
        for name in self.authority.iter().flat_map(|_| AUTHORITY) {
            tell(name, self.authority.clone().unwrap_or_default().into());
        }
        all
    }

    /// The part of it that says nothing of a job.
    pub(super) fn surroundings(
        &self,
        keep: &[String],
        real: &impl Fn(&str) -> Option<OsString>,
    ) -> BTreeMap<OsString, OsString> {
        let mut all: BTreeMap<OsString, OsString> = BTreeMap::new();
        let mut tell = |name: &str, value: OsString| {
            all.insert(name.into(), value);
        };
        for name in ["PATH"].into_iter().chain(keep.iter().map(String::as_str)) {
            if let Some(value) = real(name) {
                tell(name, value);
            }
        }
        for (name, below_home) in TOOLCHAINS {
            if let Some(home) = toolchain(name, below_home, real) {
                tell(name, home);
            }
        }
        tell("HOME", (&self.home).into());
        tell("TMPDIR", (&self.temporary).into());
        for (name, value) in [("LANG", "C.UTF-8"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")] {
            tell(name, value.into());
        }
        all
    }
}

/// The real environment.
pub(super) fn real(name: &str) -> Option<OsString> {
    env::var_os(name)
}

fn toolchain(name: &str, below_home: Option<&str>, real: &impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    real(name).or_else(|| {
        let home = Path::new(&real("HOME")?).join(below_home?);
        home.is_dir().then(|| home.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> ClientEnv {
        ClientEnv {
            base: "http://127.0.0.1:1".into(),
            key: "cpk_test_0".into(),
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
    fn places_are_filled_once_and_an_argument_stays_one() {
        assert_eq!(told().fill("--to={out_dir}/{crew_id}"), "--to=/s/out/{base} x");
        assert_eq!(told().fill("{other} {"), "{other} {");
    }

    #[test]
    fn the_environment_has_the_listed_names_alone() {
        let real = |name: &str| match name {
            "PATH" => Some("/bin".into()),
            "JAVA_HOME" => Some("/java".into()),
            "HOME" => Some("/nowhere".into()),
            "KEPT" | "SECRET" => Some("1".into()),
            _ => None,
        };
        let environment = told().environment(&["KEPT".into(), "ABSENT".into()], &real);
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
    fn a_certificate_is_told_under_every_name() {
        let env = ClientEnv { authority: Some("/s/ca.pem".into()), ..told() };
        let environment = env.environment(&[], &|_| None);
        for name in AUTHORITY {
            assert_eq!(environment[&OsString::from(name)], "/s/ca.pem", "{name}");
        }
    }
}
