//! Where a statement came from and what is known of who sent it, read from what its record says of its source and its
//! file. It opens no record, and checks nothing: what was checked on receipt is the receiver's word.

use crate::investigate::said::{CASE_SOURCE, INVESTIGATOR, LEDGER_SOURCE, SERVE, SERVE_SOURCE};
use crate::model::Time;
use serde::Serialize;

/// What proved who sent a record that was pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sender {
    /// A signature over what was sent, which held when it was received. It is not kept, so nobody can check it again.
    Signature,
    /// The receiver's token.
    Token,
    /// Nothing: whoever could reach the receiver may have sent it.
    NoToken,
}

impl Sender {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Sender::Signature => "its signature checked when received",
            Sender::Token => "with a token",
            Sender::NoToken => "with no token",
        }
    }
}

/// A record's source and file as they were where it was received first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First<'r> {
    /// The ledgers by way of which it came, as its source names them: `ledger:alpha/`; empty for what was received here.
    pub(super) ledgers: &'r str,
    /// What its source is called there.
    pub(super) source: &'r str,
    /// What its file is called there.
    file: &'r str,
    /// Its number there, where that is another ledger.
    record: Option<u64>,
}

/// Takes off what each ledger that it came by way of put before the source and the file.
fn first<'r>(source: &'r str, file: &'r str) -> First<'r> {
    let mut it = First { ledgers: "", source, file, record: None };
    while let Some((_, theirs)) = it.source.strip_prefix(LEDGER_SOURCE).and_then(|rest| rest.split_once('/')) {
        it.source = theirs;
        // `NAME record 12, received 2026-11-18T09:00:00Z: FILE`
        if let Some((head, file)) = it.file.split_once(": ")
            && let Some((number, _)) = head.rsplit_once(" record ").and_then(|(_, rest)| rest.split_once(", "))
        {
            (it.record, it.file) = (number.parse().ok(), file);
        }
    }
    it.ledgers = &source[..source.len() - it.source.len()];
    it
}

/// What proved who sent it, of a record with this source and this file; nothing for what was not pushed.
pub fn sender(source: &str, file: &str) -> Option<Sender> {
    let it = first(source, file);
    if !it.source.starts_with(SERVE_SOURCE) {
        return None;
    }
    // `POST /records from 127.0.0.1, no token#delivery …`
    let how = it.file.split_once('#').map_or(it.file, |(how, _)| how);
    let mut parts = how.strip_prefix("POST ")?.split(", ").skip(1);
    parts.find_map(|part| match part.split(' ').next() {
        Some("signature") => Some(Sender::Signature),
        Some("token") => Some(Sender::Token),
        Some("no") if part.starts_with("no token") => Some(Sender::NoToken),
        _ => None,
    })
}

/// Where a statement came from. Every part is absent where no record of this ledger states it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Origin {
    /// The source that said it.
    pub source: Option<String>,
    /// When its record was received here, as the log has it.
    pub received: Option<Time>,
    /// The record that states it.
    pub record: Option<u64>,
    /// How that record arrived, as it names its file: a path, a document of a server, a request.
    pub file: Option<String>,
    /// What proved who sent it, where it was pushed.
    pub sender: Option<Sender>,
}

impl Origin {
    /// Of a record, by what it says of itself.
    pub fn of(source: String, record: Option<u64>, file: Option<String>, received: Option<Time>) -> Origin {
        let sender = file.as_deref().and_then(|file| sender(&source, file));
        Origin { source: Some(source).filter(|source| !source.is_empty()), received, record, file, sender }
    }

    pub(super) fn first(&self) -> First<'_> {
        let it = first(self.source.as_deref().unwrap_or_default(), self.file.as_deref().unwrap_or_default());
        First { record: if it.ledgers.is_empty() { self.record } else { it.record }, ..it }
    }

    /// The number of its record where it was received first.
    pub(super) fn number_there(&self) -> Option<u64> {
        self.first().record
    }

    /// Whether it was read from a file or a server that somebody named here: what it says of who sent it is plain from
    /// its name alone.
    pub fn is_plain(&self) -> bool {
        let source = self.source.as_deref().unwrap_or_default();
        let told = [SERVE_SOURCE, LEDGER_SOURCE, CASE_SOURCE].iter().any(|start| source.starts_with(start));
        !told && source != SERVE && source != INVESTIGATOR
    }

    /// In a few words; nothing where nothing is known.
    pub fn words(&self) -> String {
        let Some(source) = self.source.as_deref() else { return String::new() };
        let it = self.first();
        let there = if it.ledgers.is_empty() { "" } else { ", as that ledger says" };
        let came = match self.sender {
            Some(sender) => format!("pushed to {source}, {}{there}", sender.words()),
            None if it.source.starts_with(SERVE_SOURCE) => {
                format!("pushed to {source}, not told how it was proven{there}")
            }
            None if source == INVESTIGATOR => "said here by an investigator".to_owned(),
            None if source == SERVE => "noted here by the receiver".to_owned(),
            None => format!("from {source}"),
        };
        match self.received {
            Some(at) => format!("{came}, received {}", at.short()),
            None => came,
        }
    }
}

