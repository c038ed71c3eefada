//! Content digests as sources spell them, normalised to `algorithm:lowerhex`. It computes none.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A content digest: `sha256:…` in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

/// The SHA-256 of no bytes at all. Everything empty shares it, so it identifies nothing.
pub const fn sha256_of_nothing() -> &'static str {
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

impl Digest {
    /// Normalises `SHA-256:ABC…`, `sha256:abc…`; a text without an algorithm is kept as written.
    pub fn parse(text: &str) -> Digest {
        let trimmed = text.trim();
        let Some((algorithm, value)) = trimmed.split_once(':') else {
            return Digest(trimmed.to_owned());
        };
        let algorithm = algorithm.to_ascii_lowercase().replace(['-', '_'], "");
        let value =
            if value.bytes().all(|b| b.is_ascii_hexdigit()) { value.to_ascii_lowercase() } else { value.to_owned() };
        Digest(format!("{algorithm}:{value}"))
    }

    /// `algorithm:hex`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether two artefacts of one kind that share it are one: a full-length cryptographic digest
    /// of something. Short, sampled (MLflow's eight hex digits) and empty-content digests are not.
    pub fn is_strong(&self) -> bool {
        let Some((algorithm, hex)) = self.0.split_once(':') else { return false };
        let wanted = match algorithm {
            "git" if hex.len() == 64 => 64,
            "sha256" | "omsdigest" | "sha3256" | "blake3" => 64,
            "sha384" => 96,
            "sha512" => 128,
            "sha1" | "git" => 40,
            _ => return false,
        };
        hex.len() == wanted && hex.bytes().all(|b| b.is_ascii_hexdigit()) && self.0 != sha256_of_nothing()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_digest_are_equal() {
        let hex = "AB".repeat(32);
        assert_eq!(Digest::parse(&format!("SHA-256:{hex}")), Digest::parse(&format!("sha256:{}", hex.to_lowercase())));
    }

    #[test]
    fn only_full_digests_of_something_identify() {
        assert!(Digest::parse(&format!("sha256:{}", "ab".repeat(32))).is_strong());
        assert!(!Digest::parse("md5:0cc175b9c0f1b6a831c399e269772661").is_strong());
        assert!(!Digest::parse("sha256:abcd1234").is_strong());
        assert!(!Digest::parse(sha256_of_nothing()).is_strong());
    }
}
