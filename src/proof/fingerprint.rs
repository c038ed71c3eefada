//! Keyed fingerprints of secrets: equal for equal values, and worth nothing without the pepper. It
//! keeps no pepper and finds no secrets.

use aws_lc_rs::hmac;

/// The key of a ledger's fingerprints. It lives outside the ledger.
pub struct Pepper([u8; 32]);

impl Pepper {
    /// From its bytes.
    pub fn new(bytes: [u8; 32]) -> Pepper {
        Pepper(bytes)
    }

    /// 32 hex digits that stand for the secret.
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), secret);
        hex::encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}
