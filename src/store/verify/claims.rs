//! Claims against what their records say when read again. It decides nothing about the records.

use super::{Bad, OrStop, Stop};
use crate::store::Read;
use crate::store::claim_row;
use crate::store::claims::borrowed;
use crate::store::error::At;
use crate::store::ledger::Ledger;
use crate::store::record::{Record, signed, unsigned};
use crate::store::redact::{self, Redaction};
use rusqlite::{OptionalExtension, Rows};

/// Goes through the claim table alongside the records.
pub(super) struct ClaimCheck<'a> {
    ledger: &'a Ledger,
    rows: Rows<'a>,
    read: Read<'a>,
    last: u64,
    checked: u64,
    body: Vec<u8>,
}

impl<'a> ClaimCheck<'a> {
    /// Every claim in order.
    pub(super) const SQL: &'static str =
        "SELECT id, record, at, type, about, target, what, since, until, body FROM claim ORDER BY id";

    pub(super) fn start(ledger: &'a Ledger, rows: Rows<'a>, read: Read<'a>) -> ClaimCheck<'a> {
        ClaimCheck { ledger, rows, read, last: 0, checked: 0, body: Vec::new() }
    }

    /// How many claims were compared.
    pub(super) fn checked(&self) -> u64 {
        self.checked
    }

    /// The highest number given to a claim so far.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Compares the claims of one record, and which of them it is said to have.
    pub(super) fn check(&mut self, record: &Record, redaction: Option<&Redaction>) -> Result<(), Stop> {
        let seq = record.seq;
        let first = self.last + 1;
        let claims = match redaction {
            Some(redaction) => {
                self.last = redaction
                    .reserve_after(self.last)
                    .ok_or_else(|| Stop::bad(Some(seq), "its redaction reserves more claims than there can be"))?;
                Vec::new()
            }
            None if redact::is_told_in(record) => Vec::new(),
            None => (self.read)(record),
        };
        for claim in &claims {
            self.last += 1;
            self.compare(record, claim)?;
        }
        let path = &self.ledger.path;
        let sql = "SELECT first_claim, claims FROM reading WHERE record = ?";
        let mut statement = self.ledger.connection.prepare_cached(sql).at(path).or_stop(Some(seq))?;
        let found = statement.query_row([signed(seq)], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?))).optional();
        if found.at(path).or_stop(Some(seq))? != Some((first, self.last + 1 - first)) {
            return Err(Stop::bad(Some(seq), "the list of its claims is not right; `lastgood rebuild` makes it anew"));
        }
        Ok(())
    }

    fn compare(&mut self, record: &Record, claim: &crate::model::Claim) -> Result<(), Stop> {
        let expected = claim_row::encode(claim, &mut self.body);
        let body = std::str::from_utf8(&self.body).ok().filter(|body| !body.is_empty());
        let path = &self.ledger.path;
        let seq = Some(record.seq);
        let row = self.rows.next().at(path).or_stop(seq)?;
        let bad = |what: String| Stop::Bad(Bad { record: seq, claim: Some(self.last), what });
        let Some(row) = row else { return Err(bad("the claim is missing".to_owned())) };
        let row = borrowed(row).at(path).map_err(|error| bad(error.plainly()))?;
        let same = row.id == self.last
            && row.record == record.seq
            && row.at == expected.at
            && row.kind == expected.kind
            && row.about == expected.about
            && row.target == expected.target
            && row.what == expected.what
            && row.since == expected.since
            && row.until == expected.until
            && row.body == body;
        if !same {
            return Err(bad(format!(
                "the claim is not what the record says when read as {} (it was first read by version {} of it); \
                `lastgood rebuild` reads it anew",
                record.format, record.importer_version
            )));
        }
        self.checked += 1;
        Ok(())
    }

    /// After the last record there must be no claim left.
    pub(super) fn finish(&mut self) -> Result<(), Stop> {
        let path = &self.ledger.path;
        if let Some(row) = self.rows.next().at(path).or_stop(None)? {
            let row = borrowed(row).at(path).or_stop(None)?;
            let what = "no record says this claim".to_owned();
            return Err(Stop::Bad(Bad { record: Some(row.record), claim: Some(row.id), what }));
        }
        Ok(())
    }
}
