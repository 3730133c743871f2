//! Worlds that extend one another.

use insta::assert_snapshot;

use crewpass_mock::world::{Content, Mode, World};

use super::broken::{Broken, VALID, with};

fn extended(over: &str) -> Broken {
    Broken::world(&format!("extends: base/base.yaml\n{over}"))
        .file("worlds/base/base.yaml", VALID.replace("../files", "files"))
        .file("worlds/base/files/a.pdf", "the base's")
}

#[test]
fn entries_replace_or_are_added_and_settings_replace() {
    let broken = extended(
        "seed: 7\npolicies: {dead_link: \"410\"}\ncrew:\n  - {id: crew_2, vessels: [ves_abc]}\n  - {id: crew_1, name: New}\n",
    );
    let world = broken.load().unwrap();
    let crew: Vec<_> = world.crew.iter().map(|person| (&*person.id, person.name.as_deref())).collect();
    assert_eq!(crew, [("crew_1", Some("New")), ("crew_2", None)]);
    assert_eq!((world.seed, world.mode), (7, Mode::Test));
    assert_eq!(world.policies.to_string().split(' ').nth(1), Some("dead_link=410"));
    assert!(world.crew[1].on_fleet_of(&world, "prt_1"));
}

#[test]
fn a_setting_that_is_not_written_is_the_bases() {
    let base = format!("seed: 5\nmode: live\nname: base\npolicies: {{ranges: honoured, dead_link: \"403\"}}\n{VALID}");
    let broken = Broken::world("extends: b.yaml\npolicies: {dead_link: \"404\"}\n").file("worlds/b.yaml", base);
    let world = broken.load().unwrap();
    assert_eq!((world.seed, world.mode, &*world.name), (5, Mode::Live, "base"));
    let policies = world.policies.to_string();
    assert!(policies.contains("ranges=honoured") && policies.contains("dead_link=404"), "{policies}");
}

#[test]
fn each_world_has_its_own_files() {
    let document = "{id: doc_9, type: A, title: B, verification_status: pending, file: {path: a.pdf}}";
    let broken = extended(&format!("files: ../files\ncrew:\n  - {{id: crew_2, documents: [{document}]}}\n"));
    let world = broken.load().unwrap();
    let content = |person: usize| world.content(&world.crew[person].documents[0]).unwrap();
    assert_eq!(content(0), Content::Memory("the base's".into()));
    assert_eq!(content(1), Content::Memory("%PDF-".into()));
}

#[test]
fn a_problem_names_the_file_that_holds_it() {
    let broken = extended("crew:\n  - {id: crew_2, vessels: [ves_1]}\n")
        .file("worlds/base/base.yaml", with("[ves_abc]", "[ves_abd]").replace("../files", "files"));
    assert_snapshot!(broken.problems());
}

#[test]
fn a_problem_has_its_advice_if_there_is_a_guess() {
    let advice = |text: &str| {
        let error = Broken::world(&with("[ves_abc]", text)).load().unwrap_err();
        error.problems()[0].advice().map(ToOwned::to_owned)
    };
    assert_eq!(advice("[ves_abd]").as_deref(), Some("did you mean `ves_abc`?"));
    assert_eq!(advice("[nothing_like_it]"), None);
}

#[test]
fn an_id_of_the_base_given_again() {
    let document = "{id: doc_1, type: A, title: B, verification_status: pending, file: {generate: pdf}}";
    assert_snapshot!(extended(&format!("crew:\n  - {{id: crew_2, documents: [{document}]}}\n")).problems());
}

#[test]
fn an_error_of_form_in_the_base() {
    assert_snapshot!(extended("").file("worlds/base/base.yaml", "crw: []\n").problems());
}

#[test]
fn a_base_that_is_not_there() {
    assert_snapshot!(Broken::world("extends: other.yaml\n").problems());
}

#[test]
fn worlds_that_extend_each_other() {
    let broken = Broken::world("extends: b.yaml\n").file("worlds/b.yaml", "extends: world.yaml\n");
    assert_snapshot!(broken.problems());
}

#[test]
fn a_world_that_extends_itself() {
    assert_snapshot!(Broken::world("extends: world.yaml\n").problems());
}

#[test]
fn a_text_can_extend_nothing() {
    assert_snapshot!(World::parse("extends: a.yaml", "inline", None).unwrap_err().render(false, 100));
}

#[test]
fn an_id_of_the_base_given_twice_above_is_a_mistake() {
    let error = extended("crew:\n  - {id: crew_1}\n  - {id: crew_1}\n").load().unwrap_err();
    assert_eq!(error.problems()[0].message(), "`crew_1` is given twice");
    assert_eq!(error.problems()[0].place(), Some((4, 10)));
}

#[test]
fn a_mistake_in_any_list_is_found_in_the_world_that_holds_it() {
    let place = |over: &str| {
        let error = extended(over).load().unwrap_err();
        let problem = &error.problems()[0];
        (problem.file().ends_with("worlds/world.yaml"), problem.place())
    };
    // Each list has one entry of the base in front of these.
    assert_eq!(place("partners:\n  - {id: prt_9}\n  - {id: prt_9}\n"), (true, Some((4, 10))));
    let vessels =
        "vessels:\n  - {id: ves_9, name: A, partners: [prt_1]}\n  - {id: ves_8, name: B, partners: [prt_8]}\n";
    assert_eq!(place(vessels), (true, Some((4, 37))));
}

#[test]
fn sixteen_worlds_may_lie_below_another() {
    let tower = |below: usize| {
        let base = Broken::world("extends: 1.yaml\n");
        (1..=below).fold(base, |tower, number| {
            let text = if number == below { VALID.to_owned() } else { format!("extends: {}.yaml\n", number + 1) };
            tower.file(&format!("worlds/{number}.yaml"), text)
        })
    };
    assert_eq!(tower(16).load().unwrap().crew.len(), 1);
    assert_snapshot!(tower(17).problems());
}

#[test]
fn a_base_outside_the_folder_is_refused() {
    let broken = Broken::world("extends: ../base.yaml\n").file("base.yaml", "seed: 1\n");
    assert_snapshot!(broken.problems());
    assert!(World::open_within(&broken.path("worlds"), &broken.path(".")).is_ok());
}

#[cfg(unix)]
#[test]
fn a_base_that_is_a_link_out_is_refused() {
    let broken = Broken::world("extends: base.yaml\n").file("secret.yaml", "seed: 1\n");
    std::os::unix::fs::symlink("../secret.yaml", broken.path("worlds/base.yaml")).unwrap();
    let error = broken.load().unwrap_err();
    assert!(error.to_string().contains("leads out of the folder of worlds"), "{error}");
}

#[test]
fn a_base_of_a_base_may_be_above_it_within_the_folder() {
    let broken = Broken::world("extends: base/base.yaml\n")
        .file("worlds/base/base.yaml", "extends: ../common.yaml\n")
        .file("worlds/common.yaml", "seed: 9\n");
    assert_eq!(broken.load().unwrap().seed, 9);
}
