//! The variants as `--list-bugs` prints them, each with the reason if property mode does not find it.

use serde::Serialize;

use crate::bugs::{Bug, VARIANTS, Variant};

/// The variant of that name.
pub(crate) fn named(name: &str) -> Result<Bug, String> {
    let found = VARIANTS.iter().find(|variant| variant.name == name);
    found.map(|variant| variant.bug).ok_or_else(|| "no such variant; --list-bugs shows them".to_owned())
}

/// The variants that property mode does not find although it is set on them, with the reason: those of a MUST, and those
/// of a fleet.
const NOT_DRAWN: &[(Bug, &str)] = &[
    (
        Bug::RefusesEverything,
        "it asks for nothing, so that no case shows whether its exit is right: the run ends with 3",
    ),
    (Bug::CrashesAtOnce, "it asks for nothing, so that no case shows whether its exit is right: the run ends with 3"),
    (Bug::DoubleDecodes, "it takes a file that is gzip by itself, and no kind of file that a world makes is"),
    (Bug::AppendsAnyRange, "no drawn fault answers with another range"),
    (Bug::AppendsOtherVersion, "no drawn fault answers with another version of a file"),
    (Bug::TrustsHeaderName, "in a drawn world a link names a file, or nothing does"),
    (Bug::TrustsCodedName, "in a drawn world a link names a file, or nothing does"),
    (Bug::TrustsTitle, "no drawn title leads out of the folder"),
    (Bug::TrustsListCrewId, "no drawn list names another crew member"),
    (Bug::ReadsJson, "no drawn file begins as JSON does"),
    (Bug::SavesUnlocated, "each drawn redirect has a Location"),
    (Bug::NeedsRequestId, "each drawn refusal has an id"),
    (Bug::ComparesTypesAsText, "the type of each drawn answer is in lower case"),
    (Bug::NeedsType, "each drawn answer with status 200 has a type"),
    (Bug::NoConnectTimeout, "a drawn server accepts each connection"),
    (Bug::NoHandshakeTimeout, "a drawn server finishes each handshake"),
    (Bug::NoRedirectTimeout, "no drawn fault keeps silent behind a redirect"),
    (Bug::ListRedirectWithKey, "a drawn server redirects links only"),
    (Bug::PageRedirectWithKey, "a drawn server redirects links only"),
    (Bug::KeyToOtherPort, "no drawn redirect of the API leads to another port of the host of BASE"),
    (Bug::NoTlsVerifyOfFiles, "no drawn link leads to a host with another certificate"),
    (Bug::NullItemsAreNone, "no drawn list has items that are null"),
    (Bug::SkipsItemsWithoutId, "each drawn item has an id"),
    (Bug::SavesAny2xx, "each drawn status that is not 200 is a refusal"),
    (Bug::UnconsentedLinkIsFine, "each drawn person consents to links, or to nothing"),
    (Bug::TooOftenAfterGateway, "the tries are counted where a drawn 503 lasts"),
    (Bug::TooOftenAfterLimit, "the tries are counted where a drawn 503 lasts"),
    (Bug::HotWithoutWait, "each drawn Retry-After asks for a wait"),
    (Bug::ShortLinks, "no drawn link is long"),
    (Bug::SkipsRowsWithoutId, "each drawn row has an id"),
    (Bug::FailedPageIsTheEnd, "it is set on documents of one person, and needs a fleet"),
    (Bug::NullRowsAreNone, "no drawn page has items that are null"),
    (Bug::LinkConsentEndsAll, "where a drawn person does not consent to links, a client may end with a failure"),
    (Bug::SkipsDeclined, "no drawn row has a background check"),
    (Bug::ListsAllAtOnce, "no drawn fleet has twenty people"),
];

/// A variant as it is listed.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    variant: Variant,
    /// Why property mode does not find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_drawn: Option<&'static str>,
}

/// The table as JSON, one variant a line.
pub(crate) fn listed() -> Result<String, serde_json::Error> {
    let row = |variant: &Variant| {
        let not_drawn = NOT_DRAWN.iter().find(|(bug, _)| *bug == variant.bug).map(|(_, why)| *why);
        serde_json::to_string(&Listed { variant: *variant, not_drawn })
    };
    let lines: Vec<_> = VARIANTS.iter().map(row).collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]", lines.join(",\n")))
}
