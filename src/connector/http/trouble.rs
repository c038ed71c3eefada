//! Why a server did not answer as asked, in words a person can act on. It holds no credential and no query.

use std::fmt;

/// What sort of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// No connection, or one that was cut.
    Unreachable,
    /// It took longer than it may.
    Late,
    /// 401: it does not know us.
    Unknown,
    /// 403: it knows us and does not let us look.
    NotPermitted,
    /// 404: there is no such thing.
    NoSuch,
    /// Any other answer than the one asked for.
    Other,
    /// More than is taken.
    TooMuch,
    /// It sent us somewhere we do not follow.
    Astray,
    /// The credential cannot be had.
    NoCredential,
    /// Somebody told us to stop.
    Cancelled,
}

/// What went wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What sort.
    pub sort: Sort,
    /// Where, without a query.
    pub place: String,
    /// What happened, and what to do.
    pub why: String,
}

impl Trouble {
    /// Trouble of a sort.
    pub fn new(sort: Sort, place: impl Into<String>, why: impl Into<String>) -> Trouble {
        Trouble { sort, place: place.into(), why: why.into() }
    }

    /// Whether we were refused, rather than that something failed.
    pub fn is_refusal(&self) -> bool {
        matches!(self.sort, Sort::Unknown | Sort::NotPermitted)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { f.write_str(&self.why) } else { write!(f, "{}: {}", self.place, self.why) }
    }
}

impl std::error::Error for Trouble {}
