//! Checking a bundle line by line: that it holds together, and what is known of its log from elsewhere. It reads no
//! file and no claim.

use super::line::{About, Claim, Head, History, Line, Record, Redacted, Seal};
use super::{FORM, LONGEST_LINE, REDACTION, sealed_text, span};
use crate::proof::checkpoint::{Checkpoint, VerifierKey};
use crate::proof::digest::sha256;
use crate::proof::kept::{self, Kept};
use crate::proof::leaf::commitment;
use crate::proof::merkle::{Frontier, Hash, verify_consistency, verify_inclusion};
use crate::proof::verdict::Verdict;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What a verifier brings along. Nothing of it comes from the bundle.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The key that must have signed.
    pub key: Option<VerifierKey>,
    /// The name that the log must have.
    pub origin: Option<String>,
    /// Checkpoints kept by somebody or something else.
    pub anchors: Vec<Kept>,
}

/// What checking found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// The first line, when it could be read.
    pub head: Option<Head>,
    /// The root that the checkpoint states, when it could be read.
    pub root: Hash,
    /// How many records, claims and redacted records hold.
    pub held: [u64; 3],
    /// The first thing that does not fit: the line, the record if it is one, and what.
    pub first_bad: Option<(u64, Option<u64>, String)>,
    /// Up to which record somebody else's checkpoint vouches; 0 for none.
    pub anchored_to: u64,
    /// What else the reader should know.
    pub notes: Vec<String>,
}

/// Where in a bundle a checker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Head,
    Log,
    Records,
    End,
}

/// Checks one bundle, given a line after the other.
pub struct Checker<'t> {
    trust: &'t Trust,
    place: Place,
    lines: u64,
    digest: Sha256,
    head: Option<Head>,
    signed: Option<Checkpoint>,
    roots: BTreeMap<u64, Hash>,
    frontier: Frontier,
    last: u64,
    /// Whether the last record has content, and its last claim.
    claims_of: (bool, u64),
    held: [u64; 3],
    /// Which records all have to be here, where it is about these, and how many of them are.
    span: Option<(u64, u64)>,
    within: u64,
    /// What records still to come must tell, by their number.
    untold: BTreeMap<u64, Vec<u8>>,
    bad: Option<(u64, Option<u64>, String)>,
}

type Checked = Result<(), (Option<u64>, String)>;

fn wrong<T>(record: Option<u64>, what: impl Into<String>) -> Result<T, (Option<u64>, String)> {
    Err((record, what.into()))
}

