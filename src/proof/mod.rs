//! Fingerprints of secrets. It does no I/O and draws no random numbers.

pub mod fingerprint;
