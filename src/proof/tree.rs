//! A whole Merkle tree held in memory, from which proofs are made without hashing all leaves for each. It
//! verifies none.

use crate::proof::merkle::{Hash, node_hash};

/// A tree of RFC 6962 with the hashes of all its complete subtrees.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The leaves; then the roots of each two, of each four, and so on, as far as these are complete.
    levels: Vec<Vec<Hash>>,
}

/// Where RFC 6962 splits a tree of `size` > 1 leaves: the largest power of two below it.
fn split(size: usize) -> usize {
    1 << (size - 1).ilog2()
}

impl Tree {
    /// The tree over these leaf hashes.
    pub fn new(leaves: Vec<Hash>) -> Tree {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let (pairs, _) = below.as_chunks::<2>();
            levels.push(pairs.iter().map(|[left, right]| node_hash(left, right)).collect());
        }
        Tree { levels }
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.leaves().len() as u64
    }

    /// Its leaves.
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    /// The root over `size` leaves from `start` on, which is where RFC 6962 cut such a stretch.
    fn over(&self, start: usize, size: usize) -> Option<Hash> {
        if size.is_power_of_two() && start.is_multiple_of(size) {
            let level = self.levels.get(usize::try_from(size.ilog2()).ok()?)?;
            return level.get(start / size).copied();
        }
        let left = split(size);
        Some(node_hash(&self.over(start, left)?, &self.over(start + left, size - left)?))
    }

    /// The siblings that lead from leaf `index` to the root; `None` when there is no such leaf.
    pub fn inclusion(&self, index: u64) -> Option<Vec<Hash>> {
        let size = usize::try_from(self.size()).ok()?;
        let index = usize::try_from(index).ok().filter(|index| *index < size)?;
        let (mut start, mut size) = (0, size);
        let mut proof = Vec::new();
        while size > 1 {
            let left = split(size);
            if index < start + left {
                proof.push(self.over(start + left, size - left)?);
                size = left;
            } else {
                proof.push(self.over(start, left)?);
                start += left;
                size -= left;
            }
        }
        proof.reverse();
        Some(proof)
    }

    /// What shows that the first `old` leaves are a tree of which the whole is a continuation; `None`
    /// when there are fewer than `old`.
    pub fn consistency(&self, old: u64) -> Option<Vec<Hash>> {
        let size = usize::try_from(self.size()).ok()?;
        let mut old = usize::try_from(old).ok().filter(|old| *old <= size)?;
        let (mut start, mut size) = (0, size);
        let mut proof = Vec::new();
        // Whether the old tree is the stretch looked at from its first leaf on: its root is then known.
        let mut known = true;
        while old != 0 && old < size {
            let left = split(size);
            if old <= left {
                proof.push(self.over(start + left, size - left)?);
                size = left;
            } else {
                proof.push(self.over(start, left)?);
                old -= left;
                start += left;
                size -= left;
                known = false;
            }
        }
        if !known {
            proof.push(self.over(start, size)?);
        }
        proof.reverse();
        Some(proof)
    }
}
