//! Single facts about the log that an index or a screen needs. It reads no content.

use crate::model::Time;
use crate::proof::checkpoint::Checkpoint;
use crate::proof::merkle::Hash;
use crate::store::error::{At, StoreError};
use crate::store::ledger::Ledger;
use crate::store::record::{signed, unsigned};
use rusqlite::OptionalExtension;

impl Ledger {
    /// The last claim that shapes the lineage, and its record: neither mark, nor note, nor retraction.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_claim_of_lineage(&self) -> Result<Option<(u64, u64)>, StoreError> {
        let sql = "SELECT id, record FROM claim WHERE type NOT IN ('mark', 'retract', 'note') ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?))).optional().at(&self.path)
    }

    /// The last record in which the log tells of a redaction; 0 when it tells of none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_redaction(&self) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(told_in), 0) FROM redaction";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([], |row| unsigned(row, 0)).at(&self.path)
    }

    /// The root that the first checkpoint holding record `seq` states. Its signature is not checked.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn root_after(&self, seq: u64) -> Result<Option<Hash>, StoreError> {
        let sql = "SELECT note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let note: Option<String> = statement.query_row([signed(seq)], |row| row.get(0)).optional().at(&self.path)?;
        Ok(note.and_then(|note| Checkpoint::stated(&note).ok()).map(|checkpoint| checkpoint.root))
    }

    /// The root that the checkpoint over exactly the first `size` records states; none where no checkpoint
    /// ends there. Its signature is not checked.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn root_at(&self, size: u64) -> Result<Option<Hash>, StoreError> {
        let sql = "SELECT note FROM checkpoint WHERE size = ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let note: Option<String> = statement.query_row([signed(size)], |row| row.get(0)).optional().at(&self.path)?;
        Ok(note.and_then(|note| Checkpoint::stated(&note).ok()).map(|checkpoint| checkpoint.root))
    }

    /// When a record was received.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn received_at(&self, seq: u64) -> Result<Option<Time>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT received_at FROM record WHERE seq = ?").at(&self.path)?;
        let row = |row: &rusqlite::Row<'_>| Ok(Time::from_micros(row.get(0)?));
        statement.query_row([signed(seq)], row).optional().at(&self.path)
    }

    /// The source that a record came from.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn source_of(&self, seq: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT s.name FROM record r JOIN source s ON s.id = r.source WHERE r.seq = ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(seq)], |row| row.get(0)).optional().at(&self.path)
    }

    /// Of every place in a source the last record: the place as records name it, the record's number and the
    /// digest of its content. One whose content was erased is there without a digest.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn last_of_source(&self, source: &str) -> Result<Vec<(String, u64, Option<Hash>)>, StoreError> {
        let sql = "SELECT r.file, max(r.seq), c.digest FROM record r LEFT JOIN content c ON c.seq = r.seq \
            WHERE r.source = (SELECT id FROM source WHERE name = ?) GROUP BY r.file";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, unsigned(row, 1)?, row.get(2)?));
        let rows = statement.query_map([source], row).at(&self.path)?;
        rows.collect::<Result<_, _>>().at(&self.path)
    }

    /// Of every place in a source the first record: the place as records name it, and the record's number.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_of_source(&self, source: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let sql =
            "SELECT file, min(seq) FROM record WHERE source = (SELECT id FROM source WHERE name = ?) GROUP BY file";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let rows = statement.query_map([source], |row| Ok((row.get(0)?, unsigned(row, 1)?))).at(&self.path)?;
        rows.collect::<Result<_, _>>().at(&self.path)
    }

    /// The newest records of a source, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn newest_of_source(&self, source: &str, most: usize) -> Result<Vec<u64>, StoreError> {
        let sql =
            "SELECT seq FROM record WHERE source = (SELECT id FROM source WHERE name = ?) ORDER BY seq DESC LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(rusqlite::params![source, most], |row| unsigned(row, 0)).at(&self.path)?;
        rows.collect::<Result<_, _>>().at(&self.path)
    }

    /// The file of some record of a source.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn file_of_source(&self, source: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT file FROM record WHERE source = (SELECT id FROM source WHERE name = ?) LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([source], |row| row.get(0)).optional().at(&self.path)
    }

    /// The first record whose file begins so.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_of_file(&self, beginning: &str) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT min(seq) FROM record WHERE substr(file, 1, length(?1)) = ?1";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let seq: Option<i64> = statement.query_row([beginning], |row| row.get(0)).at(&self.path)?;
        Ok(seq.and_then(|seq| u64::try_from(seq).ok()))
    }

    /// The file of the record that has content of that digest.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn file_of(&self, digest: &Hash) -> Result<Option<String>, StoreError> {
        let sql = "SELECT r.file FROM content c JOIN record r ON r.seq = c.seq WHERE c.digest = ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([digest.as_slice()], |row| row.get(0)).optional().at(&self.path)
    }

    /// How many records the ledger held at a moment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn records_until(&self, at: Time) -> Result<u64, StoreError> {
        let sql =
            "SELECT coalesce((SELECT min(seq) - 1 FROM record WHERE received_at > ?), (SELECT records FROM head))";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([at.micros()], |row| unsigned(row, 0)).at(&self.path)
    }

    /// Folds the write-ahead log into the file, so that one file is all there is to copy. Tidying
    /// only: it waits for no reader, and where it cannot be done the next writer does it.
    pub fn fold_in(&self) {
        self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap_or_default();
    }

    /// Folds the write-ahead log into the file and empties it, waiting for readers in the way. Gives
    /// whether the log is empty now.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn empty_wal(&self) -> Result<bool, StoreError> {
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.connection.query_row(sql, [], |row| Ok(row.get::<_, i64>(0)? == 0)).at(&self.path)
    }

    /// What people call a claim (record and ordinal), and the source that said it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn claim_origin(&self, id: u64) -> Result<Option<(u64, u64, String)>, StoreError> {
        let sql = "SELECT x.record, ?1 - x.first_claim + 1, s.name FROM reading x \
            JOIN record r ON r.seq = x.record JOIN source s ON s.id = r.source \
            WHERE x.record = (SELECT record FROM claim WHERE id = ?1)";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let row = |row: &rusqlite::Row<'_>| Ok((unsigned(row, 0)?, unsigned(row, 1)?, row.get(2)?));
        statement.query_row([signed(id)], row).optional().at(&self.path)
    }

    /// As what a record was read, without unpacking it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn format_of(&self, seq: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT format FROM record WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(seq)], |row| row.get(0)).optional().at(&self.path)
    }

    /// What a record calls its file, without unpacking it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn file_of_record(&self, seq: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT file FROM record WHERE seq = ?";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        statement.query_row([signed(seq)], |row| row.get(0)).optional().at(&self.path)
    }

    /// When the record behind a claim was received.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn claim_received(&self, id: u64) -> Result<Option<Time>, StoreError> {
        let sql = "SELECT received_at FROM record WHERE seq = (SELECT record FROM claim WHERE id = ?1)";
        let mut statement = self.connection.prepare_cached(sql).at(&self.path)?;
        let row = |row: &rusqlite::Row<'_>| Ok(Time::from_micros(row.get(0)?));
        statement.query_row([signed(id)], row).optional().at(&self.path)
    }
}
