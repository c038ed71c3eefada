//! Tests of SSH signatures: one kept from OpenSSH, its every bit, and, where `ssh-keygen` is there, fresh
//! ones by each type of key.

use super::*;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const LINE: &[u8] = br#"{"type":"note"}"#;
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAILA7hSm5DN+r7DOl/vuVrA2dpsvL1GHRIBbz7dI5QQ88";
const SIGNATURE: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgsDuFKbkM36vsM6X++5WsDZ2my8
vUYdEgFvPt0jlBDzwAAAAIbGFzdGdvb2QAAAAAAAAABnNoYTUxMgAAAFMAAAALc3NoLWVk
MjU1MTkAAABAZDkIHpYCrdBCo85iYMOi8hXiM970Sp+hqtt0KqXCjw8Mjze17O12xb1CLr
fVbbGqBlqEW/dtDKlfE9fCIPMjBg==
-----END SSH SIGNATURE-----
";

fn armor(blob: &[u8]) -> String {
    format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(blob))
}

#[test]
fn a_signature_by_openssh_verifies_and_names_its_key() {
    let key = verify(LINE, SIGNATURE, NAMESPACE).unwrap();
    assert_eq!(key, PublicKey::from_base64(KEY).unwrap());
    assert_eq!(key.kind(), "ssh-ed25519");
    assert_eq!(key.fingerprint(), "SHA256:citojnA0sxavS/Lt/sDIZMHfEuRdnZhPPuSaXFWJ9qI");
}

#[test]
fn any_bit_changed_in_text_or_signature_is_found() {
    for at in 0..LINE.len() {
        let mut line = LINE.to_vec();
        line[at] ^= 1;
        assert_eq!(verify(&line, SIGNATURE, NAMESPACE), Err(SignatureError::Wrong));
    }
    let blob = unarmor(SIGNATURE).unwrap();
    for at in 0..blob.len() {
        for bit in 0..8 {
            let mut changed = blob.clone();
            changed[at] ^= 1 << bit;
            assert!(verify(LINE, &armor(&changed), NAMESPACE).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn what_is_no_signature_is_refused_in_words() {
    let blob = unarmor(SIGNATURE).unwrap();
    for length in 0..blob.len() {
        assert!(verify(LINE, &armor(&blob[..length]), NAMESPACE).is_err(), "{length} bytes");
    }
    let longer = [&blob[..], b"x"].concat();
    let bad = [
        "",
        "claimed",
        BEGIN,
        &format!("{BEGIN}{END}"),
        &format!("{BEGIN}\nnot base64!\n{END}"),
        &format!("{BEGIN}{}{END}", "A".repeat(LONGEST)),
        &armor(&longer),
        &armor(b"SSHSIG\xff\xff\xff\xff"),
        &armor(b"SSHSIG\0\0\0\x01\xff\xff\xff\xff"),
    ];
    for text in bad {
        assert!(matches!(verify(LINE, text, NAMESPACE), Err(SignatureError::Malformed(_))), "{text:.60}");
    }
    let elsewhere = String::from_utf8_lossy(&blob).contains("lastgood");
    assert!(elsewhere);
    let at = blob.windows(8).position(|window| window == b"lastgood").unwrap();
    let mut git = blob.clone();
    git[at..at + 8].copy_from_slice(b"otherone");
    assert_eq!(verify(LINE, &armor(&git), NAMESPACE), Err(SignatureError::Namespace("otherone".to_owned(), NAMESPACE)));
}

fn run(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    child.stdin.take()?.write_all(input).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then_some(output.stdout)
}

/// A fresh key of a type and its signature over [`LINE`].
fn fresh(folder: &Path, kind: &str, bits: &str, hash: &str) -> Option<(String, String)> {
    let key = folder.join(format!("{kind}{bits}{hash}"));
    let mut make = Command::new("ssh-keygen");
    make.args(["-q", "-t", kind, "-N", "", "-f"]).arg(&key);
    if !bits.is_empty() {
        make.args(["-b", bits]);
    }
    run(&mut make, b"")?;
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-Y", "sign", "-n", NAMESPACE, "-O", &format!("hashalg={hash}"), "-f"]).arg(&key);
    let signature = String::from_utf8(run(&mut sign, LINE)?).ok()?;
    Some((std::fs::read_to_string(key.with_extension("pub")).ok()?, signature))
}

#[test]
fn fresh_signatures_of_each_type_of_key_verify() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, bits) in [("ed25519", ""), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048")] {
        for hash in ["sha256", "sha512"] {
            let Some((public, signature)) = fresh(folder.path(), kind, bits, hash) else {
                println!("SKIPPED signatures by {kind} {bits}: ssh-keygen is not there or made none");
                assert!(std::env::var_os("CI").is_none(), "SKIPPED in CI: install openssh-client");
                return;
            };
            let key =
                verify(LINE, &signature, NAMESPACE).unwrap_or_else(|error| panic!("{kind} {bits} {hash}: {error}"));
            assert_eq!(PublicKey::from_base64(public.split(' ').nth(1).unwrap()), Some(key));
            assert_eq!(verify(b"another line", &signature, NAMESPACE), Err(SignatureError::Wrong), "{kind} {bits}");
        }
    }
}
