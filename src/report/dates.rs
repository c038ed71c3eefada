//! When something happened or held, in words; where nobody saw it, between which moments. It knows no rows.

use crate::model::Time;

/// A moment for a screen; nothing where there is none.
pub(super) fn date(time: Option<Time>) -> String {
    time.map(Time::short).unwrap_or_default()
}

/// A moment that something had happened by, and after which where nobody saw it.
pub(super) fn between(after: Option<Time>, at: Option<Time>) -> String {
    at.map(|at| at.short_after(after)).unwrap_or_default()
}

/// `since A`; `began between A and B` where nobody saw it begin.
pub(super) fn since(after: Option<Time>, at: Option<Time>) -> Option<String> {
    at.map(|at| format!("{} {}", if after.is_some() { "began" } else { "since" }, at.short_after(after)))
}

/// `until A`; `ended between A and B` where nobody saw it end.
pub(super) fn until(after: Option<Time>, at: Option<Time>) -> Option<String> {
    at.map(|at| format!("{} {}", if after.is_some() { "ended" } else { "until" }, at.short_after(after)))
}
