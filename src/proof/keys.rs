//! Ed25519 keys named as C2SP signed notes name them. It keeps no key on disk.

use crate::proof::digest::sha256_of;
use crate::proof::random::{self, NoRandomness};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;

/// The signed-note algorithm byte of Ed25519.
const ED25519_ALGORITHM: u8 = 1;

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No randomness to make one from.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The name would not survive in a note.
    #[error("\"{name}\" cannot name a key: it must not be empty and must hold no space, control character or \"+\"")]
    Name {
        /// The name.
        name: String,
    },
    /// The 32 bytes are not a key.
    #[error("these bytes are no Ed25519 key; restore the key from its backup")]
    NotAKey,
    /// The text is not a verifier key.
    #[error("not a verifier key ({why}); expected name+8 hex digits+base64, as printed when the ledger was made")]
    Text {
        /// What is wrong with it.
        why: &'static str,
    },
}

fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > 255 || name.chars().any(bad) {
        return Err(KeyError::Name { name: name.chars().take(64).collect() });
    }
    Ok(())
}

/// Signs checkpoints. Its name is the origin of the log it signs.
pub struct SigningKey {
    name: String,
    seed: [u8; 32],
    pair: Ed25519KeyPair,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.name)
    }
}

impl SigningKey {
    /// A new key for a new log, with a new random origin `lastgood/<16 hex>`.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<SigningKey, KeyError> {
        let name = format!("lastgood/{}", hex::encode(random::bytes::<8>()?));
        SigningKey::from_seed(&name, &random::bytes()?)
    }

    /// The key that a 32-byte seed stands for.
    ///
    /// # Errors
    /// When the name cannot stand in a note.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<SigningKey, KeyError> {
        check_name(name)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::NotAKey)?;
        Ok(SigningKey { name: name.to_owned(), seed: *seed, pair })
    }

    /// Its name, which is the origin of its log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The secret to keep.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The public half.
    pub fn verifier(&self) -> VerifierKey {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair.public_key().as_ref());
        VerifierKey { name: self.name.clone(), public }
    }

    /// A text as a signed note: its lines, an empty one, and the signature. The text must end with a line feed.
    pub fn sign_note(&self, text: &str) -> String {
        let signature = [&self.verifier().id()[..], &self.signature(text.as_bytes())].concat();
        format!("{text}\n— {} {}\n", self.name, STANDARD.encode(signature))
    }

    pub(crate) fn signature(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

/// Checks checkpoints. Written `name+hexid+base64`, as C2SP signed-note prescribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// Its name, which is the origin of its log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The four bytes by which a note says which key signed it.
    pub fn id(&self) -> [u8; 4] {
        let hash = sha256_of(&[self.name.as_bytes(), b"\n", &[ED25519_ALGORITHM], &self.public]);
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub(crate) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_ALGORITHM], &self.public[..]].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<VerifierKey, KeyError> {
        let wrong = |why| KeyError::Text { why };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong("it has not three parts"));
        };
        check_name(name)?;
        let key = STANDARD.decode(key).map_err(|_| wrong("its last part is not base64"))?;
        let [ED25519_ALGORITHM, public @ ..] = key.as_slice() else {
            return Err(wrong("it is not an Ed25519 key"));
        };
        let public = public.try_into().map_err(|_| wrong("its key has not 32 bytes"))?;
        let parsed = VerifierKey { name: name.to_owned(), public };
        // Compared as text, so that only the one spelling of an id is taken.
        if hex::encode(parsed.id()) != id {
            return Err(wrong("its id does not belong to its key"));
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_key_of_the_signed_note_specification_reads_and_prints() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
    }

    #[test]
    fn a_key_that_is_not_quite_one_is_refused() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let bad = [
            String::new(),
            text.replace("c74f20a3", "C74F20A3"),
            text.replace("c74f20a3", "c74f20a4"),
            text.replace("+AR", "+Ag"),
            text.replace("Peter", "Peter "),
            text.replace("10TW", "10"),
            format!("{text}\n"),
            text.replace("PeterNeumann", ""),
            text.replace("PeterNeumann+", "PeterNeumann"),
        ];
        for text in bad {
            assert!(text.parse::<VerifierKey>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_seed_gives_its_key_back_and_is_never_printed() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_seed(key.name(), key.seed()).unwrap();
        assert_eq!(key.verifier(), again.verifier());
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.name()));
        assert!(SigningKey::from_seed("two words", key.seed()).is_err());
    }
}
