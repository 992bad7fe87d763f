//! Chance that is the same in every run: xorshift with a fixed seed.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    pub(crate) fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Fewer than `n`, one behind the other.
    pub(crate) fn some_of(&mut self, of: &[&str], n: usize) -> String {
        (0..self.below(n)).map(|_| self.one(of)).collect()
    }
}
