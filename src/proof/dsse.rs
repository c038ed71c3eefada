//! What a DSSE signature is over, and whether it is by a given public key. It trusts no key: which keys
//! count is for whoever supplies them to say.

use super::der::{value, values};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What is signed: the type and the payload with their lengths, so that neither runs into the other.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

/// Why a signature does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What was given is no public key in PEM or DER.
    #[error("it is no public key (SubjectPublicKeyInfo in PEM or DER)")]
    NoKey,
    /// A key whose signatures are not checked here.
    #[error("the key is of a type that is not supported; use Ed25519, ECDSA P-256 or P-384, or RSA")]
    Unsupported,
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
    Rsa,
}

/// A public key that somebody supplied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    sort: Sort,
    der: Vec<u8>,
}

const ED25519_KEY: &[u8] = &[0x2b, 0x65, 0x70];
const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const RSA_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

type Scheme = (&'static str, &'static dyn VerificationAlgorithm);

impl Sort {
    /// The schemes signers use with such a key, by name. A hash does not always follow the curve.
    fn schemes(self) -> Vec<Scheme> {
        match self {
            Sort::Ed25519 => vec![("ed25519", &ED25519)],
            Sort::P256 => vec![
                ("ecdsa-p256-sha256-der", &ECDSA_P256_SHA256_ASN1),
                ("ecdsa-p256-sha256-raw", &ECDSA_P256_SHA256_FIXED),
                ("ecdsa-p256-sha384-der", &ECDSA_P256_SHA384_ASN1),
            ],
            Sort::P384 => vec![
                ("ecdsa-p384-sha384-der", &ECDSA_P384_SHA384_ASN1),
                ("ecdsa-p384-sha384-raw", &ECDSA_P384_SHA384_FIXED),
                ("ecdsa-p384-sha256-der", &ECDSA_P384_SHA256_ASN1),
            ],
            Sort::Rsa => vec![
                ("rsa-pkcs1-sha256", &RSA_PKCS1_2048_8192_SHA256),
                ("rsa-pss-sha256", &RSA_PSS_2048_8192_SHA256),
                ("rsa-pkcs1-sha384", &RSA_PKCS1_2048_8192_SHA384),
                ("rsa-pss-sha384", &RSA_PSS_2048_8192_SHA384),
                ("rsa-pkcs1-sha512", &RSA_PKCS1_2048_8192_SHA512),
                ("rsa-pss-sha512", &RSA_PSS_2048_8192_SHA512),
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
        let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----").ok_or(Refused::NoKey)?;
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----").ok_or(Refused::NoKey)?;
        let body: String = body.split_whitespace().collect();
        PublicKey::from_der(&STANDARD.decode(body).map_err(|_| Refused::NoKey)?)
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
            (Some(id), _) if id == RSA_KEY => Sort::Rsa,
            (Some(_), _) => return Err(Refused::Unsupported),
            (None, _) => return Err(Refused::NoKey),
        };
        Ok(PublicKey { sort, der: der.to_vec() })
    }

    /// Checks a signature over bytes, and names the scheme under which it holds.
    ///
    /// # Errors
    /// When it holds under none that goes with the key.
    pub fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<&'static str, Refused> {
        let holds = |algorithm| UnparsedPublicKey::new(algorithm, &self.der).verify(signed, signature).is_ok();
        let found = self.sort.schemes().into_iter().find(|(_, algorithm)| holds(*algorithm));
        found.map(|(name, _)| name).ok_or(Refused::Wrong)
    }

    /// Checks the signature of an envelope over its decoded payload.
    ///
    /// # Errors
    /// When it does not hold.
    pub fn verify_envelope(
        &self,
        payload_type: &str,
        payload: &[u8],
        signature: &[u8],
    ) -> Result<&'static str, Refused> {
        self.verify(&pae(payload_type, payload), signature)
    }
}

#[cfg(test)]
#[path = "dsse_tests.rs"]
mod tests;
