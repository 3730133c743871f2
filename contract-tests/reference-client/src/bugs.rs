//! The one-bug variants: what each does wrong, and the obligations that must catch it.
//!
//! A variant is the good client with one small deviation, which is where the good behaviour is. A variant that no
//! obligation catches is a hole in the gate; so is an obligation that catches none.

use serde::Serialize;

use Bug as B;

/// One way to be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Variant {
    #[serde(skip)]
    pub(crate) bug: Bug,
    /// What `--bug` takes.
    pub(crate) name: &'static str,
    /// What this variant does.
    pub(crate) what: &'static str,
    /// The obligations that must fail.
    pub(crate) caught_by: &'static [&'static str],
    /// Those that may fail with them, since they say the same more generally; `*` where hardly any document is right.
    pub(crate) along_with: &'static [&'static str],
}

/// Declares the variants and the table of them, in the catalogue's order.
macro_rules! variants {
    ($($bug:ident $name:literal $what:literal $caught_by:tt $along_with:tt;)*) => {
        /// The deviation that this run has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Bug {
            $($bug,)*
        }

        /// Every variant.
        pub(crate) const VARIANTS: &[Variant] = &[
            $(Variant { bug: B::$bug, name: $name, what: $what, caught_by: &$caught_by, along_with: &$along_with },)*
        ];
    };
}

