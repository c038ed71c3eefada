//! `import`: paths to the engine, with a progress bar, and a summary of what came of it.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::complain;
use crate::engine::{ImportReport, Ingest, NotRead, Progress, formats, on_stop};
use crate::report::json;
use crate::report::screen::screen;
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Problems listed in words; the rest is counted (and all of it is in `--json`).
pub(crate) const LISTED: usize = 20;

/// How far an import is: drawn where somebody looks, and counted for whoever stops it.
struct Heard {
    bar: ProgressBar,
    kept: Arc<AtomicU64>,
}

impl Progress for Heard {
    fn read(&self, bytes: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(bytes);
    }

    fn file(&self, name: &str) {
        self.bar.set_message(screen(name).into_owned());
    }

    fn kept(&self, records: u64) {
        self.kept.store(records, Ordering::Relaxed);
    }
}

impl Heard {
    /// Tells whoever stops the import what of it is kept, and ends the process.
    fn new(session: &Session) -> Heard {
        let bar = match session.out.draws_progress() {
            true => ProgressBar::no_length().with_style(style()),
            false => ProgressBar::hidden(),
        };
        let heard = Heard { bar, kept: Arc::default() };
        let (bar, kept) = (heard.bar.clone(), heard.kept.clone());
        on_stop(move |code| {
            bar.finish_and_clear();
            let records = kept.load(Ordering::Relaxed);
            complain(&format!(
                "lastgood: stopped; {records} records were added and are kept, each batch whole. The same command again \
                 goes on and adds nothing twice"
            ));
            std::process::exit(i32::from(code));
        });
        heard
    }
}

/// `import`
pub(crate) fn run(session: &Session, it: args::Import) -> Result<Exit, Failure> {
    let reads_stdin = it.paths.iter().any(|path| path.as_os_str() == "-");
    if it.strict && reads_stdin {
        return Err(Failure::new(Exit::Usage, "--strict reads everything twice, so it cannot read standard input")
            .hint("write it to a file first"));
    }
    if let Some(missing) = it.paths.iter().find(|path| path.as_os_str() != "-" && path.symlink_metadata().is_err()) {
        return Err(Failure::new(Exit::Usage, format!("{}: there is no such file or folder", missing.display())));
    }
    let engine = open::or_create(session)?;
    let what = Ingest { paths: it.paths, format: it.format, source: it.source, strict: it.strict };
    let heard = Heard::new(session);
    let report = engine.ingest(&what, &heard);
    heard.bar.finish_and_clear();
    let report = report?;
    if session.out.json {
        session.say(&json::report("import", &engine.head()?, &report))?;
    } else {
        let listed = if session.out.verbose { usize::MAX } else { LISTED };
        session.out.remark_laid_out(&summary(&report, listed));
    }
    Ok(if report.quarantined.is_empty() { Exit::Answered } else { Exit::Partial })
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} left  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The summary in words.
pub(crate) fn summary(report: &ImportReport, listed: usize) -> String {
    let mut out = String::new();
    let rate = if report.seconds > 0.0 { report.bytes as f64 / report.seconds / 1e6 } else { 0.0 };
    let _ = writeln!(
        out,
        "{} records added ({} known already): {} artefacts, {} links, {} pieces of evidence, {} other claims",
        report.records, report.already_known, report.artefacts, report.links, report.evidence, report.other
    );
    let read: Vec<String> = report.formats.iter().map(|(format, files)| format!("{files} {format}")).collect();
    let read = if read.is_empty() { "nothing readable".to_owned() } else { read.join(", ") };
    // records of another ledger come as such, out of no file
    if report.formats.is_empty() && report.records > 0 {
        let _ = writeln!(out, "in {:.1} s", report.seconds);
    } else {
        let (megabytes, seconds) = (report.bytes as f64 / 1e6, report.seconds);
        let _ = writeln!(out, "{read} · {megabytes:.1} MB in {seconds:.1} s ({rate:.0} MB/s)");
    }
    if report.secrets_replaced > 0 {
        let _ = writeln!(
            out,
            "{} secret values were replaced by keyed fingerprints; paste one to find its uses: lastgood impact --secret -",
            report.secrets_replaced
        );
    }
    list(&mut out, "could not be read", &report.quarantined, report.quarantined_count, listed);
    list(&mut out, "worth a look", &report.warnings, report.warnings_count, listed);
    out.trim_end().to_owned()
}

fn list(out: &mut String, title: &str, problems: &[NotRead], count: u64, listed: usize) {
    if problems.is_empty() {
        return;
    }
    let _ = writeln!(out, "{count} {title}:");
    for it in problems.iter().take(listed) {
        let place = if it.place.is_empty() { String::new() } else { format!(" {}", it.place) };
        let _ = writeln!(out, "  {}{place}: {}", screen(&it.file), screen(&it.why));
    }
    let shown = problems.len().min(listed) as u64;
    if count > shown {
        let _ = writeln!(out, "  … and {} more (-v lists more; the console's sources pane has all)", count - shown);
    }
}

/// The table of formats that `import --help` and the README print.
pub(crate) fn table_of_formats() -> String {
    let mut out = String::from("Formats, recognised by content (also inside gzip and zstd):\n");
    for format in formats() {
        let _ = writeln!(out, "  {:<14} {}", format.name, format.about);
    }
    out
}
