//! `drift` as text for people: what drifted, then where one content lies under several names. It decides
//! nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{DriftRow, DriftSummary};
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::table::Layout;
use crate::report::text::completeness;
use std::fmt::Write as _;

/// The answer as text.
pub fn drift(answer: &Answer<DriftRow, DriftSummary>, layout: Layout) -> String {
    let mut out = String::new();
    let of = answer.summary.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
    let title = match answer.summary.drifted {
        0 => format!("nothing{of} drifted, as far as is on record"),
        1 => format!("1 thing{of} drifted"),
        many => format!("{many} things{of} drifted"),
    };
    let _ = writeln!(out, "{}", layout.strong(&screen(&title)));
    let mut before = "";
    for row in &answer.rows {
        if row.what != before {
            let _ = writeln!(out, "\n{}", layout.strong(heading(&row.what)));
            before = &row.what;
        }
        let claim = row.claim.as_ref().map(|claim| format!(" [{claim}]")).unwrap_or_default();
        out.push_str(&labelled(if row.drifted { "  ! " } else { "  = " }, &format!("{}{claim}", row.says), layout));
        if let Some(seen) = row.seen {
            out.push_str(&labelled("      ", &format!("seen {}", seen.short()), layout));
        }
        if row.also.len() > 2 && row.what == "moved-pointer" {
            out.push_str(&labelled("      ", &row.also.join("; before that "), layout));
        }
    }
    out.push('\n');
    out.push_str(&completeness(&answer.completeness, "rows", layout));
    out
}

/// What a sort of row is called.
pub fn heading(what: &str) -> &str {
    match what {
        "deployed-digest" => "deployed digest is not the approved one",
        "moved-pointer" => "pointers that moved",
        "removed-pointer" => "pointers that were removed",
        "changed-content" => "names whose content changed",
        "deleted" => "evidence about what is gone",
        "copies" => "one content under several names (no drift)",
        other => other,
    }
}
