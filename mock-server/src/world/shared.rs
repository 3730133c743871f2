//! Values that many entries of a world have in common, held once: a hundred thousand people serve on some hundred
//! vessels with much the same consent. It saves memory, and keeps the value in the processor's cache.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::fmt;
use std::hash::Hash;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::LocalKey;

use hashbrown::{Equivalent, HashSet};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The number of different values of a type that one load shares; beyond it, each is a copy.
pub(super) const SHARED_AT_MOST: usize = 4096;

/// The values of a type that the load of this thread has read.
pub type Pool<T> = LocalKey<RefCell<HashSet<Shared<T>>>>;

/// A type whose values can be shared: it has a pool.
pub trait Pooled: Eq + Hash + Sized + 'static {
    /// Returns the pool of this thread.
    fn pool() -> &'static Pool<Self>;
}

/// A value that is shared with every equal one that the same thread read in one load. It is one pointer wide.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shared<T>(Arc<T>);

impl<T: Pooled> Shared<T> {
    /// Returns the value that equals `key`, created if this load does not have it.
    pub(super) fn find_or_create<Q>(key: &Q, make: impl FnOnce() -> T) -> Self
    where
        Q: Hash + Equivalent<Self> + ?Sized,
    {
        Self::find(key).unwrap_or_else(|| Self::new(make()))
    }

    fn find<Q: Hash + Equivalent<Self> + ?Sized>(key: &Q) -> Option<Self> {
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
    /// Returns the value for a change; others that share it keep theirs.
    pub fn to_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: Pooled> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::find(&value).unwrap_or_else(|| Self::new(value))
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
