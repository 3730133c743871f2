//! A part of a plan, for several machines.

use std::fmt;
use std::str::FromStr;

/// The `index`th of `count` parts, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

/// A text that is not a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write i/n with i from 1 to n, such as 2/4")]
pub struct BadShard;

impl Shard {
    /// Returns the number of parts.
    pub const fn count(self) -> usize {
        self.count
    }

    /// Returns all parts, in order.
    pub fn all(self) -> impl Iterator<Item = Self> {
        (1..=self.count).map(move |index| Self { index, count: self.count })
    }

    /// Returns true if the case at this position belongs to the shard.
    pub const fn has(self, place: usize) -> bool {
        place % self.count + 1 == self.index
    }
}

impl FromStr for Shard {
    type Err = BadShard;

    fn from_str(text: &str) -> Result<Self, BadShard> {
        let (index, count) = text.split_once('/').ok_or(BadShard)?;
        let (index, count) = (index.parse().map_err(|_| BadShard)?, count.parse().map_err(|_| BadShard)?);
        if (1..=count).contains(&index) { Ok(Self { index, count }) } else { Err(BadShard) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_belongs_to_one_shard() {
        let shards: Vec<Shard> = ["1/3", "2/3", "3/3"].iter().map(|text| text.parse().unwrap()).collect();
        for place in 0..20 {
            assert_eq!(shards.iter().filter(|shard| shard.has(place)).count(), 1, "{place}");
        }
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "-1/2"] {
            assert_eq!(text.parse::<Shard>(), Err(BadShard), "{text}");
        }
    }
}
