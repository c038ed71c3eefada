-- The ledger, version 1. Any SQLite tool reads it; only lastgood writes it.
--
-- Said (never changed): source, record, content, redaction, checkpoint, quarantine.
-- Concluded (rebuilt from what was said): reading, claim. Bookkeeping: ledger, head.
-- The triggers refuse mistakes. What shows tampering is the Merkle log and `lastgood verify`.

PRAGMA application_id = 0x6c676f64; -- "lgod"
PRAGMA user_version = 1;

-- The log's name, and which pepper keys its salts and fingerprints: 8 hex digits of HMAC-SHA-256(pepper, "id").
-- pepper_signature: Ed25519 of the log's key over "lastgood pepper\n<origin>\n<pepper>\n". One row.
CREATE TABLE ledger (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  pepper TEXT NOT NULL,
  pepper_signature BLOB NOT NULL CHECK (length(pepper_signature) = 64)
) STRICT;

-- How far the log goes, and the right edge of its Merkle tree (32 bytes per complete subtree, largest first). One row.
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  records INTEGER NOT NULL,
  claims INTEGER NOT NULL,
  frontier BLOB NOT NULL
) STRICT;

-- Where records come from.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- One unit as received. Leaf seq-1 of the log is the hash of every column here but leaf itself.
-- commitment = SHA-256(salt || SHA-256(content)). Times are microseconds since 1970 in UTC.
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source (id),
  format TEXT NOT NULL,
  importer_version INTEGER NOT NULL,
  framing TEXT NOT NULL,
  media_type TEXT NOT NULL,
  file TEXT NOT NULL,
  "offset" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  observed_at INTEGER,
  commitment BLOB NOT NULL CHECK (length(commitment) = 32),
  leaf BLOB NOT NULL CHECK (length(leaf) = 32)
) STRICT;

-- The bytes of a record, apart from it so that they can be erased. digest = SHA-256 of the bytes unpacked.
CREATE TABLE content (
  seq INTEGER PRIMARY KEY REFERENCES record (seq),
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  salt BLOB NOT NULL CHECK (length(salt) = 16),
  size INTEGER NOT NULL,
  encoding TEXT NOT NULL CHECK (encoding = 'zstd'),
  bytes BLOB NOT NULL
) STRICT;

-- A record whose content was erased, as the record told_in says. claims: how many claim ids it keeps reserved.
-- erased: a keyed fingerprint by which the same content is not taken in again.
CREATE TABLE redaction (
  record INTEGER PRIMARY KEY REFERENCES record (seq),
  told_in INTEGER NOT NULL UNIQUE REFERENCES record (seq),
  "by" TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  claims INTEGER NOT NULL,
  erased BLOB NOT NULL CHECK (length(erased) = 32)
) STRICT;

-- The log as signed after each batch: a C2SP tlog-checkpoint.
CREATE TABLE checkpoint (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- Which claims were read from a record: the ids first_claim to first_claim+claims-1.
CREATE TABLE reading (
  record INTEGER PRIMARY KEY REFERENCES record (seq),
  first_claim INTEGER NOT NULL,
  claims INTEGER NOT NULL
) STRICT;

-- Single statements read from records. at: byte offset in the record's content.
-- artefact: about=id, what=kind, since=at. link: about=from, target=to, what=relation.
-- evidence: what=kind, since=at, until=expires. body: JSON of the rest, NULL when there is none.
CREATE TABLE claim (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  about TEXT NOT NULL,
  target TEXT,
  what TEXT NOT NULL,
  since INTEGER,
  until INTEGER,
  body TEXT
) STRICT;

-- What investigators said themselves, found without reading every claim.
-- (Not IN: of a list longer than two, SQLite builds a table anew for every row inserted.)
CREATE INDEX claim_statement ON claim (type) WHERE type = 'mark' OR type = 'retract' OR type = 'note';

-- Units that could not be read, and why.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  file TEXT NOT NULL,
  "offset" INTEGER NOT NULL,
  line INTEGER NOT NULL,
  reason TEXT NOT NULL,
  excerpt TEXT NOT NULL,
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  at INTEGER NOT NULL,
  UNIQUE (source, file, "offset", sha256, reason)
) STRICT;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END;
CREATE TRIGGER head_no_delete BEFORE DELETE ON head BEGIN SELECT RAISE(ABORT, 'head is never deleted'); END;
CREATE TRIGGER head_only_grows BEFORE UPDATE ON head WHEN NEW.records < OLD.records BEGIN SELECT RAISE(ABORT, 'head only grows'); END;
CREATE TRIGGER source_no_update BEFORE UPDATE ON source BEGIN SELECT RAISE(ABORT, 'source is append-only'); END;
CREATE TRIGGER source_no_delete BEFORE DELETE ON source BEGIN SELECT RAISE(ABORT, 'source is append-only'); END;
CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;
CREATE TRIGGER record_in_order BEFORE INSERT ON record WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM record) BEGIN SELECT RAISE(ABORT, 'records are numbered without gaps'); END;
CREATE TRIGGER content_no_update BEFORE UPDATE ON content BEGIN SELECT RAISE(ABORT, 'content is append-only'); END;
CREATE TRIGGER content_no_delete BEFORE DELETE ON content WHEN OLD.seq NOT IN (SELECT record FROM redaction) BEGIN SELECT RAISE(ABORT, 'content is erased only by a redaction'); END;
CREATE TRIGGER redaction_no_update BEFORE UPDATE ON redaction BEGIN SELECT RAISE(ABORT, 'redaction is append-only'); END;
CREATE TRIGGER redaction_no_delete BEFORE DELETE ON redaction BEGIN SELECT RAISE(ABORT, 'redaction is append-only'); END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;
CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading BEGIN SELECT RAISE(ABORT, 'reading is rebuilt, not edited'); END;
CREATE TRIGGER reading_no_delete BEFORE DELETE ON reading BEGIN SELECT RAISE(ABORT, 'reading is rebuilt, not edited'); END;
CREATE TRIGGER claim_no_update BEFORE UPDATE ON claim BEGIN SELECT RAISE(ABORT, 'claim is append-only'); END;
CREATE TRIGGER claim_no_delete BEFORE DELETE ON claim WHEN OLD.record NOT IN (SELECT record FROM redaction) BEGIN SELECT RAISE(ABORT, 'claim is append-only'); END;
CREATE TRIGGER quarantine_no_update BEFORE UPDATE ON quarantine BEGIN SELECT RAISE(ABORT, 'quarantine is append-only'); END;
CREATE TRIGGER quarantine_no_delete BEFORE DELETE ON quarantine BEGIN SELECT RAISE(ABORT, 'quarantine is append-only'); END;
