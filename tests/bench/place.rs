//! The folder a bench works in: the lineage as a native file, and a ledger it is imported into. All
//! of it is gone afterwards, unless `LASTGOOD_BENCH_PLACE` names a folder. It measures nothing.

use crate::figure::peak_memory;
use crate::generate::{Shape, line};
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, ImportReport, Ingest};
use lastgood::model::Time;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder to use and to keep.
const KEPT: &str = "LASTGOOD_BENCH_PLACE";
/// Names what a child process is to do.
const CHILD: &str = "LASTGOOD_BENCH_CHILD";

/// The folder.
pub(crate) struct Place {
    folder: PathBuf,
    // Dropped last of all: takes the folder with it.
    temporary: Option<tempfile::TempDir>,
}

impl Place {
    /// A new one on the disk the project lies on, or the one that is named.
    pub(crate) fn new() -> Place {
        match std::env::var_os(KEPT) {
            Some(folder) => Place { folder: folder.into(), temporary: None },
            None => {
                let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
                Place { folder: temporary.path().to_owned(), temporary: Some(temporary) }
            }
        }
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The ledger that the console is opened on.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.path("bench.lastgood")
    }

    /// The lineage as a native file, written at the first call.
    pub(crate) fn native(&self, shape: &Shape) -> PathBuf {
        let file = self.path(&format!("bench-{}.lineage.jsonl", shape.artefacts));
        if !file.exists() {
            let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(&file).unwrap());
            let mut text = String::new();
            shape.each(|saying| {
                text.clear();
                line(&saying, &mut text);
                out.write_all(text.as_bytes()).unwrap();
            });
            out.into_inner().unwrap().sync_all().unwrap();
        }
        file
    }

    /// Makes a ledger if there is none, and opens it.
    pub(crate) fn engine(&self, ledger: &Path) -> Engine {
        let now = Time::from_seconds(1_795_000_000);
        Engine::open_or_create(&Home::below(&self.path("home")), ledger, Clock::fixed(now)).unwrap()
    }

    /// Reads the native file into a ledger.
    pub(crate) fn import(&self, native: &Path, ledger: &Path) -> ImportReport {
        let what = Ingest { paths: vec![native.to_owned()], ..Ingest::default() };
        let report = self.engine(ledger).ingest(&what, &()).unwrap();
        assert_eq!(report.quarantined, [], "the generator writes what the importer reads");
        report
    }

    /// The ledger with the whole lineage in it, made at the first call.
    pub(crate) fn full_ledger(&self, shape: &Shape) -> PathBuf {
        let ledger = self.ledger();
        if !ledger.exists() {
            self.import(&self.native(shape), &ledger);
        }
        ledger
    }

    /// Forgets a ledger and all that lies beside it.
    pub(crate) fn remove(&self, ledger: &Path) {
        for end in ["", "-wal", "-shm", ".index"] {
            let mut name = ledger.as_os_str().to_owned();
            name.push(end);
            std::fs::remove_file(name).unwrap_or_default();
        }
    }

    /// Forgets the index of a ledger.
    pub(crate) fn forget_index(&self, ledger: &Path) {
        let mut name = ledger.as_os_str().to_owned();
        name.push(".index");
        std::fs::remove_file(name).unwrap_or_default();
    }

    /// Runs a part in a process of its own and says how many megabytes it needed at most.
    pub(crate) fn peak_of(&self, part: &str) -> f64 {
        let output =
            Command::new(std::env::current_exe().unwrap()).env(CHILD, part).env(KEPT, &self.folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // What the part itself has to say comes before.
        String::from_utf8_lossy(&output.stdout).lines().last().unwrap().parse().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            temporary.close().unwrap();
        }
    }
}

/// What this process is to do, when it is a child; its peak is printed once it has done it.
pub(crate) fn child(run: impl FnOnce(&str)) -> bool {
    let Ok(part) = std::env::var(CHILD) else { return false };
    run(&part);
    std::io::stdout().write_all(format!("{}\n", peak_memory()).as_bytes()).unwrap();
    true
}
