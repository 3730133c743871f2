//! The examples of the other endpoints: the document takes them and nothing that differs from them by a field, and a fake
//! serves them from a world that says the same.

use crewpass_mock::MockServer;
use crewpass_mock::world::World;
use serde_json::{Value, json};

use crate::document::described::Document;
use crate::document::examples::{places, read_example, retyped, with, without};
use crate::support::http_client::http_client;

/// An example of an endpoint.
struct Example {
    name: &'static str,
    schema: &'static str,
    method: &'static str,
    path: &'static str,
    /// The fields that may be left out.
    optional: &'static [&'static str],
    /// The fields that may be null.
    nullable: &'static [&'static str],
}

const EXAMPLES: [Example; 6] = [
    Example {
        name: "partner",
        schema: "Partner",
        method: "GET",
        path: "/api/v2/partners/me",
        optional: &["/display_name", "/status", "/subscription_plan", "/granted_scopes"],
        nullable: &["/display_name", "/subscription_plan"],
    },
    Example {
        name: "vessels",
        schema: "VesselList",
        method: "GET",
        path: "/api/v2/employers/me/vessels",
        optional: &[],
        nullable: &["/next_cursor"],
    },
    Example {
        name: "fleet",
        schema: "Fleet",
        method: "GET",
        path: "/api/v2/employers/me/fleet",
        optional: &["/items/0/verification_status", "/items/0/background_check_status", "/next_cursor"],
        nullable: &[
            "/items/0/name",
            "/items/0/role",
            "/items/0/verification_status",
            "/items/0/background_check_status",
            "/next_cursor",
        ],
    },
    Example {
        name: "lookup",
        schema: "FoundPerson",
        method: "POST",
        path: "/api/v2/employers/me/crew/lookup",
        optional: &[],
        nullable: &["/name"],
    },
    Example {
        name: "profile",
        schema: "Profile",
        method: "GET",
        path: "/api/v2/employers/me/crew/crew_001/profile",
        optional: &["/profile_photo_url", "/employment_history", "/date_of_birth", "/address", "/passport", "/visas"],
        nullable: &[
            "/name",
            "/rank",
            "/nationality",
            "/years_experience",
            "/bio",
            "/email",
            "/phone",
            "/profile_photo_url",
            "/employment_history",
            "/employment_history/0/vessel_name",
            "/employment_history/0/role",
            "/employment_history/0/started_at",
            "/employment_history/0/ended_at",
            "/employment_history/0/source",
            "/date_of_birth",
            "/address",
            "/address/line1",
            "/address/line2",
            "/address/city",
            "/address/state",
            "/address/country",
            "/address/postcode",
            "/passport",
            "/passport/nationality",
            "/passport/number",
            "/passport/expiry",
            "/visas",
            "/visas/0/type",
            "/visas/0/country",
            "/visas/0/expiry",
        ],
    },
    Example {
        name: "compliance",
        schema: "ComplianceCheck",
        method: "POST",
        path: "/api/v2/employers/me/crew/crew_001/compliance-checks",
        optional: &[],
        nullable: &[
            "/next_expiry_date",
            "/requirements/0/document_id",
            "/requirements/0/expiry_date",
            "/requirements/0/days_until_expiry",
            "/requirements/1/document_id",
            "/requirements/1/expiry_date",
            "/requirements/1/days_until_expiry",
            "/stcw/modules/0/code",
            "/stcw/modules/0/expiry_date",
            "/medical",
            "/medical/expiry_date",
            "/medical/fit_category",
        ],
    },
];

impl Example {
    fn schema(&self) -> Value {
        json!({"$ref": format!("#/components/schemas/{}", self.schema)})
    }
}

#[test]
fn the_document_takes_the_examples() {
    let document = Document::read();
    for example in &EXAMPLES {
        let (value, schema) = (read_example(example.name), example.schema());
        document.strict().validate(&schema, &value).unwrap();
        let response = document.response(example.method, document.path_of(example.path), 200).unwrap();
        let content = &response["content"]["application/json"];
        assert_eq!(content["example"], value, "openapi.yaml shows another {}", example.name);
        assert_eq!(content["schema"], schema);
    }
}

