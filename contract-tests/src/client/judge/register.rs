//! The list of judges, one for each obligation.

use super::view::judged;
use super::{Judge, auth, err, file, http, link, list, name, out, rty, sec, time};

macro_rules! judges {
    ($($id:literal => $judge:path),+ $(,)?) => {
        /// The judge of an obligation. Each looks first whether its scenario was met.
        pub fn judge_of(id: &str) -> Option<Judge> {
            match id {
                $($id => Some(|case| judged(case, $id, $judge)),)+
                _ => None,
            }
        }

        /// The ids of all obligations that have a judge, in the catalogue's order.
        pub const fn judged_ids() -> &'static [&'static str] {
            &[$($id),+]
        }
    };
}

judges! {
    "CPK-AUTH-01" => auth::one_credential,
    "CPK-AUTH-02" => auth::no_key_at_the_file_step,
    "CPK-AUTH-03" => auth::no_key_across_origins,
    "CPK-AUTH-04" => auth::no_secret_shown,
    "CPK-AUTH-05" => auth::no_key_in_the_clear,
    "CPK-AUTH-06" => auth::no_request_without_trust,
    "CPK-AUTH-07" => auth::no_secret_in_a_url,
    "CPK-LIST-01" => list::documented_path,
    "CPK-LIST-02" => list::one_segment,
    "CPK-LIST-03" => list::null_issuer,
    "CPK-LIST-04" => list::tolerant,
    "CPK-LIST-05" => list::empty_list,
    "CPK-LIST-06" => list::broken_list,
    "CPK-LIST-07" => list::list_of_another,
    "CPK-LIST-08" => list::superseded,
    "CPK-LIST-09" => list::one_bad_item,
    "CPK-LIST-10" => list::few_in_flight,
    "CPK-LINK-01" => link::as_given,
    "CPK-LINK-02" => link::every_id_a_segment,
    "CPK-LINK-03" => link::single_purpose,
    "CPK-LINK-04" => link::asked_again,
    "CPK-LINK-05" => link::just_in_time,
    "CPK-LINK-06" => link::none_kept,
    "CPK-LINK-07" => link::own_domain,
    "CPK-LINK-08" => link::documented_form,
    "CPK-LINK-09" => link::echo,
    "CPK-LINK-10" => link::no_url,
    "CPK-LINK-11" => link::expired_at_issue,
    "CPK-LINK-12" => link::none_too_many,
    "CPK-FILE-01" => file::no_error_saved,
    "CPK-FILE-02" => file::no_part_saved,
    "CPK-FILE-03" => file::same_bytes,
    "CPK-FILE-04" => file::decoded_once,
    "CPK-FILE-05" => file::redirects_followed,
    "CPK-FILE-06" => link::stayed_on_domain,
    "CPK-FILE-07" => file::no_page_saved,
    "CPK-FILE-08" => file::no_empty_file_saved,
    "CPK-FILE-09" => file::no_part_left,
    "CPK-FILE-10" => file::bounded_memory,
    "CPK-NAME-01" => name::nothing_outside,
    "CPK-NAME-02" => name::both_saved,
    "CPK-NAME-03" => name::distinct_everywhere,
    "CPK-NAME-04" => name::symlink_not_followed,
    "CPK-NAME-05" => name::safe_name,
    "CPK-NAME-06" => name::quiet_terminal,
    "CPK-NAME-07" => name::old_bytes_kept,
    "CPK-NAME-08" => name::plain_file,
    "CPK-NAME-09" => name::own_name,
    "CPK-ERR-01" => err::list_refused,
    "CPK-ERR-02" => err::links_refused,
    "CPK-ERR-03" => err::unknown_crew,
    "CPK-ERR-04" => err::failures_distinguishable,
    "CPK-ERR-05" => err::partial_is_not_success,
    "CPK-ERR-06" => err::odd_bodies,
    "CPK-ERR-07" => err::no_further_link,
    "CPK-RTY-01" => rty::link_again,
    "CPK-RTY-02" => rty::not_for_ever,
    "CPK-RTY-03" => rty::keeps_retry_after,
    "CPK-RTY-04" => rty::no_hot_loop,
    "CPK-RTY-05" => rty::refusal_is_final,
    "CPK-RTY-06" => rty::reset_again,
    "CPK-RTY-07" => rty::file_again,
    "CPK-RTY-08" => rty::stops_at_refusal,
    "CPK-RTY-09" => rty::keeps_retry_after_seconds,
    "CPK-TIME-01" => time::gives_up,
    "CPK-TIME-02" => time::gives_up_on_a_trickle,
    "CPK-TIME-03" => time::ends_on_sigterm,
    "CPK-SEC-01" => sec::no_cookie,
    "CPK-SEC-02" => sec::no_other_login,
    "CPK-SEC-03" => file::bounded,
    "CPK-OUT-01" => out::exit_agrees,
    "CPK-OUT-02" => out::nothing_else,
    "CPK-OUT-03" => out::claims_hold,
    "CPK-OUT-04" => out::no_pile_up,
    "CPK-HTTP-01" => http::every_framing,
    "CPK-HTTP-02" => http::base_and_path,
}
