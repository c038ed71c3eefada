//! A keyed seal behind bytes that are kept where others may write: AES-256-GMAC under a key made for
//! this one seal. It hides nothing, and keeps no key.

use crate::proof::digest::hmac_sha256;
use crate::proof::random;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// How many bytes a seal takes up: salt and tag.
pub const SEAL: usize = SALT + TAG;
const SALT: usize = 16;
const TAG: usize = 16;

/// A key for one salt, so that the constant nonce beside it is never used twice under one key.
fn key(key: &[u8; 32], salt: &[u8]) -> Option<LessSafeKey> {
    let derived = hmac_sha256(key, &[b"index\0", salt]);
    UnboundKey::new(&AES_256_GCM, &derived).ok().map(LessSafeKey::new)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

/// The seal of `bytes`, to be put behind them; `None` when the system has no randomness.
pub fn seal(under: &[u8; 32], bytes: &[u8]) -> Option<[u8; SEAL]> {
    let salt = random::bytes::<SALT>().ok()?;
    let tag = key(under, &salt)?.seal_in_place_separate_tag(nonce(), Aad::from(bytes), &mut []).ok()?;
    let mut out = [0; SEAL];
    out[..SALT].copy_from_slice(&salt);
    out[SALT..].copy_from_slice(tag.as_ref());
    Some(out)
}

/// How many bytes lie before the seal, when it is theirs and was made under this key.
pub fn sealed(under: &[u8; 32], file: &[u8]) -> Option<usize> {
    let (bytes, seal) = file.split_last_chunk::<SEAL>()?;
    let (salt, tag) = seal.split_at(SALT);
    let mut tag = tag.to_vec();
    key(under, salt)?.open_in_place(nonce(), Aad::from(bytes), &mut tag).ok()?;
    Some(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_bytes_and_key_only() {
        let under = [3; 32];
        let mut file = b"what was concluded".to_vec();
        let seal_of = seal(&under, &file).unwrap();
        file.extend(seal_of);
        assert_eq!(sealed(&under, &file), Some(18));
        assert_eq!(sealed(&[4; 32], &file), None);
        for at in 0..file.len() {
            let mut forged = file.clone();
            forged[at] ^= 1;
            assert_eq!(sealed(&under, &forged), None, "{at}");
        }
        assert_eq!(sealed(&under, &file[..20]), None);
        assert_ne!(seal(&under, b"same"), seal(&under, b"same"));
    }
}
