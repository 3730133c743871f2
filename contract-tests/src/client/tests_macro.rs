//! The macro that gives a crate's client its tests.

/// Declares one `#[test]` per obligation that a client in the gate's own process can show, and one of drawn scenarios.
///
/// The expression makes a new client for each test: an implementation of [`Client`](crate::client::transport::Client),
/// such as `Blocking(download)`.
///
/// A test fails where a MUST is broken; with `fail_on = SHOULD` or `MAY`, also where an obligation of that grade is.
/// `cases = 500` draws this number of scenarios instead of 100.
///
/// ```
/// # mod my_crate {
/// #     pub fn download_all(_: &str, _: &str, _: &str, _: &std::path::Path) -> Result<(), std::io::Error> {
/// #         Ok(())
/// #     }
/// # }
/// use crewpass_contract::client::transport::{Blocking, Class, Job, Report};
///
/// fn download(job: Job) -> Report {
///     match my_crate::download_all(&job.base, &job.key, &job.crew_id, &job.out_dir) {
///         Ok(()) => Report::new(Class::Ok),
///         Err(_) => Report::new(Class::LocalError),
///     }
/// }
///
/// crewpass_contract::contract_tests!(Blocking(download));
/// ```
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
        $crate::tests_of_obligations! { ($client) $grade }

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

include!(concat!(env!("OUT_DIR"), "/tests_of_obligations.rs"));
