//! A piece of the lineage to hand on, gathered by the question that shows one artefact. It knows no format but the
//! native one, whose statements are the ledger's own.

use crate::engine::view::NEVER;
use crate::engine::{EngineError, RecordOf, View};
use crate::graph::Node;
use crate::graph::walk::{Along, Bounds, Way, walk};
use crate::import::native;
use crate::investigate::answer::Completeness;
use crate::investigate::question::Show;
use crate::investigate::rows::{About, Extract};
use crate::model::Statement;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

impl View<'_> {
    /// What something rests on, and with `down` what depends on it; everything there is when nothing is named.
    ///
    /// # Errors
    /// When there is no such case or artefact, the ledger cannot be read, or it was cancelled.
    pub fn extract(
        &self,
        about: Option<&About>,
        down: bool,
        limit: usize,
        cancel: Option<&AtomicBool>,
    ) -> Result<Extract, EngineError> {
        let cancel = cancel.unwrap_or(&NEVER);
        let lineage = self.lineage();
        let of = match about {
            None => Vec::new(),
            Some(About::Artefact(id)) => vec![id.clone()],
            Some(About::Case(name)) => {
                let case = self.case(name, None)?;
                let named: BTreeSet<String> = case.rows.into_iter().filter_map(|row| row.about).collect();
                named.into_iter().filter(|id| lineage.node(id).is_some()).collect()
            }
        };
        let starts: Vec<Node> = of.iter().filter_map(|id| lineage.node(id)).collect();
        if let (Some(About::Case(name)), true) = (about, starts.is_empty()) {
            return Err(EngineError::NoSuch { what: format!("artefact that case \"{name}\" speaks of") });
        }
        let (mut nodes, mut total) = (Vec::new(), 0);
        if about.is_none() {
            total = lineage.len();
            nodes.extend(lineage.nodes().take(limit));
        } else {
            let mut seen = BTreeSet::new();
            let ways: &[Way] = if down { &[Way::Up, Way::Down] } else { &[Way::Up] };
            for way in ways {
                let along = Along::everything();
                for (node, _) in walk(lineage, &starts, *way, &along, Bounds::NONE, cancel)?.reached() {
                    if seen.insert(node.index()) {
                        total += 1;
                        nodes.extend((nodes.len() < limit).then_some(node));
                    }
                }
            }
        }
        let mut extract = Extract {
            of,
            at: self.engine.clock().now(),
            ledger: self.head().clone(),
            things: Vec::with_capacity(nodes.len()),
            completeness: Completeness::between(nodes.len() as u64, total as u64, Vec::new()),
        };
        if nodes.len() < total {
            let cut = total - nodes.len();
            extract.completeness.because.push(format!("{cut} artefacts beyond --limit {limit} are left out"));
        }
        for node in nodes {
            if cancel.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let shown = self.show(&Show { id: lineage.id(node).to_owned() })?;
            let (listed, all) = (shown.summary.upstream.len() as u64, shown.summary.upstream_count);
            if listed < all {
                let id = lineage.id(node);
                extract.completeness.because.push(format!("of what {id} depends on, {listed} of {all} links are held"));
            }
            extract.things.push(shown);
        }
        Ok(extract)
    }

    /// The statements behind a piece of the lineage, one native line each, as the ledger has them. Marks and notes
    /// are an investigator's and go with their case.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn native_lines(&self, extract: &Extract) -> Result<String, EngineError> {
        let mut names: BTreeSet<(u64, u64)> = BTreeSet::new();
        let mut add = |claim: &str| {
            if let Some(RecordOf { record, ordinal: Some(ordinal) }) = RecordOf::parse(claim) {
                names.insert((record, ordinal));
            }
        };
        for (_, shown) in extract.artefacts() {
            shown.claims.iter().for_each(|claim| add(claim));
            shown.evidence.iter().for_each(|it| add(&it.claim));
            shown.absences.iter().for_each(|it| add(&it.claim));
            shown.aliases.iter().filter_map(|it| it.claim.as_ref()).for_each(|claim| add(claim));
        }
        extract.links().for_each(|link| add(&link.claim));
        let ledger = self.engine.reader();
        let mut ids = Vec::with_capacity(names.len());
        for (record, ordinal) in names {
            ids.extend(ledger.claim_named(record, ordinal)?);
        }
        ids.sort_unstable();
        let mut lines = String::new();
        for (_, _, claim) in ledger.claims(&ids)? {
            let said = match &claim.statement {
                Statement::Mark(_) | Statement::Note(_) | Statement::Retract(_) => continue,
                statement => native::write(statement),
            };
            lines += &said;
            lines.push('\n');
        }
        Ok(lines)
    }
}
