//! Public keys that somebody supplied or a certificate holds, and whether a signature is by one of them. It
//! trusts none: which keys count is for whoever supplies them to say.

use super::der::{self, value, values};
use super::digest::{HashName, sha256};
use super::encoding::pem_blocks;
use aws_lc_rs::digest::Digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA512_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, RsaPssSaltLength, UnparsedPublicKey, VerificationAlgorithm,
};

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What was given is no public key in PEM or DER.
    #[error("it is no public key (SubjectPublicKeyInfo in PEM or DER)")]
    NoKey,
    /// A key whose signatures are not checked here.
    #[error("the key is of a type that is not supported; use Ed25519, ECDSA P-256, P-384 or P-521, or RSA")]
    Unsupported,
    /// Ed25519 hashes by itself.
    #[error("an Ed25519 signature can only be checked over the bytes, not over their digest")]
    NeedsBytes,
    /// Other content, or another key.
    #[error("it is over other content, or by another key")]
    Wrong,
}

/// Which keys are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    sort: Sort,
    der: Vec<u8>,
}

const ED25519_KEY: &[u8] = &[0x2b, 0x65, 0x70];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const RSA_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// A name, the hash it goes with, and how it is checked.
type Scheme = (&'static str, HashName, &'static dyn VerificationAlgorithm);

impl Sort {
    /// The schemes signers use with such a key, by name. A hash does not always follow the curve.
    fn schemes(self) -> Vec<Scheme> {
        use HashName::{Sha256, Sha384, Sha512};
        match self {
            Sort::Ed25519 => vec![("ed25519", Sha512, &ED25519)],
            Sort::P256 => vec![
                ("ecdsa-p256-sha256-der", Sha256, &ECDSA_P256_SHA256_ASN1),
                ("ecdsa-p256-sha256-raw", Sha256, &ECDSA_P256_SHA256_FIXED),
                ("ecdsa-p256-sha384-der", Sha384, &ECDSA_P256_SHA384_ASN1),
                ("ecdsa-p256-sha512-der", Sha512, &ECDSA_P256_SHA512_ASN1),
            ],
            Sort::P384 => vec![
                ("ecdsa-p384-sha384-der", Sha384, &ECDSA_P384_SHA384_ASN1),
                ("ecdsa-p384-sha384-raw", Sha384, &ECDSA_P384_SHA384_FIXED),
                ("ecdsa-p384-sha256-der", Sha256, &ECDSA_P384_SHA256_ASN1),
                ("ecdsa-p384-sha512-der", Sha512, &ECDSA_P384_SHA512_ASN1),
            ],
            Sort::P521 => vec![
                ("ecdsa-p521-sha512-der", Sha512, &ECDSA_P521_SHA512_ASN1),
                ("ecdsa-p521-sha512-raw", Sha512, &ECDSA_P521_SHA512_FIXED),
                ("ecdsa-p521-sha256-der", Sha256, &ECDSA_P521_SHA256_ASN1),
            ],
            Sort::Rsa => vec![
                ("rsa-pkcs1-sha256", Sha256, &RSA_PKCS1_2048_8192_SHA256),
                ("rsa-pss-sha256", Sha256, &RSA_PSS_2048_8192_SHA256),
                ("rsa-pkcs1-sha384", Sha384, &RSA_PKCS1_2048_8192_SHA384),
                ("rsa-pss-sha384", Sha384, &RSA_PSS_2048_8192_SHA384),
                ("rsa-pkcs1-sha512", Sha512, &RSA_PKCS1_2048_8192_SHA512),
                ("rsa-pss-sha512", Sha512, &RSA_PSS_2048_8192_SHA512),
                // Go's signers salt with as much as fits.
                (
                    "rsa-pss-sha256-max",
                    Sha256,
                    &const { RSA_PSS_2048_8192_SHA256.with_pss_salt_length(RsaPssSaltLength::Max) },
                ),
                (
                    "rsa-pss-sha384-max",
                    Sha384,
                    &const { RSA_PSS_2048_8192_SHA384.with_pss_salt_length(RsaPssSaltLength::Max) },
                ),
                (
                    "rsa-pss-sha512-max",
                    Sha512,
                    &const { RSA_PSS_2048_8192_SHA512.with_pss_salt_length(RsaPssSaltLength::Max) },
                ),
            ],
        }
    }
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in PEM.
    ///
    /// # Errors
    /// When it is none, or of a type that is not checked here.
    pub fn from_pem(text: &str) -> Result<PublicKey, Refused> {
        PublicKey::from_der(pem_blocks(text, "PUBLIC KEY").first().ok_or(Refused::NoKey)?)
    }

