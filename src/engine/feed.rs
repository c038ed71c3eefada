//! Claims from the ledger to the builder of the index, on two threads: one reads rows while the other
//! takes in what was read. It concludes nothing.

use crate::engine::EngineError;
use crate::graph::Builder;
use crate::investigate::said::{is_from_another, is_investigator};
use crate::model::ClaimRow;
use crate::store::Ledger;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

/// Rows handed over at once.
const BATCH: usize = 4096;
/// Batches that may wait.
const WAITING: usize = 4;

/// Rows one after the other, their texts in one piece.
#[derive(Default)]
struct Batch {
    texts: String,
    rows: Vec<Row>,
}

/// A row's numbers, and where in the batch's text its own ends: type, about, what, target, body.
struct Row {
    id: u64,
    record: u64,
    at: u32,
    since: Option<i64>,
    until: Option<i64>,
    ends: [usize; 5],
    has_target: bool,
    has_body: bool,
}

impl Batch {
    fn take(&mut self, row: &ClaimRow<'_>) {
        let texts = [row.kind, row.about, row.what, row.target.unwrap_or_default(), row.body.unwrap_or_default()];
        let ends = texts.map(|text| {
            self.texts.push_str(text);
            self.texts.len()
        });
        self.rows.push(Row {
            id: row.id,
            record: row.record,
            at: row.at,
            since: row.since,
            until: row.until,
            ends,
            has_target: row.target.is_some(),
            has_body: row.body.is_some(),
        });
    }

    fn give(&self, builder: &mut Builder) {
        let mut start = 0;
        for row in &self.rows {
            let [kind, about, what, target, body] = row.ends.map(|end| {
                let text = &self.texts[start..end];
                start = end;
                text
            });
            builder.push(&ClaimRow {
                id: row.id,
                record: row.record,
                at: row.at,
                kind,
                about,
                target: row.has_target.then_some(target),
                what,
                since: row.since,
                until: row.until,
                body: row.has_body.then_some(body),
            });
        }
    }
}

/// A builder that has taken in the claims of the first `records` records.
pub(super) fn builder(ledger: &Ledger, records: u64) -> Result<Builder, EngineError> {
    std::thread::scope(|scope| {
        let (send, batches) = sync_channel::<Batch>(WAITING);
        let taking = scope.spawn(move || {
            let mut builder = Builder::new();
            for batch in batches {
                batch.give(&mut builder);
            }
            builder
        });
        let mut batch = Batch::default();
        let mut listening = true;
        ledger.claims_since(0, &mut |row| {
            if row.record > records || !listening {
                return ControlFlow::Break(());
            }
            batch.take(&row);
            if batch.rows.len() == BATCH {
                listening = send.send(std::mem::take(&mut batch)).is_ok();
            }
            ControlFlow::Continue(())
        })?;
        // Should nobody listen any more, the end of that thread says so.
        drop(send.send(batch));
        drop(send);
        let mut builder = taking.join().map_err(|_| EngineError::Stopped("the builder of the index"))?;
        grant_retractions(ledger, &mut builder)?;
        Ok(builder)
    })
}

/// A source may take back what it said itself, and an investigator anything: a file that names claims of
/// others changes nothing about these.
fn grant_retractions(ledger: &Ledger, builder: &mut Builder) -> Result<(), EngineError> {
    let mut granted = HashSet::new();
    for (by, of) in builder.retractions() {
        let source = ledger.source_of(by)?;
        let here = !source.as_deref().is_some_and(is_from_another);
        let investigator = here && source.as_deref().is_some_and(is_investigator);
        if investigator || (here && source.is_some() && source == ledger.source_of(of)?) {
            granted.insert((by, of));
        }
    }
    builder.grant_retractions(|by, of| granted.contains(&(by, of)));
    Ok(())
}
