//! The one place that composes the layers: connector, import, store, graph and questions. It draws
//! nothing, prints nothing and reads no clock but the one it is handed.

mod answers;
mod audit;
mod behind;
mod bundle;
mod bundle_check;
mod candidate;
mod case;
mod case_file;
mod checkpoints;
mod clock;
mod converge;
mod demo;
mod dossier;
mod error;
mod exceptions;
mod extract;
mod feed;
mod holdings;
mod in_part;
mod incident;
mod index;
mod ingest;
mod interrupt;
mod keyring;
mod live;
mod lock;
mod look;
mod marks;
mod model_files;
mod offer;
mod pipeline;
mod policy;
mod pulls;
mod reception;
mod record;
mod repeats;
mod seals;
mod shown;
mod sift;
mod signatures;
mod snapshot;
mod source_test;
mod sync;
mod sync_several;
mod trusting;
mod verify;
mod view;
mod vouch;
mod whole_file;

pub use bundle::{BundleOf, BundleReport};
pub use case::NoteRequest;
pub use case_file::{CaseExport, CaseImport};
pub use checkpoints::Keeper;
pub use clock::Clock;
pub use demo::{DEMO_LEAKED, DEMO_NOW};
pub use error::EngineError;
pub use exceptions::ExceptRequest;
pub use holdings::{Live, SetAside, SourceLine, Stats};
pub use ingest::{ImportReport, Ingest, NotRead, Progress, must_be_free};
pub use interrupt::on_stop;
pub use look::Look;
pub use marks::{MarkRequest, SameRequest, UnmarkRequest, Unmarked};
pub use offer::Offered;
pub use pulls::Place;
pub use reception::{Accepted, Delivery, NotTaken, Reception, Source, Within};
pub use record::{RecordOf, RecordView};
pub use repeats::Conflict;
pub use source_test::{Tested, check_address, key_to_pin, source_kinds, test_source};
pub use sync::{SyncReport, credential};
pub use sync_several::{Pulling, Several};
pub use trusting::{Trusting, named as trust_named};
pub use verify::{BundleFacts, Proof, VerifyRequest};
pub use view::{Resolved, Scope, View};
pub use vouch::Signing;
pub use whole_file::{write_beside, write_whole};

use crate::config::{Home, Settings, TrustSettings};
use crate::import::{Format, redact_text};
use crate::investigate::answer::LedgerHead;
use crate::model::Policy;
use crate::proof::fingerprint::Pepper;
use crate::store::{Access, Head, Keys, Ledger};
pub use crate::store::{Rebuilt, StoreError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// An open ledger and everything that can be asked of it.
pub struct Engine {
    home: Home,
    path: PathBuf,
    clock: Clock,
    /// Why it cannot be used is told to whoever asks what is judged by it, and to nobody else.
    policy: Result<Policy, String>,
    vouchers: vouch::Vouchers,
    signing: Option<Signing>,
    /// Checkpoints that the settings say somebody else keeps.
    anchors: Vec<PathBuf>,
    trusting: Trusting,
    reader: Mutex<Ledger>,
    /// Who appends now: several pulls at once take turns.
    appending: Mutex<()>,
    current: RwLock<Option<snapshot::Snapshot>>,
    /// The folder of a ledger that is there for one question.
    scratch: Option<candidate::Scratch>,
}

/// The formats that can be imported, for help and documentation.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    crate::import::IMPORTERS.iter().map(|importer| importer.format())
}

