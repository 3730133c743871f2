//! Seeded randomness. Whoever needs some has a generator of their own, so that adding one thing moves no other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A generator whose rolls depend on its key only.
pub(super) type Dice = ChaCha8Rng;

/// The dice of one part of a world: crew member `stream` of the world with this seed.
///
/// The key is laid out by hand rather than by `seed_from_u64`, whose mixing belongs to another crate's version.
pub(super) fn dice(seed: u64, stream: u64) -> Dice {
    let mut key = *b"........crewpass-mock world ....";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut dice = Dice::from_seed(key);
    dice.set_stream(stream);
    dice
}

/// One of several; the list has at least one.
pub(super) fn pick<'a, T>(dice: &mut Dice, list: &'a [T]) -> &'a T {
    &list[dice.random_range(0..list.len())]
}

/// True in so many of a hundred cases.
pub(super) fn percent(dice: &mut Dice, chance: u32) -> bool {
    dice.random_range(0..100_u32) < chance
}

/// One of several, each with its weight in percent; the weights add up to 100.
pub(super) fn weighted<'a, T>(dice: &mut Dice, list: &'a [(u32, T)]) -> &'a T {
    let mut roll = dice.random_range(0..100_u32);
    for (weight, choice) in list {
        if roll < *weight {
            return choice;
        }
        roll -= weight;
    }
    &list[list.len() - 1].1
}
