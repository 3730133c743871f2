//! One request for each answer that the document describes.

/// What happens before the request.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// Sixteen minutes pass.
    TooLate,
    /// The store goes down.
    StoreDown,
    /// The partner of the guide loses every scope.
    NoScopes,
    /// The same request goes out sixty times.
    SixtyTimes,
}

/// A request, and the status that it gets.
pub(crate) struct Case {
    pub(crate) status: u16,
    pub(crate) method: &'static str,
    /// `{link}` stands for a link to the document that follows, `{LIST}` for the list of `crew_001`.
    pub(crate) target: &'static str,
    /// The name of a key of the starter world; none at all where it is empty.
    pub(crate) key: &'static str,
    pub(crate) header: Option<(&'static str, &'static str)>,
    /// A body of JSON.
    pub(crate) body: Option<&'static str>,
    pub(crate) settings: &'static str,
    pub(crate) before: Before,
}

const fn get(status: u16, target: &'static str, key: &'static str) -> Case {
    Case { status, method: "GET", target, key, header: None, body: None, settings: "", before: Before::Nothing }
}

impl Case {
    const fn post(self, body: &'static str) -> Self {
        Self { method: "POST", body: Some(body), ..self }
    }

    const fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    const fn with(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    const fn set(self, settings: &'static str) -> Self {
        Self { settings, ..self }
    }

    const fn after(self, before: Before) -> Self {
        Self { before, ..self }
    }
}

const ME: &str = "/api/v2/partners/me";
const VESSELS: &str = "/api/v2/employers/me/vessels";
const FLEET: &str = "/api/v2/employers/me/fleet";
const WITHOUT_LIMIT: &str = "/api/v2/employers/me/fleet?limit=0";
const BAD_CURSOR: &str = "/api/v2/employers/me/fleet?cursor=cur_forged";
const LOOKUP: &str = "/api/v2/employers/me/crew/lookup";
const FOUND: &str = r#"{"email": "marina.kovac@example.invalid"}"#;
const WITHHELD: &str = r#"{"email": "lea.moreau@example.invalid"}"#;
const NOBODY: &str = r#"{"email": "nobody@example.invalid"}"#;
const PROFILE: &str = "/api/v2/employers/me/crew/crew_001/profile";
const PHOTO: &str = "/api/v2/employers/me/crew/crew_001/photo";
const COMPLIANCE: &str = "/api/v2/employers/me/crew/crew_001/compliance-checks";
const LIST: &str = "{LIST}";
const LINK: &str = "{LIST}/doc_1/download";
const FILE: &str = "{link}doc_1";
/// The link of a document whose file has neither a name nor a type.
const UNNAMED: &str = "{link}doc_6";
const OFF_FLEET: &str = "/api/v2/employers/me/crew/crew_003/documents";
const NO_CONSENT: &str = "/api/v2/employers/me/crew/crew_002/documents";
const NO_CONSENT_TO_LINK: &str = "/api/v2/employers/me/crew/crew_004/documents/doc_40/download";

/// A body over the limit.
const LARGE: &str = match std::str::from_utf8(&[b' '; 70_000]) {
    Ok(text) => text,
    Err(_) => "",
};

/// Every case.
pub(crate) const CASES: &[Case] = &[
    // Who am I.
    get(200, ME, "full"),
    get(200, ME, "full").set("unknown_fields=extra"),
    get(401, ME, ""),
    get(403, ME, "wrong_mode"),
    get(403, ME, "no_plan"),
    get(429, ME, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, ME, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, ME, "full").by("POST"),
    // The vessels.
    get(200, VESSELS, "full"),
    get(200, VESSELS, "full").set("unknown_fields=extra"),
    get(401, VESSELS, ""),
    get(403, VESSELS, "wrong_mode"),
    get(403, VESSELS, "no_plan"),
    get(403, VESSELS, "full").after(Before::NoScopes),
    get(429, VESSELS, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, VESSELS, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, VESSELS, "full").by("POST"),
    // The fleet.
    get(200, FLEET, "full"),
    get(200, FLEET, "no_read"),
    get(200, "/api/v2/employers/me/fleet?limit=2&include_documents_expiring_within_days=730", "full"),
    get(200, FLEET, "full").set("last_cursor=absent withheld_fields=absent expired_count=yes fleet_order=shuffled"),
    get(200, FLEET, "full").set("unknown_fields=extra unknown_values=new"),
    get(200, "/api/v2/employers/me/fleet?limit=201", "full").set("limit_over=clamped"),
    get(400, BAD_CURSOR, "full"),
    get(401, FLEET, ""),
    get(403, FLEET, "wrong_mode"),
    get(403, FLEET, "no_plan"),
    get(403, FLEET, "full").after(Before::NoScopes),
    get(403, FLEET, "no_read").set("fleet_without_status=403"),
    get(404, BAD_CURSOR, "full").set("bad_cursor=404"),
    get(422, WITHOUT_LIMIT, "full"),
    get(422, BAD_CURSOR, "full").set("bad_cursor=422"),
    get(422, "/api/v2/employers/me/fleet?order=name", "full").set("unknown_input=422"),
    get(429, FLEET, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, FLEET, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, FLEET, "full").by("POST"),
    // The lookup.
    get(200, LOOKUP, "full").post(FOUND),
    get(200, LOOKUP, "full").post(FOUND).set("unknown_fields=extra"),
    get(401, LOOKUP, "").post(FOUND),
    get(403, LOOKUP, "wrong_mode").post(FOUND),
    get(403, LOOKUP, "no_plan").post(FOUND),
    get(403, LOOKUP, "no_read").post(FOUND),
    get(403, LOOKUP, "full").post(WITHHELD),
    get(404, LOOKUP, "full").post(NOBODY),
    get(413, LOOKUP, "full").post(LARGE),
    get(422, LOOKUP, "full").post("{"),
    get(429, LOOKUP, "full").post(FOUND).set("rate_limits=on").after(Before::SixtyTimes),
    get(429, LOOKUP, "full").post(FOUND).set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, LOOKUP, "full"),
    // The profile.
    get(200, PROFILE, "full"),
    get(200, PROFILE, "full").set("unknown_fields=extra"),
    get(401, PROFILE, ""),
    get(403, PROFILE, "wrong_mode"),
    get(403, PROFILE, "no_plan"),
    get(403, PROFILE, "no_read"),
    get(403, "/api/v2/employers/me/crew/crew_004/profile", "full"),
    get(404, "/api/v2/employers/me/crew/crew_003/profile", "full"),
    get(429, PROFILE, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, PROFILE, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, PROFILE, "full").by("POST"),
    // The photo.
    get(200, PHOTO, "full"),
    get(401, PHOTO, ""),
    get(403, PHOTO, "wrong_mode"),
    get(403, PHOTO, "no_plan"),
    get(403, PHOTO, "no_read"),
    get(403, "/api/v2/employers/me/crew/crew_004/photo", "full"),
    get(404, "/api/v2/employers/me/crew/crew_003/photo", "full"),
    get(429, PHOTO, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, PHOTO, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, PHOTO, "full").by("POST"),
    // The compliance check.
    get(200, COMPLIANCE, "full").post("{}"),
    get(200, COMPLIANCE, "full").post("{}").set("unknown_fields=extra"),
    get(200, "/api/v2/employers/me/crew/crew_005/compliance-checks", "full").post("{}"),
    get(401, COMPLIANCE, "").post("{}"),
    get(403, COMPLIANCE, "wrong_mode").post("{}"),
    get(403, COMPLIANCE, "no_plan").post("{}"),
    get(403, COMPLIANCE, "no_read").post("{}"),
    get(403, "/api/v2/employers/me/crew/crew_004/compliance-checks", "full").post("{}"),
    get(404, "/api/v2/employers/me/crew/crew_001/compliance-checks?vessel_id=ves_xyz", "full").post("{}"),
    get(413, COMPLIANCE, "full").post(LARGE),
    get(422, COMPLIANCE, "full").post("[]"),
    get(429, COMPLIANCE, "full").post("{}").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, COMPLIANCE, "full").post("{}").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(405, COMPLIANCE, "full"),
    // The list.
    get(200, LIST, "full"),
    get(200, LIST, "full").set("nullable=issue_date,expiry_date,document_number,category"),
    get(200, LIST, "full").set("document_order=shuffled status_by_date=clock"),
    get(200, LIST, "full").set("unknown_fields=extra unknown_values=new"),
    get(200, "/api/v2/employers/me/crew/crew_005/documents", "full"),
    get(200, LIST, "full").with("X-Partner-API-Key", "cpk_test_other"),
    get(401, LIST, "full").with("X-Partner-API-Key", "cpk_test_other").set("both_keys=refused"),
    get(401, LIST, ""),
    get(401, LIST, "revoked"),
    get(403, LIST, "wrong_mode"),
    get(403, LIST, "no_plan"),
    get(403, LIST, "no_read"),
    get(403, NO_CONSENT, "full"),
    get(404, OFF_FLEET, "full"),
    get(429, LIST, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, LIST, "full")
        .set("rate_limits=on limiter_position=after_scope retry_after=http_date")
        .after(Before::SixtyTimes),
    get(405, LIST, "full").by("PUT"),
    // The link.
    get(200, LINK, "full"),
    get(200, LINK, "no_read"),
    get(200, LINK, "full").set("link_ttl=960s unknown_fields=extra"),
    get(200, "{LIST}/doc_6/download", "full"),
    get(200, "{LIST}/doc_6/download", "full").set("optional_fields=absent"),
    get(200, "{LIST}/doc_0/download", "full").set("superseded_document=current"),
    get(401, LINK, ""),
    get(403, LINK, "wrong_mode"),
    get(403, LINK, "no_plan"),
    get(403, LINK, "no_download"),
    get(403, NO_CONSENT_TO_LINK, "full"),
    get(404, "{LIST}/doc_0/download", "full"),
    get(429, LINK, "full").set("rate_limits=on").after(Before::SixtyTimes),
    get(429, LINK, "full").set("rate_limits=on retry_after=seconds").after(Before::SixtyTimes),
    get(503, LINK, "full").after(Before::StoreDown),
    get(503, LINK, "full").set("store_down_at=link store_down_body=html").after(Before::StoreDown),
    get(503, LINK, "full").set("store_down_body=text retry_after=seconds").after(Before::StoreDown),
    get(503, LINK, "full").set("store_down_body=empty").after(Before::StoreDown),
    get(405, LINK, "full").by("DELETE"),
    // The file.
    get(200, FILE, ""),
    get(200, UNNAMED, ""),
    get(206, UNNAMED, "").with("Range", "bytes=-9").set("ranges=honoured"),
    get(200, FILE, "full"),
    get(200, FILE, "").set("file_headers=chunked"),
    get(200, FILE, "").set("file_headers=no_disposition"),
    get(200, FILE, "").with("Range", "bytes=0-9"),
    get(200, FILE, "").set("ranges=honoured"),
    get(206, FILE, "").with("Range", "bytes=0-9").set("ranges=honoured"),
    get(416, FILE, "").with("Range", "bytes=99999999-").set("ranges=honoured"),
    get(304, FILE, "").with("If-None-Match", "*").set("ranges=honoured"),
    get(412, FILE, "").with("If-Match", "\"other\"").set("ranges=honoured"),
    get(302, FILE, "").set("file_redirect=302"),
    get(303, FILE, "").set("file_redirect=303"),
    get(307, FILE, "").set("file_redirect=307x3"),
    get(308, FILE, "").set("file_redirect=308"),
    get(400, FILE, "full").set("key_on_file=refused"),
    get(403, FILE, "").set("dead_link=403").after(Before::TooLate),
    get(404, FILE, "").after(Before::TooLate),
    get(404, "/api/v2/files/eyJunknown", ""),
    get(410, FILE, "").set("dead_link=410").after(Before::TooLate),
    get(503, FILE, "").after(Before::StoreDown),
    get(503, FILE, "").set("store_down_at=file store_down_body=html").after(Before::StoreDown),
    get(503, FILE, "").set("store_down_body=text retry_after=http_date").after(Before::StoreDown),
    get(405, FILE, "").by("PATCH"),
    // No path.
    get(404, "/api/v2/nothing", "full"),
    get(404, "{LIST}/", "full"),
];
