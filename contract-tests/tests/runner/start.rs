//! Commands that can't be started, and what those that can are told.

use std::os::unix::fs::PermissionsExt;

use crewpass_contract::client::run::HarnessError;
use crewpass_contract::client::transport::{StartError, SubjectError, Transport};
use serde_json::json;

use crate::harness::{one_run, options, printed, scenario, shell, try_to_play};

async fn refusal(argv: &[&str]) -> (StartError, String) {
    match try_to_play(&scenario(json!({})), &options(argv)).await {
        Err(HarnessError::Subject(SubjectError::Start(error))) => {
            let message = error.to_string();
            (error, message)
        }
        other => panic!("{argv:?} was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_command_that_is_not_there_is_named() {
    let (error, message) = refusal(&["no-such-client-anywhere"]).await;
    assert!(matches!(error, StartError::NotFound(..)) && message.contains("PATH"), "{message}");
    let (error, message) = refusal(&["./no/such/client"]).await;
    assert!(matches!(error, StartError::NotFound(..)) && message.contains("no such file"), "{message}");
    assert!(matches!(refusal(&[]).await.0, StartError::Empty));
}

#[tokio::test]
async fn a_file_that_is_no_program_is_told_from_one_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let plain = refusal(&[&file("plain.py", "print()", 0o644)]).await;
    assert!(matches!(plain.0, StartError::NotExecutable(_)) && plain.1.contains("chmod +x"), "{}", plain.1);
    let orphan = refusal(&[&file("orphan", "#!/no/such/interpreter -u\n", 0o755)]).await;
    assert!(
        matches!(&orphan.0, StartError::NoInterpreter { interpreter, .. } if interpreter == "/no/such/interpreter"),
        "{}",
        orphan.1
    );
    let bytes = refusal(&[&file("bytes", "\u{1}\u{2}", 0o755)]).await;
    assert!(matches!(bytes.0, StartError::Format(_)), "{}", bytes.1);
    let (error, _) = refusal(&[folder.path().to_str().unwrap()]).await;
    assert!(matches!(error, StartError::NotFound(..)));
}

#[tokio::test]
async fn a_client_gets_its_arguments_its_folder_and_nothing_of_ours() {
    let run = one_run(&options(&[
        "sh",
        "-c",
        "echo \"$1|$2|$3|$(pwd)\"; env; ls -A",
        "x",
        "{crew_id}",
        "{out_dir}",
        "to={base}",
    ]))
    .await;
    let text = printed(&run);
    let first: Vec<&str> = text.lines().next().unwrap().split('|').collect();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap();
    assert_eq!(first, ["crew_001", value("OUT_DIR"), &format!("to={}", value("BASE")), value("OUT_DIR")]);
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && !text.contains("CARGO_MANIFEST_DIR"), "{text}");
    assert!(!text.contains("SSL_CERT_FILE"), "{text}");
    assert_eq!(value("CPK_LINK_HOSTS"), value("BASE").strip_prefix("http://").unwrap());
    assert_eq!(value("CPK_DEADLINE_S"), "120");
    assert!(value("HOME").starts_with(value("OUT_DIR").strip_suffix("/out").unwrap()));
    assert_eq!(run.process.printed, text.len() as u64);
}

#[tokio::test]
async fn a_name_that_is_kept_is_told() {
    let mut options = shell("echo kept=$CARGO_MANIFEST_DIR");
    let Transport::Exec(exec) = &mut options.subject else { panic!("no command") };
    exec.keep_env.push("CARGO_MANIFEST_DIR".into());
    assert_eq!(printed(&one_run(&options).await).trim(), format!("kept={}", env!("CARGO_MANIFEST_DIR")));
}

#[tokio::test]
async fn an_argument_is_never_read_by_a_shell() {
    let run = one_run(&options(&["printf", "%s|", "$HOME `id` {out_dir", "a b"])).await;
    assert_eq!(printed(&run), "$HOME `id` {out_dir|a b|");
}
