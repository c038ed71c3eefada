//! What the user trusts, read from the files that settings and command line name, and signatures checked by
//! it. It decides nothing about what a signature is worth: `proof` does.

use crate::config::{TrustSettings, read_text};
use crate::connector::{Limits, walk};
use crate::engine::EngineError;
use crate::import::attestation::signed::{self, Found};
use crate::import::frame::{Budget, Cut, Stream};
use crate::import::{Framing, sniff};
use crate::import::{secrets_removed, unit_at};
use crate::investigate::rows::SignatureRow;
use crate::model::{Outcome, Time, Verification};
use crate::proof::attested::{Attested, Given, verify};
use crate::proof::digest::{FileHash, HashName};
use crate::proof::log_body::Content;
use crate::proof::trust::{Expected, Trust};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Keys, roots and expectations, and what of them could not be read.
#[derive(Debug, Clone, Default)]
pub struct Trusting {
    trust: Trust,
    /// Files that could not be read, each with the reason.
    pub remarks: Vec<String>,
}

/// Files of keys are short.
const LONGEST: u64 = 4 << 20;

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LONGEST { Err("is longer than 4 MiB, which no such file is".to_owned()) } else { Ok(bytes) }
}

impl Trusting {
    /// What the settings name. A file that cannot be read takes nothing from the others, and is told.
    pub fn of(settings: &TrustSettings) -> Trusting {
        let mut it = Trusting::default();
        for fault in it.add(settings) {
            it.remarks.push(format!("{fault}: nothing in it is trusted"));
        }
        it
    }

    /// The same and more, that somebody names now.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn with(mut self, more: &TrustSettings) -> Result<Trusting, EngineError> {
        match self.add(more).into_iter().next() {
            Some(fault) => Err(EngineError::Senseless(fault)),
            None => Ok(self),
        }
    }

    fn add(&mut self, settings: &TrustSettings) -> Vec<String> {
        let mut faults = Vec::new();
        for path in settings.keys.iter().chain(&settings.roots) {
            let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
            if let Err(why) = bytes(path).and_then(|bytes| self.trust.add(&name, &bytes)) {
                faults.push(format!("{}: {why}", path.display()));
            }
        }
        for path in &settings.logs {
            let read = read_text(path).map_err(|error| error.to_string());
            if let Err(why) = read.and_then(|text| self.trust.add_log(&path.to_string_lossy(), &text)) {
                faults.push(format!("{}: {why}", path.display()));
            }
        }
        self.trust.expected.extend(settings.identities.iter().cloned().map(|it| Expected {
            name: it.name,
            issuer: it.issuer,
            repository: it.repository,
            reference: it.reference,
            builder: it.builder,
        }));
        faults
    }

    /// Checks something that was taken from a record; `unit` is the text it stands in.
    pub(super) fn check(
        &self,
        found: &Result<Attested, String>,
        unit: &[u8],
        now: Time,
        artefact: Option<&[(HashName, Vec<u8>)]>,
    ) -> Verification {
        let verdict = match found {
            Ok(it) => verify(it, &Given { trust: &self.trust, now, artefact }),
            Err(fault) => Verification::unreadable(fault.clone(), now),
        };
        let removed = match found {
            Ok(Attested { content: Content::Envelope { payload, .. }, .. }) => secrets_removed(payload) > 0,
            _ => false,
        };
        if verdict.outcome == Outcome::Failed && (removed || signed::was_altered(unit)) {
            let why = "secrets in it were replaced before it was kept; check the file it came from";
            return Verification::not_checkable(why, now);
        }
        verdict
    }

    /// Checks everything signed in a file, as it lies there.
    ///
    /// # Errors
    /// When it cannot be read, or holds nothing that is signed.
    pub fn check_file(
        &self,
        path: &Path,
        artefact: Option<&Path>,
        now: Time,
    ) -> Result<Vec<SignatureRow>, EngineError> {
        let artefact = artefact.map(digests).transpose()?;
        let mut rows = Vec::new();
        for item in walk(&[path.to_owned()], &Limits::default()) {
            let item = item.map_err(|refused| EngineError::Senseless(refused.to_string()))?;
            let io = |error| EngineError::io(path, error);
            let stream = Stream::open(item.reader).map_err(io)?;
            let (importer, framing) =
                sniff(&stream.head()).map_err(|unknown| EngineError::Senseless(format!("{}: {unknown}", item.name)))?;
            if importer.format().name != "attestation" {
                let format = importer.format().name;
                return Err(EngineError::Senseless(format!("{}: is {format}, and no attestation", item.name)));
            }
            for cut in stream.frames(framing, Budget::default()) {
                let cut = cut.map_err(|stopped| EngineError::Senseless(format!("{}: {stopped}", item.name)))?;
                if let Cut::Frame(frame) = cut {
                    let place = |at: u32| format!("{}: line {}", item.name, frame.line_of(at));
                    rows.extend(self.rows(&frame.content, framing, artefact.as_deref(), now, &place));
                }
            }
        }
        if rows.is_empty() {
            return Err(EngineError::Senseless(format!("{}: nothing in it is signed", path.display())));
        }
        Ok(rows)
    }

    fn rows(
        &self,
        content: &[u8],
        framing: Framing,
        artefact: Option<&[(HashName, Vec<u8>)]>,
        now: Time,
        place: &dyn Fn(u32) -> String,
    ) -> Vec<SignatureRow> {
        let row = |(at, found): Found| SignatureRow {
            place: place(at),
            scope: scope(&found),
            verification: self.check(&found, unit_at(content, at), now, artefact),
        };
        signed::attested(content, framing).into_iter().map(row).collect()
    }
}

/// The type of the predicate that was signed.
pub(super) fn scope(found: &Result<Attested, String>) -> String {
    let Ok(it) = found else { return "unreadable".to_owned() };
    match &it.content {
        Content::Envelope { payload, .. } => signed::predicate_type(payload).unwrap_or_else(|| "payload".to_owned()),
        Content::Digest { .. } => "signature".to_owned(),
    }
}

/// The digests of a file, by every hash that a signature may be over.
fn digests(path: &Path) -> Result<Vec<(HashName, Vec<u8>)>, EngineError> {
    let io = |error| EngineError::io(path, error);
    let hashes = [HashName::Sha256, HashName::Sha384, HashName::Sha512];
    let mut making: Vec<FileHash> = hashes.iter().filter_map(|hash| FileHash::begin(hash.as_str())).collect();
    let mut file = std::fs::File::open(path).map_err(io)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let got = file.read(&mut buffer).map_err(io)?;
        if got == 0 {
            break;
        }
        making.iter_mut().for_each(|hash| hash.update(buffer.get(..got).unwrap_or_default()));
    }
    Ok(hashes.into_iter().zip(making).map(|(name, hash)| (name, hash.finish())).collect())
}

/// Somebody's files and names as settings: what a command line adds.
pub fn named(files: &[PathBuf], identity: crate::config::IdentitySetting) -> TrustSettings {
    let asked = identity != crate::config::IdentitySetting::default();
    TrustSettings {
        roots: files.to_vec(),
        identities: asked.then_some(identity).into_iter().collect(),
        ..TrustSettings::default()
    }
}
