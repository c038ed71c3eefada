//! Signatures as `ssh-keygen -Y sign` makes them (SSHSIG, version 1): read from their armor and checked
//! against the key they carry. Whose key that is, [`super::signers`] says; this file trusts none.

use crate::proof::digest::sha256;
use aws_lc_rs::digest;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// The namespace our signatures are made under, so that one made for something else counts for nothing.
pub const NAMESPACE: &str = "lastgood";
/// The namespace of git's signatures.
pub const GIT: &str = "git";

const MAGIC: &[u8] = b"SSHSIG";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Far above what any key gives.
const LONGEST: usize = 32 * 1024;
/// Bit of a security key's flags: somebody touched it.
const TOUCHED: u8 = 1;

/// Why a signature does not verify.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// It cannot be read.
    #[error("it is no SSH signature ({0})")]
    Malformed(&'static str),
    /// It was made for something else.
    #[error("it was made for \"{0}\", not for \"{1}\"")]
    Namespace(String, &'static str),
    /// A key or hash that is not checked here.
    #[error("{0} is not supported; use ssh-ed25519, ecdsa-sha2-nistp256/384/521, rsa or sk-ssh-ed25519")]
    Unsupported(String),
    /// What was signed is not what is here, or another key signed it.
    #[error("it is over other text, or by another key")]
    Wrong,
}

/// An SSH public key, by its blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// A key from the base64 text of `id_*.pub` or `allowed_signers`.
    pub fn from_base64(text: &str) -> Option<PublicKey> {
        let blob = STANDARD.decode(text).ok()?;
        Reader(&blob).string()?;
        Some(PublicKey(blob))
    }

    /// Its type: `ssh-ed25519`.
    pub fn kind(&self) -> String {
        Reader(&self.0).string().map(|kind| String::from_utf8_lossy(kind).into_owned()).unwrap_or_default()
    }

    /// As `ssh-keygen -l` prints it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(sha256(&self.0)))
    }
}

/// The key that an armored signature says made it. Nothing is checked.
///
/// # Errors
/// When it is no signature.
pub fn named_key(armored: &str) -> Result<PublicKey, SignatureError> {
    let blob = unarmor(armored)?;
    let mut rest = Reader(blob.strip_prefix(MAGIC).ok_or(SignatureError::Malformed("it does not begin as one"))?);
    let key = rest.number().and_then(|_| rest.string()).ok_or(SignatureError::Malformed("it ends too early"))?;
    Ok(PublicKey(key.to_vec()))
}

/// Checks an armored signature over a message, made in a namespace; gives the key that made it.
///
/// # Errors
/// When it is not one, was made in another namespace, or does not belong to the message.
pub fn verify(message: &[u8], armored: &str, wanted: &'static str) -> Result<PublicKey, SignatureError> {
    let blob = unarmor(armored)?;
    let malformed = || SignatureError::Malformed("it ends too early");
    let mut rest = Reader(blob.strip_prefix(MAGIC).ok_or(SignatureError::Malformed("it does not begin as one"))?);
    if rest.number().ok_or_else(malformed)? != 1 {
        return Err(SignatureError::Malformed("its version is not 1"));
    }
    let key = rest.string().ok_or_else(malformed)?;
    let namespace = rest.string().ok_or_else(malformed)?;
    let reserved = rest.string().ok_or_else(malformed)?;
    let hash = rest.string().ok_or_else(malformed)?;
    let signature = rest.string().ok_or_else(malformed)?;
    if !rest.0.is_empty() {
        return Err(SignatureError::Malformed("something follows it"));
    }
    if namespace != wanted.as_bytes() {
        return Err(SignatureError::Namespace(String::from_utf8_lossy(namespace).into_owned(), wanted));
    }
    let hashed = match hash {
        b"sha256" => digest::digest(&digest::SHA256, message),
        b"sha512" => digest::digest(&digest::SHA512, message),
        other => return Err(SignatureError::Unsupported(format!("hash {}", String::from_utf8_lossy(other)))),
    };
    let mut signed = MAGIC.to_vec();
    for field in [namespace, reserved, hash, hashed.as_ref()] {
        put(&mut signed, field);
    }
    check(key, signature, &signed)?;
    Ok(PublicKey(key.to_vec()))
}

