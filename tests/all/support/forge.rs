//! Makes keys, certificates, log entries, timestamps and bundles of them for tests, good and bad ones. It is
//! no part of the program and checks nothing.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lastgood::model::Time;
use lastgood::proof::certificate::Certificate;
use lastgood::proof::der::wrap;
use lastgood::proof::digest::sha256;
use lastgood::proof::dsse::pae;
use lastgood::proof::merkle::{Hash, leaf_hash, root};
use lastgood::proof::public_key::PublicKey;
use lastgood::proof::tree::Tree;
use lastgood::proof::trust::{Authority, Expected, LogKey, Trust, TrustedKey};
use serde_json::{Value, json};

pub(crate) const TYPE: &str = "application/vnd.in-toto+json";
pub(crate) const SIGNER: &str = "https://github.com/acme/models/.github/workflows/release.yml@refs/tags/v1";
/// When it was signed, within the ten minutes that the signer's certificate is good for.
pub(crate) const SIGNED_AT: i64 = 1_794_992_700;

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn seconds(seconds: i64) -> Time {
    Time::from_seconds(seconds)
}

/// The time of the check: long after the certificate ended.
pub(crate) fn now() -> Time {
    seconds(SIGNED_AT + 11 * 24 * 3600)
}

pub(crate) struct Key {
    pair: EcdsaKeyPair,
    pub(crate) spki: Vec<u8>,
}

impl Key {
    pub(crate) fn new() -> Key {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let spki = der.as_ref().to_vec();
        Key { pair, spki }
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), bytes).unwrap().as_ref().to_vec()
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_der(&self.spki).unwrap()
    }

    /// The private key, for servers and clients that speak TLS.
    pub(crate) fn private(&self) -> Vec<u8> {
        self.pair.to_pkcs8v1().unwrap().as_ref().to_vec()
    }

    pub(crate) fn pem(&self) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", base64(&self.spki))
    }
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    wrap(0x30, &parts.concat())
}

const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const CODE_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];
pub(crate) const TIME_STAMPING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const TOKEN_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];

fn id(bytes: &[u8]) -> Vec<u8> {
    wrap(0x06, bytes)
}

fn name(common: &str) -> Vec<u8> {
    let pair = sequence(&[id(&[0x55, 0x04, 0x03]), wrap(0x0c, common.as_bytes())]);
    sequence(&[wrap(0x31, &pair)])
}

fn extension(of: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { vec![0x01, 0x01, 0xff] } else { Vec::new() };
    sequence(&[id(of), critical, wrap(0x04, value)])
}

/// `YYMMDDHHMMSSZ` of a moment.
fn utc(at: Time, tag: u8) -> Vec<u8> {
    let text: String = at.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    let text = if tag == 0x17 { &text[2..] } else { &text[..] };
    wrap(tag, format!("{text}Z").as_bytes())
}

fn certified(
    key: &Key,
    subject: &str,
    (issuer, by): (&str, &Key),
    (from, until): (i64, i64),
    more: &[Vec<u8>],
) -> Vec<u8> {
    let algorithm = sequence(&[id(ECDSA_SHA256)]);
    let signed = sequence(&[
        wrap(0xa0, &[0x02, 0x01, 0x02]),
        vec![0x02, 0x01, 0x07],
        algorithm.clone(),
        name(issuer),
        sequence(&[utc(seconds(from), 0x17), utc(seconds(until), 0x17)]),
        name(subject),
        key.spki.clone(),
        wrap(0xa3, &sequence(more)),
    ]);
    let signature = [&[0][..], &by.sign(&signed)].concat();
    sequence(&[signed, algorithm, wrap(0x03, &signature)])
}

pub(crate) fn authority(key: &Key, subject: &str, by: (&str, &Key)) -> Vec<u8> {
    let more = [
        extension(&[0x55, 0x1d, 0x13], true, &sequence(&[vec![0x01, 0x01, 0xff]])),
        extension(&[0x55, 0x1d, 0x0f], true, &[0x03, 0x02, 0x02, 0x04]),
    ];
    certified(key, subject, by, (SIGNED_AT - 400 * 86_400, SIGNED_AT + 4000 * 86_400), &more)
}

/// A signer's certificate. `purpose` is what it may be used for.
pub(crate) fn signer(key: &Key, by: (&str, &Key), validity: (i64, i64), purpose: &[u8]) -> Vec<u8> {
    let issuer = [&[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01][..], &[8]].concat();
    let more = [
        extension(&[0x55, 0x1d, 0x0f], true, &[0x03, 0x02, 0x07, 0x80]),
        extension(&[0x55, 0x1d, 0x25], false, &sequence(&[id(purpose)])),
        extension(&[0x55, 0x1d, 0x11], true, &sequence(&[wrap(0x86, SIGNER.as_bytes())])),
        extension(&issuer, false, &wrap(0x0c, b"https://issuer.example")),
    ];
    certified(key, "signer", by, validity, &more)
}

