//! `SplitMix64`: a hash from one number to another that looks random, the same on every machine.

/// Applies the finalizer of `SplitMix64`. It is one-to-one, so two counts never share a value.
pub(crate) const fn split_mix64(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
