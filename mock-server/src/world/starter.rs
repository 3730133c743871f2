//! The starter world and its files, which are part of the program, so that a server without arguments has a world.

use std::sync::{Arc, OnceLock};

use super::World;

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/worlds/starter.yaml"));

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/files/", $name)))),+]
    };
}

const FILES: &[(&str, &[u8])] = files![
    "pst-2023.pdf",
    "pst-2018.pdf",
    "eng1-scan.png",
    "passport-photo-page.jpg",
    "chief-mate.pdf",
    "gmdss.pdf",
    "fire-fighting.pdf",
    "efa.pdf",
    "security.pdf",
    "ships-cook.pdf",
    "yacht-rating.pdf",
];

impl World {
    /// Returns the world that is served by default; parsed once, then shared.
    ///
    /// # Panics
    /// Never: the text is part of the program, and a test loads it.
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test loads it")]
    pub fn starter() -> Arc<Self> {
        static STARTER: OnceLock<Arc<World>> = OnceLock::new();
        let read = || World::embedded(TEXT, FILES).expect("the embedded world is valid");
        Arc::clone(STARTER.get_or_init(|| Arc::new(read())))
    }

    /// Returns the text of the starter world, to copy and change.
    pub const fn starter_text() -> &'static str {
        TEXT
    }

    /// Returns names and bytes of the starter world's files.
    pub const fn starter_files() -> &'static [(&'static str, &'static [u8])] {
        FILES
    }
}
