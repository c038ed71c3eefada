//! What came of signatures, and of a folder compared with signed files, as text for people. It decides nothing.

use crate::investigate::rows::{FilesRow, SignatureRow};
use crate::model::CheckState;
use crate::report::screen::screen;
use crate::report::table::{Layout, Table};
use std::fmt::Write as _;

/// Every verdict with its checks, one below the other.
pub fn signatures(rows: &[SignatureRow], layout: Layout) -> String {
    let mut out = String::new();
    for row in rows {
        let it = &row.verification;
        let _ = writeln!(out, "{}", layout.strong(&screen(&format!("{}  {}", row.place, it.says))));
        let mut table = Table::new(&["", "", "", ""]);
        for check in &it.checks {
            table.row([format!("  {}", check.level).as_str(), check.check.as_str(), check.state.as_str(), &check.why]);
        }
        out.push_str(table.text(layout).split_once('\n').map_or("", |(_, rest)| rest));
        let inputs = &it.inputs;
        let at = inputs.at.to_string();
        let signed_at = inputs.signed_at.map(|at| at.to_string());
        for (name, value) in [
            ("of", Some(&row.scope)),
            ("signer", it.signer.as_ref()),
            ("content", inputs.content.as_ref()),
            ("key", inputs.key.as_ref()),
            ("trust", inputs.trust.as_ref()),
            ("artefact", inputs.artefact.as_ref()),
            ("signed at", signed_at.as_ref()),
            ("checked at", Some(&at)),
        ] {
            if let Some(value) = value {
                let _ = writeln!(out, "{}", layout.faint(&screen(&format!("    {name:<10} {value}"))));
            }
        }
        for remark in &it.remarks {
            let _ = writeln!(out, "{}", layout.faint(&screen(&format!("  · {remark}"))));
        }
    }
    out
}

/// One line for each verdict, for where there is more to show.
pub(super) fn table(rows: &[SignatureRow]) -> Table {
    let mut table = Table::new(&["signature on", "what came of it", "claim"]);
    for row in rows {
        let it = &row.verification;
        let failed = it.checks.iter().any(|check| check.state == CheckState::Failed);
        let says = if failed { format!("! {}", it.says) } else { it.says.clone() };
        table.row([row.scope.as_str(), &says, &row.place]);
    }
    table
}

/// What differs between a folder and what was signed.
pub(super) fn files(it: &FilesRow, layout: Layout) -> String {
    let mut out = match it.equal {
        true => format!("as signed: {} files, nothing added, removed, renamed or changed\n", it.same),
        false => format!("differs from what was signed ({} files are as signed)\n", it.same),
    };
    let mut table = Table::new(&["file", "change", ""]);
    for row in &it.differing {
        let detail = row.detail.as_deref().unwrap_or_default();
        let detail = if row.change == "renamed" { format!("signed as {detail}") } else { detail.to_owned() };
        table.row([row.path.as_str(), row.change, &detail]);
    }
    if !it.differing.is_empty() {
        out.push_str(&table.text(layout));
    }
    for path in &it.left_out {
        let _ = writeln!(out, "{}", layout.faint(&screen(&format!("  · not compared: {path}"))));
    }
    let _ = writeln!(
        out,
        "{}",
        layout.faint(&screen(&format!("  · the signed list is that of {}: {}", it.claim, it.signature)))
    );
    out
}
