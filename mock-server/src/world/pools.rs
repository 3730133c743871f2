//! The pools of shared values of a world.

use std::cell::RefCell;
use std::collections::BTreeMap;

use hashbrown::HashSet;

use super::shared::{Pool, Pooled, Shared};
use super::text::Text;
use crate::scope::ScopeSet;

/// Declares a pool for each type, and a function that clears all of them.
macro_rules! pools {
    ($($pool:ident: $of:ty),* $(,)?) => {
        thread_local! {
            $(static $pool: RefCell<HashSet<Shared<$of>>> = RefCell::default();)*
        }
        $(impl Pooled for $of {
            fn pool() -> &'static Pool<Self> {
                &$pool
            }
        })*

        /// Clears the pools; called at the end of a load, so that worlds do not keep one another's values.
        pub(super) fn end_sharing() {
            $($pool.with_borrow_mut(HashSet::clear);)*
        }
    };
}

pools! {
    TEXTS: Box<str>,
    VESSELS: Box<[Text]>,
    CONSENTS: BTreeMap<Text, ScopeSet>,
}

#[cfg(test)]
mod tests {
    use super::super::shared::SHARED_AT_MOST;
    use super::*;

    fn is_one<T>(one: &T, other: &T) -> bool {
        std::ptr::eq(one, other)
    }

    fn is_shared(text: &str) -> bool {
        let [one, other] = [(); 2].map(|()| Shared::<Box<str>>::find_or_create(text, || text.into()));
        is_one(&*one, &*other)
    }

    #[test]
    fn a_bounded_number_of_values_is_shared_until_the_load_ends() {
        end_sharing();
        let of = |text: &str| Shared::find_or_create(text, || Box::from(text));
        let first: Shared<Box<str>> = of("0");
        for number in 1..SHARED_AT_MOST {
            assert!(is_shared(&number.to_string()));
        }
        assert!(!is_shared("one more") && is_shared("0"));
        end_sharing();
        assert!(!is_one(&*first, &*of("0")));
        assert_eq!(first, of("0"));
        end_sharing();
    }

    #[test]
    fn what_one_changes_the_others_keep() {
        let vessels = || Shared::<Box<[Text]>>::from(Box::from(["ves_1".into()]));
        let (mut mine, others) = (vessels(), vessels());
        assert!(is_one(&*mine, &*others));
        mine.to_mut()[0] = "ves_2".into();
        assert_eq!(format!("{mine:?} {others:?}"), r#"["ves_2"] ["ves_1"]"#);
        end_sharing();
    }
}