/// The bytes between the armor's first and last line.
fn unarmor(armored: &str) -> Result<Vec<u8>, SignatureError> {
    let malformed = SignatureError::Malformed;
    if armored.len() > LONGEST {
        return Err(malformed("it is too long"));
    }
    let inner = armored.trim().strip_prefix(BEGIN).ok_or(malformed("its first line is missing"))?;
    let inner = inner.strip_suffix(END).ok_or(malformed("its last line is missing"))?;
    let text: String = inner.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|_| malformed("it is not base64"))
}

/// Checks the signature blob with the key blob over the signed bytes.
fn check(key: &[u8], signature: &[u8], signed: &[u8]) -> Result<(), SignatureError> {
    let malformed = |why| move || SignatureError::Malformed(why);
    let short = malformed("its key or its inner signature ends too early");
    let (mut key, mut signature) = (Reader(key), Reader(signature));
    let kind = key.string().ok_or_else(short)?;
    let algorithm = signature.string().ok_or_else(short)?;
    let bytes = signature.string().ok_or_else(short)?;
    let unsupported = |word: &[u8]| Err(SignatureError::Unsupported(String::from_utf8_lossy(word).into_owned()));
    match kind {
        b"ssh-ed25519" if algorithm == kind => {
            let public = key.string().ok_or_else(short)?;
            plain(&ED25519, public, signed, bytes)?;
        }
        b"sk-ssh-ed25519@openssh.com" if algorithm == kind => {
            let public = key.string().ok_or_else(short)?;
            let application = key.string().ok_or_else(short)?;
            let flags = signature.byte().ok_or_else(short)?;
            let counter = signature.number().ok_or_else(short)?;
            if flags & TOUCHED == 0 {
                return Err(SignatureError::Malformed("nobody touched the security key"));
            }
            let message =
                [&sha256(application)[..], &[flags][..], &counter.to_be_bytes()[..], &sha256(signed)[..]].concat();
            plain(&ED25519, public, &message, bytes)?;
        }
        b"ecdsa-sha2-nistp256" if algorithm == kind => ecdsa(&ECDSA_P256_SHA256_FIXED, 32, &mut key, signed, bytes)?,
        b"ecdsa-sha2-nistp384" if algorithm == kind => ecdsa(&ECDSA_P384_SHA384_FIXED, 48, &mut key, signed, bytes)?,
        b"ecdsa-sha2-nistp521" if algorithm == kind => ecdsa(&ECDSA_P521_SHA512_FIXED, 66, &mut key, signed, bytes)?,
        b"ssh-rsa" => {
            let scheme = match algorithm {
                b"rsa-sha2-256" => &RSA_PKCS1_2048_8192_SHA256,
                b"rsa-sha2-512" => &RSA_PKCS1_2048_8192_SHA512,
                other => return unsupported(other),
            };
            let e = unsigned(key.string().ok_or_else(short)?);
            let n = unsigned(key.string().ok_or_else(short)?);
            let public = PublicKeyComponents { n, e };
            public.verify(scheme, signed, bytes).map_err(|_| SignatureError::Wrong)?;
        }
        other => return unsupported(other),
    }
    if !key.0.is_empty() || !signature.0.is_empty() {
        return Err(SignatureError::Malformed("something follows its key or inner signature"));
    }
    Ok(())
}

fn plain(
    scheme: &'static dyn VerificationAlgorithm,
    public: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    UnparsedPublicKey::new(scheme, public).verify(message, signature).map_err(|_| SignatureError::Wrong)
}

/// SSH writes the two numbers of the signature apart; what checks them wants both at full width.
fn ecdsa(
    scheme: &'static dyn VerificationAlgorithm,
    width: usize,
    key: &mut Reader<'_>,
    signed: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let short = || SignatureError::Malformed("its key or its inner signature ends too early");
    key.string().ok_or_else(short)?;
    let point = key.string().ok_or_else(short)?;
    let mut numbers = Reader(signature);
    let mut fixed = Vec::with_capacity(2 * width);
    for _ in 0..2 {
        let number = unsigned(numbers.string().ok_or_else(short)?);
        let pad = width.checked_sub(number.len()).ok_or(SignatureError::Wrong)?;
        fixed.resize(fixed.len() + pad, 0);
        fixed.extend(number);
    }
    plain(scheme, point, signed, &fixed)
}

/// A multiple-precision number without the zeros it begins with.
fn unsigned(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

fn put(out: &mut Vec<u8>, field: &[u8]) {
    out.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(field);
}

/// Reads the strings and numbers of RFC 4251.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }
}

#[cfg(test)]
#[path = "sshsig_tests.rs"]
mod tests;
