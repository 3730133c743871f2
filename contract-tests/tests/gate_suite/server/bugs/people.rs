//! Servers that get a profile or a photo wrong, each in one way that one clause alone sees.

use serde_json::{Value, json};

use super::all::bug;
use super::asking::{NO_READ, asks, is_by, take_for_full};
use crate::server::harness::expectation_with;
use crate::server::proxy::{Bug, Passing};

/// The expectation without the values of the profiles.
fn without_profiles() -> String {
    expectation_with(|expectation| {
        for person in expectation["crew"].as_object_mut().unwrap().values_mut() {
            if person.get("profile").is_some() {
                person["profile"] = json!({});
            }
        }
    })
}

/// Changes the profile of a person.
fn profile(passing: &mut Passing, crew: &str, change: impl FnOnce(&mut Value)) {
    if passing.is_profile() && passing.path.contains(crew) && passing.status == 200 {
        passing.edit(change);
    }
}

fn fields(body: &mut Value) -> &mut serde_json::Map<String, Value> {
    body.as_object_mut().unwrap()
}

pub(super) const BUGS: &[Bug] = &[
    bug(
        "profile-of-somebody",
        |passing, _| profile(passing, "crew_001", |body| body["crew_unique_id"] = json!("crew_1")),
        &["CPS-PROFILE-01"],
    ),
    Bug {
        expectation: without_profiles,
        ..bug(
            "profile-without-rank",
            |passing, _| profile(passing, "crew_005", |body| drop(fields(body).remove("rank"))),
            &["CPS-PROFILE-02"],
        )
    },
    Bug {
        expectation: without_profiles,
        ..bug(
            "years-as-a-number",
            |passing, _| profile(passing, "crew_001", |body| body["years_experience"] = json!(12)),
            &["CPS-PROFILE-03"],
        )
    },
    Bug {
        expectation: without_profiles,
        ..bug(
            "british-birthday",
            |passing, _| profile(passing, "crew_001", |body| body["date_of_birth"] = json!("17/05/1988")),
            &["CPS-PROFILE-03"],
        )
    },
    Bug {
        expectation: without_profiles,
        ..bug(
            "full-block-without-visas",
            |passing, _| profile(passing, "crew_001", |body| drop(fields(body).remove("visas"))),
            &["CPS-PROFILE-04"],
        )
    },
    bug(
        "never-full",
        |passing, _| profile(passing, "crew_001", |body| body["full_profile"] = json!(false)),
        &["CPS-PROFILE-04"],
    ),
    bug(
        "full-without-consent",
        |passing, _| profile(passing, "crew_005", |body| body["passport"] = json!({"number": "000000001"})),
        &["CPS-PROFILE-05"],
    ),
    bug(
        "always-full",
        |passing, _| profile(passing, "crew_005", |body| body["full_profile"] = json!(true)),
        &["CPS-PROFILE-05"],
    ),
    bug(
        "another-nationality",
        |passing, _| profile(passing, "crew_001", |body| body["passport"]["nationality"] = json!("Italian")),
        &["CPS-PROFILE-06"],
    ),
    asks(
        "profile-without-scope",
        |path, headers| {
            if path.ends_with("/profile") && is_by(headers, NO_READ) {
                take_for_full(headers);
            }
        },
        &["CPS-PROFILE-07"],
    ),
    bug(
        "profile-refused-off-the-fleet",
        |passing, _| {
            if passing.is_profile() && passing.path.contains("crew_003") {
                passing.refuse(403, "scope_not_consented");
            }
        },
        &["CPS-PROFILE-08"],
    ),
    bug(
        "profile-tells-who-exists",
        |passing, _| {
            if passing.is_profile() && passing.path.contains("crew_900") {
                passing.edit(|body| body["error"]["message"] = json!("on another fleet"));
            }
        },
        &["CPS-PROFILE-08"],
    ),
    bug(
        "photo-elsewhere",
        |passing, _| {
            let url = "https://pictures.example.test/crew_001.jpg";
            profile(passing, "crew_001", |body| body["profile_photo_url"] = json!(url));
        },
        &["CPS-PHOTO-01"],
    ),
    bug(
        "another-photo",
        |passing, _| {
            if passing.is_photo() && passing.status == 200 {
                passing.body.push(0);
            }
        },
        &["CPS-PHOTO-02"],
    ),
    bug(
        "photo-by-redirect",
        |passing, _| {
            if passing.is_photo() && passing.status == 200 {
                passing.status = 302;
                passing.set("location", "https://pictures.example.test/crew_001.jpg");
                passing.body.clear();
            }
        },
        &["CPS-PHOTO-02"],
    ),
    bug(
        "picture-of-nobody",
        |passing, _| {
            if passing.is_photo() && passing.path.contains("crew_005") {
                (passing.status, passing.body) = (200, b"GIF89a".to_vec());
            }
        },
        &["CPS-PHOTO-03"],
    ),
    asks(
        "photo-without-scope",
        |path, headers| {
            if path.ends_with("/photo") && is_by(headers, NO_READ) {
                take_for_full(headers);
            }
        },
        &["CPS-PHOTO-04"],
    ),
    bug(
        "photo-of-anybody",
        |passing, _| {
            if passing.is_photo() && passing.path.contains("crew_003") {
                (passing.status, passing.body) = (200, b"GIF89a".to_vec());
            }
        },
        &["CPS-PHOTO-05"],
    ),
    bug(
        "photo-as-bytes",
        |passing, _| {
            if passing.is_photo() && passing.status == 200 {
                passing.set("content-type", "application/octet-stream");
            }
        },
        &["CPS-PHOTO-06"],
    ),
];
