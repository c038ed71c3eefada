//! A set of nodes as one bit each. It grows nowhere and holds no order of its own.

use crate::graph::Node;

/// A set of the nodes of one lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// An empty set for a lineage of `len` nodes.
    pub fn new(len: usize) -> NodeSet {
        NodeSet { words: vec![0; len.div_ceil(64)] }
    }

    /// Adds a node; says whether it was new.
    pub fn insert(&mut self, node: Node) -> bool {
        self.add(node.0)
    }

    /// Whether the node is in it.
    #[inline]
    pub fn contains(&self, node: Node) -> bool {
        self.words.get(node.index() / 64).is_some_and(|word| word >> (node.0 % 64) & 1 == 1)
    }

    /// Of how many nodes there is room for, at least.
    pub fn capacity(&self) -> usize {
        self.words.len() * 64
    }

    /// How many nodes are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The nodes in it, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = Node> + '_ {
        self.words.iter().enumerate().flat_map(|(at, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    Node((at * 64) as u32 + bit)
                })
            })
        })
    }

    #[inline]
    pub(super) fn add(&mut self, node: u32) -> bool {
        let Some(word) = self.words.get_mut(node as usize / 64) else { return false };
        let bit = 1_u64 << (node % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
