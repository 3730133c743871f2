//! Lookup of list entries by id, without a copy of the ids: a table of positions.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A table of positions in a list, by the ids of its entries. Each call takes the list, which must be the same one.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Index {
    /// Creates the index of a list; of two equal ids, the first one is found.
    pub(super) fn new<'l, T>(list: &'l [T], id: impl Fn(&'l T) -> &'l str) -> Self {
        let mut index = Self::default();
        index.table.reserve(list.len(), |_| 0);
        for position in 0..list.len() {
            index.insert(position, |at| id(&list[at]));
        }
        index
    }

    /// Adds an entry; if another one has the same id, returns its position instead.
    pub(super) fn insert<'l>(&mut self, position: usize, id: impl Fn(usize) -> &'l str) -> Option<usize> {
        let new = id(position);
        if let Some(known) = self.find(new, &id) {
            return Some(known);
        }
        let Self { table, hasher } = self;
        let slot = u32::try_from(position).unwrap_or(u32::MAX);
        table.insert_unique(hasher.hash_one(new), slot, |at| hasher.hash_one(id(*at as usize)));
        None
    }

    /// Returns the position of the entry with that id.
    pub(super) fn find<'l>(&self, wanted: &str, id: impl Fn(usize) -> &'l str) -> Option<usize> {
        let found = self.table.find(self.hasher.hash_one(wanted), |at| id(*at as usize) == wanted);
        found.map(|at| *at as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_id() {
        let ids: Vec<String> = (0..10_000).map(|number| format!("crew_{number}")).collect();
        let index = Index::new(&ids, |id| id);
        let find = |wanted: &str| index.find(wanted, |at| &ids[at]);
        assert_eq!(find("crew_9999"), Some(9_999));
        assert_eq!(find("crew_10000"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_first_of_two_equal_ids_counts() {
        let ids = ["a", "b", "a"];
        let mut index = Index::new(&ids[..2], |id| id);
        assert_eq!(index.insert(2, |at| ids[at]), Some(0));
    }
}