variants! {
    // The key.
    SendsKeyTwice "sends-key-twice" "sends X-Partner-API-Key beside the Bearer key" ["CPK-AUTH-01"] [];
    LeaksKeyOnLink "leaks-key-on-link" "sends the key on the file step" ["CPK-AUTH-02"] [];
    LeaksKeyOnRedirect "leaks-key-on-redirect" "sends the key where the file step is redirected to" ["CPK-AUTH-02"] [];
    LeaksKeyAfterRefusal "leaks-key-after-refusal" "sends the key on the file step once a link was refused"
        ["CPK-AUTH-02"] [];
    LeaksKeyEncoded "leaks-key-encoded" "sends the key to the file step, base64-coded in a header of its own"
        ["CPK-AUTH-02"] [];
    FollowsCrossOriginWithKey "follows-cross-origin-with-key" "follows redirects of the API to anywhere, with the key"
        ["CPK-AUTH-03"] [];
    ListRedirectWithKey "list-redirect-with-key" "follows redirects of the list to anywhere, with the key"
        ["CPK-AUTH-03"] [];
    PageRedirectWithKey "page-redirect-with-key" "follows redirects of the fleet to anywhere, with the key"
        ["CPK-AUTH-03"] [];
    KeyToOtherPort "key-to-other-port" "follows redirects of the API to another port, with the key" ["CPK-AUTH-03"] [];
    LogsKey "logs-key" "prints the key" ["CPK-AUTH-04"] [];
    LogsLink "logs-link" "prints each link that it follows" ["CPK-AUTH-04"] [];
    PlainHttpAnywhere "plain-http-anywhere" "sends the key over plain http off this machine" ["CPK-AUTH-05"] [];
    NoTlsVerify "no-tls-verify" "accepts any certificate" ["CPK-AUTH-06"] ["CPK-OUT-01"];
    NoHostCheck "no-host-check" "accepts a certificate for any host" ["CPK-AUTH-06"] ["CPK-OUT-01"];
    NoTlsVerifyOfFiles "no-tls-verify-of-files" "accepts any certificate on the file step"
        ["CPK-AUTH-06"] ["CPK-OUT-01"];
    KeyInQuery "key-in-query" "puts the key in the query of the list as well" ["CPK-AUTH-07"] [];
    KeyInReferer "key-in-referer" "puts the key in a Referer as well" ["CPK-AUTH-07"] [];

    // The list.
    TriesV1First "tries-v1-first" "asks for the list under a version that nobody documents, then rightly"
        ["CPK-LIST-01"] ["CPK-LIST-02", "CPK-LIST-05", "CPK-ERR-01", "CPK-HTTP-02", "CPK-LINK-02", "CPK-LINK-10"];
    CrewIdNotEncoded "crew-id-not-encoded" "puts the crew id into the path as it is" ["CPK-LIST-02"] [];
    CrewIdEncodedTwice "crew-id-encoded-twice" "encodes the crew id twice"
        ["CPK-LIST-02"] [];
    IdNotEncoded "id-not-encoded" "puts both ids into the path as they are"
        ["CPK-LIST-02", "CPK-LINK-02"] [];
    NeedsIssuer "needs-issuer" "takes a null issuer for a broken answer" ["CPK-LIST-03"] ["CPK-OUT-01"];
    RefusesUnknownFields "refuses-unknown-fields" "takes an unknown field of an item for a broken answer"
        ["CPK-LIST-04"] ["CPK-OUT-01"];
    SkipsUnverified "skips-unverified" "saves verified documents only, and exits 0" ["CPK-OUT-01"] ["*"];
    SkipsRejected "skips-rejected" "passes over rejected documents, and exits 0" ["CPK-OUT-01"] ["*"];
    SkipsExpired "skips-expired" "passes over expired documents, and exits 0" ["CPK-OUT-01"] ["*"];
    SkipsPastDates "skips-past-dates" "passes over documents whose date has passed, and exits 0" ["CPK-OUT-01"] ["*"];
    SkipsUnknownStatus "skips-unknown-status" "passes over a status that it does not know, and exits 0"
        ["CPK-LIST-04"] ["CPK-OUT-01"];
    CrashesOnUnknownStatus "crashes-on-unknown-status" "dies of a status that it does not know"
        ["CPK-LIST-04"] ["CPK-OUT-01"];
    NeedsFileName "needs-file-name" "takes a link without content_type and file_name for a broken one"
        ["CPK-LIST-11"] ["CPK-OUT-01"];
    EmptyIsAnError "empty-is-an-error" "takes an empty list for not found" ["CPK-LIST-05"] ["CPK-OUT-01", "CPK-FLEET-01"];
    AsksTwiceWhenEmpty "asks-twice-when-empty" "asks for an empty list again" ["CPK-LIST-05"] [];
    BrokenListIsEmpty "broken-list-is-empty" "takes a list of the wrong shape for an empty one"
        ["CPK-LIST-06"] ["CPK-OUT-01", "CPK-LIST-07"];
    NullItemsAreNone "null-items-are-none" "takes a list whose items are null for an empty one"
        ["CPK-LIST-06"] ["CPK-OUT-01"];
    SkipsItemsWithoutId "skips-items-without-id" "passes over items without a document_id, and exits 0"
        ["CPK-OUT-01"] [];
    IgnoresListEcho "ignores-list-echo" "saves a list for another crew member" ["CPK-LIST-07"] [];
    RemembersIds "remembers-ids" "asks for the documents of earlier runs, too" ["CPK-LIST-08"] ["CPK-OUT-01", "CPK-FLEET-01"];
    StopsAtFirstError "stops-at-first-error" "gives all documents up when one fails" ["CPK-LIST-09"] [];

    // The link.
    NormalisesLink "normalises-link" "writes the link's escapes anew" ["CPK-LINK-01"] [];
    DropsLinkQuery "drops-link-query" "leaves the link's query out" ["CPK-LINK-01"] [];
    DocumentIdNotEncoded "document-id-not-encoded" "puts the document id into the path as it is" ["CPK-LINK-02"] [];
    ReusesDeadLink "reuses-dead-link" "follows a refused link again before it asks for another"
        ["CPK-LINK-03"] ["CPK-LINK-04"];
    OneLinkForAll "one-link-for-all" "follows the first document's link for every document" ["CPK-LINK-03"] ["*"];
    NeverAsksAgain "never-asks-again" "gives up when a link is dead" ["CPK-LINK-04"] [];
    AsksTooOften "asks-too-often" "asks for five links of a document whose links are all dead" ["CPK-LINK-04"] [];
    PrefetchesAllLinks "prefetches-all-links" "asks for all links before it follows the first" ["CPK-LINK-05"]
        ["CPK-ERR-07", "CPK-LINK-11"];
    CachesLinksOnDisk "caches-links-on-disk" "keeps links in its home for the next run"
        ["CPK-LINK-06", "CPK-AUTH-04"] ["CPK-LINK-11", "CPK-OUT-04"];
    CachesLinksCoded "caches-links-coded" "keeps links in its home for the next run, in a form that no search finds"
        ["CPK-LINK-06"] ["CPK-OUT-04", "CPK-LINK-11"];
    AnyLinkHost "any-link-host" "follows a link to any host" ["CPK-LINK-07"] [];
    LinkBeginsWithBase "link-begins-with-base" "follows a link that begins with BASE, wherever it leads" ["CPK-LINK-07"] [];
    HostBeginsAlike "host-begins-alike" "follows a link to a host that begins as that of BASE does" ["CPK-LINK-07"] [];
    LinkDowngrade "link-downgrade" "follows a plain link of a service that speaks TLS" ["CPK-LINK-07"] [];
    LinkWithUser "link-with-user" "follows a link with a user name before its host" ["CPK-LINK-07"] [];
    FollowsFileLinks "follows-file-links" "copies from this machine's disk when a link says so"
        ["CPK-LINK-08"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    ResolvesRelativeLinks "resolves-relative-links" "takes a relative link for one below BASE"
        ["CPK-LINK-08"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-LINK-07"];
    IgnoresLinkEcho "ignores-link-echo" "saves what a link for another document gives" ["CPK-LINK-09"] [];
    NullLinkBecomesText "null-link-becomes-text" "asks BASE for `/None` where there is no link" ["CPK-LINK-10"] [];
    MissingLinkIsFine "missing-link-is-fine" "passes over a document without a link, and exits 0"
        ["CPK-LINK-10"] ["CPK-OUT-01"];
    UnreadableLinkIsFine "unreadable-link-is-fine" "passes over a document whose link is not JSON, and exits 0"
        ["CPK-LINK-10"] ["CPK-OUT-01"];
    NeedsPlainExpiry "needs-plain-expiry" "dies of an expires_at with a fraction or an offset" ["CPK-LINK-11"] [];
    NeedsDate "needs-date" "refuses a link whose answer has no readable Date" ["CPK-LINK-11"] [];
    NeedsExpiry "needs-expiry" "refuses a link whose expires_at is no time" ["CPK-LINK-11"] [];
    OwnClockDecides "own-clock-decides" "refuses a link that its own clock takes for expired" ["CPK-LINK-11"] [];
    AsksLinkTwice "asks-link-twice" "asks for two links a document and follows one" ["CPK-LINK-12"]
        ["CPK-LINK-04", "CPK-RTY-01"];

    // The file.
    IgnoresStatus "ignores-status" "saves the body of whatever the file step answers"
        ["CPK-FILE-01"] ["CPK-OUT-01", "CPK-LINK-04", "CPK-RTY-07", "CPK-OUT-02", "CPK-OUT-03", "CPK-RTY-02"];
    SavesAny2xx "saves-any-2xx" "saves the body of any answer of the file step from 200 to 299"
        ["CPK-FILE-01"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    SavesRedirectBody "saves-redirect-body" "saves the body of a redirect that is one too many"
        ["CPK-FILE-01"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    SavesUnlocated "saves-unlocated" "saves the body of a redirect without Location"
        ["CPK-FILE-01"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    ShortIsWhole "short-is-whole" "takes a body that breaks off for the whole"
        ["CPK-FILE-02"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-TIME-02"];
    SavesTail "saves-tail" "resumes a file that broke off, and takes the rest for the whole"
        ["CPK-FILE-02"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    AppendsWhole "appends-whole" "resumes where ranges are ignored, and appends the whole file to its beginning"
        ["CPK-FILE-02"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    AppendsAnyRange "appends-any-range" "resumes, and appends whatever range it gets"
        ["CPK-FILE-02"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    AppendsOtherVersion "appends-other-version" "resumes, and appends the rest of another version"
        ["CPK-FILE-02"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    TextMode "text-mode" "writes CRLF as LF in files that are named as text"
        ["CPK-FILE-03"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-FILE-04", "CPK-NAME-01"];
    StripsBom "strips-bom" "leaves byte order marks out"
        ["CPK-FILE-03"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-FILE-04"];
    ReadsJson "reads-json" "reads a file of JSON, and writes it again"
        ["CPK-FILE-03"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    StopsAtCtrlZ "stops-at-ctrl-z" "takes the byte 0x1A for the end"
        ["CPK-FILE-03"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-FILE-04"];
    StopsAtNul "stops-at-nul" "takes the byte 0 for the end"
        ["CPK-FILE-03"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-FILE-04"];
    DoubleDecodes "double-decodes" "unpacks a file that is gzip without being coded so" ["CPK-FILE-04"] [];
    NeverDecodes "never-decodes" "accepts gzip and saves it as it came"
        ["CPK-FILE-04"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03", "CPK-SEC-03"];
    NoRedirect "no-redirect" "follows no redirect of a link" ["CPK-FILE-05"] [];
    OneHop "one-hop" "follows one redirect only" ["CPK-FILE-05"] [];
    ShortUrls "short-urls" "follows no redirect to a URL of more than 2,083 characters" ["CPK-FILE-05"] [];
    No308 "no-308" "does not know the status 308" ["CPK-FILE-05"] [];
    RedirectAnywhere "redirect-anywhere" "follows a redirect to any host" ["CPK-FILE-06"] [];
    RedirectBeginsWithBase "redirect-begins-with-base" "follows a redirect that begins with BASE, wherever it leads"
        ["CPK-FILE-06"] [];
    RedirectToOtherPort "redirect-to-other-port" "follows a redirect to any port of BASE's host" ["CPK-FILE-06"] [];
    RedirectDowngrade "redirect-downgrade" "follows a redirect from https to http" ["CPK-FILE-06"] [];
    SavesHtml "saves-html" "saves a login page as the document" ["CPK-FILE-07"] [];
    ComparesPagesAsText "compares-pages-as-text" "saves a page whose type has a parameter" ["CPK-FILE-07"] [];
    SavesJsonErrors "saves-json-errors" "saves an error in JSON with status 200 as the document" ["CPK-FILE-07"] [];
    SavesNothing "saves-nothing" "saves an empty body as the document" ["CPK-FILE-08"] [];
    LeavesPartialFile "leaves-partial-file" "writes under the final name from the first byte"
        ["CPK-FILE-09"] ["CPK-OUT-04", "CPK-OUT-02"];
    BuffersWholeFile "buffers-whole-file" "holds a file in memory before it writes" ["CPK-FILE-10"] [];

    // The name.
    TrustsFileName "trusts-file-name" "joins the served name to the folder as it is"
        ["CPK-NAME-01"]
        ["CPK-NAME-05", "CPK-NAME-08", "CPK-OUT-01", "CPK-OUT-03", "CPK-NAME-02", "CPK-NAME-03", "CPK-NAME-07"];
    TrustsHeaderName "trusts-header-name" "takes a name that Content-Disposition alone gives as it is"
        ["CPK-NAME-01"] ["CPK-NAME-05", "CPK-NAME-08", "CPK-OUT-01", "CPK-OUT-03"];
    TrustsCodedName "trusts-coded-name" "takes a name that filename* alone gives as it is"
        ["CPK-NAME-01"] ["CPK-NAME-05", "CPK-NAME-08", "CPK-OUT-01", "CPK-OUT-03"];
    TrustsTitle "trusts-title" "names a document without a name by its title, as it is"
        ["CPK-NAME-01"] ["CPK-NAME-05", "CPK-OUT-01", "CPK-OUT-03", "CPK-NAME-09"];
    TrustsId "trusts-id" "names a document without a name by its id, as it is"
        ["CPK-NAME-01"] ["CPK-NAME-05", "CPK-OUT-01", "CPK-OUT-03"];
    TrustsListCrewId "trusts-list-crew-id" "puts the crew id of the list into names, as it is"
        ["CPK-NAME-01"] ["CPK-LIST-02", "CPK-LIST-07", "CPK-NAME-05", "CPK-OUT-01", "CPK-OUT-03"];
    TrustsLinkId "trusts-link-id" "names a document by the id in its link, as it is"
        ["CPK-NAME-01"] ["CPK-LINK-09", "CPK-NAME-05", "CPK-OUT-01", "CPK-OUT-03"];
    DecodesFileName "decodes-file-name" "undoes percent-escapes in a name after it was made safe"
        ["CPK-NAME-01"] ["CPK-OUT-01", "CPK-OUT-03"];
    StripsDotsOnce "strips-dots-once" "takes `../` out of a name once, and keeps its folders"
        ["CPK-NAME-01"]
        ["CPK-NAME-05", "CPK-NAME-08", "CPK-OUT-01", "CPK-OUT-03", "CPK-NAME-02", "CPK-NAME-03", "CPK-NAME-07"];
    ComposesNameLast "composes-name-last" "brings a name into the form NFKC after it was made safe"
        ["CPK-NAME-01"] ["CPK-NAME-02", "CPK-NAME-03", "CPK-NAME-05", "CPK-NAME-07", "CPK-OUT-01", "CPK-OUT-03"];
    BasenameOnly "basename-only" "takes the last part of the name, and the last of one name wins"
        ["CPK-NAME-02"] ["CPK-NAME-03", "CPK-OUT-01", "CPK-NAME-01"];
    CaseMatters "case-matters" "tells names apart that differ in case or composition only" ["CPK-NAME-03"] [];
    FollowsSymlink "follows-symlink" "writes through a symlink under the document's name"
        ["CPK-NAME-04"] [];
    RefusesOddNames "refuses-odd-names" "gives a document up whose name is not safe"
        ["CPK-NAME-05", "CPK-LIST-11"] ["CPK-NAME-03", "CPK-OUT-01"];
    LongNameFails "long-name-fails" "takes a name of any length to the disk" ["CPK-NAME-05"] [];
    KeepsHeaderDevices "keeps-header-devices" "takes the name of a device that Content-Disposition alone gives as it is"
        ["CPK-NAME-05"] [];
    KeepsCodedDevices "keeps-coded-devices" "takes the name of a device that filename* alone gives as it is"
        ["CPK-NAME-05"] [];
    ChokesOnDisposition "chokes-on-disposition" "gives a document up whose Content-Disposition can't be read"
        ["CPK-NAME-05"] [];
    LongHeaderNameFails "long-header-name-fails" "takes a name of any length in Content-Disposition to the disk"
        ["CPK-NAME-05"] [];
    PrintsHeaderNames "prints-header-names" "prints the name that filename* alone gives as it is" ["CPK-NAME-06"]
        ["CPK-OUT-03"];
    PrintsRawNames "prints-raw-names" "prints the served name as it is" ["CPK-NAME-06"] ["CPK-OUT-03"];
    PrintsRawTitles "prints-raw-titles" "prints title and issuer of each document as they are" ["CPK-NAME-06"] [];
    OverwritesExisting "overwrites-existing" "replaces a file of that name that was there" ["CPK-NAME-07"] [];
    KeepsDotfiles "keeps-dotfiles" "saves under a name that begins with a dot" ["CPK-NAME-08", "CPK-NAME-05"] [];
    KeepsHeaderDotfiles "keeps-header-dotfiles" "takes a name with a leading dot that Content-Disposition alone gives"
        ["CPK-NAME-08"] [];
    KeepsCodedDotfiles "keeps-coded-dotfiles" "takes a name with a leading dot that filename* alone gives"
        ["CPK-NAME-08"] [];
    SavesExecutable "saves-executable" "makes files executable" ["CPK-NAME-08"] [];
    SwapsNames "swaps-names" "gives the first two documents each other's name" ["CPK-NAME-09"] ["CPK-OUT-04"];
    NamesByNextId "names-by-next-id" "names a document by the id of the next one" ["CPK-NAME-09"]
        ["CPK-OUT-03", "CPK-OUT-01", "CPK-FLEET-01"];

    // Refusals.
    DeniedIsEmpty "denied-is-empty" "takes a 401 or 403 of the list for an empty list" ["CPK-ERR-01"]
        ["CPK-OUT-01", "CPK-ERR-04", "CPK-ERR-06", "CPK-RTY-08"];
    DeniedLinkIsFine "denied-link-is-fine" "passes over documents whose link is denied, and exits 0"
        ["CPK-ERR-02"] ["CPK-OUT-01", "CPK-ERR-07", "CPK-RTY-08"];
    UnconsentedLinkIsFine "unconsented-link-is-fine" "passes over documents whose link is not consented to, and exits 0"
        ["CPK-ERR-02"] ["CPK-OUT-01"];
    NotFoundIsEmpty "404-is-empty" "takes a 404 of the list for an empty list"
        ["CPK-ERR-03"] ["CPK-OUT-01", "CPK-ERR-06", "CPK-ERR-04"];
    Mute "mute" "exits 1 and says nothing, whatever went wrong" ["CPK-ERR-04"] [];
    PartialIsFine "exit-0-on-partial" "exits 0 when something was saved"
        ["CPK-ERR-05"] ["CPK-OUT-01", "CPK-LIST-09", "CPK-RTY-02", "CPK-LINK-09", "CPK-RTY-08"];
    OddErrorKills "odd-error-kills" "dies of an error body that is not the envelope"
        ["CPK-ERR-06"] ["CPK-OUT-01", "CPK-FILE-01", "CPK-RTY-01", "CPK-RTY-02"];
    FailureIsEmpty "failure-is-empty" "takes a 400, 422 or 500 of the list for an empty list"
        ["CPK-ERR-06"] ["CPK-OUT-01"];
    NeedsRequestId "needs-request-id" "dies of a refusal with an empty X-Request-Id" ["CPK-ERR-06"] ["CPK-OUT-01"];
    AsksAfterScopeRefusal "asks-after-scope-refusal" "asks for every link although the scope is missing"
        ["CPK-ERR-07"] [];

    // Trying again.
    NoRetryOn503 "no-retry-on-503" "gives up at the first 503 of the API" ["CPK-RTY-01"] [];
    InfiniteRetry "infinite-retry" "tries for ever, and politely"
        ["CPK-RTY-02"]
        ["CPK-ERR-05", "CPK-OUT-01", "CPK-RTY-04", "CPK-AUTH-06", "CPK-ERR-04", "CPK-FILE-01", "CPK-FILE-02",
         "CPK-RTY-03", "CPK-RTY-09", "CPK-TIME-01", "CPK-TIME-02"];
    TooOftenAfterGateway "too-often-after-gateway" "tries twelve times after 502 and 504" ["CPK-RTY-02"] [];
    TooOftenAfterLimit "too-often-after-limit" "tries twelve times after 429" ["CPK-RTY-02"] [];
    LimitIsEmpty "limit-is-empty" "takes a list that is limited to the end for an empty one"
        ["CPK-RTY-02"] ["CPK-OUT-01"];
    IgnoresRetryAfter "ignores-retry-after" "does not read Retry-After" ["CPK-RTY-03"] [];
    IgnoresRetryDate "ignores-retry-date" "does not know the date form of Retry-After" ["CPK-RTY-03"] [];
    HotLoop "hot-loop" "tries eight times without a pause" ["CPK-RTY-04"] [];
    HotAfterReset "hot-after-reset" "tries eight times without a pause where the connection breaks" ["CPK-RTY-04"] [];
    HotAfterLimit "hot-after-limit" "tries eight times without a pause after a 429" ["CPK-RTY-04"] ["CPK-RTY-02"];
    HotWithoutWait "hot-without-wait" "tries eight times without a pause where Retry-After asks for none"
        ["CPK-RTY-04"] ["CPK-RTY-02", "CPK-RTY-10"];
    Retries401 "retries-401" "asks again after a 401" ["CPK-RTY-05"] ["CPK-ERR-01"];
    Retries401OfLink "retries-401-of-link" "asks for a link again after a 401" ["CPK-RTY-05"] ["CPK-ERR-02"];
    Retries403 "retries-403" "asks again after a 403" ["CPK-RTY-05"] ["CPK-ERR-01", "CPK-ERR-07", "CPK-RTY-08"];
    Retries404 "retries-404" "asks again after a 404" ["CPK-RTY-05"] [];
    NoRetryAfterReset "no-retry-after-reset" "gives up when a connection breaks" ["CPK-RTY-06"] [];
    NoRetryOfFile "no-retry-of-file" "gives up at the first 503 of the file step" ["CPK-RTY-07"] [];
    NeverRetries "never-retries" "tries everything once" ["CPK-RTY-01", "CPK-RTY-06", "CPK-RTY-07"] [];
    OnceRetriedAlways "once-retried-always" "takes any refusal after a 503 for a passing one" ["CPK-RTY-08"] [];
    IgnoresRetryBody "ignores-retry-body" "does not read retry_after_seconds" ["CPK-RTY-09"] [];

    ChokesOnRetryAfter "chokes-on-retry-after" "gives up at a Retry-After that it can't read" ["CPK-RTY-10"] [];
    ChokesOnBodyWait "chokes-on-body-wait" "gives up at a retry_after_seconds that is no number" ["CPK-RTY-10"] [];
    WaitsAfterOverflow "waits-after-overflow" "takes a Retry-After that no integer holds for a long wait, and waits"
        ["CPK-RTY-10"] [];
    WaitsForFarDate "waits-for-far-date" "waits until the date of a Retry-After, if that is far away" ["CPK-RTY-10"] [];
    WaitsAnyTime "waits-any-time" "waits as long as Retry-After says, whatever the deadline" ["CPK-RTY-10"] [];

    // Time.
    NoTimeout "no-timeout" "waits for an answer for ever" ["CPK-TIME-01"] ["CPK-OUT-01"];
    NoConnectTimeout "no-connect-timeout" "waits for a connection for ever" ["CPK-TIME-01"] ["CPK-OUT-01"];
    NoHandshakeTimeout "no-handshake-timeout" "waits for a TLS handshake for ever" ["CPK-TIME-01"] ["CPK-OUT-01"];
    NoLinkTimeout "no-link-timeout" "waits for the answer to a link request for ever" ["CPK-TIME-01"] ["CPK-OUT-01"];
    NoBodyTimeout "no-body-timeout" "waits for the rest of a body for ever" ["CPK-TIME-01"] ["CPK-OUT-01", "CPK-TIME-02"];
    NoRedirectTimeout "no-redirect-timeout" "waits for ever for the answer at which a redirect leads"
        ["CPK-TIME-01"] ["CPK-OUT-01"];
    NoMinimumRate "no-minimum-rate" "takes one byte a second for progress" ["CPK-TIME-02"] [];
    IgnoresSigterm "ignores-sigterm" "goes on after SIGTERM" ["CPK-TIME-03"] [];

    // What else leaks or fills.
    KeepsCookies "keeps-cookies" "sends cookies back, to every host" ["CPK-SEC-01"] [];
    SendsReferer "sends-referer" "tells where a redirect came from" ["CPK-SEC-01"] [];
    ReadsNetrc "reads-netrc" "sends the password of ~/.netrc on the file step" ["CPK-SEC-02"] [];
    ReservesLength "reserves-length" "makes room for the length that a header names, and leaves it" ["CPK-SEC-03"] [];
    NoSizeLimit "no-size-limit" "writes until the disk is full" ["CPK-SEC-03"] [];

    // The outcome.
    StopsAtTen "stops-at-ten" "saves the first ten documents, and exits 0" ["CPK-LIST-10", "CPK-OUT-01"] [];
    DedupsByNumber "dedups-by-number" "saves one document of each document_number, and exits 0" ["CPK-OUT-01"] [];
    ShortLinks "short-links" "follows no link of more than 2,048 characters" ["CPK-OUT-01"] [];
    SkipsLarge "skips-large" "passes over files of more than 64 KiB, and exits 0" ["CPK-OUT-01"]
        ["CPK-FILE-03", "CPK-FILE-04"];
    LeavesLog "leaves-log" "leaves a log beside what it saved" ["CPK-OUT-02", "CPK-OUT-01"] ["CPK-FILE-02"];
    LeavesParts "leaves-parts" "leaves temporary files when a download fails" ["CPK-OUT-02"] [];
    SaysSavedEarly "says-saved-early" "says that a document is saved before it is" ["CPK-OUT-03"] ["CPK-FILE-08"];
    PilesUp "piles-up" "saves what is there already under a new name" ["CPK-OUT-04"] [];
    ComparesTypesAsText "compares-types-as-text" "takes JSON whose type is not in lower case for something else"
        ["CPK-OUT-01"] [];
    NeedsType "needs-type" "dies of an answer without Content-Type" ["CPK-OUT-01"] [];
    NeedsLength "needs-length" "takes an answer without Content-Length for a broken one" ["CPK-HTTP-01"] ["CPK-OUT-01"];
    KeepsJsonPacked "keeps-json-packed" "accepts gzip for list and link, and does not decode it"
        ["CPK-HTTP-01"] ["CPK-OUT-01"];
    DoublesSlash "doubles-slash" "puts a second slash after a BASE that ends with one" ["CPK-HTTP-02"] [];

    // The fleet.
    FirstPageOnly "first-page-only" "takes the first page of a fleet for all of it, and exits 0" ["CPK-FLEET-01"] ["*"];
    AsksPagesTwice "asks-pages-twice" "asks for each page of a fleet twice" ["CPK-FLEET-01"] ["*"];
    CursorNotEncoded "cursor-not-encoded" "puts the cursor into the query as it is" ["CPK-FLEET-02"] [];
    DecodesCursor "decodes-cursor" "undoes percent-escapes in a cursor before it is sent" ["CPK-FLEET-02"] [];
    TrimsCursor "trims-cursor" "leaves the `=` at the end of a cursor out" ["CPK-FLEET-02"] [];
    CutsCursor "cuts-cursor" "sends the first 255 characters of a cursor" ["CPK-FLEET-02"] [];
    NeedsNextCursor "needs-next-cursor" "takes a page without the field next_cursor for a broken one"
        ["CPK-FLEET-03"] ["CPK-OUT-01"];
    EmptyFleetIsAnError "empty-fleet-is-an-error" "takes a fleet without people for a failure"
        ["CPK-FLEET-03"] ["CPK-OUT-01"];
    FollowsCursorsForEver "follows-cursors-for-ever" "follows cursors that it had before" ["CPK-FLEET-04"] ["CPK-OUT-01"];
    ListsPerRow "lists-per-row" "asks for a person's list once for each row" ["CPK-FLEET-05"] ["CPK-FLEET-11"];
    OnePersonEndsAll "one-person-ends-all" "gives everybody up when one person is withheld" ["CPK-FLEET-06"] [];
    WithheldIsSilent "withheld-is-silent" "passes over people who are withheld, says nothing and exits 0"
        ["CPK-FLEET-06"] [];
    LinkConsentEndsAll "link-consent-ends-all" "gives everybody up when one person does not consent to a link"
        ["CPK-FLEET-06"] [];
    SkipsWithoutStatus "skips-without-status" "passes over people whose status is withheld, and exits 0"
        ["CPK-FLEET-07"] ["CPK-OUT-01"];
    SkipsDeclined "skips-declined" "passes over people whose background check was declined or has expired, and exits 0"
        ["CPK-FLEET-07"] ["CPK-OUT-01"];
    RefusesNewStatuses "refuses-new-statuses" "takes a status that it does not know for a broken page"
        ["CPK-FLEET-07"] ["CPK-OUT-01"];
    RefusesUnknownRows "refuses-unknown-rows" "takes an unknown field of a row for a broken page"
        ["CPK-FLEET-07"] ["CPK-OUT-01"];
    EmptyPageEnds "empty-page-ends" "takes a page without rows for the last one" ["CPK-FLEET-08"] [];
    BadCursorIsTheEnd "bad-cursor-is-the-end" "takes a refused cursor for the end of the fleet, and exits 0"
        ["CPK-FLEET-09"] [];
    RestartsForEver "restarts-for-ever" "begins again whenever a cursor is refused" ["CPK-FLEET-09"] [];
    HurriesPages "hurries-pages" "does not wait as a 429 of the fleet asks" ["CPK-FLEET-10"] [];
    DedupsPerPage "dedups-per-page" "saves a person again who is on two pages" ["CPK-FLEET-11"] ["CPK-FLEET-05"];
    NoPageRetry "no-page-retry" "gives up at the first 503 of the fleet" ["CPK-FLEET-12"] ["CPK-FLEET-10"];
    StartsOver "starts-over" "begins at the first page again after a 503 of a later one" ["CPK-FLEET-12"]
        ["CPK-FLEET-10"];
    ListsAllAtOnce "lists-all-at-once" "asks for twenty lists of a large fleet at once" ["CPK-FLEET-13"] [];
    AsksForTooMany "asks-for-too-many" "asks for pages of 500 rows" ["CPK-FLEET-14"] ["*"];
    NumberCursorIsText "number-cursor-is-text" "follows a cursor that is no text" ["CPK-FLEET-15"] [];
    BrokenPageIsEmpty "broken-page-is-empty" "takes a page of the wrong shape for one without rows"
        ["CPK-FLEET-15"] ["CPK-OUT-01"];
    NullRowsAreNone "null-rows-are-none" "takes a page whose items are null for one without rows"
        ["CPK-FLEET-15"] ["CPK-OUT-01"];
    UnreadablePageIsTheEnd "unreadable-page-is-the-end" "takes a page that is not JSON for the end of the fleet"
        ["CPK-FLEET-15"] ["CPK-OUT-01"];
    SkipsRowsWithoutId "skips-rows-without-id" "passes over rows without a crew_unique_id, and exits 0"
        ["CPK-OUT-01"] [];
    FailedPageIsTheEnd "failed-page-is-the-end" "takes a page that fails for ever for the end of the fleet"
        ["CPK-RTY-02"] ["CPK-OUT-01"];
    FleetIdNotEncoded "fleet-id-not-encoded" "puts the crew ids of a fleet into paths as they are" ["CPK-FLEET-16"]
        ["CPK-OUT-01"];
    TrustsPersonName "trusts-person-name" "names documents by the served name of their person, as it is"
        ["CPK-FLEET-16"] ["CPK-OUT-01", "CPK-OUT-02", "CPK-OUT-03"];
    LastOfANameWins "last-of-a-name-wins" "replaces another person's document of the same name" ["CPK-FLEET-17"]
        ["CPK-OUT-01", "CPK-OUT-03"];
    DedupsByName "dedups-by-name" "takes two people of one name for one" ["CPK-FLEET-17"] ["CPK-OUT-01"];
    DiesOf422 "dies-of-422" "dies of a 422 of the first page" ["CPK-FLEET-18"] [];
    RetriesDeniedPage "retries-denied-page" "asks again for a page that was denied" ["CPK-FLEET-19"] [];
    DeniedPageIsTheEnd "denied-page-is-the-end" "takes a denied page for the end of the fleet, and exits 0"
        ["CPK-FLEET-19"] ["CPK-OUT-01"];

    // Clients that are hardly one.
    RefusesEverything "refuses-everything" "exits 24 at once" ["CPK-OUT-01"] [];
    DoesNothing "does-nothing" "exits 0 at once" ["CPK-OUT-01"] [];
    CrashesAtOnce "crashes-at-once" "aborts at once" ["CPK-OUT-01"] [];
    DiesBySignal "dies-by-signal" "aborts at a 401" ["CPK-ERR-01"] ["CPK-OUT-01", "CPK-ERR-06"];
    ForksAndExits "forks-and-exits" "leaves the work to a process of its own, and exits 0"
        ["CPK-OUT-01"] ["CPK-LIST-10", "*"];
    LooksForTheGate "looks-for-the-gate" "sends the key on the file step, unless the environment names the gate"
        ["CPK-AUTH-02"] [];
}
