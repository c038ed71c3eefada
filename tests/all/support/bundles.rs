//! Bundles made by hand with keys that are known, to be changed and sealed again, and both verifiers to ask about
//! them. It asserts nothing.

use crate::ledger_fixture::{ORIGIN, keys, keys_of, numbered};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lastgood::proof::bundle::{
    About, Bytes, Checker, Claim, Digest, FORM, Head, History, REDACTION, Record, Redacted, Sealer, Trust, span_name,
};
use lastgood::proof::checkpoint::Checkpoint;
use lastgood::proof::digest::sha256;
use lastgood::proof::keys::SigningKey;
use lastgood::proof::leaf::commitment;
use lastgood::proof::merkle::{Hash, root};
use lastgood::proof::tree::Tree;
use lastgood::store::{Kept, Verdict};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A log in memory, with what a bundle needs of it.
pub(crate) struct Log {
    pub(crate) records: Vec<Record>,
    leaves: Vec<Hash>,
    tree: Tree,
}

fn record(seq: u64, format: &str, content: Vec<u8>) -> Record {
    let new = numbered(seq);
    let salt = sha256(&seq.to_be_bytes())[..16].to_vec();
    Record {
        record: seq,
        source: new.source,
        format: format.to_owned(),
        importer: 1,
        framing: new.framing,
        media_type: new.media_type,
        file: new.file,
        offset: new.offset,
        line: new.line,
        received_at: 1_795_000_000_000_000 + seq as i64,
        observed_at: new.observed_at.map(|at| at.micros()),
        commitment: Digest(commitment(&salt, &sha256(&content))),
        salt: Some(Bytes(salt)),
        content: Some(Bytes(content)),
        redacted: None,
        proof: None,
    }
}

impl Log {
    /// Records 1 to `size`; each of `erased` is redacted and told of in a record of that number.
    pub(crate) fn new(size: u64, erased: &[(u64, u64)]) -> Log {
        let mut records: Vec<Record> = (1..=size).map(|seq| record(seq, "test", numbered(seq).content)).collect();
        for (seq, told_in) in erased {
            let redacted = Redacted {
                told_in: *told_in,
                by: "person:dpo".to_owned(),
                why: format!("asked for in \"{seq}\" – twice"),
                at: "2026-11-19T03:12:00Z".to_owned(),
                claims: 3,
                erased: hex::encode(sha256(b"keyed")),
            };
            let telling = format!(
                r#"{{"record":{seq},"by":"person:dpo","why":"asked for in \"{seq}\" – twice","at":"{}","claims":3,"erased":"{}"}}"#,
                redacted.at, redacted.erased
            );
            records[*told_in as usize - 1] = record(*told_in, REDACTION, telling.into_bytes());
            let it = &mut records[*seq as usize - 1];
            (it.salt, it.content, it.redacted) = (None, None, Some(redacted));
        }
        let leaves: Vec<Hash> = records.iter().map(Record::leaf).collect();
        Log { tree: Tree::new(leaves.clone()), leaves, records }
    }

    /// The checkpoint at a size.
    pub(crate) fn note(&self, size: u64, key: &SigningKey) -> String {
        let root = root(&self.leaves[..size as usize]);
        Checkpoint { origin: key.name().to_owned(), size, root }.sign(key)
    }

    /// The lines of a bundle without its seal: of the whole, or of these records.
    pub(crate) fn lines(&self, of: Option<&[u64]>, earlier: &[u64]) -> Vec<Vec<u8>> {
        let key = keys().signing;
        let all: Vec<u64> = (1..=self.leaves.len() as u64).collect();
        let chosen = of.unwrap_or(&all);
        let claimed = |seq: u64| seq % 2 == 1 && self.records[seq as usize - 1].content.is_some();
        // What lies together is handed over as a stretch.
        let last = chosen.last().copied().unwrap_or(0);
        let span = chosen.first().map(|first| (first - 1, last));
        let together = |(after, to): &(u64, u64)| to - after == chosen.len() as u64 && chosen.len() < all.len();
        let span = span.filter(together);
        let mut sealer = Sealer::default();
        let mut lines = vec![sealer.head(&Head {
            bundle: FORM.to_owned(),
            origin: ORIGIN.to_owned(),
            key: hex::encode(key.verifier().id()),
            about: match (of, span) {
                (None, _) => About::Ledger,
                (Some(_), None) => About::Artefact,
                (Some(_), Some(_)) => About::Records,
            },
            name: of.map(|_| span.map_or_else(|| "model-version:fraud-scorer@42".to_owned(), span_name)),
            size: self.leaves.len() as u64,
            records: chosen.len() as u64,
            claims: chosen.iter().filter(|seq| claimed(**seq)).count() as u64,
        })];
        lines.push(sealer.checkpoint(&self.note(self.leaves.len() as u64, &key)));
        for size in earlier {
            let proof = self.tree.consistency(*size).unwrap().into_iter().map(Digest).collect();
            let root = Digest(root(&self.leaves[..*size as usize]));
            lines.push(sealer.history(&History { history: *size, root, proof }));
        }
        for seq in chosen {
            let mut it = self.records[*seq as usize - 1].clone();
            it.proof = of.map(|_| self.tree.inclusion(seq - 1).unwrap().into_iter().map(Digest).collect());
            lines.push(sealer.record(&it));
            if claimed(*seq) {
                let statement = format!(r#"{{"type":"artefact","id":"run:train@{seq}","kind":"run"}}"#);
                lines.push(sealer.claim(&Claim { claim: format!("{seq}.1"), statement }));
            }
        }
        lines.into_iter().map(String::into_bytes).collect()
    }
}

/// The lines with a seal of that key behind them.
pub(crate) fn sealed(lines: &[Vec<u8>], key: &SigningKey) -> Vec<u8> {
    let mut bundle = lines.concat();
    let seal = hex::encode(sha256(&bundle));
    let note = key.sign_note(&format!("lastgood bundle\n{}\n{seal}\n", key.name()));
    // a note's signature has the id of its key before it
    let signature = &STANDARD.decode(note.trim_end().rsplit(' ').next().unwrap()).unwrap()[4..];
    bundle.extend(format!("{{\"seal\":\"{seal}\",\"signature\":\"{}\"}}\n", STANDARD.encode(signature)).into_bytes());
    bundle
}

/// A bundle and what its verifier brings along.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) bundle: Vec<u8>,
    pub(crate) key: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) anchors: Vec<Vec<u8>>,
}