/// What servers and clients of TLS show who they are with, on this machine alone.
pub(crate) fn tls(key: &Key, by: (&str, &Key), server: bool) -> Vec<u8> {
    let purpose = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, if server { 1 } else { 2 }];
    let names = sequence(&[wrap(0x82, b"localhost"), wrap(0x87, &[127, 0, 0, 1])]);
    let more = [
        extension(&[0x55, 0x1d, 0x0f], true, &[0x03, 0x02, 0x07, 0x80]),
        extension(&[0x55, 0x1d, 0x25], false, &sequence(&[id(&purpose)])),
        extension(&[0x55, 0x1d, 0x11], true, &names),
    ];
    certified(key, "localhost", by, (0, SIGNED_AT + 4000 * 86_400), &more)
}

/// A PEM of such bytes.
pub(crate) fn armoured(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(der))
}

/// A timestamp by a certified key over some bytes.
pub(crate) fn token(key: &Key, certificate: &[u8], over: &[u8], at: i64) -> Vec<u8> {
    let hash = sequence(&[id(SHA256)]);
    let info = sequence(&[
        vec![0x02, 0x01, 0x01],
        id(&[0x2a, 0x03]),
        sequence(&[hash.clone(), wrap(0x04, &sha256(over))]),
        vec![0x02, 0x01, 0x05],
        utc(seconds(at), 0x18),
    ]);
    let attributes = [
        sequence(&[id(CONTENT_TYPE), wrap(0x31, &id(TOKEN_INFO))]),
        sequence(&[id(MESSAGE_DIGEST), wrap(0x31, &wrap(0x04, &sha256(&info)))]),
    ]
    .concat();
    let read = Certificate::from_der(certificate).unwrap();
    let who = sequence(&[
        vec![0x02, 0x01, 0x01],
        sequence(&[read.issuer, wrap(0x02, &read.serial)]),
        hash.clone(),
        wrap(0xa0, &attributes),
        sequence(&[id(ECDSA_SHA256)]),
        wrap(0x04, &key.sign(&wrap(0x31, &attributes))),
    ]);
    let data = sequence(&[
        vec![0x02, 0x01, 0x03],
        wrap(0x31, &hash),
        sequence(&[id(TOKEN_INFO), wrap(0xa0, &wrap(0x04, &info))]),
        wrap(0xa0, certificate),
        wrap(0x31, &who),
    ]);
    sequence(&[sequence(&[vec![0x02, 0x01, 0x00]]), sequence(&[id(SIGNED_DATA), wrap(0xa0, &data)])])
}

