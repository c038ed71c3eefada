//! Texts to numbers, each text kept once. It forgets nothing and sorts nothing.

use std::hash::{BuildHasher, RandomState};

/// An arena of distinct texts, numbered in the order they first came.
///
/// Hashing is keyed by the process, since texts come from outside; numbers do not depend on it.
pub(super) struct Interner {
    hasher: RandomState,
    /// Open addressing: upper half hash, lower half number + 1; 0 is free.
    slots: Vec<u64>,
    ends: Vec<u32>,
    arena: String,
    overflow: bool,
}

impl Interner {
    pub(super) fn new() -> Interner {
        Interner {
            hasher: RandomState::new(),
            slots: vec![0; 1024],
            ends: Vec::new(),
            arena: String::new(),
            overflow: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether more text came than an index can address.
    pub(super) fn overflowed(&self) -> bool {
        self.overflow
    }

    #[inline]
    pub(super) fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.arena[start..self.ends[number] as usize]
    }

    pub(super) fn intern(&mut self, text: &str) -> u32 {
        let hash = self.hasher.hash_one(text);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                break;
            }
            if slot >> 32 == hash >> 32 {
                let number = slot as u32 - 1;
                if self.get(number) == text {
                    return number;
                }
            }
            at = (at + 1) & mask;
        }
        self.insert(at, hash, text)
    }

    fn insert(&mut self, at: usize, hash: u64, text: &str) -> u32 {
        let number = self.ends.len() as u32;
        let end = self.arena.len() + text.len();
        if end >= u32::MAX as usize || number >= u32::MAX - 2 {
            self.overflow = true;
            return 0;
        }
        self.arena.push_str(text);
        self.ends.push(end as u32);
        self.slots[at] = (hash >> 32) << 32 | u64::from(number + 1);
        if self.ends.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let mut slots = vec![0; self.slots.len() * 2];
        let mask = slots.len() - 1;
        for number in 0..self.ends.len() as u32 {
            let hash = self.hasher.hash_one(self.get(number));
            let mut at = hash as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = (hash >> 32) << 32 | u64::from(number + 1);
        }
        self.slots = slots;
    }

    /// Frees what only adding needs.
    pub(super) fn close(&mut self) {
        self.slots = Vec::new();
    }
}
