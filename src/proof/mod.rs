//! Proof: hashes, Merkle trees, checkpoints, keys, fingerprints, signatures and certificates, as pure
//! functions. It reads no file and no clock, and it never decides what a failed proof means for a user.

pub mod attested;
mod blake2b;
pub mod bundle;
pub mod certificate;
pub mod chain;
pub mod checkpoint;
pub mod der;
pub mod digest;
pub mod dsse;
pub mod encoding;
pub mod fingerprint;
pub mod kept;
pub mod keys;
pub mod leaf;
pub mod log_body;
pub mod log_entry;
pub mod merkle;
pub mod public_key;
pub mod random;
pub mod sct;
pub mod seal;
pub mod signers;
pub mod sshsig;
pub mod timestamp;
pub mod tree;
pub mod trust;
mod trusted_root;
pub mod verdict;
mod witnessed;