impl Engine {
    /// Opens an existing ledger.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(home: &Home, path: &Path, clock: Clock) -> Result<Engine, EngineError> {
        if !path.exists() {
            return Err(EngineError::NoLedger { path: path.to_owned() });
        }
        let reader = Ledger::open(path, Access::Read)?;
        let settings = Settings::load(&home.settings())?;
        Ok(Engine {
            home: home.clone(),
            path: path.to_owned(),
            clock,
            policy: policy::in_use(home).map_err(|error| error.to_string()),
            vouchers: vouch::Vouchers::of(&settings),
            trusting: Trusting::of(&settings.trust),
            anchors: settings.anchors,
            signing: settings.signing_key.map(|key| Signing { key, may_ask: true }),
            reader: Mutex::new(reader),
            appending: Mutex::default(),
            current: RwLock::new(None),
            scratch: None,
        })
    }

    /// Opens a ledger, making an empty one where there is none.
    ///
    /// # Errors
    /// When it can neither be opened nor made.
    pub fn open_or_create(home: &Home, path: &Path, clock: Clock) -> Result<Engine, EngineError> {
        if !path.exists() {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|error| EngineError::io(folder, error))?;
            }
            let keys = Keys { signing: keyring::create(home)?, pepper: keyring::pepper_or_new(home)? };
            match Ledger::create(path, &keys) {
                Ok(made) => keyring::keep_head(home, made.origin(), &made.checkpoint_note()?)?,
                Err(error) => {
                    keyring::discard(home, keys.signing.name());
                    // Somebody else made one between our look and our writing: that is the one meant.
                    if !matches!(error, StoreError::Exists { .. }) {
                        return Err(error.into());
                    }
                }
            }
        }
        Engine::open(home, path, clock)
    }

    /// Signs what is said from here on with this key, or not at all.
    pub fn sign_with(&mut self, signing: Option<Signing>) {
        self.signing = signing;
    }

    /// Checks signatures on attestations with more than the settings name.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn trust_also(&mut self, more: &TrustSettings) -> Result<(), EngineError> {
        self.trusting = std::mem::take(&mut self.trusting).with(more)?;
        Ok(())
    }

    /// Whose signatures on attestations count.
    pub fn trusting(&self) -> &Trusting {
        &self.trusting
    }

    /// With which key what is said is signed.
    pub fn signing(&self) -> Option<&Signing> {
        self.signing.as_ref()
    }

    /// The ledger's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock answers are given by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How far the log goes and its root.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn head(&self) -> Result<LedgerHead, EngineError> {
        let head = self.reader().head()?;
        Ok(self.standing(&head))
    }

    /// How far the log goes, who vouches for it, and how much of it was erased.
    pub(crate) fn standing(&self, head: &Head) -> LedgerHead {
        // What cannot be counted is said by whatever reads the ledger next.
        let erased = self.reader().redacted().unwrap_or(0);
        LedgerHead { records: head.records, root: hex::encode(head.root), anchored_to: self.anchored_to(), erased }
    }

    /// Reads all claims from the records again.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn rebuild(&self) -> Result<Rebuilt, EngineError> {
        let (mut ledger, _keys) = self.writer()?;
        let rebuilt = ledger.rebuild(&mut record::claims_of)?;
        index::forget(&self.path);
        self.forget_view();
        Ok(rebuilt)
    }

    /// Erases the content of record `seq`; the log keeps who did it and why. Gives whether every byte
    /// is gone: while another process reads the ledger, its write-ahead log still holds old pages.
    ///
    /// # Errors
    /// When there is no such record, or the ledger cannot be written.
    pub fn redact(&self, seq: u64, by: &str, why: &str) -> Result<bool, EngineError> {
        let (mut ledger, keys) = self.writer()?;
        if ledger.redactions()?.iter().any(|told| told.record == seq) {
            // What is left is to empty the log that somebody's reading kept full.
            return Ok(ledger.empty_wal()?);
        }
        let erasure = ledger.redact(
            seq,
            &redact_text(by, &keys.pepper).0,
            &redact_text(why, &keys.pepper).0,
            self.clock.now(),
            &keys,
        )?;
        self.keep_head(&erasure.checkpoint_note)?;
        index::forget(&self.path);
        self.forget_view();
        Ok(erasure.wal_emptied)
    }

    /// The reading connection. A thread that panicked while holding it leaves it usable: it only reads.
    fn reader(&self) -> MutexGuard<'_, Ledger> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A writing connection and the keys it signs with.
    fn writer(&self) -> Result<(Ledger, Keys), EngineError> {
        let origin = self.reader().origin().to_owned();
        let signing = keyring::signing(&self.home, &origin)?
            .ok_or_else(|| EngineError::NoKey { file: self.home.keys(), origin: origin.clone() })?;
        let keys = Keys { signing, pepper: self.pepper()? };
        let kept = keyring::kept_head(&self.home, &origin);
        let ledger = Ledger::open_held(&self.path, &kept, &keys.signing.verifier())?;
        Ok((ledger, keys))
    }

    /// Keeps the newest checkpoint outside the ledger's file, so that a cut-off end shows.
    fn keep_head(&self, note: &str) -> Result<(), EngineError> {
        let origin = self.reader().origin().to_owned();
        keyring::keep_head(&self.home, &origin, note)
    }

    /// Whether this machine holds the ledger's key and yet keeps no checkpoint of it.
    fn has_lost_head(&self) -> bool {
        let origin = self.reader().origin().to_owned();
        keyring::verifier(&self.home, &origin).0.is_some() && !keyring::kept_head(&self.home, &origin).exists()
    }

    /// The pepper this ledger's secrets were fingerprinted with. Another would find nothing and say so
    /// with confidence, so only that one is given.
    fn pepper(&self) -> Result<Pepper, EngineError> {
        let found = keyring::pepper(&self.home)?;
        let ledger = self.reader();
        let why = match found {
            Some(pepper) if ledger.is_peppered_with(&pepper)? => return Ok(pepper),
            Some(pepper) => format!("holds {}", pepper.id()),
            None => "is not there".to_owned(),
        };
        Err(EngineError::Pepper { id: ledger.pepper().to_owned(), file: keyring::pepper_file(&self.home), why })
    }
}
