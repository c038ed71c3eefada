//! A bundle: some or all records of a log, with what proves that they lie in it, as one text. It says nothing of what
//! records mean, and whom to trust is never read from it.
//!
//! `assets/bundle/BUNDLE.md` gives the form, line by line; `verify_bundle.py` beside it is a second reader,
//! made from that page and the texts it names.

mod check;
mod line;
mod write;

pub use check::{Checker, Outcome, Trust};
pub use line::{About, Bytes, Checkpoint, Claim, Digest, Head, History, Line, Record, Redacted, Seal};
pub use write::Sealer;

/// What the first line calls this form.
pub const FORM: &str = "lastgood-bundle/1";

/// What a file begins with that is meant to be a bundle.
pub const BEGINNING: &[u8] = b"{\"bundle\":";

/// The longest line that is read: a record of 256 MiB in base64, and what stands around it.
pub const LONGEST_LINE: u64 = 400 << 20;

/// The format of the records in which a ledger itself says that another was redacted.
pub const REDACTION: &str = "lastgood-redaction";

/// Which log a first line says it is of: to look for what is known of that log, and for nothing else.
pub fn stated_origin(first: &[u8]) -> Option<String> {
    match Line::read(std::str::from_utf8(first).ok()?.strip_suffix('\n')?).ok()? {
        Line::Head(head) => Some(head.origin),
        _ => None,
    }
}

/// The records that a bundle about records is of, by its name: those after the first number, up to the second.
pub fn span(name: &str) -> Option<(u64, u64)> {
    let (after, to) = name.split_once('-')?;
    let span = (after.parse().ok()?, to.parse().ok()?);
    (span.0 <= span.1 && name == span_name(span)).then_some(span)
}

/// How such a bundle is named.
pub fn span_name((after, to): (u64, u64)) -> String {
    format!("{after}-{to}")
}

/// What the key of the log signs of a bundle whose other lines have this digest. Its second line is no number, so
/// that it never reads as a checkpoint.
fn sealed_text(origin: &str, digest: &str) -> String {
    format!("lastgood bundle\n{origin}\n{digest}\n")
}