    /// Reads one in DER.
    ///
    /// # Errors
    /// When it is none, or of a type that is not checked here.
    pub fn from_der(der: &[u8]) -> Result<PublicKey, Refused> {
        let Some((0x30, info, &[])) = value(der) else { return Err(Refused::NoKey) };
        let Some((0x30, algorithm)) = values(info).next() else { return Err(Refused::NoKey) };
        let mut parts = values(algorithm).map(|(_, part)| part);
        let sort = match (parts.next(), parts.next()) {
            (Some(id), _) if id == ED25519_KEY => Sort::Ed25519,
            (Some(id), Some(curve)) if id == EC_KEY && curve == P256 => Sort::P256,
            (Some(id), Some(curve)) if id == EC_KEY && curve == P384 => Sort::P384,
            (Some(id), Some(curve)) if id == EC_KEY && curve == P521 => Sort::P521,
            (Some(id), _) if id == RSA_KEY => Sort::Rsa,
            (Some(_), _) => return Err(Refused::Unsupported),
            (None, _) => return Err(Refused::NoKey),
        };
        Ok(PublicKey { sort, der: der.to_vec() })
    }

    /// Reads a bare RSAPublicKey, as the oldest logs of certificates state theirs.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_pkcs1(der: &[u8]) -> Result<PublicKey, Refused> {
        let parts = der::only(der, 0x30).and_then(der::all).ok_or(Refused::NoKey)?;
        if parts.len() != 2 || parts.iter().any(|part| part.tag != 0x02) {
            return Err(Refused::NoKey);
        }
        let algorithm = der::wrap(0x30, &[der::wrap(0x06, RSA_KEY), vec![0x05, 0x00]].concat());
        let bits = der::wrap(0x03, &[&[0][..], der].concat());
        PublicKey::from_der(&der::wrap(0x30, &[algorithm, bits].concat()))
    }

    /// Its SubjectPublicKeyInfo.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of its SubjectPublicKeyInfo.
    pub fn fingerprint(&self) -> String {
        format!("sha256:{}", hex::encode(sha256(&self.der)))
    }

    /// Checks a signature over bytes, and names the scheme under which it holds.
    ///
    /// # Errors
    /// When it holds under none that goes with the key.
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<&'static str, Refused> {
        let holds = |algorithm| UnparsedPublicKey::new(algorithm, &self.der).verify(signed, signature).is_ok();
        let found = self.sort.schemes().into_iter().find(|(_, _, algorithm)| holds(*algorithm));
        found.map(|(name, ..)| name).ok_or(Refused::Wrong)
    }

    /// The same over bytes of which only the digest is known.
    ///
    /// # Errors
    /// When it holds under none that goes with the key and the digest.
    pub fn verify_digest(&self, hash: HashName, digest: &[u8], signature: &[u8]) -> Result<&'static str, Refused> {
        if self.sort == Sort::Ed25519 {
            return Err(Refused::NeedsBytes);
        }
        let digest = Digest::import_less_safe(digest, hash.algorithm()).map_err(|_| Refused::Wrong)?;
        let holds = |algorithm: &'static dyn VerificationAlgorithm| {
            algorithm.verify_digest_sig(&self.der, &digest, signature).is_ok()
        };
        let mut fitting = self.sort.schemes().into_iter().filter(|(_, with, _)| *with == hash);
        fitting.find(|(_, _, algorithm)| holds(*algorithm)).map(|(name, ..)| name).ok_or(Refused::Wrong)
    }
}

#[cfg(test)]
#[path = "public_key_tests.rs"]
mod tests;
