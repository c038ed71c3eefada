//! Published RFC 6962 vectors, and another implementation as oracle.

use super::*;
use crate::proof::tree::Tree;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

/// The eight leaves of the certificate-transparency reference tests.
const INPUTS: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn published() -> Vec<Hash> {
    INPUTS.iter().map(|text| leaf_hash(&hex::decode(text).unwrap())).collect()
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn numbered(count: u64) -> (Vec<Hash>, MemoryBackedTree<Sha256, Vec<u8>>) {
    let mut tree = MemoryBackedTree::new();
    let mut leaves = Vec::new();
    for number in 0..count {
        let data = number.to_be_bytes().to_vec();
        leaves.push(leaf_hash(&data));
        tree.push(data);
    }
    (leaves, tree)
}

/// Every proof near a true one: each hash changed, left out, doubled, swapped with the next; one
/// more at either end.
fn mutations(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut out = vec![[proof, &[[9; 32]]].concat(), [&[[9; 32]], proof].concat()];
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at][at % 32] ^= 1 << (at % 8);
        out.push(changed);
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        out.push(shorter);
        let mut longer = proof.to_vec();
        longer.insert(at, proof[at]);
        out.push(longer);
        let mut swapped = proof.to_vec();
        swapped.swap(at, (at + 1) % proof.len());
        if swapped != proof {
            out.push(swapped);
        }
    }
    out
}

#[test]
fn the_published_roots_hold() {
    let leaves = published();
    assert_eq!(root(&[]), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    for (at, expected) in ROOTS.iter().enumerate() {
        assert_eq!(root(&leaves[..=at]), hash(expected), "size {}", at + 1);
    }
}

#[test]
fn the_published_proofs_hold() {
    let leaves = published();
    let proof = Tree::new(leaves.clone()).inclusion(5).unwrap();
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(proof, expected.map(hash));
    let proof = Tree::new(leaves.clone()).consistency(6).unwrap();
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(proof, expected.map(hash));
}

#[test]
fn inclusion_proofs_of_all_sizes_agree_with_the_oracle_and_no_mutation_passes() {
    let mut rejected = 0;
    for size in 1..=65 {
        let (leaves, tree) = numbered(size);
        let (top, ours) = (root(&leaves), Tree::new(leaves.clone()));
        assert_eq!(top[..], tree.root().as_bytes()[..]);
        for index in 0..size {
            let leaf = leaves[index as usize];
            let proof = ours.inclusion(index).unwrap();
            assert_eq!(proof.concat(), tree.prove_inclusion(index as usize).as_bytes());
            assert!(verify_inclusion(&leaf, index, size, &proof, &top));
            for bad in mutations(&proof) {
                assert!(!verify_inclusion(&leaf, index, size, &bad, &top), "{size} {index}");
                rejected += 1;
            }
            for other in (0..=size).filter(|other| *other != index) {
                assert!(!verify_inclusion(&leaf, other, size, &proof, &top), "{size} {index} {other}");
                rejected += 1;
            }
            let mut wrong = top;
            wrong[0] ^= 1;
            assert!(!verify_inclusion(&leaf, index, size, &proof, &wrong));
            assert!(!verify_inclusion(&wrong, index, size, &proof, &top));
            assert!(!verify_inclusion(&leaf, index, 0, &proof, &top));
            rejected += 3;
        }
        assert_eq!(ours.inclusion(size), None);
    }
    assert!(rejected > 100_000, "{rejected}");
}

#[test]
fn consistency_proofs_of_all_sizes_agree_with_the_oracle_and_no_mutation_passes() {
    let mut rejected = 0;
    for size in 1..=65u64 {
        let (leaves, tree) = numbered(size);
        let (top, ours) = (root(&leaves), Tree::new(leaves.clone()));
        for old in 0..=size {
            let proof = ours.consistency(old).unwrap();
            let old_root = root(&leaves[..old as usize]);
            assert!(verify_consistency(old, &old_root, size, &top, &proof), "{old} {size}");
            if old > 0 {
                assert_eq!(proof.concat(), tree.prove_consistency((size - old) as usize).as_bytes(), "{old} {size}");
            }
            for bad in mutations(&proof) {
                assert!(!verify_consistency(old, &old_root, size, &top, &bad), "{old} {size}");
                rejected += 1;
            }
            let mut wrong = top;
            wrong[31] ^= 0x80;
            assert!(!verify_consistency(old, &wrong, size, &top, &proof));
            assert!(!verify_consistency(old, &old_root, size, &wrong, &proof) || old == 0, "{old} {size}");
            assert!(!verify_consistency(size + 1, &old_root, size, &top, &proof));
            rejected += 3;
        }
        assert_eq!(ours.consistency(size + 1), None);
    }
    assert!(rejected > 10_000, "{rejected}");
}

#[test]
fn a_proof_of_more_than_63_hashes_is_refused_unread() {
    let leaf = [1; 32];
    assert!(!verify_inclusion(&leaf, 0, u64::MAX, &[[0; 32]; 64], &[0; 32]));
    assert!(!verify_consistency(1, &leaf, u64::MAX, &[0; 32], &[[0; 32]; 64]));
}

#[test]
fn an_edge_of_the_wrong_length_is_refused() {
    assert!(Frontier::from_parts(3, vec![[0; 32]; 2]).is_some());
    assert!(Frontier::from_parts(3, vec![[0; 32]; 3]).is_none());
    assert!(Frontier::from_parts(0, vec![[0; 32]]).is_none());
}

proptest! {
    #[test]
    fn any_leaves_give_the_oracles_root_through_a_stored_edge(
        data in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..200),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut frontier = Frontier::new();
        let cut = if data.is_empty() { 0 } else { cut.index(data.len()) };
        for (at, leaf) in data.iter().enumerate() {
            if at == cut {
                frontier = Frontier::from_parts(frontier.size(), frontier.hashes().to_vec()).unwrap();
            }
            frontier.push(leaf_hash(leaf));
            tree.push(leaf.clone());
        }
        prop_assert_eq!(frontier.size(), data.len() as u64);
        let oracle = tree.root();
        prop_assert_eq!(&frontier.root()[..], &oracle.as_bytes()[..]);
    }
}