impl<'t> Checker<'t> {
    /// At the beginning of one.
    pub fn new(trust: &'t Trust) -> Checker<'t> {
        Checker {
            trust,
            place: Place::Start,
            lines: 0,
            digest: Sha256::new(),
            head: None,
            signed: None,
            roots: BTreeMap::new(),
            frontier: Frontier::new(),
            last: 0,
            claims_of: (false, 0),
            held: [0; 3],
            span: None,
            within: 0,
            untold: BTreeMap::new(),
            bad: None,
        }
    }

    /// Whether something did not fit: what follows is then not looked at.
    pub fn has_failed(&self) -> bool {
        self.bad.is_some()
    }

    /// Says that something does not fit which only the caller can see, in the line just given.
    pub fn refuse(&mut self, record: Option<u64>, what: impl Into<String>) {
        let lines = self.lines;
        self.bad.get_or_insert_with(|| (lines, record, what.into()));
    }

    /// Takes the next line with its line feed, and gives what it says when it fits all before.
    pub fn line(&mut self, bytes: &[u8]) -> Option<Line> {
        self.lines += 1;
        if self.has_failed() {
            return None;
        }
        match self.take(bytes) {
            Ok(line) => Some(line),
            Err((record, what)) => {
                self.refuse(record, what);
                None
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<Line, (Option<u64>, String)> {
        if bytes.len() as u64 > LONGEST_LINE {
            return wrong(None, "the line is too long");
        }
        let Some((b'\n', text)) = bytes.split_last() else { return wrong(None, "the line has no end") };
        let Ok(text) = std::str::from_utf8(text) else { return wrong(None, "the line is not UTF-8") };
        let line = Line::read(text).or_else(|why| wrong(None, why))?;
        match (&line, self.place) {
            (Line::Head(head), Place::Start) => self.head(head)?,
            (Line::Checkpoint(it), Place::Head) => self.checkpoint(&it.checkpoint)?,
            (Line::History(it), Place::Log) => self.history(it)?,
            (Line::Record(it), Place::Log | Place::Records) => self.record(it)?,
            (Line::Claim(it), Place::Records) => self.claim(it)?,
            (Line::Seal(it), Place::Log | Place::Records) => self.seal(it)?,
            _ => return wrong(None, "the line does not belong here"),
        }
        self.digest.update(bytes);
        Ok(line)
    }

    fn head(&mut self, head: &Head) -> Checked {
        if head.bundle != FORM {
            return wrong(None, format!("it is a bundle of another form than {FORM}"));
        }
        if (head.about == About::Ledger) != head.name.is_none() {
            return wrong(None, "it names an artefact or a case where it is about one, and nothing else");
        }
        if i64::try_from(head.size).is_err() || head.records > head.size {
            return wrong(None, "its sizes are not those of a part of a log");
        }
        if head.about == About::Ledger && head.records != head.size {
            return wrong(None, "it is about the whole ledger and does not hold every record");
        }
        self.span = head.name.as_deref().filter(|_| head.about == About::Records).and_then(span);
        if head.about == About::Records && self.span.is_none_or(|(_, to)| to > head.size) {
            return wrong(None, "it does not say which records it is about");
        }
        if let Some(origin) = self.trust.origin.as_ref().filter(|origin| **origin != head.origin) {
            return wrong(None, format!("this is the log {}, not {origin}", head.origin));
        }
        if let Some(key) = &self.trust.key {
            if key.name() != head.origin {
                return wrong(None, format!("this is the log {}, and the key is for {}", head.origin, key.name()));
            }
            if hex::encode(key.id()) != head.key {
                return wrong(None, format!("it is signed by the key {}, not by {}", head.key, hex::encode(key.id())));
            }
        }
        self.head = Some(head.clone());
        self.place = Place::Head;
        Ok(())
    }

    fn checkpoint(&mut self, note: &str) -> Checked {
        let Some(head) = &self.head else { return wrong(None, "there is no first line") };
        let opened = match &self.trust.key {
            Some(key) => Checkpoint::open(note, key),
            None => Checkpoint::stated(note),
        };
        let signed = opened.or_else(|why| wrong(None, why.to_string()))?;
        if signed.origin != head.origin || signed.size != head.size {
            return wrong(None, "the checkpoint is of another log or size than the first line says");
        }
        if signed.size == 0 && signed.root != sha256(b"") {
            return wrong(None, "the checkpoint states a root over nothing that is none");
        }
        self.roots.insert(0, sha256(b""));
        self.roots.insert(signed.size, signed.root);
        self.signed = Some(signed);
        self.place = Place::Log;
        Ok(())
    }

    fn history(&mut self, it: &History) -> Checked {
        let Some(signed) = &self.signed else { return wrong(None, "there is no checkpoint") };
        let before = self.roots.range(..signed.size).next_back().map_or(0, |(size, _)| *size);
        if it.history <= before || it.history >= signed.size {
            return wrong(None, "earlier sizes are not in order");
        }
        let proof: Vec<Hash> = it.proof.iter().map(|hash| hash.0).collect();
        if !verify_consistency(it.history, &it.root.0, signed.size, &signed.root, &proof) {
            return wrong(None, format!("it does not show how the log continued from its {} records", it.history));
        }
        self.roots.insert(it.history, it.root.0);
        Ok(())
    }

    fn record(&mut self, it: &Record) -> Checked {
        let (Some(head), Some(signed)) = (&self.head, &self.signed) else {
            return wrong(None, "there is no checkpoint");
        };
        let seq = it.record;
        let bad = |what: &str| wrong(Some(seq), what);
        if seq <= self.last || seq > signed.size {
            return bad("records are not in order, or the log has no such record");
        }
        if head.about == About::Ledger && seq != self.last + 1 {
            return bad("a record before it is missing");
        }
        let leaf = it.leaf();
        match (&it.salt, &it.content, &it.redacted) {
            (Some(salt), Some(content), None) => {
                if salt.0.len() != 16 || commitment(&salt.0, &sha256(&content.0)) != it.commitment.0 {
                    return bad("its content is not what was logged");
                }
                match self.untold.remove(&seq) {
                    Some(told) if it.format == REDACTION && content.0 == told => {}
                    None if it.format != REDACTION => {}
                    _ => return bad("it does not tell of the redaction that is said to be told in it"),
                }
            }
            (None, None, Some(redacted)) => {
                let telling = redacted.told_in > seq && redacted.told_in <= signed.size;
                if !telling || it.format == REDACTION || self.untold.contains_key(&seq) {
                    return bad("its redaction is not told in a later record");
                }
                if self.untold.insert(redacted.told_in, Redacted::telling(redacted, seq)).is_some() {
                    return bad("two redactions are said to be told in one record");
                }
                self.held[2] += 1;
            }
            _ => return bad("it has neither a content with its salt nor a redaction, or both"),
        }
        match (&it.proof, head.about) {
            (None, About::Ledger) => self.frontier.push(leaf),
            (Some(proof), About::Artefact | About::Case | About::Records) => {
                let proof: Vec<Hash> = proof.iter().map(|hash| hash.0).collect();
                if !verify_inclusion(&leaf, seq - 1, signed.size, &proof, &signed.root) {
                    return bad("it is not in the log: its proof does not lead to the root");
                }
            }
            (Some(_), About::Ledger) => return bad("it has a proof where all records are here"),
            (None, _) => return bad("it has no proof"),
        }
        self.within += u64::from(self.span.is_some_and(|(after, to)| seq > after && seq <= to));
        self.last = seq;
        self.claims_of = (it.content.is_some(), 0);
        self.held[0] += 1;
        self.place = Place::Records;
        Ok(())
    }

    fn claim(&mut self, it: &Claim) -> Checked {
        let seq = self.last;
        let ordinal = it.claim.strip_prefix(&format!("{seq}.")).filter(|text| !text.starts_with('0'));
        let ordinal = ordinal.filter(|text| text.bytes().all(|b| b.is_ascii_digit())).and_then(|it| it.parse().ok());
        match (self.claims_of, ordinal) {
            ((true, before), Some(ordinal)) if ordinal > before && i64::try_from(ordinal).is_ok() => {
                self.claims_of.1 = ordinal;
                self.held[1] += 1;
                Ok(())
            }
            _ => wrong(Some(seq), "a claim is not one of the record above it, or not in order"),
        }
    }

    fn seal(&mut self, it: &Seal) -> Checked {
        let (Some(head), Some(signed)) = (&self.head, &self.signed) else {
            return wrong(None, "there is no checkpoint");
        };
        if [head.records, head.claims] != self.held[..2] {
            return wrong(None, "it does not hold as many records and claims as its first line says");
        }
        if self.span.is_some_and(|(after, to)| self.within != to - after) {
            return wrong(None, "it does not hold all the records that it is about");
        }
        if let Some(told) = self.untold.keys().next() {
            return wrong(Some(*told), "it is missing: it tells of a redaction");
        }
        if head.about == About::Ledger && self.frontier.root() != signed.root {
            return wrong(None, "the records are not those that were signed");
        }
        if it.seal != hex::encode(self.digest.clone().finalize()) {
            return wrong(None, "the seal is over something else: lines were changed, added or taken away");
        }
        let text = sealed_text(&head.origin, &it.seal);
        if self.trust.key.as_ref().is_some_and(|key| !key.signed(text.as_bytes(), &it.signature.0)) {
            return wrong(None, "the seal has a false signature");
        }
        self.place = Place::End;
        Ok(())
    }

    /// After the last line.
    pub fn finish(mut self) -> Outcome {
        if self.place != Place::End {
            self.refuse(None, "it ends without its seal");
        }
        let root = self.signed.as_ref().map_or([0; 32], |signed| signed.root);
        let size = self.signed.as_ref().map_or(0, |signed| signed.size);
        let mut outcome = Outcome {
            verdict: Verdict::Failed,
            head: self.head,
            root,
            held: self.held,
            first_bad: self.bad,
            anchored_to: 0,
            notes: Vec::new(),
        };
        if outcome.first_bad.is_some() {
            return outcome;
        }
        let Some(key) = &self.trust.key else {
            outcome.verdict = Verdict::Inconclusive;
            outcome.notes.push("without a key from elsewhere, who signed it was not checked".to_owned());
            return outcome;
        };
        let root_at = |size| self.roots.get(&size).copied();
        let standing = kept::stand([].iter(), self.trust.anchors.iter(), key, size, root_at);
        outcome.verdict = standing.verdict;
        outcome.anchored_to = standing.anchored_to;
        outcome.first_bad = standing.first_bad.map(|(record, what)| (0, Some(record), what.to_owned()));
        outcome.notes = standing.notes;
        outcome
    }
}
