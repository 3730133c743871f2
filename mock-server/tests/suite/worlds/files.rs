//! Files of documents: exactly one source, inside the world's folder.

use insta::assert_snapshot;

use crewpass_mock::world::{Content, DiskFile, World};

use super::broken::{Broken, VALID, problems, with};

fn problems_of_path(path: &str) -> String {
    problems(&with("path: a.pdf", &format!("path: {path}")))
}

#[test]
fn a_missing_file() {
    assert_snapshot!(problems_of_path("b.pdf"));
}

#[test]
fn a_path_that_leads_out() {
    assert_snapshot!(problems_of_path("../worlds/world.yaml"));
}

#[test]
fn a_path_that_leads_out_and_in_again_is_refused_too() {
    let error = Broken::world(&with("path: a.pdf", "path: ../files/a.pdf")).load().unwrap_err();
    assert_eq!(error.problems()[0].message(), "`../files/a.pdf` leads out of the world's files folder");
}

#[test]
fn an_absolute_path() {
    assert_snapshot!(problems_of_path("/etc/hostname"));
}

#[test]
fn a_folder_as_a_file() {
    let broken = Broken::world(&with("path: a.pdf", "path: sub")).file("files/sub/x", "");
    assert_snapshot!(broken.problems());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out() {
    let broken = Broken::world(&with("path: a.pdf", "path: link.pdf")).file("secret.txt", "x");
    std::os::unix::fs::symlink(broken.path("secret.txt"), broken.path("files/link.pdf")).unwrap();
    assert_snapshot!(broken.problems());
}

#[cfg(unix)]
#[test]
fn a_files_folder_that_is_a_link_out() {
    let broken = Broken::world(&with("files: ../files", "files: there"));
    std::os::unix::fs::symlink("/", broken.path("worlds/there")).unwrap();
    assert_snapshot!(broken.problems());
}

#[cfg(unix)]
#[test]
fn a_files_folder_that_is_a_link_to_one_beside_the_worlds() {
    let broken = Broken::world(&with("files: ../files", "files: there"));
    std::os::unix::fs::symlink("../files", broken.path("worlds/there")).unwrap();
    assert_snapshot!(broken.problems());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_itself() {
    let broken = Broken::world(&with("path: a.pdf", "path: link.pdf"));
    std::os::unix::fs::symlink("link.pdf", broken.path("files/link.pdf")).unwrap();
    let error = broken.load().unwrap_err();
    assert!(error.problems()[0].message().starts_with("`link.pdf` can't be read: "), "{error}");
}

#[test]
fn both_path_and_generate() {
    assert_snapshot!(problems(&with("path: a.pdf", "path: a.pdf, generate: pdf")));
}

#[test]
fn neither_path_nor_generate() {
    assert_snapshot!(problems(&with("path: a.pdf", "name: a.pdf")));
}

#[test]
fn a_size_without_generate() {
    assert_snapshot!(problems(&with("path: a.pdf", "path: a.pdf, size: 100")));
}

#[test]
fn a_generated_file_that_is_too_large() {
    assert_snapshot!(problems(&with("generate: pdf", "generate: pdf, size: 99999999999")));
}

#[test]
fn a_generated_file_may_be_a_quarter_of_a_gibibyte() {
    let of = |size: u64| Broken::world(&with("generate: pdf", &format!("generate: pdf, size: {size}"))).load();
    assert!(of(256 << 20).is_ok());
    assert!(of((256 << 20) + 1).is_err());
}

#[test]
fn a_thousand_missing_files_are_told_and_no_more() {
    let document = |number: usize| {
        let file = format!("file: {{path: {number}.pdf}}");
        format!("      - {{id: x_{number}, type: A, title: B, verification_status: verified, {file}}}\n")
    };
    let broken = Broken::world(&(VALID.to_owned() + &(0..1_010).map(document).collect::<String>()));
    let error = broken.load().unwrap_err();
    assert_eq!((error.problems().len(), error.to_string().lines().count()), (1_000, 1_000));
}

#[test]
fn a_files_folder_too_far_up() {
    assert_snapshot!(problems(&with("files: ../files", "files: ../../files")));
}

#[test]
fn a_files_folder_that_is_not_there() {
    assert_snapshot!(problems(&with("files: ../files", "files: ../fils")));
}

#[test]
fn a_text_without_a_folder_has_no_files() {
    let text = VALID.replace("files: ../files\n", "");
    assert_snapshot!(World::parse(&text, "inline", None).unwrap_err().render(false, 100));
}

#[test]
fn small_files_are_kept_and_large_ones_stay_on_the_disk() {
    let exactly = vec![b'x'; 1 << 20];
    let over = vec![b'x'; (1 << 20) + 1];
    let broken = Broken::world(&with("file: {generate: pdf}", "file: {path: over.bin}"));
    let broken = broken.file("files/a.pdf", &exactly).file("files/over.bin", over);
    let world = broken.load().unwrap();
    let [small, large] = &world.crew[0].documents[..] else { panic!("two documents") };
    assert_eq!(world.content(small).unwrap(), Content::Memory(exactly.into()));
    let on_disk = broken.path("files/over.bin").canonicalize().unwrap();
    let on_disk = DiskFile::new(&on_disk, &on_disk.metadata().unwrap());
    assert_eq!(world.content(large).unwrap(), Content::Disk(on_disk));
}

#[test]
fn a_document_of_another_world_has_no_file_here() {
    let world = Broken::world(VALID).load().unwrap();
    let mut stranger = world.crew[0].documents[0].clone();
    stranger.file.path = Some("other.pdf".into());
    assert_eq!(world.content(&stranger).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}
