//! Bundles made in the test: good ones are verified, and named bad ones never are, each failing at the check
//! that it is bad at. Every bit of two bundles is flipped.

use crate::support::forge::{
    Key, SIGNED_AT, Scene, TIME_STAMPING, TYPE, authority, base64, now, statement, token, trusted,
};
use lastgood::import::Framing;
use lastgood::import::attestation::signed::attested;
use lastgood::model::{CheckName, CheckState, Outcome, Verification};
use lastgood::proof::attested::{Given, verify};
use lastgood::proof::dsse::{legacy_pae, pae};
use lastgood::proof::trust::Trust;
use serde_json::{Value, json};

fn judge_text(text: &[u8], trust: &Trust) -> Verification {
    match attested(text, Framing::Whole).into_iter().next() {
        Some((_, Ok(it))) => verify(&it, &Given { trust, now: now(), artefact: None }),
        Some((_, Err(fault))) => Verification::unreadable(fault, now()),
        None => Verification::unreadable("nothing in it is signed".to_owned(), now()),
    }
}

fn judge(value: &Value, trust: &Trust) -> Verification {
    judge_text(value.to_string().as_bytes(), trust)
}

fn payload() -> Vec<u8> {
    statement(&[7; 32])
}

/// A bad bundle, and where it must fail.
type Bad = (&'static str, Value, CheckName);

fn changed(value: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    change(&mut value);
    value
}

fn entry(value: &mut Value) -> &mut Value {
    &mut value["verificationMaterial"]["tlogEntries"][0]
}

fn bad_of_one_scene(scene: &Scene) -> Vec<Bad> {
    let (promised, stamped) = (scene.promised(&payload()), scene.stamped(&payload()));
    let other = scene.promised(&statement(&[8; 32]));
    let of_other = entry(&mut other.clone()).clone();
    let mallory = Key::new();
    let signature = mallory.sign(&pae(TYPE, &payload()));
    let late = token(&scene.stamper, &scene.stamper_certificate, &signature, SIGNED_AT + 7200);
    let proof = |value: &mut Value, key: &str, to: Value| entry(value)["inclusionProof"][key] = to;
    let certificates = |value: &mut Value, list: Value| {
        value["verificationMaterial"]["x509CertificateChain"]["certificates"] = list;
    };
    let raw = |der: &[u8]| json!({"rawBytes": base64(der)});
    let own_root = authority(&mallory, "root", ("root", &mallory));
    let long = vec![base64(&[1; 32]); 64];
    let checkpoint = |value: &mut Value, change: &dyn Fn(String) -> String| {
        let note = entry(value)["inclusionProof"]["checkpoint"]["envelope"].as_str().unwrap().to_owned();
        entry(value)["inclusionProof"]["checkpoint"]["envelope"] = json!(change(note));
    };
    let trailing = [&scene.certificate[..], &[0]].concat();
    // A length in two bytes where one does: 0x30 0x82 in place of what it was, with a zero in front.
    let mut loose = scene.certificate.clone();
    loose.splice(1..2, [0x83, 0x00]);
    let first = &promised["dsseEnvelope"]["signatures"][0];
    vec![
        (
            "payload type of another sort",
            changed(&promised, |it| it["dsseEnvelope"]["payloadType"] = json!("text/plain")),
            CheckName::Form,
        ),
        (
            "payload of another statement",
            changed(&promised, |it| it["dsseEnvelope"]["payload"] = json!(base64(&statement(&[8; 32])))),
            CheckName::Signature,
        ),
        (
            "signed over the bare payload, without the encoding",
            changed(&promised, |it| {
                it["dsseEnvelope"]["signatures"][0]["sig"] = json!(base64(&scene.signer.sign(&payload())))
            }),
            CheckName::Signature,
        ),
        (
            "two signatures in a bundle, one of them valid",
            changed(&promised, |it| it["dsseEnvelope"]["signatures"] = json!([first, {"sig": base64(&signature)}])),
            CheckName::Form,
        ),
        (
            "two signatures in a bundle, both valid",
            changed(&promised, |it| it["dsseEnvelope"]["signatures"] = json!([first, first])),
            CheckName::Form,
        ),
        (
            "signature by another key",
            changed(&promised, |it| it["dsseEnvelope"]["signatures"][0]["sig"] = json!(base64(&signature))),
            CheckName::Signature,
        ),
        (
            "no entry of a log and no timestamp",
            changed(&promised, |it| it["verificationMaterial"]["tlogEntries"] = json!([])),
            CheckName::Time,
        ),
        (
            "timestamp left out",
            changed(&stamped, |it| it["verificationMaterial"]["timestampVerificationData"] = Value::Null),
            CheckName::Time,
        ),
        (
            "timestamp over another signature",
            changed(&stamped, |it| {
                it["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]["signedTimestamp"] =
                    json!(base64(&late))
            }),
            CheckName::Time,
        ),
        (
            "intermediate missing",
            changed(&promised, |it| certificates(it, json!([raw(&scene.certificate)]))),
            CheckName::Chain,
        ),
        (
            "intermediate of another authority",
            changed(&promised, |it| {
                certificates(
                    it,
                    json!([raw(&scene.certificate), raw(&authority(&mallory, "between", ("root", &scene.root)))]),
                )
            }),
            CheckName::Chain,
        ),
        (
            "root of its own in the chain",
            changed(&promised, |it| {
                certificates(it, json!([raw(&scene.certificate), raw(&scene.between_certificate), raw(&own_root)]))
            }),
            CheckName::Chain,
        ),
        (
            "certificate with bytes after it",
            changed(&promised, |it| certificates(it, json!([raw(&trailing), raw(&scene.between_certificate)]))),
            CheckName::Form,
        ),
        (
            "certificate with a length that could be shorter",
            changed(&promised, |it| certificates(it, json!([raw(&loose), raw(&scene.between_certificate)]))),
            CheckName::Form,
        ),
        ("no certificate", changed(&promised, |it| certificates(it, json!([]))), CheckName::Form),
        ("entry for another statement", changed(&promised, |it| *entry(it) = of_other), CheckName::Log),
        (
            "entry with another body",
            changed(&promised, |it| entry(it)["canonicalizedBody"] = json!(base64(b"{}"))),
            CheckName::Log,
        ),
        (
            "entry of another sort than it says",
            changed(&promised, |it| entry(it)["kindVersion"]["kind"] = json!("intoto")),
            CheckName::Log,
        ),
        (
            "entry that does not say its sort",
            changed(&promised, |it| entry(it)["kindVersion"] = Value::Null),
            CheckName::Log,
        ),
        (
            "promise for another time",
            changed(&promised, |it| entry(it)["integratedTime"] = json!((SIGNED_AT + 1).to_string())),
            CheckName::Log,
        ),
        ("promise for another number", changed(&promised, |it| entry(it)["logIndex"] = json!("3")), CheckName::Log),
        ("negative number", changed(&promised, |it| entry(it)["logIndex"] = json!("-1")), CheckName::Form),
        (
            "neither promise nor proof",
            changed(&promised, |it| {
                entry(it)["inclusionProof"] = Value::Null;
                entry(it)["inclusionPromise"] = Value::Null;
            }),
            CheckName::Log,
        ),
        (
            "promise alone, where a proof is due",
            changed(&promised, |it| entry(it)["inclusionProof"] = Value::Null),
            CheckName::Log,
        ),
        ("proof without a checkpoint", changed(&stamped, |it| proof(it, "checkpoint", Value::Null)), CheckName::Log),
        ("proof for another number", changed(&stamped, |it| proof(it, "logIndex", json!("1"))), CheckName::Log),
        ("proof in a smaller tree", changed(&stamped, |it| proof(it, "treeSize", json!("3"))), CheckName::Log),
        (
            "proof with one hash too few",
            changed(&stamped, |it| {
                entry(it)["inclusionProof"]["hashes"].as_array_mut().unwrap().pop();
            }),
            CheckName::Log,
        ),
        ("proof of 64 hashes", changed(&stamped, |it| proof(it, "hashes", json!(long))), CheckName::Log),
        (
            "proof with a hash of 31 bytes",
            changed(&stamped, |it| proof(it, "hashes", json!([base64(&[1; 31]), base64(&[1; 32])]))),
            CheckName::Log,
        ),
        (
            "checkpoint of another root",
            changed(&stamped, |it| checkpoint(it, &|note| note.replace("log\n4\n", "log\n5\n"))),
            CheckName::Log,
        ),
        (
            "checkpoint of another log",
            changed(&stamped, |it| checkpoint(it, &|note| note.replace("log\n4\n", "other\n4\n"))),
            CheckName::Log,
        ),
        (
            "checkpoint without its signature",
            changed(&stamped, |it| checkpoint(it, &|note| note.split('—').next().unwrap().to_owned())),
            CheckName::Log,
        ),
        (
            "checkpoint with carriage returns",
            changed(&stamped, |it| checkpoint(it, &|note| note.replace('\n', "\r\n"))),
            CheckName::Log,
        ),
        (
            "checkpoint with a NUL",
            changed(&stamped, |it| checkpoint(it, &|note| note.replace("log\n4", "log\0\n4"))),
            CheckName::Log,
        ),
        (
            "unknown version of bundles",
            changed(&promised, |it| it["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v9.9+json")),
            CheckName::Form,
        ),
        (
            "65 signatures",
            changed(&promised, |it| it["dsseEnvelope"]["signatures"] = json!(vec![first; 65])),
            CheckName::Form,
        ),
        (
            "ten certificates",
            changed(&promised, |it| certificates(it, json!(vec![raw(&scene.certificate); 10]))),
            CheckName::Form,
        ),
        (
            "33 entries",
            changed(&promised, |it| {
                let one = entry(it).clone();
                it["verificationMaterial"]["tlogEntries"] = json!(vec![one; 33]);
            }),
            CheckName::Form,
        ),
    ]
}

#[test]
fn good_bundles_are_verified_and_named_bad_ones_never() {
    let scene = Scene::new();
    let trust = scene.trust();
    for good in [scene.promised(&payload()), scene.stamped(&payload())] {
        let verdict = judge(&good, &trust);
        assert_eq!(verdict.outcome, Outcome::Verified, "{verdict:#?}");
        let open: Vec<_> = verdict.checks.iter().filter(|it| it.state != CheckState::Held).collect();
        assert!(open.len() == 1 && open[0].check == CheckName::Artefact, "{open:?}");
        // A check by the same bytes and another trust comes to something else, and says with what it was made.
        let bare = judge(&good, &Trust::default());
        assert_eq!(bare.outcome, Outcome::Matches);
        assert_eq!(bare.says, "signature matches; chain/log/time/identity not checked");
        assert!(bare.inputs.trust.is_none() && verdict.inputs.trust.is_some());
    }
    let mut wrong = Vec::new();
    for (name, bad, at) in bad_of_one_scene(&scene) {
        let verdict = judge(&bad, &trust);
        let failed = verdict.checks.iter().find(|check| check.state == CheckState::Failed).map(|check| check.check);
        println!("{name:<60} {}", verdict.says);
        if verdict.outcome != Outcome::Failed || failed != Some(at) {
            wrong.push(format!("{name}: expected to fail at {at:?}: {verdict:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn certificates_for_something_else_or_another_time_do_not_count() {
    let mut scene = Scene::new();
    let trust = scene.trust();
    for (name, validity, purpose, at) in [
        ("expired before it was signed", (-900, -300), None, CheckName::Time),
        ("made out after it was signed", (300, 900), None, CheckName::Time),
        ("good from a moment after it ends", (300, -300), None, CheckName::Time),
        ("made out for timestamps", (-300, 300), Some(TIME_STAMPING), CheckName::Chain),
    ] {
        scene.certify(validity, purpose);
        for bundle in [scene.promised(&payload()), scene.stamped(&payload())] {
            let verdict = judge(&bundle, &trust);
            assert_eq!(verdict.outcome, Outcome::Failed, "{name}");
            assert_eq!(verdict.check(at).unwrap().state, CheckState::Failed, "{name}: {verdict:#?}");
        }
    }
    scene.certify((-300, 300), None);
    for (name, change) in [
        (
            "another root",
            Box::new(|it: &mut Trust| it.authorities = Scene::new().trust().authorities) as Box<dyn Fn(&mut Trust)>,
        ),
        (
            "a root that counts no more",
            Box::new(|it| it.authorities[0].until = Some(lastgood::model::Time::from_seconds(SIGNED_AT - 60))),
        ),
        ("a root whose certificates must be listed", Box::new(|it| it.authorities[0].listed = true)),
        ("another name", Box::new(|it| it.expected[0].name = Some("https://github.com/other/*".to_owned()))),
        ("another issuer", Box::new(|it| it.expected[0].issuer = Some("https://other.example".to_owned()))),
        (
            "a repository nobody states",
            Box::new(|it| it.expected[0].repository = Some("github.com/acme/models".to_owned())),
        ),
        ("a builder nobody states", Box::new(|it| it.expected[0].builder = Some("*".to_owned()))),
    ] {
        let mut trust = scene.trust();
        change(&mut trust);
        let verdict = judge(&scene.promised(&payload()), &trust);
        assert_eq!(verdict.outcome, Outcome::Failed, "{name}: {verdict:#?}");
    }
    // Another log is not a false one: it is not checked, and then nothing says when it was signed.
    let mut trust = scene.trust();
    trust.logs = vec![scene.log_key(&Key::new())];
    let verdict = judge(&scene.promised(&payload()), &trust);
    assert_eq!(verdict.says, "signature matches; log/time not checked");
    // A key that claims the log's id is a false one.
    trust.logs[0].id = scene.log_key(&scene.log).id;
    assert_eq!(judge(&scene.promised(&payload()), &trust).outcome, Outcome::Failed);
}

#[test]
fn keys_that_were_supplied_count_and_hints_do_not() {
    let (one, other) = (Key::new(), Key::new());
    let signed = |key: &Key, hint: &str, over: &[u8]| json!({"sig": base64(&key.sign(over)), "keyid": hint});
    let over = pae(TYPE, &payload());
    let envelope =
        |signatures: Value| json!({"payloadType": TYPE, "payload": base64(&payload()), "signatures": signatures});
    let trust = Trust { keys: vec![trusted("one.pub", &one)], ..Trust::default() };
    let hint = trust.keys[0].hints[0].clone();
    let says = |value: Value| {
        let verdict = judge(&value, &trust);
        (verdict.outcome, verdict.says)
    };
    assert_eq!(
        says(envelope(json!([signed(&one, "", &over)]))),
        (Outcome::Verified, "verified by the supplied key one.pub".to_owned())
    );
    // One valid signature is enough for an envelope; the others are told.
    let both = judge(&envelope(json!([signed(&other, "x", &over), signed(&one, "", &over)])), &trust);
    assert_eq!(both.outcome, Outcome::Verified);
    assert_eq!(both.remarks, ["signature 0 holds under no key at hand"]);
    // Another's signature under the hint of a trusted key was altered, or is a lie.
    assert_eq!(says(envelope(json!([signed(&other, &hint, &over)]))).0, Outcome::Failed);
    assert_eq!(says(envelope(json!([signed(&other, "", &over)]))).0, Outcome::NotChecked);
    assert_eq!(says(envelope(json!([{"sig": ""}]))).0, Outcome::Unsigned);
    assert_eq!(says(envelope(json!([]))).0, Outcome::Unsigned);
    // What model-signing 0.2 signed counts for a model's signature only.
    assert_eq!(says(envelope(json!([signed(&one, "", &legacy_pae(TYPE, &payload()))]))).0, Outcome::NotChecked);
    let model = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://model_signing/Digests/v0.1",
                       "subject": [{"name": "a'b", "digest": {"sha256": "07".repeat(32)}}]});
    let model = model.to_string().into_bytes();
    let old = json!({"payloadType": TYPE, "payload": base64(&model), "signatures": [signed(&one, "", &legacy_pae(TYPE, &model))]});
    let verdict = judge(&old, &trust);
    assert_eq!(verdict.outcome, Outcome::Verified);
    assert!(verdict.remarks[0].contains("legacy v0.2 signature form"), "{verdict:#?}");
}

/// Flips bits of a bundle's text, all or one of each fifth byte; gives those that are verified all the same.
fn flipped(text: &[u8], trust: &Trust, all: bool) -> Vec<(usize, usize)> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = |worker: usize| {
            scope.spawn(move || {
                let mut accepted = Vec::new();
                let mut copy = text.to_vec();
                for at in (worker..text.len()).step_by(workers) {
                    let bits = match at % 5 {
                        _ if all => 0..8,
                        0 => at / 5 % 8..at / 5 % 8 + 1,
                        _ => 0..0,
                    };
                    for bit in bits {
                        copy[at] ^= 1 << bit;
                        if judge_text(&copy, trust).outcome == Outcome::Verified {
                            accepted.push((at, bit));
                        }
                        copy[at] ^= 1 << bit;
                    }
                }
                accepted
            })
        };
        let running: Vec<_> = (0..workers).map(work).collect();
        running.into_iter().flat_map(|it| it.join().unwrap()).collect()
    })
}

fn flip(all: bool) {
    let scene = Scene::new();
    let trust = scene.trust();
    let mut flips = 0;
    for bundle in [scene.promised(&payload()), scene.stamped(&payload())] {
        let text = bundle.to_string();
        assert_eq!(judge_text(text.as_bytes(), &trust).outcome, Outcome::Verified);
        flips += if all { text.len() * 8 } else { text.len() / 5 };
        let version = text.find(".v0.3+json").unwrap() + 4;
        let mut unnamed = Vec::new();
        for (at, bit) in flipped(text.as_bytes(), &trust, all) {
            let mut altered = text.clone().into_bytes();
            altered[at] ^= 1 << bit;
            // What may change: 0.3 may become 0.1 or 0.2, which are held to no less where a proof is there; and
            // parts of a timestamp that its signature does not cover (versions, names of algorithms).
            if at != version && !same_token(&bundle, &altered) {
                let around = &text[at.saturating_sub(30)..text.len().min(at + 30)];
                unnamed.push(format!("bit {bit} of byte {at}: …{around}…"));
            }
        }
        assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
    }
    println!("{flips} bits flipped, none verified but in the parts that are named");
}

#[test]
fn no_flipped_bit_is_verified_but_where_it_means_nothing() {
    flip(false);
}

#[test]
#[ignore = "a minute even in release; runs in CI"]
fn every_bit_of_two_bundles_is_flipped() {
    flip(true);
}

/// Whether a bundle differs from another only in its timestamp, and there neither in what the authority states
/// nor in what it signed.
fn same_token(bundle: &Value, altered: &[u8]) -> bool {
    let Ok(mut altered) = serde_json::from_slice::<Value>(altered) else { return false };
    let pointer = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
    let Some(token) = altered.pointer_mut(pointer).map(Value::take) else { return false };
    let mut rest = bundle.clone();
    let own = rest.pointer_mut(pointer).map(Value::take);
    rest == altered
        && own.is_some_and(|own| {
            let decode = |it: &Value| lastgood::proof::encoding::base64(it.as_str().unwrap()).unwrap();
            let (own, token) = (decode(&own), decode(&token));
            own.len() == token.len()
                && lastgood::proof::timestamp::Token::read(&own)
                    .unwrap()
                    .states_the_same(&lastgood::proof::timestamp::Token::read(&token).unwrap())
        })
}
