//! The list of judges, one for each obligation.

use super::reading::judged;
use super::{Judge, auth, list};

macro_rules! judges {
    ($($id:literal => $judge:path),+ $(,)?) => {
        /// The judge of an obligation. Each looks first whether its scenario was met.
        pub fn judge_of(id: &str) -> Option<Judge> {
            match id {
                $($id => Some(|case| judged(case, $judge)),)+
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
    "CPK-LIST-07" => list::somebody_elses_list,
    "CPK-LIST-08" => list::superseded,
    "CPK-LIST-09" => list::one_bad_item,
    "CPK-LIST-10" => list::few_in_flight,
}
