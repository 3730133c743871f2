//! What is odd about a world and no error: `check-world` and `serve` say it on stderr.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crewpass_diagnostics::{did_you_mean, escape};

use crate::webhook::Callback;
use crate::world::World;

/// The most warnings of one kind.
const AT_MOST: usize = 20;

/// The longest name that is shown.
const LONGEST_NAME: usize = 80;

/// Prints the warnings of a world on stderr. `callback_host` is the host that callbacks may be on beside this machine;
/// `None` if it is not known yet.
#[expect(clippy::print_stderr, reason = "the command line is one of the two places that print")]
pub(crate) fn warn(world: &World, callback_host: Option<&str>) {
    for warning in warnings(world, callback_host) {
        eprintln!("crewpass-mock: warning: world `{}` {warning}", world.name);
    }
}

/// Returns the warnings of a world.
fn warnings(world: &World, callback_host: Option<&str>) -> Vec<String> {
    let mut warnings: Vec<String> = lack(world)
        .map(|lack| format!("{lack}; `crewpass-mock new DIR` writes a world to begin with"))
        .into_iter()
        .collect();
    warnings.extend(unknown_roles(world).take(AT_MOST));
    let of_callbacks = world.callbacks.iter().flat_map(|callback| odd_callback(callback, callback_host));
    warnings.extend(of_callbacks.take(AT_MOST));
    warnings
}

/// Returns what a world lacks without which nothing can be asked for.
fn lack(world: &World) -> Option<&'static str> {
    if world.keys().next().is_none() {
        Some("has no partner with a key, so every request is refused with 401")
    } else if world.crew.is_empty() {
        Some("has no crew member, so there is nobody to ask for")
    } else {
        None
    }
}

/// Warns of each role that no entry of `roles` defines. In a world without roles, a rank is for people to read only.
fn unknown_roles(world: &World) -> impl Iterator<Item = String> {
    let mut holders: BTreeMap<&str, &str> = BTreeMap::new();
    for person in &world.crew {
        let of_vessels = person.details.as_ref().and_then(|details| details.roles.as_ref());
        let rank = person.rank.as_deref().filter(|_| of_vessels.is_none() && !world.roles.is_empty());
        for role in of_vessels.into_iter().flat_map(BTreeMap::values).map(|role| &**role).chain(rank) {
            if world.role(role).is_none() {
                holders.entry(role).or_insert(&person.id);
            }
        }
    }
    holders.into_iter().map(|(role, person)| {
        let names = world.roles.iter().map(|role| &*role.name);
        let hint = did_you_mean(role, names).map(|hint| format!("; {hint}")).unwrap_or_default();
        let (role, person) = (shown(role), shown(person));
        format!("has no role `{role}`, which `{person}` has: a compliance check requires nothing of it{hint}")
    })
}

/// Warns of a callback that gets nothing, or whose secret is none.
fn odd_callback(callback: &Callback, callback_host: Option<&str>) -> Vec<String> {
    let (url, host) = (callback.url.to_string(), callback.url.host());
    let url = shown(&url);
    let mut warnings = Vec::new();
    if !is_this_machine(host) && !callback_host.is_some_and(|known| known.eq_ignore_ascii_case(host)) {
        let host = shown(host);
        warnings.push(format!(
            "has a callback that is not on this machine, {url}: its deliveries fail, unless `serve --callback-host \
             {host}` allows a private host"
        ));
    }
    if callback.secret.is_empty() {
        warnings.push(format!("has a callback with an empty secret, {url}: anybody can sign its deliveries"));
    }
    if callback.events.as_ref().is_some_and(|events| events.is_empty()) {
        warnings.push(format!("has a callback for no events, {url}: leave `events` out to send all of them"));
    }
    warnings
}

/// Returns true if a host is this machine by its name.
fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn shown(name: &str) -> String {
    escape::line(name, LONGEST_NAME).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings_of(more: &str) -> Vec<String> {
        let vessels = "vessels: [{id: ves_1, name: V, partners: [prt_1]}]";
        let world = format!("partners: [{{id: prt_1, keys: [{{name: full}}]}}]\n{vessels}\n{more}");
        warnings(&World::parse(&world, "w", None).unwrap(), Some("receiver"))
    }

    #[test]
    fn a_role_that_nothing_defines_is_named_once_with_what_may_be_meant() {
        let crew = "crew: [{id: a, rank: Cheff}, {id: b, rank: Cheff}, {id: c, rank: Chef}, {id: d, rank: Chef, \
                    details: {roles: {ves_1: Bosun}}}]";
        let known = warnings_of(&format!("roles: [{{name: Chef}}]\n{crew}"));
        assert_eq!(
            known,
            [
                "has no role `Bosun`, which `d` has: a compliance check requires nothing of it",
                "has no role `Cheff`, which `a` has: a compliance check requires nothing of it; did you mean `Chef`?",
            ]
        );
        assert_eq!(warnings_of(crew).len(), 1, "a rank is no role in a world without roles");
    }

    #[test]
    fn a_callback_that_gets_nothing_is_named() {
        let callbacks = |callback: &str| warnings_of(&format!("crew: [{{id: a}}]\ncallbacks: [{callback}]"));
        let odd = callbacks("{url: 'http://example.com/x', secret: '', events: []}");
        assert_eq!(odd.len(), 3, "{odd:?}");
        assert!(odd[0].contains("`serve --callback-host example.com`"), "{odd:?}");
        for fine in ["http://localhost:9/", "http://127.0.0.7:9/", "http://[::1]:9/", "https://RECEIVER:9/"] {
            assert_eq!(callbacks(&format!("{{url: '{fine}', secret: s}}")), [""; 0], "{fine}");
        }
    }

    #[test]
    fn the_worlds_of_the_program_have_no_warning() {
        assert_eq!(warnings(&World::starter(), None), [""; 0]);
    }
}