#[test]
fn nothing_that_differs_by_a_field_is_taken() {
    let strict = Document::read().strict();
    for example in &EXAMPLES {
        let (value, schema, name) = (read_example(example.name), example.schema(), example.name);
        let is_taken = |value: &Value| strict.validate(&schema, value).is_ok();
        let all = places(&value);
        for place in &all {
            let is_optional = without(&value, place).is_some_and(|changed| is_taken(&changed));
            assert_eq!(is_optional, example.optional.contains(&&**place), "{name}: {place} left out");
            let is_nullable = is_taken(&with(&value, place, Value::Null));
            assert_eq!(is_nullable, example.nullable.contains(&&**place), "{name}: {place} is null");
            // Of a null, the other type of the field is not known here.
            let shown = value.pointer(place).unwrap();
            for other in retyped(shown).into_iter().filter(|_| !shown.is_null()) {
                assert!(!is_taken(&with(&value, place, other.clone())), "{name}: {place} may be {other}");
            }
        }
        for place in
            all.iter().map(String::as_str).chain([""]).filter(|place| value.pointer(place).unwrap().is_object())
        {
            let mut more = value.clone();
            more.pointer_mut(place).unwrap()["more"] = json!("not documented");
            assert!(!is_taken(&more), "{name}: a field may be added at `{place}`");
        }
    }
}

/// A world that says what the examples show, as a file has it.
pub(crate) fn world_json() -> Value {
    let profile = read_example("profile");
    let field = |name: &str| profile[name].clone();
    let document = |id: &str, kind: &str, title: &str, expiry: &str| {
        json!({
            "id": id, "type": kind, "title": title, "verification_status": "verified", "expiry_date": expiry,
            "file": {"generate": "pdf"},
        })
    };
    let all = json!([
        "vessels:fleet:read",
        "crew:status:read",
        "crew:profile:read",
        "crew:profile:full:read",
        "crew:documents:read",
        "crew:documents:download",
        "crew:compliance:read",
    ]);
    let shown = read_example("partner");
    json!({
        "partners": [{
            "id": "prt_123", "type": "customer", "display_name": "Blue Horizon Yachts", "plan": "management",
            "granted_scopes": all,
            "keys": [{"name": "full"}, {"name": "limited", "granted_scopes": shown["granted_scopes"]}],
        }],
        "vessels": [{"id": "ves_abc", "name": "M/Y Halcyon", "partners": ["prt_123"]}],
        "roles": [{"name": "Chief Officer", "requires": [
            {"key": "pst", "title": "Personal Survival Techniques", "source": "stcw", "code": "A-VI/1-1"},
            {"key": "medical", "title": "Medical Certificate", "source": "medical", "document": {"type": "Medical"}},
        ]}],
        "crew": [{
            "id": "crew_001", "name": field("name"), "rank": "Chief Officer", "vessels": ["ves_abc"],
            "consent": {"prt_123": all},
            "details": {
                "email": field("email"), "verification": "verified", "background_check": "completed",
                "fit_category": "Fit without restrictions",
                "photo": {"generate": "jpeg"},
                "profile": {
                    "nationality": field("nationality"), "languages": field("languages"), "skills": field("skills"),
                    "years_experience": field("years_experience"), "bio": field("bio"), "phone": field("phone"),
                    "employment_history": field("employment_history"), "date_of_birth": field("date_of_birth"),
                    "address": field("address"), "passport": field("passport"), "visas": field("visas"),
                },
            },
            "documents": [
                document("doc_1", "STCW", "Personal Survival Techniques", "2026-08-01"),
                document("doc_4", "Medical", "Medical Certificate", "2027-03-03"),
                // No role requires it, and the fleet counts it.
                document("doc_9", "Visa", "Schengen Visa", "2026-06-28"),
            ],
        }],
    })
}

#[tokio::test]
async fn a_world_that_says_the_same_is_served_as_the_examples_show_it() {
    let start = "2026-06-08T10:00:00Z".parse().unwrap();
    let world = World::parse(&world_json().to_string(), "examples", None).unwrap();
    let fake = MockServer::builder().world(world).frozen_at(start).start().await.unwrap();
    for example in &EXAMPLES {
        let key = if example.name == "partner" { fake.key_of("limited") } else { fake.key() };
        let url = format!("{}{}", fake.base(), example.path);
        let request = match example.method {
            "POST" if example.name == "lookup" => {
                http_client().post(url).json(&json!({"email": "marina.kovac@example.invalid"}))
            }
            "POST" => http_client().post(url).json(&json!({})),
            _ => http_client().get(url),
        };
        let answer = request.bearer_auth(key.unwrap()).send().await.unwrap().text().await.unwrap();
        let answer = answer.replace(&fake.base(), "https://partners.crewpass.co.uk");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer, read_example(example.name), "{}", example.name);
    }
}
