//! SHA-256 and HMAC-SHA-256 over bytes, and SHA-1 where a format leaves no choice. It gives no meaning to what it hashes.

use super::blake2b::Blake2b;
use aws_lc_rs::hmac;
use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of several pieces one after the other, without joining them first.
pub fn sha256_of(pieces: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finalize().into()
}

/// The hashes that signatures are made over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are the names themselves")]
pub enum HashName {
    Sha256,
    Sha384,
    Sha512,
}

impl HashName {
    /// Reads a name, however it is spelt: `sha256`, `SHA2_256`, `SHA-256`.
    pub fn parse(name: &str) -> Option<HashName> {
        let plain: String = name.to_ascii_lowercase().replace("sha2_", "sha").replace(['-', '_'], "");
        match plain.as_str() {
            "sha256" => Some(HashName::Sha256),
            "sha384" => Some(HashName::Sha384),
            "sha512" => Some(HashName::Sha512),
            _ => None,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            HashName::Sha256 => "sha256",
            HashName::Sha384 => "sha384",
            HashName::Sha512 => "sha512",
        }
    }

    pub(crate) fn algorithm(self) -> &'static aws_lc_rs::digest::Algorithm {
        match self {
            HashName::Sha256 => &aws_lc_rs::digest::SHA256,
            HashName::Sha384 => &aws_lc_rs::digest::SHA384,
            HashName::Sha512 => &aws_lc_rs::digest::SHA512,
        }
    }

    /// The hash of `bytes`.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        aws_lc_rs::digest::digest(self.algorithm(), bytes).as_ref().to_vec()
    }
}

/// A hash of a file in the making, by the name that signatures of models give it.
pub struct FileHash(Making);

enum Making {
    Sha(aws_lc_rs::digest::Context),
    Blake2b(Blake2b),
}

impl FileHash {
    /// Begins one; nothing for a hash that is not made here.
    pub fn begin(name: &str) -> Option<FileHash> {
        match name {
            "blake2" | "blake2b" | "blake2b-512" => Some(FileHash(Making::Blake2b(Blake2b::default()))),
            _ => {
                let hash = HashName::parse(name)?;
                Some(FileHash(Making::Sha(aws_lc_rs::digest::Context::new(hash.algorithm()))))
            }
        }
    }

    /// Takes more of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Making::Sha(context) => context.update(bytes),
            Making::Blake2b(hash) => hash.update(bytes),
        }
    }

    /// The hash.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            Making::Sha(context) => context.finish().as_ref().to_vec(),
            Making::Blake2b(hash) => hash.finish().to_vec(),
        }
    }
}

/// SHA-1 of `bytes`: what scanners of secrets keep instead of a value. It proves nothing.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    out
}

/// HMAC-SHA-256 of several pieces one after the other.
pub fn hmac_sha256(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for piece in pieces {
        context.update(piece);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

/// Whether two are the same, in a time that tells nothing of where they differ.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_hold() {
        assert_eq!(hex::encode(sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256_of(&[b"a", b"", b"bc"]), sha256(b"abc"));
        // RFC 4231, test cases 1 and 2.
        assert_eq!(
            hex::encode(hmac_sha256(&[0x0b; 20], &[b"Hi ", b"There"])),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex::encode(hmac_sha256(b"Jefe", &[b"what do ya want for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
