//! What many entries of a world say alike is held once: a hundred thousand people serve on some hundred vessels and
//! consent to much the same. It saves the room, and a request for any of them finds it where the last one did.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::LocalKey;

use hashbrown::{Equivalent, HashSet};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Text;
use crate::scope::ScopeSet;

/// How many different values of a type one load shares; past it, each is a copy of its own.
const SHARED_AT_MOST: usize = 4096;

/// The values of a type that the load of this thread has read.
pub type Pool<T> = LocalKey<RefCell<HashSet<Shared<T>>>>;

/// What can be shared: a type that has a pool.
pub trait Pooled: Eq + Hash + Sized + 'static {
    /// The pool of this thread.
    fn pool() -> &'static Pool<Self>;
}

/// Gives each type its pool, and all of them one end.
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

        /// Forgets what was shared; called when a load is done, so that worlds do not keep one another's values.
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

/// A value that is shared with every equal one that the same thread read in one load. It is one pointer wide.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shared<T>(Arc<T>);

impl<T: Pooled> Shared<T> {
    /// The value that is like `key`, made if this load has not read it before.
    pub(super) fn like<Q>(key: &Q, make: impl FnOnce() -> T) -> Self
    where
        Q: Hash + Equivalent<Self> + ?Sized,
    {
        Self::known(key).unwrap_or_else(|| Self::new(make()))
    }

    fn known<Q: Hash + Equivalent<Self> + ?Sized>(key: &Q) -> Option<Self> {
        T::pool().with_borrow(|pool| pool.get(key).cloned())
    }

    fn new(value: T) -> Self {
        let new = Self(Arc::new(value));
        T::pool().with_borrow_mut(|pool| {
            if pool.len() < SHARED_AT_MOST {
                pool.insert(new.clone());
            }
        });
        new
    }
}

impl<T: Clone> Shared<T> {
    /// The value, to be changed; others that share it keep theirs.
    pub fn to_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: Pooled> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::known(&value).unwrap_or_else(|| Self::new(value))
    }
}

impl<T: Pooled + Default> Default for Shared<T> {
    fn default() -> Self {
        T::default().into()
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Borrow<T> for Shared<T> {
    fn borrow(&self) -> &T {
        &self.0
    }
}

impl Borrow<str> for Shared<Box<str>> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Serialize> Serialize for Shared<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Pooled + Deserialize<'de>> Deserialize<'de> for Shared<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_shared(text: &str) -> bool {
        let [one, other] = [(); 2].map(|()| Shared::<Box<str>>::like(text, || text.into()));
        Arc::ptr_eq(&one.0, &other.0)
    }

    #[test]
    fn so_many_values_are_shared_until_the_load_is_done() {
        end_sharing();
        let of = |text: &str| Shared::like(text, || Box::from(text));
        let first: Shared<Box<str>> = of("0");
        for number in 1..SHARED_AT_MOST {
            assert!(is_shared(&number.to_string()));
        }
        assert!(!is_shared("one more") && is_shared("0"));
        end_sharing();
        assert!(!Arc::ptr_eq(&first.0, &of("0").0));
        assert_eq!(first, of("0"));
        end_sharing();
    }

    #[test]
    fn what_one_changes_the_others_keep() {
        let vessels = || Shared::<Box<[Text]>>::from(Box::from(["ves_1".into()]));
        let (mut mine, others) = (vessels(), vessels());
        assert!(Arc::ptr_eq(&mine.0, &others.0));
        mine.to_mut()[0] = "ves_2".into();
        assert_eq!(format!("{mine:?} {others:?}"), r#"["ves_2"] ["ves_1"]"#);
        end_sharing();
    }
}
