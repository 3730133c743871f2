//! The mistakes: what stands in an example, what a person might have written there, and what that breaks.

/// Which example.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    Python,
    TypeScript,
}

/// A mistake.
#[derive(Debug)]
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    /// What is right, and what stands there instead.
    pub(crate) changes: &'static [(&'static str, &'static str)],
    /// The obligation that it breaks.
    pub(crate) breaks: &'static str,
    /// What is played.
    pub(crate) only: &'static [&'static str],
}

/// All of them.
pub(crate) const BUGS: [Bug; 10] = [
    // `quote_plus` is for forms; in a path a plus is a plus.
    Bug {
        name: "a_space_as_a_plus",
        language: Language::Python,
        changes: &[("urllib.parse.quote(identity, safe=\"\")", "urllib.parse.quote_plus(identity)")],
        breaks: "CPK-LIST-02",
        only: &["CPK-LIST-02"],
    },
    Bug {
        name: "seconds_taken_for_milliseconds",
        language: Language::Python,
        changes: &[("wait = max(wait, float(after))", "wait = max(wait, float(after) / 1000)")],
        breaks: "CPK-RTY-03",
        only: &["CPK-RTY-03"],
    },
    Bug {
        name: "a_host_without_its_port",
        language: Language::Python,
        changes: &[(
            "if parts.netloc.lower() not in HOSTS or",
            "if parts.hostname not in {host.rsplit(\":\", 1)[0] for host in HOSTS} or",
        )],
        breaks: "CPK-LINK-07",
        only: &["CPK-LINK-07"],
    },
    // Meant to go on where a download broke off, but no Range is asked for.
    Bug {
        name: "a_part_that_is_written_on",
        language: Language::Python,
        changes: &[
            ("open(part, \"xb\")", "open(part, \"ab\")"),
            ("        if os.path.lexists(part):", "        if os.path.lexists(path) and os.path.lexists(part):"),
        ],
        breaks: "CPK-FILE-02",
        only: &["CPK-FILE-02"],
    },
    Bug {
        name: "one_status_only_is_a_dead_link",
        language: Language::Python,
        changes: &[("if failure.status not in (403, 404, 410) or", "if failure.status != 410 or")],
        breaks: "CPK-LINK-04",
        only: &["CPK-LINK-04"],
    },
    Bug {
        name: "a_pause_that_nobody_awaits",
        language: Language::TypeScript,
        changes: &[(
            "await new Promise((resolve) => setTimeout(resolve, pause))",
            "new Promise((resolve) => setTimeout(resolve, pause))",
        )],
        breaks: "CPK-RTY-03",
        only: &["CPK-RTY-03"],
    },
    // A Location may be relative (RFC 9110 section 10.2.2).
    Bug {
        name: "a_redirect_that_must_be_absolute",
        language: Language::TypeScript,
        changes: &[
            ("if (!URL.canParse(location, url))", "if (!URL.canParse(location))"),
            ("url = checked(new URL(location, url), withKey);", "url = checked(new URL(location), withKey);"),
        ],
        breaks: "CPK-FILE-05",
        only: &["CPK-FILE-05"],
    },
    // As the first characters of a commit stand for it.
    Bug {
        name: "the_beginning_of_an_id",
        language: Language::TypeScript,
        changes: &[(
            "const mark = /^[a-z0-9_]{1,40}$/.test(id) ? id : createHash(\"sha256\").update(id).digest(\"hex\").slice(0, 16);",
            "const mark = id.replace(/[^A-Za-z0-9]/g, \"\").slice(0, 8);",
        )],
        breaks: "CPK-NAME-02",
        only: &["CPK-NAME-02"],
    },
    // `content_type` may be null (P).
    Bug {
        name: "a_type_that_must_be_told",
        language: Language::TypeScript,
        changes: &[(
            "if ([\"text/html\", \"application/json\"].includes(kind) && kind !== link.content_type) {",
            "if (kind !== link.content_type) {",
        )],
        breaks: "CPK-OUT-01",
        only: &["list/no-file-name"],
    },
    // Only where something went wrong, which is when people look at logs.
    Bug {
        name: "an_error_that_tells_the_address",
        language: Language::TypeScript,
        changes: &[
            (
                "return new Failure(exitCode, `HTTP ${status} ${code ?? \"\"}`,",
                "return new Failure(exitCode, `HTTP ${status} ${code ?? \"\"} for ${answer.url}`,",
            ),
            (
                "if (answer.statusCode !== 200) throw",
                "answer.url = String(url);\n      if (answer.statusCode !== 200) throw",
            ),
        ],
        breaks: "CPK-AUTH-04",
        only: &["link/all-dead"],
    },
];
