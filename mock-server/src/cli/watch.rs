//! `serve --watch`: reloads the world when it changes on disk, and reports the result on stderr.

use crate::MockServer;
use crate::request_log::{LogEvent, LogSender};
use crate::watch::Watch;
use crate::world::{World, WorldError};

use super::error::render;
use super::worlds::census;

/// Follows the world on disk; without a watch, waits forever.
pub(crate) async fn follow(watch: Option<Watch>, fake: &MockServer, log: &LogSender) {
    let Some(mut watch) = watch else { return std::future::pending().await };
    loop {
        let notice = match watch.changed().await {
            Ok(world) => {
                let notice = taken(&world);
                fake.replace_world(world);
                notice
            }
            Err(error) => {
                fake.refuse_world(&error);
                refused(&error, &fake.session().world().name)
            }
        };
        log.send(LogEvent::Notice(notice));
    }
}

fn taken(world: &World) -> String {
    format!("crewpass-mock: world `{}` was reloaded: {}\n", world.name, census(world))
}

fn refused(error: &WorldError, served: &str) -> String {
    format!("{}crewpass-mock: world `{served}` is served as it was before\n", render(error))
}
