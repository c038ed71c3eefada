//! Signatures made here with fresh keys are checked, and altered ones are not believed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics is a test that fails")]

use super::*;
use crate::proof::dsse::pae;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA512, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const TYPE: &str = "application/vnd.in-toto+json";

/// Under its own key it holds by that name; over anything else, or altered, it does not.
fn holds(der: &[u8], signature: &[u8], name: &str) {
    let key = PublicKey::from_der(der).unwrap();
    assert_eq!(key.verify(&pae(TYPE, b"payload"), signature), Ok(name));
    assert_eq!(key.verify(&pae(TYPE, b"payloae"), signature), Err(Refused::Wrong));
    assert_eq!(key.verify(&pae("application/other", b"payload"), signature), Err(Refused::Wrong));
    assert_eq!(key.verify(b"payload", signature), Err(Refused::Wrong));
    let mut altered = signature.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(key.verify(&pae(TYPE, b"payload"), &altered), Err(Refused::Wrong));
    assert_eq!(key.verify(&pae(TYPE, b"payload"), &[]), Err(Refused::Wrong));
}

#[test]
fn ed25519_is_checked() {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    holds(der.as_ref(), pair.sign(&pae(TYPE, b"payload")).as_ref(), "ed25519");
}

#[test]
fn curves_are_checked_in_both_spellings() {
    for (algorithm, name) in [
        (&ECDSA_P256_SHA256_ASN1_SIGNING, "ecdsa-p256-sha256-der"),
        (&ECDSA_P256_SHA256_FIXED_SIGNING, "ecdsa-p256-sha256-raw"),
        (&ECDSA_P384_SHA384_ASN1_SIGNING, "ecdsa-p384-sha384-der"),
        (&ECDSA_P384_SHA384_FIXED_SIGNING, "ecdsa-p384-sha384-raw"),
        (&ECDSA_P521_SHA512_ASN1_SIGNING, "ecdsa-p521-sha512-der"),
        (&ECDSA_P521_SHA512_FIXED_SIGNING, "ecdsa-p521-sha512-raw"),
    ] {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let signature = pair.sign(&SystemRandom::new(), &pae(TYPE, b"payload")).unwrap();
        holds(der.as_ref(), signature.as_ref(), name);
    }
}

#[test]
fn rsa_is_checked_in_both_paddings() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &pae(TYPE, b"payload"), &mut signature).unwrap();
    holds(der.as_ref(), &signature, "rsa-pkcs1-sha256");
    pair.sign(&RSA_PSS_SHA512, &SystemRandom::new(), &pae(TYPE, b"payload"), &mut signature).unwrap();
    holds(der.as_ref(), &signature, "rsa-pss-sha512");
}

#[test]
fn another_s_key_is_not_believed() {
    let (one, other) = (Ed25519KeyPair::generate().unwrap(), Ed25519KeyPair::generate().unwrap());
    let der: PublicKeyX509Der<'_> = other.public_key().as_der().unwrap();
    let key = PublicKey::from_der(der.as_ref()).unwrap();
    let signature = one.sign(&pae(TYPE, b"payload"));
    assert_eq!(key.verify(&pae(TYPE, b"payload"), signature.as_ref()), Err(Refused::Wrong));
}

#[test]
fn keys_are_read_from_pem_and_what_is_none_is_refused() {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()));
    assert_eq!(PublicKey::from_pem(&pem), PublicKey::from_der(der.as_ref()));
    assert_eq!(PublicKey::from_pem("no key"), Err(Refused::NoKey));
    assert_eq!(PublicKey::from_der(&[0x30, 0x00]), Err(Refused::NoKey));
    assert_eq!(PublicKey::from_der(&[0x30, 0x05, 0x30, 0x03, 0x06, 0x01, 0x01]), Err(Refused::Unsupported));
}

#[test]
fn a_digest_is_as_good_as_the_bytes_but_for_ed25519() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let key = PublicKey::from_der(der.as_ref()).unwrap();
    let signature = pair.sign(&SystemRandom::new(), b"bytes").unwrap();
    let digest = sha256(b"bytes");
    assert_eq!(key.verify_digest(HashName::Sha256, &digest, signature.as_ref()), Ok("ecdsa-p256-sha256-der"));
    assert_eq!(key.verify_digest(HashName::Sha256, &sha256(b"other"), signature.as_ref()), Err(Refused::Wrong));
    assert_eq!(key.verify_digest(HashName::Sha384, &digest, signature.as_ref()), Err(Refused::Wrong));
    let pair = Ed25519KeyPair::generate().unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let key = PublicKey::from_der(der.as_ref()).unwrap();
    assert_eq!(key.verify_digest(HashName::Sha256, &digest, &[0; 64]), Err(Refused::NeedsBytes));
}
