//! `diff` as text for people: side by side on a wide screen, stacked on a narrow one. It decides nothing.

use crate::investigate::answer::Answer;
use crate::investigate::rows::{Change, DiffRow, DiffSide, DiffSummary, FieldChange};
use crate::report::dates::{between, since};
use crate::report::screen::screen;
use crate::report::table::{Layout, Table, wrapped as wrapped_words};
use crate::report::text::completeness;
use crate::report::words::{Part, word_changes};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// From this width on the two sides stand beside each other.
const WIDE: u16 = 120;
/// Hex digits of a digest that people look at.
const DIGITS: usize = 12;

/// The answer as text.
pub fn diff(answer: &Answer<DiffRow, DiffSummary>, layout: Layout) -> String {
    let mut out = heading(&answer.summary, layout);
    let wide = layout.width.is_none_or(|width| width >= WIDE);
    for rows in answer.rows.chunk_by(|a, b| a.aspect == b.aspect) {
        let Some(first) = rows.first() else { continue };
        let counts = answer.summary.by_aspect.iter().find(|it| it.aspect == first.aspect);
        let same = counts.filter(|it| it.same > 0).map_or_else(String::new, |it| format!(", {} the same", it.same));
        let differ = counts.map_or(rows.len() as u64, |it| it.differ);
        let title = layout.strong(&screen(&first.aspect));
        let _ = writeln!(
            out,
            "\n{title} {}",
            layout.faint(&format!("{differ} {}{same}", if differ == 1 { "differs" } else { "differ" }))
        );
        out.push_str(&if wide { side_by_side(rows, layout) } else { stacked(rows, layout) });
    }
    if answer.rows.is_empty() {
        out.push_str("\nNothing differs.\n");
    }
    out.push('\n');
    out + &completeness(&answer.completeness, "differences", layout)
}

fn heading(summary: &DiffSummary, layout: Layout) -> String {
    let (old, new, baseline) = (&summary.old, &summary.new, &summary.baseline);
    let side = |it: &DiffSide| {
        let id = screen(&it.id).into_owned();
        if old.at == new.at { id } else { format!("{id} ({})", it.at.short()) }
    };
    let (old_text, new_text) = (side(old), side(new));
    let room = layout.width.map_or(usize::MAX, usize::from);
    let between = if old_text.width() + new_text.width() + 4 > room { "\n  -> " } else { "  ->  " };
    let mut out = format!("{}{between}{}\n", layout.strong(&old_text), layout.strong(&new_text));
    if baseline.how != "named" {
        let _ = writeln!(out, "baseline: {}, {} good", screen(&baseline.id), screen(&baseline.how));
    }
    // that it was named needs no saying
    for why in baseline.why.iter().filter(|why| !why.starts_with("named by")) {
        let _ = writeln!(out, "  · {}", screen(why));
    }
    if old.at == new.at {
        let _ = writeln!(out, "{}", layout.faint(&format!("both as of {}", old.at.short())));
    }
    out
}

/// One line a difference, old beside new.
fn side_by_side(rows: &[DiffRow], layout: Layout) -> String {
    let mut table =
        Table::new(&["what", "old", "new", "alarm", "by", "approved", "hops", "below", "since", "claim", "and"]);
    for row in rows {
        let and: Vec<String> = row.details.iter().map(detail).collect();
        let below = below(row).unwrap_or_default();
        // the head of the column says what it is
        let alarms = row.alarms.iter().map(|it| format!("! {it}")).collect::<Vec<_>>().join(" ");
        table.row([
            row.key.as_str(),
            row.old.as_deref().unwrap_or(ABSENT),
            row.new.as_deref().unwrap_or(ABSENT),
            &alarms,
            &row.delta.map(signed).unwrap_or_default(),
            &approved(row).unwrap_or_default(),
            &hops(row),
            below,
            &between(row.since_after, row.since),
            row.claim.as_deref().unwrap_or_default(),
            &and.join("; "),
        ]);
    }
    table.text(layout)
}

/// What stands where a side has nothing.
const ABSENT: &str = "-";

/// Two lines a difference or more: what became what, then all else.
fn stacked(rows: &[DiffRow], layout: Layout) -> String {
    let room = layout.width.map_or(usize::MAX, usize::from);
    let mut out = String::new();
    for row in rows {
        let key = screen(&row.key);
        let [old, new] = [&row.old, &row.new].map(|value| value.as_deref().map(|value| screen(value).into_owned()));
        let by = row.delta.map(|delta| format!(" ({})", signed(delta))).unwrap_or_default();
        let values = match (&old, &new, row.change) {
            (Some(old), Some(new), change) if change != Change::Same => vec![old.clone(), format!("-> {new}{by}")],
            (Some(old), None, _) => vec![format!("removed: {old}")],
            (_, Some(new), Change::Added) => vec![format!("added: {new}")],
            (_, new, _) => vec![new.clone().unwrap_or_default()],
        };
        let line = format!("  {}  {}", layout.strong(&key), values.join(" "));
        // what colour takes is no width
        if 4 + key.width() + values.join(" ").width() <= room {
            let _ = writeln!(out, "{line}");
        } else {
            let _ = writeln!(out, "  {}", layout.strong(&key));
            for value in values {
                let _ = writeln!(out, "      {value}");
            }
        }
        for line in alarm(row).iter().flat_map(|alarm| wrapped_words(&screen(alarm), room.saturating_sub(6))) {
            let _ = writeln!(out, "      {}", layout.strong(&line));
        }
        let hops = row.distance > 0;
        let away = hops.then(|| {
            format!("{} away", if row.distance == 1 { "1 link".to_owned() } else { format!("{} links", row.distance) })
        });
        let facts = [
            approved(row),
            away,
            (!row.certain).then(|| "not sure".to_owned()),
            since(row.since_after, row.since),
            below(row).map(|below| format!("below {}", screen(below))),
            row.claim.as_ref().map(|claim| format!("[{claim}]")),
        ];
        for line in wrapped(facts.into_iter().flatten(), room.saturating_sub(6)) {
            let _ = writeln!(out, "      {}", layout.faint(&line));
        }
        for field in &row.details {
            let _ = writeln!(out, "      {}", screen(&detail(field)));
        }
    }
    out
}

