//! Judges of links: followed unchanged, in time, and only to allowed places.

mod life;
mod place;

pub(super) use life::{asked_again, echo, expired_at_issue, just_in_time, none_kept, none_too_many, single_purpose};
pub(super) use place::{as_given, documented_form, every_id_a_segment, no_url, own_domain, stayed_on_domain};

judges! {
    "CPK-LINK-01" => as_given,
    "CPK-LINK-02" => every_id_a_segment,
    "CPK-LINK-03" => single_purpose,
    "CPK-LINK-04" => asked_again,
    "CPK-LINK-05" => just_in_time,
    "CPK-LINK-06" => none_kept,
    "CPK-LINK-07" => own_domain,
    "CPK-LINK-08" => documented_form,
    "CPK-LINK-09" => echo,
    "CPK-LINK-10" => no_url,
    "CPK-LINK-11" => expired_at_issue,
    "CPK-LINK-12" => none_too_many,
    "CPK-FILE-06" => stayed_on_domain,
}

/// Returns true if a status of the file step means that the link is dead.
pub(super) const fn is_dead(status: u16) -> bool {
    matches!(status, 403 | 404 | 410)
}
