//! Judges of links: followed unchanged, in time, and only to allowed places.

mod life;
mod place;

pub(super) use life::{asked_again, echo, expired_at_issue, just_in_time, none_kept, none_too_many, single_purpose};
pub(super) use place::{as_given, documented_form, every_id_a_segment, no_url, own_domain, stayed_on_domain};

/// Returns true if a status of the file step means that the link is dead.
pub(super) const fn is_dead(status: u16) -> bool {
    matches!(status, 403 | 404 | 410)
}