/// Pieces joined by dots, in lines of at most this width where that can be.
fn wrapped(pieces: impl Iterator<Item = String>, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + piece.width() <= room => {
                let _ = write!(line, " · {piece}");
            }
            _ => lines.push(piece),
        }
    }
    lines
}

/// What did not pass of what is there now, loud.
fn alarm(row: &DiffRow) -> Option<String> {
    (!row.alarms.is_empty()).then(|| format!("! ALARM {}", row.alarms.join("; ")))
}

/// What it hangs on, where that is not what failed itself.
fn below(row: &DiffRow) -> Option<&str> {
    row.path.len().checked_sub(2).filter(|at| *at > 0).and_then(|at| row.path.get(at)).map(String::as_str)
}

fn hops(row: &DiffRow) -> String {
    format!("{}{}", row.distance, if row.certain { "" } else { "?" })
}

/// Who approved it, or that nobody did. What is itself a measurement or a statement needs no approval.
fn approved(row: &DiffRow) -> Option<String> {
    if ["metric", "evaluation", "approval", "policy-verdict", "scan"].contains(&row.aspect.as_str()) {
        return None;
    }
    match row.approval.as_str() {
        "recorded" => Some(row.approved_by.as_ref().map_or_else(|| "approved".to_owned(), |by| format!("by {by}"))),
        "stale" => Some("approval expired".to_owned()),
        "refused" => Some("approval taken back".to_owned()),
        "void" => Some("approval void".to_owned()),
        "missing" => Some("not approved".to_owned()),
        _ => None,
    }
}

fn signed(delta: f64) -> String {
    format!("{delta:+}")
}

/// A field of a pair in one line.
fn detail(field: &FieldChange) -> String {
    let name = &field.field;
    let short = |value: &String| if name == "digest" { digests(value) } else { value.clone() };
    match (field.old.as_ref().map(short), field.new.as_ref().map(short)) {
        (Some(old), Some(new)) if old == new => format!("{name}: {new}"),
        (Some(old), Some(new)) => {
            let by = field.delta.map(|delta| format!(" ({})", signed(delta))).unwrap_or_default();
            format!("{name}: {}{by}", change(&old, &new))
        }
        (Some(old), None) => format!("{name}: {old} -> (none)"),
        (None, new) => format!("{name}: (none) -> {}", new.unwrap_or_default()),
    }
}

/// Old and new: of texts that have most words in common only the words that differ are told twice.
fn change(old: &str, new: &str) -> String {
    let changes = word_changes(old, new);
    let same: usize = changes.iter().filter(|it| it.0 == Part::Same).map(|it| it.1.len()).sum();
    if same * 2 < old.len().max(new.len()) {
        return format!("{old} -> {new}");
    }
    let mut out = String::new();
    for (part, text) in changes {
        let words = text.trim_end();
        let blanks = &text[words.len()..];
        let _ = match part {
            Part::Same => write!(out, "{text}"),
            Part::Removed => write!(out, "[-{words}-]{blanks}"),
            Part::Added => write!(out, "{{+{words}+}}{blanks}"),
        };
    }
    out
}

/// Digests, each cut to what people look at.
fn digests(value: &str) -> String {
    let short = |digest: &str| match digest.split_once(':') {
        Some((method, hex)) if hex.len() > DIGITS => {
            format!("{method}:{}…", hex.chars().take(DIGITS).collect::<String>())
        }
        _ => digest.to_owned(),
    };
    value.split(' ').map(short).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, old: &str, new: &str) -> FieldChange {
        FieldChange { field: name.to_owned(), old: Some(old.to_owned()), new: Some(new.to_owned()), delta: None }
    }

    #[test]
    fn texts_tell_only_the_words_that_differ_and_digests_their_beginning() {
        let long = detail(&field("message", "deeper trees, old training image", "deeper trees, new training image"));
        assert_eq!(long, "message: deeper trees, [-old-] {+new+} training image");
        assert_eq!(detail(&field("stage", "canary", "prod")), "stage: canary -> prod");
        assert_eq!(detail(&field("author", "person:a", "person:a")), "author: person:a");
        let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
        assert_eq!(
            detail(&field("digest", &digest("a"), &digest("b"))),
            "digest: sha256:aaaaaaaaaaaa… -> sha256:bbbbbbbbbbbb…"
        );
    }
}
