//! `export`: hands evidence over in a form that others check or read. It chooses no records itself.

use crate::cli::Session;
use crate::cli::args::{self, ExportTo};
use crate::cli::command::{open, report};
use crate::cli::failure::{Exit, Failure};
use crate::cli::file::write_whole;
use crate::engine::{BundleOf, BundleReport, EngineError};
use crate::model::shell_word;
use crate::report::export::{self, Exported};
use crate::report::json;
use std::io::{BufWriter, ErrorKind};

/// `export`
pub(crate) fn run(session: &Session, it: &args::Export) -> Result<Exit, Failure> {
    match it.to {
        ExportTo::Bundle => bundle(session, it),
        _ => lineage(session, it),
    }
}

/// What something rests on, in a form that other programs read; what it has no place for is said.
fn lineage(session: &Session, it: &args::Export) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let about = report::about(session, &view, it.artefact.as_ref())?;
    let extract = view.extract(about.as_ref(), it.down, it.limit, None)?;
    let exported = match it.to {
        ExportTo::Cyclonedx => export::cyclonedx(&extract),
        ExportTo::Prov => export::prov(&extract),
        ExportTo::Openlineage => export::openlineage(&extract),
        ExportTo::Dot => export::dot(&extract),
        ExportTo::Mermaid => export::mermaid(&extract),
        ExportTo::Lineage | ExportTo::Bundle => Exported {
            text: view.native_lines(&extract)?,
            left_out: vec!["marks and notes: lastgood case export hands them on".to_owned()],
        },
    };
    let cut = &extract.completeness.because;
    let left_out = cut.iter().chain(&exported.left_out);
    left_out.for_each(|says| session.out.remark(&format!("Not in it: {says}.")));
    let to = it.output.as_deref();
    let exit = report::hand_out(session, &engine, to, it.force, &exported.text, "export")?;
    Ok(if cut.is_empty() { exit } else { Exit::Partial })
}

fn bundle(session: &Session, it: &args::Export) -> Result<Exit, Failure> {
    let engine = open::existing(session)?;
    let view = open::view(session, &engine)?;
    let of = match (&it.artefact, &session.global.case) {
        (Some(_), Some(_)) => {
            return Err(Failure::new(Exit::Usage, "a bundle is about an artefact or about a case: name one of them"));
        }
        (Some(text), None) => BundleOf::Artefact(open::artefact(&view, text)?),
        (None, Some(case)) => BundleOf::Case(case.clone()),
        (None, None) => BundleOf::Ledger,
    };
    let Some(to) = it.output.as_ref().filter(|to| to.as_os_str() != "-") else {
        if session.out.json {
            return Err(Failure::new(Exit::Usage, "the bundle itself goes to standard output, and so would --json")
                .hint("--output FILE"));
        }
        let mut out = BufWriter::new(std::io::stdout().lock());
        return match view.export_bundle(&of, &it.continues_from, &mut out) {
            Ok(report) => told(session, &report, None),
            // whoever reads has enough
            Err(EngineError::Io { source, .. }) if source.kind() == ErrorKind::BrokenPipe => Ok(Exit::Answered),
            Err(error) => Err(error.into()),
        };
    };
    let report = write_whole(to, it.force, |out| view.export_bundle(&of, &it.continues_from, out))?;
    if session.out.json {
        session.say(&json::report("export", view.head(), &report))?;
    }
    told(session, &report, Some(&to.display().to_string()))
}

fn told(session: &Session, report: &BundleReport, file: Option<&str>) -> Result<Exit, Failure> {
    let BundleReport { records, claims, size, .. } = report;
    let place = file.map(|file| format!(" to {file}")).unwrap_or_default();
    let named = file.map_or_else(|| "FILE".to_owned(), shell_word);
    session.out.remark(&format!(
        "Wrote {records} of {size} records and {claims} claims{place}. A record goes whole, also what else stands in it.\n\
         Tell whoever checks it, by another way than this file, the log's key: {}\n\
         They check it with: lastgood verify {named} --key KEY, and with --anchor a checkpoint that they keep \
         (lastgood checkpoint); without lastgood: lastgood verify --recipe",
        report.key
    ));
    Ok(Exit::Answered)
}
