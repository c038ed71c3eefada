//! Notes that must be read, and notes that must not.

use super::*;

fn key() -> SigningKey {
    SigningKey::from_seed("lastgood/0123456789abcdef", &[3; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: key().name().to_owned(), size: 1234, root: [0xab; 32] }
}

/// The example of the C2SP signed-note specification: another implementation signed it.
const PUBLISHED: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const PUBLISHED_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

#[test]
fn the_published_signature_verifies_with_the_published_key() {
    let key: VerifierKey = PUBLISHED_KEY.parse().unwrap();
    let (text, line) = PUBLISHED.split_once("\n\n").unwrap();
    let signatures = parse_signatures(line).unwrap();
    assert_eq!((signatures[0].name, signatures[0].id), (key.name(), key.id()));
    assert!(key.signed(format!("{text}\n").as_bytes(), &signatures[0].bytes));
    // It is a note, but no checkpoint.
    assert!(matches!(Checkpoint::open(PUBLISHED, &key), Err(NoteError::Form { .. })));
}

#[test]
fn a_checkpoint_reads_back_as_itself() {
    let note = checkpoint().sign(&key());
    assert_eq!(Checkpoint::open(&note, &key().verifier()), Ok(checkpoint()));
    assert_eq!(Checkpoint::stated(&note), Ok(checkpoint()));
    assert_eq!(note.lines().take(3).collect::<Vec<_>>()[..2], ["lastgood/0123456789abcdef", "1234"]);
}

#[test]
fn a_witness_may_sign_beside_us() {
    let witness = SigningKey::from_seed("witness.example/w1", &[4; 32]).unwrap();
    let line = checkpoint().sign(&witness).lines().last().unwrap().to_owned();
    let note = format!("{}{line}\n", checkpoint().sign(&key()));
    assert_eq!(Checkpoint::open(&note, &key().verifier()), Ok(checkpoint()));
}

/// Each is the good note with one thing wrong, by name.
fn must_reject() -> Vec<(&'static str, String)> {
    let good = checkpoint().sign(&key());
    let (body, signatures) = good.split_once("\n\n").unwrap();
    let root = body.lines().last().unwrap();
    let resigned = |text: &str| {
        let signature = [&key().verifier().id()[..], &key().signature(text.as_bytes())].concat();
        format!("{text}\n— {} {}\n", key().name(), STANDARD.encode(signature))
    };
    let origin = key().name().to_owned();
    let other = SigningKey::from_seed(&origin, &[5; 32]).unwrap();
    let signature = STANDARD.decode(good.trim_end().rsplit_once(' ').unwrap().1).unwrap();
    let with_signature = |bytes: &[u8]| format!("{body}\n\n— {origin} {}\n", STANDARD.encode(bytes));
    let mut collided = [&key().verifier().id()[..], &other.signature(format!("{body}\n").as_bytes())].concat();
    let mut high_s = signature.clone();
    high_s[67] |= 0xe0;
    let mut cases = vec![
        ("empty", String::new()),
        ("unsigned", format!("{body}\n\n")),
        ("no blank line", format!("{body}\n{signatures}")),
        ("two blank lines", format!("{body}\n\n\n{signatures}")),
        ("signed by another key", checkpoint().sign(&other)),
        ("key id collision", with_signature(&collided)),
        ("key id only", with_signature(&signature[..4])),
        ("short signature", with_signature(&signature[..67])),
        ("long signature", with_signature(&[&signature[..], &[0]].concat())),
        ("signature with high S", with_signature(&high_s)),
        ("all-zero signature", with_signature(&[&signature[..4], &[0; 64]].concat())),
        ("unknown key name", good.replace(&format!("— {origin}"), "— somebody")),
        ("wrong origin, well signed", resigned(&body.replace("lastgood/0", "lastgood/1").add_line())),
        ("origin with a space after it", resigned(&body.replace(&origin, &format!("{origin} ")).add_line())),
        ("no origin", resigned(&body.replace(&origin, "").add_line())),
        ("extension line", resigned(&format!("{body}\nextension\n"))),
        ("two lines", resigned(&format!("{origin}\n1234\n"))),
        ("leading zero", resigned(&body.replace("1234", "01234").add_line())),
        ("plus sign", resigned(&body.replace("\n1234", "\n+1234").add_line())),
        ("negative size", resigned(&body.replace("\n1234", "\n-1234").add_line())),
        ("no size", resigned(&body.replace("\n1234", "\n").add_line())),
        ("size past 63 bits", resigned(&body.replace("1234", "9223372036854775808").add_line())),
        ("size past 64 bits", resigned(&body.replace("1234", "18446744073709551616").add_line())),
        ("hexadecimal size", resigned(&body.replace("1234", "0x4d2").add_line())),
        ("size in other digits", resigned(&body.replace("1234", "١٢٣٤").add_line())),
        ("root of 31 bytes", resigned(&body.replace(root, &STANDARD.encode([0xab; 31])).add_line())),
        ("root of 33 bytes", resigned(&body.replace(root, &STANDARD.encode([0xab; 33])).add_line())),
        ("root without padding", resigned(&body.replace(root, root.trim_end_matches('=')).add_line())),
        ("root in url alphabet", resigned(&body.replace(root, &root.replace('q', "-")).add_line())),
        ("root in hex", resigned(&body.replace(root, &hex::encode([0xab; 32])).add_line())),
        ("root with stray bits", resigned(&body.replace(root, &root.replace("s=", "t=")).add_line())),
        ("CRLF throughout", good.replace('\n', "\r\n")),
        ("CR in the text", resigned(&body.replace("1234", "1234\r").add_line())),
        ("NUL in the origin", resigned(&body.replace(&origin, "lastgood/\0").add_line())),
        ("NUL at the end", format!("{good}\0")),
        ("ESC in the origin", resigned(&body.replace("lastgood", "last\u{1b}[2Jgood").add_line())),
        ("byte order mark", format!("\u{feff}{good}")),
        ("trailing line end", format!("{good}\n")),
        ("trailing space", format!("{good} ")),
        ("trailing text", format!("{good}more\n")),
        ("trailing note", format!("{good}{good}")),
        ("no last line end", good.trim_end().to_owned()),
        ("leading line end", format!("\n{good}")),
        ("hyphen for dash", good.replace('—', "-")),
        ("en dash for dash", good.replace('—', "–")),
        ("no space after dash", good.replace("— ", "—")),
        ("two spaces after dash", good.replace("— ", "—  ")),
        ("signature without name", format!("{body}\n\n— {}\n", STANDARD.encode(&signature))),
        ("key name with plus", format!("{good}— a+b {}\n", STANDARD.encode(&signature))),
        ("signed twice", format!("{good}{signatures}")),
        ("signature not base64", format!("{good}— other !!!!\n")),
        ("17 signatures", format!("{good}{}", "— other AAAAAAA=\n".repeat(16))),
        ("5 MB of signatures", format!("{good}{}", "— other AAAAAAA=\n".repeat(300_000))),
        ("5 MB origin", resigned(&body.replace(&origin, &"a".repeat(5 << 20)).add_line())),
        ("JSON", "{\"origin\":\"lastgood/0123456789abcdef\"}".to_owned()),
    ];
    collided.reverse();
    cases.push(("reversed signature", with_signature(&collided)));
    cases
}

trait AddLine {
    fn add_line(&self) -> String;
}

impl AddLine for String {
    fn add_line(&self) -> String {
        format!("{self}\n")
    }
}

#[test]
fn what_must_be_rejected_is() {
    let cases = must_reject();
    assert!(cases.len() >= 50, "{}", cases.len());
    let good = checkpoint().sign(&key());
    for (name, note) in cases {
        assert_ne!(note, good, "{name} changes nothing");
        assert!(Checkpoint::open(&note, &key().verifier()).is_err(), "{name} was accepted");
    }
}

#[test]
fn every_single_bit_of_a_note_matters() {
    let good = checkpoint().sign(&key()).into_bytes();
    let mut flips = 0;
    for bit in 0..good.len() * 8 {
        let mut bytes = good.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = std::str::from_utf8(&bytes).ok().and_then(|note| Checkpoint::open(note, &key().verifier()).ok());
        assert_eq!(opened, None, "bit {bit}");
        flips += 1;
    }
    assert!(flips > 1_500, "{flips}");
}

#[test]
fn every_cut_of_a_note_is_rejected() {
    let good = checkpoint().sign(&key());
    for (at, _) in good.char_indices() {
        assert!(Checkpoint::open(&good[..at], &key().verifier()).is_err(), "cut at {at}");
    }
}
