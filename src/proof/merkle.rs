//! The Merkle tree of RFC 6962: roots, and inclusion and consistency proofs verified; [`super::tree`] makes them.
//!
//! It stores no leaves. A proof only ever supplies the *siblings*: the leaf or roots that a caller
//! shows are always hashed or held by the caller, never taken from the proof.

use crate::proof::digest::{sha256, sha256_of};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// No tree of fewer than 2⁶³ leaves needs a longer proof; a longer one is refused unread.
pub const MOST_HASHES: usize = 63;

/// The hash of a leaf: `H(0x00 ‖ data)`.
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256_of(&[&[0], data])
}

/// The hash of an inner node: `H(0x01 ‖ left ‖ right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256_of(&[&[1], left, right])
}

/// The right edge of a growing tree: one hash per complete subtree, so that appending and taking
/// the root need O(log n) state and no leaves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The edge of the empty tree.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// Takes up a stored edge; `None` when that many hashes cannot belong to that size.
    pub fn from_parts(size: u64, hashes: Vec<Hash>) -> Option<Frontier> {
        (size.count_ones() as usize == hashes.len()).then_some(Frontier { size, hashes })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        let mut rest = self.size;
        while rest & 1 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            rest >>= 1;
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root of the tree so far.
    pub fn root(&self) -> Hash {
        let mut edge = self.hashes.iter().rev();
        let Some(smallest) = edge.next() else { return sha256(b"") };
        edge.fold(*smallest, |right, left| node_hash(left, &right))
    }
}

/// The root over `leaves` (leaf hashes, in order).
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// Whether `leaf` is leaf `index` of the tree of `size` leaves whose root is `root`.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size || proof.len() > MOST_HASHES {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether the tree (`new_size`, `new_root`) continues the tree (`old_size`, `old_root`).
pub fn verify_consistency(old_size: u64, old_root: &Hash, new_size: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old_size > new_size || proof.len() > MOST_HASHES {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == sha256(b"");
    }
    let mut hashes = proof.iter();
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A complete old tree is its own starting point; otherwise the proof names it.
    let start = if old_size.is_power_of_two() { Some(old_root) } else { hashes.next() };
    let Some(start) = start else { return false };
    let (mut of_old, mut of_new) = (*start, *start);
    for sibling in hashes {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            of_old = node_hash(sibling, &of_old);
            of_new = node_hash(sibling, &of_new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node_hash(&of_new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == *old_root && of_new == *new_root
}

#[cfg(test)]
#[path = "merkle_tests.rs"]
mod tests;