/// Everything that signs in a test.
pub(crate) struct Scene {
    pub(crate) root: Key,
    pub(crate) between: Key,
    pub(crate) signer: Key,
    pub(crate) log: Key,
    pub(crate) stamper: Key,
    pub(crate) root_certificate: Vec<u8>,
    pub(crate) between_certificate: Vec<u8>,
    pub(crate) stamper_certificate: Vec<u8>,
    /// The signer's certificate, as a test wants it.
    pub(crate) certificate: Vec<u8>,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        let (root, between, signer, log, stamper) = (Key::new(), Key::new(), Key::new(), Key::new(), Key::new());
        let root_certificate = authority(&root, "root", ("root", &root));
        let between_certificate = authority(&between, "between", ("root", &root));
        let stamper_certificate =
            self::signer(&stamper, ("root", &root), (SIGNED_AT - 86_400, SIGNED_AT + 90 * 86_400), TIME_STAMPING);
        let certificate =
            self::signer(&signer, ("between", &between), (SIGNED_AT - 300, SIGNED_AT + 300), CODE_SIGNING);
        Scene {
            root,
            between,
            signer,
            log,
            stamper,
            root_certificate,
            between_certificate,
            stamper_certificate,
            certificate,
        }
    }

    /// Another certificate for the signer.
    pub(crate) fn certify(&mut self, validity: (i64, i64), purpose: Option<&[u8]>) {
        let (from, until) = (SIGNED_AT + validity.0, SIGNED_AT + validity.1);
        let purpose = purpose.unwrap_or(CODE_SIGNING);
        self.certificate = signer(&self.signer, ("between", &self.between), (from, until), purpose);
    }

    pub(crate) fn trust(&self) -> Trust {
        let certificate = |der: &[u8]| Certificate::from_der(der).unwrap();
        let authority = |chain| Authority {
            name: "test root".to_owned(),
            chain,
            since: None,
            until: None,
            listed: false,
            logged: true,
        };
        let root = certificate(&self.root_certificate);
        Trust {
            authorities: vec![authority(vec![root.clone()])],
            timestamps: vec![authority(vec![root])],
            logs: vec![self.log_key(&self.log)],
            expected: vec![Expected {
                name: Some("https://github.com/acme/*".to_owned()),
                issuer: Some("https://issuer.example".to_owned()),
                ..Expected::default()
            }],
            ..Trust::default()
        }
    }

    pub(crate) fn log_key(&self, key: &Key) -> LogKey {
        LogKey { name: "log".to_owned(), id: sha256(&key.spki).to_vec(), key: key.public(), since: None, until: None }
    }

    /// An envelope around a payload by the signer.
    pub(crate) fn envelope(&self, payload: &[u8]) -> Value {
        let signature = self.signer.sign(&pae(TYPE, payload));
        json!({"payloadType": TYPE, "payload": base64(payload), "signatures": [{"sig": base64(&signature)}]})
    }

    fn body(&self, payload: &[u8], signature: &[u8], second: bool) -> Vec<u8> {
        let body = if second {
            json!({"apiVersion": "0.0.2", "kind": "dsse", "spec": {"dsseV002": {
                "payloadHash": {"algorithm": "SHA2_256", "digest": base64(&sha256(payload))},
                "signatures": [{"content": base64(signature),
                                "verifier": {"x509Certificate": {"rawBytes": base64(&self.certificate)}}}]}}})
        } else {
            let pem =
                format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64(&self.certificate));
            json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
                "payloadHash": {"algorithm": "sha256", "value": hex::encode(sha256(payload))},
                "signatures": [{"signature": base64(signature), "verifier": base64(pem.as_bytes())}]}})
        };
        body.to_string().into_bytes()
    }

    /// The entry of a log for a signature over a payload: of the first version with a promise, of the second
    /// without.
    pub(crate) fn entry(&self, payload: &[u8], signature: &[u8], second: bool) -> Value {
        let body = self.body(payload, signature, second);
        let leaves: Vec<Hash> = [&b"one"[..], b"two", &body, b"four"].map(leaf_hash).to_vec();
        let (root, proof) = (root(&leaves), Tree::new(leaves.clone()).inclusion(2).unwrap());
        let id = sha256(&self.log.spki);
        let note = format!("log\n4\n{}\n", base64(&root));
        let line = [&id[..4], &self.log.sign(note.as_bytes())].concat();
        let mut entry = json!({
            "logIndex": "2", "logId": {"keyId": base64(&id)},
            "kindVersion": {"kind": "dsse", "version": if second { "0.0.2" } else { "0.0.1" }},
            "inclusionProof": {
                "logIndex": "2", "treeSize": "4", "rootHash": base64(&root),
                "hashes": proof.iter().map(|it| base64(it)).collect::<Vec<_>>(),
                "checkpoint": {"envelope": format!("{note}\n— log {}\n", base64(&line))}},
            "canonicalizedBody": base64(&body)});
        if !second {
            let promise = format!(
                "{{\"body\":\"{}\",\"integratedTime\":{SIGNED_AT},\"logID\":\"{}\",\"logIndex\":2}}",
                base64(&body),
                hex::encode(id)
            );
            entry["integratedTime"] = json!(SIGNED_AT.to_string());
            entry["inclusionPromise"] = json!({"signedEntryTimestamp": base64(&self.log.sign(promise.as_bytes()))});
        }
        entry
    }

    /// A bundle that holds by a certificate, a log's promise and its proof.
    pub(crate) fn promised(&self, payload: &[u8]) -> Value {
        let envelope = self.envelope(payload);
        let signature = STANDARD.decode(envelope["signatures"][0]["sig"].as_str().unwrap()).unwrap();
        self.bundled(envelope, json!({"tlogEntries": [self.entry(payload, &signature, false)]}))
    }

    /// A bundle that holds by a certificate, a log's proof and a timestamp.
    pub(crate) fn stamped(&self, payload: &[u8]) -> Value {
        let envelope = self.envelope(payload);
        let signature = STANDARD.decode(envelope["signatures"][0]["sig"].as_str().unwrap()).unwrap();
        let token = token(&self.stamper, &self.stamper_certificate, &signature, SIGNED_AT);
        self.bundled(
            envelope,
            json!({"tlogEntries": [self.entry(payload, &signature, true)],
                   "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": base64(&token)}]}}),
        )
    }

    pub(crate) fn bundled(&self, envelope: Value, mut material: Value) -> Value {
        let chain = [&self.certificate, &self.between_certificate].map(|it| json!({"rawBytes": base64(it)}));
        material["x509CertificateChain"] = json!({"certificates": chain});
        json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
               "verificationMaterial": material, "dsseEnvelope": envelope})
    }
}

/// A statement about one thing.
pub(crate) fn statement(digest: &[u8]) -> Vec<u8> {
    json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m", "digest": {"sha256": hex::encode(digest)}}],
           "predicateType": "https://example.com/p/v1", "predicate": {}})
    .to_string()
    .into_bytes()
}

/// A trusted key by its file's name.
pub(crate) fn trusted(name: &str, key: &Key) -> TrustedKey {
    let mut trust = Trust::default();
    trust.add(name, key.pem().as_bytes()).unwrap();
    trust.keys.remove(0)
}
