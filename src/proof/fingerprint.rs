//! Keyed fingerprints: what a secret is known by without being kept. It finds no secrets in text
//! and keeps no key.

use crate::proof::digest::{hmac_sha256, sha1};
use crate::proof::random::{self, NoRandomness};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::fmt;

/// The key of all fingerprints. It lies outside the ledger, so that the ledger alone cannot be
/// searched by guessing. Losing it loses the joining of secrets, and no evidence.
#[derive(Clone)]
pub struct Pepper([u8; 32]);

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pepper")
    }
}

/// More than this of a pasted text is not a secret value; it bounds the work on hostile input.
const LONGEST_PASTE: usize = 64 * 1024;

impl Pepper {
    /// Takes up a kept pepper.
    pub fn new(bytes: [u8; 32]) -> Pepper {
        Pepper(bytes)
    }

    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Pepper, NoRandomness> {
        Ok(Pepper(random::bytes()?))
    }

    /// The secret to keep.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What tells this pepper from another without giving anything away: 8 hex digits.
    pub fn id(&self) -> String {
        hex::encode(&hmac_sha256(&self.0, &[b"id"])[..4])
    }

    /// The fingerprint of a secret value: 128 bits of HMAC-SHA-256 as 32 hex digits.
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        hex::encode(&hmac_sha256(&self.0, &[b"secret\0", secret])[..16])
    }

    /// The salt under which the log commits to the content of record `seq`. Derived, so that an
    /// import that is killed and run again gives the same log.
    pub fn salt(&self, seq: u64, content_digest: &[u8; 32]) -> [u8; 16] {
        let mut salt = [0; 16];
        salt.copy_from_slice(&hmac_sha256(&self.0, &[b"salt\0", &seq.to_be_bytes(), content_digest])[..16]);
        salt
    }

    /// What erased content is known by, so that it is not taken in a second time.
    pub fn erasure(&self, content_digest: &[u8; 32]) -> [u8; 32] {
        hmac_sha256(&self.0, &[b"erased\0", content_digest])
    }

    /// The fingerprints of every form in which a pasted value may have been seen: as it is, trimmed,
    /// unquoted, without `Bearer` or `NAME=`, a private key without its line ends, decoded from base64, hex
    /// and percent signs, and encoded in each of these, and by its SHA-1, which is all that some scanners
    /// tell. In a fixed order, each once.
    pub fn candidates(&self, pasted: &[u8]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for form in forms(pasted) {
            let print = self.fingerprint(&form);
            if !out.contains(&print) {
                out.push(print);
            }
        }
        out
    }
}

fn forms(pasted: &[u8]) -> Vec<Vec<u8>> {
    let pasted = pasted.get(..LONGEST_PASTE).unwrap_or(pasted);
    let trimmed = pasted.trim_ascii();
    let mut plain: Vec<&[u8]> = vec![trimmed];
    for start in 0.. {
        // `plain` grows while it is read: a quoted value behind `NAME=` is reached in two steps.
        let Some(form) = plain.get(start).copied() else { break };
        let shorter = [unquoted(form), without_scheme(form), without_name(form)];
        for form in shorter.into_iter().flatten() {
            if !form.is_empty() && !plain.contains(&form) && plain.len() < 16 {
                plain.push(form);
            }
        }
    }
    let mut out: Vec<Vec<u8>> = vec![pasted.to_vec()];
    out.extend(plain.iter().map(|form| form.to_vec()));
    for form in &plain {
        out.extend(decoded(form));
        let encoded = [STANDARD.encode(form), URL_SAFE_NO_PAD.encode(form), hex::encode(form), percent_encoded(form)];
        out.extend(encoded.map(String::into_bytes));
        if !form.is_empty() {
            out.push(hex::encode(sha1(form)).into_bytes());
        }
    }
    let key = |form: &&Vec<u8>| form.starts_with(b"-----BEGIN");
    let keys: Vec<Vec<u8>> = out.iter().filter(key).map(|form| without_blanks(form)).collect();
    out.extend(keys);
    out.retain(|form| !form.is_empty());
    out
}

/// A private key as it is fingerprinted, however its lines end and are indented.
fn without_blanks(form: &[u8]) -> Vec<u8> {
    form.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
}

