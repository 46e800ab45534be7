//! A stream of choices from which worlds are made.
//!
//! Zero is always the plainest choice and an exhausted stream gives zeros, so a shorter or smaller stream is a simpler
//! world: that is how proptest shrinks a failure to something readable.

/// Choices, one byte each.
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, next: 0 }
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.next).copied().unwrap_or(0);
        self.next += 1;
        byte
    }

    /// One of `0..count`.
    pub(crate) fn pick(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    /// True in about `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u32) -> bool {
        u32::from(self.byte()) * 100 >= (100 - percent) * 256
    }

    /// One of the values.
    pub(crate) fn of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.pick(values.len())].clone()
    }
}

/// A pseudo-random stream (SplitMix64): the same number gives the same world everywhere.
pub(crate) fn stream(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}
