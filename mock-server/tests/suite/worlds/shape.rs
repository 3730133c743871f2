//! Mistakes of form: fields, types and values.

use insta::assert_snapshot;

use super::broken::{Broken, VALID, problems, with};

#[test]
fn an_unknown_field() {
    assert_snapshot!(problems(&with("title: Survival", "titel: Survival")));
}

#[test]
fn a_missing_field() {
    assert_snapshot!(problems(&with("        title: Survival\n", "")));
}

#[test]
fn a_missing_field_of_an_entry_on_one_line() {
    assert_snapshot!(problems(&with("name: Halcyon, ", "")));
}

#[test]
fn a_wrong_type() {
    assert_snapshot!(problems(&with("vessels: [ves_abc]", "vessels: ves_abc")));
}

#[test]
fn an_unknown_scope() {
    assert_snapshot!(problems(&with("granted_scopes: [crew:documents:read]", "granted_scopes: [crew:document:read]")));
}

#[test]
fn an_unknown_status() {
    assert_snapshot!(problems(&with("status: verified", "status: verfied")));
}

/// Wrong in form, and in a reference: all are shown, each at its line.
#[test]
fn every_mistake_at_once() {
    let text = with("title: Survival", "title: Survival\n        isuer: MCA").replace("ves_abc, name", "ves_abd, name");
    assert_snapshot!(problems(
        &text.replace("verification_status: verified", "verification_status: verfied\n        size: 5")
    ));
    let whole =
        with("title: Survival", "title: Survival\n        isuer: MCA").replace("ves_abc, name", "ves_abd, name");
    assert_snapshot!("a_field_and_a_reference", problems(&format!("sede: 1\n{whole}")));
}

#[test]
fn mistakes_of_a_base_are_all_shown() {
    let broken = Broken::world("extends: base.yaml\nsede: 2\n").file("worlds/base.yaml", "sede: 1\nmode: tset\n");
    let problems = broken.problems();
    assert!(
        problems.contains("base.yaml:1:1") && problems.contains("base.yaml:2:7") && problems.contains("2 problems"),
        "{problems}"
    );
}

#[test]
fn a_bad_day() {
    assert_snapshot!(problems(&with("2028-03-01", "2028-02-30")));
}

#[test]
fn a_bad_policy_name() {
    assert_snapshot!(problems(&format!("policies: {{dead_lnk: \"410\"}}\n{VALID}")));
}

#[test]
fn a_bad_policy_value() {
    assert_snapshot!(problems(&format!("policies:\n  dead_link: \"418\"\n{VALID}")));
}

#[test]
fn a_bad_link_ttl() {
    assert_snapshot!(problems(&format!("policies:\n  link_ttl: 25h\n{VALID}")));
}

#[test]
fn a_link_ttl_that_is_not_about_15_minutes_is_allowed() {
    for ttl in ["1s", "779s", "1021s", "24h"] {
        Broken::world(&format!("policies: {{link_ttl: {ttl}}}\n{VALID}")).load().unwrap();
    }
}

#[test]
fn a_bad_clock() {
    assert_snapshot!(problems(&format!("clock: yesterday\n{VALID}")));
}

#[test]
fn a_bad_seed() {
    assert_snapshot!(problems(&format!("seed: -1\n{VALID}")));
}

#[test]
fn a_field_given_twice() {
    assert_snapshot!(problems(&with("type: STCW", "type: STCW\n        type: STCW")));
}

#[test]
fn text_that_is_no_yaml() {
    assert_snapshot!(problems(&with("vessels: [ves_abc]", "vessels: [ves_abc")));
}

#[test]
fn a_tab_as_indentation() {
    assert_snapshot!(problems(&with("    vessels: [ves_abc]", "\tvessels: [ves_abc]")));
}

#[test]
fn text_that_is_no_json() {
    assert_snapshot!(problems("{\"name\": \"x\",\n \"crew\": [}"));
}

#[test]
fn json_of_the_wrong_shape_is_located_too() {
    assert_snapshot!(problems("{\"crew\": [{\"id\": \"crew_1\",\n  \"vesels\": []}]}"));
}

#[test]
fn a_list_where_a_world_is_expected() {
    assert_snapshot!(problems("- a\n- b\n"));
}

#[test]
fn bytes_that_are_no_text() {
    let broken = Broken::world("").file("worlds/world.yaml", b"name: a\n# \xff\n");
    assert_snapshot!(broken.problems());
}

#[test]
fn a_world_that_is_not_there() {
    assert_snapshot!(Broken::world(VALID).problems_of("nowhere.yaml".as_ref()));
}

#[test]
fn a_folder_without_a_world() {
    assert_snapshot!(Broken::world(VALID).problems_of("files".as_ref()));
}

#[test]
fn a_narrow_terminal_is_respected() {
    let broken = Broken::world(&with("status: verified", "status: verfied"));
    let narrow = broken.load().unwrap_err().render(false, 40);
    let prose = |line: &&str| !line.contains(['╭', '·']) && !line.trim_start().starts_with(char::is_numeric);
    let widest = narrow.lines().filter(prose).map(|line| line.chars().count()).max();
    assert!(widest <= Some(40), "{narrow}");
    assert!(!narrow.contains('\u{1b}'), "no colour was asked for");
    assert!(broken.load().unwrap_err().render(true, 40).contains('\u{1b}'), "colour was asked for");
}

#[test]
fn a_large_world_is_within_the_budget() {
    let aboard = "ves_abc, ".repeat(300_000);
    let world = Broken::world(&with("vessels: [ves_abc]", &format!("vessels: [{aboard}]"))).load().unwrap();
    assert_eq!(world.crew[0].vessels.len(), 300_000);
}