fn percent_encoded(form: &[u8]) -> String {
    let mut out = String::new();
    for byte in form {
        match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => out.push(char::from(*byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unquoted(form: &[u8]) -> Option<&[u8]> {
    match form {
        [open @ (b'"' | b'\'' | b'`'), inner @ .., close] if open == close => Some(inner.trim_ascii()),
        [inner @ .., b',' | b';'] => Some(inner.trim_ascii()),
        _ => None,
    }
}

fn without_scheme(form: &[u8]) -> Option<&[u8]> {
    let at = form.iter().position(|b| *b == b' ')?;
    let (scheme, rest) = form.split_at(at);
    let known = [&b"bearer"[..], b"basic", b"token", b"export"];
    known.iter().any(|word| scheme.eq_ignore_ascii_case(word)).then(|| rest.trim_ascii())
}

fn without_name(form: &[u8]) -> Option<&[u8]> {
    let at = form.iter().position(|b| matches!(b, b'=' | b':'))?;
    let (name, rest) = form.split_at(at);
    let unquoted = unquoted(name.trim_ascii()).unwrap_or(name.trim_ascii());
    let word = !unquoted.is_empty() && unquoted.iter().all(|b| b.is_ascii_alphanumeric() || b"_-. ".contains(b));
    (word && rest.len() > 1).then(|| rest.get(1..).unwrap_or_default().trim_ascii())
}

fn decoded(form: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        if let Ok(bytes) = engine.decode(form) {
            out.push(bytes.trim_ascii().to_vec());
            out.push(bytes);
        }
    }
    let digits = form.strip_prefix(b"0x").unwrap_or(form);
    out.extend(hex::decode(digits).ok());
    out.extend(percent_decoded(form));
    out
}

fn percent_decoded(form: &[u8]) -> Option<Vec<u8>> {
    if !form.contains(&b'%') {
        return None;
    }
    let mut out = Vec::with_capacity(form.len());
    let mut rest = form;
    while let Some((first, after)) = rest.split_first() {
        match (first, after.split_first_chunk::<2>()) {
            (b'%', Some((pair, left))) if pair.iter().all(u8::is_ascii_hexdigit) => {
                out.extend(hex::decode(pair).ok()?);
                rest = left;
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pepper() -> Pepper {
        Pepper::new([7; 32])
    }

    #[test]
    fn a_fingerprint_is_32_hex_digits_and_depends_on_the_pepper() {
        let print = pepper().fingerprint(b"hunter2");
        assert_eq!(print.len(), 32);
        assert!(print.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(print, Pepper::new([8; 32]).fingerprint(b"hunter2"));
        assert_ne!(print, pepper().fingerprint(b"hunter3"));
        assert_eq!(format!("{:?}", pepper()), "Pepper");
    }

    #[test]
    fn every_way_of_pasting_a_value_finds_it() {
        let secret = b"s3cr3t-Value/with+chars==";
        let wanted = pepper().fingerprint(secret);
        let text = String::from_utf8_lossy(secret);
        let pastes = [
            text.to_string(),
            format!("  {text}\r\n"),
            format!("\"{text}\""),
            format!("'{text}',"),
            format!("Bearer {text}"),
            format!("export API_KEY=\"{text}\""),
            format!("\"token\": \"{text}\""),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            STANDARD.encode(format!("{text}\n")),
            hex::encode(secret),
            hex::encode_upper(secret),
            format!("0x{}", hex::encode(secret)),
            text.replace('/', "%2F").replace('+', "%2b").replace('=', "%3D"),
        ];
        for paste in pastes {
            assert!(pepper().candidates(paste.as_bytes()).contains(&wanted), "{paste:?}");
        }
        let encoded = pepper().fingerprint(STANDARD.encode(secret).as_bytes());
        assert!(pepper().candidates(secret).contains(&encoded));
    }

    #[test]
    fn hostile_pastes_are_bounded() {
        assert!(pepper().candidates(b"").is_empty());
        assert!(pepper().candidates(b"%%%zz%4").len() < 16);
        assert!(pepper().candidates(&b"a=".repeat(1 << 20)).len() < 256);
    }

    #[test]
    fn salts_differ_by_record_and_content() {
        let salts = [pepper().salt(1, &[0; 32]), pepper().salt(2, &[0; 32]), pepper().salt(1, &[1; 32])];
        assert!(salts[0] != salts[1] && salts[0] != salts[2] && salts[1] != salts[2]);
        assert_eq!(salts[0], pepper().salt(1, &[0; 32]));
    }
}
