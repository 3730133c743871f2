//! One number into another that looks random: the same for the same input, on every machine.

/// The finaliser of `SplitMix64`: one-to-one, so that no two counts share a value.
pub(crate) const fn split_mix64(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
