//! The macro that gives a crate's client its tests.

/// One `#[test]` per obligation that a client in its own process can show, and one of drawn scenarios. The expression
/// makes the client, anew for each test: an implementation of [`Client`](crate::client::transport::Client), such as
/// `Blocking(download)`.
///
/// A test fails where a MUST is broken; with `fail_on = SHOULD` or `MAY`, also where an obligation of that grade is.
/// `cases = 500` draws so many scenarios instead of 100.
#[macro_export]
macro_rules! contract_tests {
    ($client:expr) => {
        $crate::contract_tests!($client, fail_on = MUST, cases = 100);
    };
    ($client:expr, fail_on = $grade:ident) => {
        $crate::contract_tests!($client, fail_on = $grade, cases = 100);
    };
    ($client:expr, cases = $cases:expr) => {
        $crate::contract_tests!($client, fail_on = MUST, cases = $cases);
    };
    ($client:expr, fail_on = $grade:ident, cases = $cases:expr) => {
        $crate::obligation_tests! { ($client) $grade
            cpk_auth_01 "CPK-AUTH-01",
            cpk_auth_02 "CPK-AUTH-02",
            cpk_auth_03 "CPK-AUTH-03",
            cpk_auth_04 "CPK-AUTH-04",
            cpk_auth_05 "CPK-AUTH-05",
            cpk_auth_06 "CPK-AUTH-06",
            cpk_auth_07 "CPK-AUTH-07",
            cpk_list_01 "CPK-LIST-01",
            cpk_list_02 "CPK-LIST-02",
            cpk_list_03 "CPK-LIST-03",
            cpk_list_04 "CPK-LIST-04",
            cpk_list_05 "CPK-LIST-05",
            cpk_list_06 "CPK-LIST-06",
            cpk_list_07 "CPK-LIST-07",
            cpk_list_08 "CPK-LIST-08",
            cpk_list_09 "CPK-LIST-09",
            cpk_list_10 "CPK-LIST-10",
            cpk_link_01 "CPK-LINK-01",
            cpk_link_02 "CPK-LINK-02",
            cpk_link_03 "CPK-LINK-03",
            cpk_link_04 "CPK-LINK-04",
            cpk_link_05 "CPK-LINK-05",
            cpk_link_06 "CPK-LINK-06",
            cpk_link_07 "CPK-LINK-07",
            cpk_link_08 "CPK-LINK-08",
            cpk_link_09 "CPK-LINK-09",
            cpk_link_10 "CPK-LINK-10",
            cpk_link_11 "CPK-LINK-11",
            cpk_link_12 "CPK-LINK-12",
            cpk_file_01 "CPK-FILE-01",
            cpk_file_02 "CPK-FILE-02",
            cpk_file_03 "CPK-FILE-03",
            cpk_file_04 "CPK-FILE-04",
            cpk_file_05 "CPK-FILE-05",
            cpk_file_06 "CPK-FILE-06",
            cpk_file_07 "CPK-FILE-07",
            cpk_file_08 "CPK-FILE-08",
            cpk_file_09 "CPK-FILE-09",
            cpk_name_01 "CPK-NAME-01",
            cpk_name_02 "CPK-NAME-02",
            cpk_name_03 "CPK-NAME-03",
            cpk_name_04 "CPK-NAME-04",
            cpk_name_05 "CPK-NAME-05",
            cpk_name_07 "CPK-NAME-07",
            cpk_name_08 "CPK-NAME-08",
            cpk_name_09 "CPK-NAME-09",
            cpk_err_01 "CPK-ERR-01",
            cpk_err_02 "CPK-ERR-02",
            cpk_err_03 "CPK-ERR-03",
            cpk_err_04 "CPK-ERR-04",
            cpk_err_05 "CPK-ERR-05",
            cpk_err_06 "CPK-ERR-06",
            cpk_err_07 "CPK-ERR-07",
            cpk_rty_01 "CPK-RTY-01",
            cpk_rty_02 "CPK-RTY-02",
            cpk_rty_03 "CPK-RTY-03",
            cpk_rty_04 "CPK-RTY-04",
            cpk_rty_05 "CPK-RTY-05",
            cpk_rty_06 "CPK-RTY-06",
            cpk_rty_07 "CPK-RTY-07",
            cpk_rty_08 "CPK-RTY-08",
            cpk_rty_09 "CPK-RTY-09",
            cpk_time_01 "CPK-TIME-01",
            cpk_time_02 "CPK-TIME-02",
            cpk_sec_01 "CPK-SEC-01",
            cpk_out_01 "CPK-OUT-01",
            cpk_out_02 "CPK-OUT-02",
            cpk_out_03 "CPK-OUT-03",
            cpk_out_04 "CPK-OUT-04",
            cpk_http_01 "CPK-HTTP-01",
            cpk_http_02 "CPK-HTTP-02",
        }

        #[test]
        fn drawn_scenarios() {
            $crate::client::in_process::keeps_all($client, $cases);
        }
    };
}

/// The tests of a list of obligations.
#[doc(hidden)]
#[macro_export]
macro_rules! obligation_tests {
    (($client:expr) $grade:ident $($name:ident $id:literal,)+) => {
        $(
            #[test]
            fn $name() {
                $crate::client::in_process::keeps($client, $id, $crate::requirement::Grade::$grade);
            }
        )+
    };
}
