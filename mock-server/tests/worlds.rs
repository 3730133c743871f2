//! What a person reads when a world is wrong: one golden for each kind of mistake, whole, as a terminal shows it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod worlds {
    pub(crate) mod any;
    pub(crate) mod broken;
    pub(crate) mod files;
    pub(crate) mod layers;
    pub(crate) mod references;
    pub(crate) mod seeds;
    pub(crate) mod shape;
    pub(crate) mod starter;
}
