//! What can be seen of a client, by the way in which it is reached.

/// What can be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Observability {
    /// Wire, file tree and process.
    #[default]
    Process,
    /// Wire, file tree and what the client returns.
    InProcess,
    /// The wire alone.
    Wire,
}

/// What needs a process of the client's own: its home, its streams, its memory, signals to it.
const OF_A_PROCESS: [&str; 5] = ["CPK-FILE-10", "CPK-NAME-06", "CPK-TIME-03", "CPK-SEC-02", "CPK-SEC-03"];

/// What shows on the wire.
const OF_THE_WIRE: [&str; 14] = [
    "CPK-AUTH-01",
    "CPK-AUTH-02",
    "CPK-AUTH-03",
    "CPK-AUTH-07",
    "CPK-LIST-01",
    "CPK-LINK-01",
    "CPK-LINK-03",
    "CPK-LINK-05",
    "CPK-LINK-12",
    "CPK-RTY-03",
    "CPK-RTY-04",
    "CPK-RTY-05",
    "CPK-RTY-09",
    "CPK-SEC-01",
];

impl Observability {
    /// Why an obligation can't be seen; `None` where it can.
    pub fn unobservable_reason(self, id: &str) -> Option<&'static str> {
        match self {
            Self::Process => None,
            Self::InProcess => {
                OF_A_PROCESS.contains(&id).then_some("a client in the gate's own process does not show it")
            }
            Self::Wire => (!OF_THE_WIRE.contains(&id)).then_some("it does not show on the wire"),
        }
    }
}