/// Of several origins the plain source that most of them have, and from when to when it was received: what need not be
/// said of each.
pub fn usual<'o>(origins: impl Iterator<Item = &'o Origin>) -> Option<(String, Option<Time>, Option<Time>)> {
    let mut counts: std::collections::BTreeMap<&str, (usize, Option<Time>, Option<Time>)> = Default::default();
    for it in origins.filter(|it| it.is_plain()) {
        let Some(source) = it.source.as_deref() else { continue };
        let (count, earliest, latest) = counts.entry(source).or_default();
        *count += 1;
        *earliest = [*earliest, it.received].into_iter().flatten().min();
        *latest = (*latest).max(it.received);
    }
    let (source, (_, earliest, latest)) =
        counts.into_iter().max_by_key(|(source, it)| (it.0, std::cmp::Reverse(*source)))?;
    Some((source.to_owned(), earliest, latest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proved_the_sender_is_read_from_what_the_receiver_wrote_and_from_nothing_else() {
        for (source, file, expected) in [
            (
                "serve:github",
                "POST /webhooks/github from 127.0.0.1, signature#delivery d-1 push",
                Some(Sender::Signature),
            ),
            ("serve:lineage", "POST /records from ::1, no token", Some(Sender::NoToken)),
            ("serve:lineage", "POST /records from 10.0.0.7, token", Some(Sender::Token)),
            ("serve:lineage", "POST /records from 10.0.0.7, token airflow", Some(Sender::Token)),
            ("serve:otel", "POST /v1/traces from ::1, no token#a, signature", Some(Sender::NoToken)),
            ("serve:lineage", "signature", None),
            ("serve:lineage", "/tmp/x, signature", None),
            ("file:POST /records from x, signature", "POST /records from x, signature", None),
            ("serve", "serve", None),
            (
                "ledger:alpha/serve:github",
                "alpha.example/a record 12, received 2026-11-18T09:00:00Z: POST /webhooks/github from ::1, signature#delivery d",
                Some(Sender::Signature),
            ),
            (
                "ledger:b/ledger:a/serve:lineage",
                "b record 3, received 2026-11-18T09:00:00Z: a record 1, received 2026-11-17T09:00:00Z: POST /records from ::1, token",
                Some(Sender::Token),
            ),
            ("ledger:a/file:x", "a record 1, received 2026-11-18T09:00:00Z: POST /records from ::1, token", None),
        ] {
            assert_eq!(sender(source, file), expected, "{source} {file}");
        }
    }

    #[test]
    fn what_came_by_way_of_a_ledger_keeps_its_number_and_its_source_there() {
        let file = "b record 3, received 2026-11-18T09:00:00Z: a record 41, received 2026-11-17T09:00:00Z: x.jsonl";
        let it = Origin::of("ledger:b/ledger:a/serve".to_owned(), Some(9), Some(file.to_owned()), None);
        let first = it.first();
        assert_eq!((first.ledgers, first.source, first.record), ("ledger:b/ledger:a/", "serve", Some(41)));
        assert!(!it.is_plain());
        let own = Origin::of("file:x.jsonl".to_owned(), Some(9), Some("x.jsonl".to_owned()), None);
        assert_eq!((own.first().record, own.is_plain(), own.words().as_str()), (Some(9), true, "from file:x.jsonl"));
    }

    #[test]
    fn what_was_pushed_with_no_token_never_reads_like_what_was_signed() {
        let of = |file: &str| Origin::of("serve:github".to_owned(), Some(1), Some(file.to_owned()), None).words();
        assert_eq!(of("POST /x from ::1, signature"), "pushed to serve:github, its signature checked when received");
        assert_eq!(of("POST /x from ::1, no token"), "pushed to serve:github, with no token");
        assert_eq!(of("forged"), "pushed to serve:github, not told how it was proven");
    }
}