/// A key by the word for it.
pub(crate) fn key_called(word: &str) -> Option<SigningKey> {
    match word {
        "none" => None,
        "right" => Some(keys().signing),
        "other" => Some(keys_of(2).signing),
        "of-another-log" => Some(SigningKey::from_seed("lastgood/ffffffffffffffff", &[1; 32]).unwrap()),
        other => panic!("no key is called {other}"),
    }
}

/// What ours says.
pub(crate) fn ours(asked: &Asked) -> (Verdict, String) {
    let kept = |note: &Vec<u8>| Kept { note: String::from_utf8_lossy(note).into_owned(), whence: "kept".to_owned() };
    let trust = Trust {
        key: asked.key.as_ref().map(|key| key.parse().unwrap()),
        origin: asked.origin.clone(),
        anchors: asked.anchors.iter().map(kept).collect(),
    };
    let mut checker = Checker::new(&trust);
    for line in asked.bundle.split_inclusive(|byte| *byte == b'\n') {
        let _ = checker.line(line);
    }
    let outcome = checker.finish();
    let why = outcome.first_bad.map_or(String::new(), |(line, _, what)| format!("line {line}: {what}"));
    (outcome.verdict, why)
}

/// Whether the other verifier can be asked.
pub(crate) fn can_ask_python() -> bool {
    let runs = |program: &str, argument: &str| {
        Command::new(program)
            .arg(argument)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|it| it.success())
    };
    runs("python3", "--version") && runs("openssl", "version")
}

/// What the verifier in Python says of each, in one process.
pub(crate) fn python(all: &[Asked]) -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/bundle");
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/verify/batch.py");
    let mut child = Command::new("python3")
        .args([driver, folder])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = std::io::BufWriter::new(child.stdin.take().unwrap());
    let lines: Vec<String> = all
        .iter()
        .map(|it| {
            let anchors: Vec<String> = it.anchors.iter().map(|note| STANDARD.encode(note)).collect();
            let asked = serde_json::json!({
                "bundle": STANDARD.encode(&it.bundle), "key": it.key, "origin": it.origin, "anchors": anchors
            });
            format!("{asked}\n")
        })
        .collect();
    let writer = std::thread::spawn(move || lines.iter().for_each(|line| input.write_all(line.as_bytes()).unwrap()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let verdicts: Vec<(String, String)> = said
        .lines()
        .map(|line| {
            let (verdict, why) = line.split_once(' ').unwrap_or((line, ""));
            (verdict.to_owned(), why.to_owned())
        })
        .collect();
    assert_eq!(verdicts.len(), all.len(), "the Python verifier stopped");
    verdicts
}

/// Where an installation in a workspace keeps its keys.
pub(crate) fn folder_of_keys(workspace: &Path) -> PathBuf {
    workspace.join("home/.config/lastgood/keys")
}

/// The signing key of a ledger in a workspace, by its verifier key.
pub(crate) fn seed_of(workspace: &Path, verifier: &str) -> SigningKey {
    let origin = verifier.split('+').next().unwrap();
    let seed = folder_of_keys(workspace).join(format!("{}.seed", origin.replace('/', "-")));
    let seed = hex::decode(std::fs::read_to_string(seed).unwrap().trim()).unwrap();
    SigningKey::from_seed(origin, &seed.try_into().unwrap()).unwrap()
}
