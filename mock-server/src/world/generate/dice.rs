//! Seeded randomness. Each part of a world has its own generator, so that adding one part changes no other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A generator whose rolls depend on its key only.
pub(super) type Dice = ChaCha8Rng;

/// Returns the dice of one part of a world: crew member `stream` of the world with this seed.
///
/// The key is laid out by hand rather than by `seed_from_u64`, whose mixing belongs to another crate's version.
pub(super) fn dice_for(seed: u64, stream: u64) -> Dice {
    let mut key = *b"........crewpass-mock world ....";
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut dice = Dice::from_seed(key);
    dice.set_stream(stream);
    dice
}

/// Picks one entry; the list has at least one.
pub(super) fn pick<'a, T>(dice: &mut Dice, list: &'a [T]) -> &'a T {
    &list[dice.random_range(0..list.len())]
}

/// Returns true with this chance in percent.
pub(super) fn percent(dice: &mut Dice, chance: u32) -> bool {
    dice.random_range(0..100_u32) < chance
}

/// Picks one entry by its share in percent; the shares add up to 100.
pub(super) fn weighted<'a, T>(dice: &mut Dice, list: &'a [T], share: impl Fn(&T) -> u32) -> &'a T {
    let mut roll = dice.random_range(0..100_u32);
    for choice in list {
        if roll < share(choice) {
            return choice;
        }
        roll -= share(choice);
    }
    &list[list.len() - 1]
}
