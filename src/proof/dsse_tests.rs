//! Signatures made here with fresh keys are checked, and altered ones are not believed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics is a test that fails")]

use super::*;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA512,
    RsaKeyPair,
};

const TYPE: &str = "application/vnd.in-toto+json";

/// Under its own key it holds by that name; over anything else, or altered, it does not.
fn holds(der: &[u8], signature: &[u8], name: &str) {
    let key = PublicKey::from_der(der).unwrap();
    assert_eq!(key.verify_envelope(TYPE, b"payload", signature), Ok(name));
    assert_eq!(key.verify_envelope(TYPE, b"payloae", signature), Err(Refused::Wrong));
    assert_eq!(key.verify_envelope("application/other", b"payload", signature), Err(Refused::Wrong));
    assert_eq!(key.verify(b"payload", signature), Err(Refused::Wrong));
    let mut altered = signature.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    assert_eq!(key.verify_envelope(TYPE, b"payload", &altered), Err(Refused::Wrong));
    assert_eq!(key.verify_envelope(TYPE, b"payload", &[]), Err(Refused::Wrong));
}

#[test]
fn the_encoding_is_the_specification_s() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
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
    assert_eq!(key.verify_envelope(TYPE, b"payload", signature.as_ref()), Err(Refused::Wrong));
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
