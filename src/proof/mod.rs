//! Proof: hashes, Merkle trees, checkpoints, keys and fingerprints, as pure functions. It reads no
//! file and no clock, and it never decides what a failed proof means for a user.

pub mod checkpoint;
pub mod der;
pub mod digest;
pub mod dsse;
pub mod fingerprint;
pub mod keys;
pub mod merkle;
pub mod random;
pub mod seal;
pub mod signers;
pub mod sshsig;
