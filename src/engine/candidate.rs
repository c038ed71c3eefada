//! A view over the ledger and, beside it, files that nobody imports: what they would add is held in memory for one
//! question. It writes nothing into any ledger.

use crate::config::Home;
use crate::connector::{Limits, walk};
use crate::engine::ingest::NotRead;
use crate::engine::pipeline::{Arrival, Pipeline};
use crate::engine::snapshot::records_of;
use crate::engine::{Clock, Engine, EngineError, Scope, View, feed, index};
use crate::graph::Lineage;
use crate::investigate::asking::ClaimName;
use crate::model::Statement;
use crate::store::with_row;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most statements that files beside the ledger may make.
const MOST: usize = 1_000_000;

/// What files beside the ledger say.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// The last claim of the ledger; theirs follow.
    after: u64,
    said: Vec<(ClaimName, Statement)>,
}

impl Beside {
    /// The name and the statement of one of their claims.
    pub(super) fn get(&self, claim: u64) -> Option<&(ClaimName, Statement)> {
        let place = claim.checked_sub(self.after)?.checked_sub(1)?;
        self.said.get(usize::try_from(place).ok()?)
    }
}

/// A folder that is gone when nobody needs it any more.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // whatever could not be removed holds nothing but an empty ledger
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

impl Engine {
    /// An empty ledger for one question, for whoever has none: with keys of its own, gone when it is closed.
    ///
    /// # Errors
    /// When no temporary file can be written.
    pub fn without_ledger(home: &Home, clock: Clock) -> Result<Engine, EngineError> {
        let ledger = super::demo::throw_away("lastgood-gate")?;
        let folder = ledger.parent().unwrap_or(Path::new("")).to_owned();
        let scratch = Scratch(folder.clone());
        let mut engine = Engine::open_or_create(&Home::below(&folder), &ledger, clock)?;
        engine.policy = super::policy::in_use(home).map_err(|error| error.to_string());
        engine.scratch = Some(scratch);
        Ok(engine)
    }

    /// Judges by the policy of a file from here on.
    ///
    /// # Errors
    /// When it cannot be read, does not parse, or names an unknown field.
    pub fn judge_by(&mut self, policy: &Path) -> Result<(), EngineError> {
        self.policy = Ok(super::policy::of_file(policy)?);
        Ok(())
    }

    /// The ledger as `scope` wants it with what files say beside it, and what of them could not be read.
    ///
    /// # Errors
    /// When the ledger cannot be read, or the files say more than fits in memory.
    pub fn view_with(&self, scope: &Scope, files: &[PathBuf]) -> Result<(View<'_>, Vec<NotRead>), EngineError> {
        let (mut beside, not_read) = self.read_beside(files)?;
        let ledger = self.reader();
        let records = records_of(&ledger, scope.known_at)?;
        let mut builder = feed::builder(&ledger, records)?;
        let head = ledger.head()?;
        beside.after = head.claims;
        for (place, (_, statement)) in beside.said.iter().enumerate() {
            let claim = crate::model::Claim { at: 0, statement: statement.clone() };
            with_row(&claim, beside.after + place as u64 + 1, head.records + 1, |row| builder.push(row));
        }
        // what lies beside the ledger takes nothing of it back
        builder.grant_retractions(|by, _| by <= head.records);
        let lineage = Lineage::read(&builder.finish(&index::wanted(&ledger)?)?)?;
        let snapshot = self.apart(&ledger, &head, scope.known_at, Arc::new(lineage))?;
        drop(ledger);
        Ok((self.view_of(scope, snapshot, &head, Some(Arc::new(beside))), not_read))
    }

    /// What files say, read as an import would, secrets replaced. Marks and retractions are no evidence: who
    /// hands in a candidate takes nothing back with it.
    fn read_beside(&self, files: &[PathBuf]) -> Result<(Beside, Vec<NotRead>), EngineError> {
        let pepper = self.pepper()?;
        let (mut beside, mut not_read) = (Beside::default(), Vec::new());
        let pipeline = Pipeline { importer: None, source: None, progress: &() };
        pipeline.run(walk(files, &Limits::default()), &pepper, &mut |arrival| {
            match arrival {
                Arrival::Failed(error) => return Err(error),
                Arrival::File(_) => {}
                Arrival::PassedOver(it) | Arrival::NotRead(it, _) => not_read.push(it),
                Arrival::Made(made) => {
                    not_read.extend(made.not_read.into_iter().map(|(it, _)| it));
                    let (file, source) = (made.record.file, made.record.source);
                    for claim in made.record.claims {
                        let evidence =
                            !matches!(claim.statement, Statement::Mark(_) | Statement::Retract(_) | Statement::Note(_));
                        if evidence {
                            let text = format!("{file}#{}", beside.said.len() + 1);
                            beside.said.push((ClaimName { text, source: source.clone() }, claim.statement));
                        }
                    }
                }
            }
            match beside.said.len() {
                0..=MOST => Ok(()),
                _ => Err(EngineError::Senseless(format!("--with: the files say more than {MOST} things; import them"))),
            }
        })?;
        Ok((beside, not_read))
    }
}
