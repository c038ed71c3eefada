//! A claim as one row of a table: what the store keeps and the lineage is built from. It is not
//! decoded here.

/// A claim's row, its texts borrowed from whoever holds it. Rows come in the order of their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimRow<'a> {
    /// The ledger's number for it, from 1.
    pub id: u64,
    /// The record it was read from.
    pub record: u64,
    /// Byte offset, in the record's content, of the unit that says it.
    pub at: u32,
    /// Its type's word: `artefact`, `link`, `evidence`, `absence`, `same-as`, `mark`, `retract`, `note`.
    pub kind: &'a str,
    /// The artefact it is about; a link's `from`. Empty where there is none.
    pub about: &'a str,
    /// A link's `to`, the other id of a same-as, the claim that a retraction takes back.
    pub target: Option<&'a str>,
    /// Kind, relation, evidence kind or mark.
    pub what: &'a str,
    /// Microseconds since 1970: an artefact's or evidence's `at`, a link's or mark's `since`.
    pub since: Option<i64>,
    /// Microseconds since 1970: a link's or mark's `until`, evidence's `expires`.
    pub until: Option<i64>,
    /// JSON of the rest.
    pub body: Option<&'a str>,
}
