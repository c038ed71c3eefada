//! Answers as text for people: a table, then how sure it is. It decides nothing.

use crate::investigate::answer::{Answer, Completeness, LedgerHead, Row, State};
use crate::investigate::rows::{Found, LinkRow, MarkRow, PathFound, Shown, TreeRow};
use crate::investigate::said::{INVESTIGATOR, TakenBack};
use crate::investigate::whence::usual;
use crate::model::{Time, shell_word};
use crate::report::dates::{between, date, since, until};
use crate::report::prose::labelled;
use crate::report::screen::screen;
use crate::report::signature;
use crate::report::table::{Layout, Table};
use std::fmt::Write as _;

/// "at least N, at most M", and why.
pub fn completeness(it: &Completeness, noun: &str, layout: Layout) -> String {
    let mut out = if it.open && it.at_least < it.at_most {
        format!("at least {}, maybe {} or more {noun}", it.at_least, it.at_most)
    } else if it.at_least == it.at_most {
        // Nothing is in doubt of what is listed; a reason then says that there may be more.
        let bound = if it.because.is_empty() { "" } else { "at least " };
        format!("{bound}{} {}", it.at_least, if it.at_least == 1 { singular(noun) } else { noun })
    } else {
        format!("at least {}, at most {} {noun}", it.at_least, it.at_most)
    };
    for because in &it.because {
        let _ = write!(out, "\n  · {}", screen(because));
    }
    format!("{}\n", layout.faint(&out))
}

/// What an answer was computed on, and whether somebody else vouches for that.
pub fn footer(head: &LedgerHead, layout: Layout) -> String {
    let root = &head.root[..head.root.floor_char_boundary(8)];
    let text = format!("ledger {} records, root {root}, {}", head.records, head.standing());
    format!("{}\n", layout.faint(&text))
}

fn singular(noun: &str) -> &str {
    match noun {
        "artefacts are hit" => "artefact is hit",
        noun => noun.strip_suffix('s').unwrap_or(noun),
    }
}

/// A list of artefacts that fit a search.
pub fn find(answer: &Answer<Found>, layout: Layout) -> String {
    let mut table = Table::new(&["id", "kind", "owner", "env", "state", "matched"]);
    for found in &answer.rows {
        let row = &found.row;
        table.row([
            row.id.as_str(),
            &row.kind,
            row.owner.as_deref().unwrap_or_default(),
            row.environment.as_deref().unwrap_or_default(),
            &state(row),
            found.matched.as_deref().unwrap_or_default(),
        ]);
    }
    table.text(layout) + &completeness(&answer.completeness, "found", layout)
}

/// Where statements came from of which nothing else is said.
pub(super) fn usually((source, earliest, latest): &(String, Option<Time>, Option<Time>)) -> String {
    let when = match (earliest, latest) {
        (Some(a), Some(b)) if a.short() == b.short() => format!(", received {}", a.short()),
        (Some(a), Some(b)) => format!(", received {} to {}", a.short(), b.short()),
        _ => String::new(),
    };
    format!("from {source} where nothing else is said{when}")
}

/// Where evidence came from, a line for each source: what was pushed, pulled or said is named one by one.
fn origins(shown: &Shown, layout: Layout) -> String {
    let usual = usual(shown.evidence.iter().map(|it| &it.origin));
    let mut by: Vec<(String, Vec<&str>)> = Vec::new();
    for it in &shown.evidence {
        let words = it.origin.words();
        if words.is_empty() || it.origin.source.as_deref() == usual.as_ref().map(|it| it.0.as_str()) {
            continue;
        }
        match by.iter_mut().find(|(known, _)| *known == words) {
            Some((_, claims)) => claims.push(&it.claim),
            None => by.push((words, vec![&it.claim])),
        }
    }
    let mut out = String::new();
    for (words, claims) in by {
        out += &labelled("  ", &format!("[{}] {words}", claims.join(" ")), layout);
    }
    if let Some(usual) = usual {
        out += &layout.faint(&labelled("  ", &usually(&usual), layout));
    }
    out
}

/// Marks and gaps of a row in words: `compromised, mentioned only`.
pub fn state(row: &Row) -> String {
    let mut words: Vec<&str> = row.marks.iter().map(|mark| mark.as_str()).collect();
    if let Some(derived) = &row.derived {
        words.push(if derived.certain { "exposed" } else { "possibly exposed" });
    }
    if row.state == State::MentionedOnly {
        words.push("mentioned only");
    }
    words.join(", ")
}

/// Everything known of one artefact.
pub fn show(answer: &Answer<Row, Shown>, layout: Layout) -> String {
    let Some(row) = answer.rows.first() else { return String::new() };
    let shown = &answer.summary;
    let mut out = format!("{}\n", layout.strong(&screen(&row.id)));
    let mut facts = Table::new(&["", ""]);
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            facts.row([name, value]);
        }
    };
    fact("kind", &row.kind);
    fact("state", &state(row));
    fact("version", row.version.as_deref().unwrap_or_default());
    fact("owner", row.owner.as_deref().unwrap_or_default());
    fact("environment", row.environment.as_deref().unwrap_or_default());
    fact("risk", row.risk.as_deref().unwrap_or_default());
    fact("at", &row.at.map(|at| at.to_string()).unwrap_or_default());
    fact("received", &shown.received.map(|at| at.to_string()).unwrap_or_default());
    shown.digests.iter().for_each(|digest| fact("digest", digest));
    shown.identifiers.iter().for_each(|identifier| fact("identifier", identifier));
    shown.aliases.iter().for_each(|alias| fact("also known as", &format!("{} ({})", alias.id, alias.why)));
    shown.candidates.iter().for_each(|it| fact("may be the same", &format!("{} ({})", it.id, it.why)));
    for (name, value) in &shown.attributes {
        fact(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    for conflict in &shown.conflicts {
        let values: Vec<String> = conflict.values.iter().map(|(value, claim)| format!("{value} [{claim}]")).collect();
        fact(&format!("! {} stated differently", conflict.field), &values.join("  ≠  "));
    }
    fact("claims", &shown.claims.join(" "));
    // The first line of a table is its empty head.
    out.push_str(facts.text(layout).split_once('\n').map_or("", |(_, rest)| rest));
    if let Some(first) = shown.candidates.first() {
        let words = format!("lastgood same {} {} --reason TEXT", shell_word(&row.id), shell_word(&first.id));
        let _ = writeln!(
            out,
            "{}",
            layout.faint(&format!("  · nothing is folded by a likeness; where it is one: {}", screen(&words)))
        );
    }
    section(&mut out, "marks", mark_table(&shown.marks).text(layout), layout);
    section(&mut out, "exposed (derived, nobody's statement)", derived_lines(shown), layout);
    section(&mut out, "evidence", evidence_table(shown).text(layout) + &origins(shown, layout), layout);
    section(&mut out, "signatures, checked now", signature::table(&shown.signatures).text(layout), layout);
    if let Some(files) = &shown.files {
        section(&mut out, &format!("files in {}", screen(&files.folder)), signature::files(files, layout), layout);
    }
    let mut absences = Table::new(&["lacks", "why", "claim"]);
    shown.absences.iter().for_each(|it| absences.row([it.relation.as_str(), &it.why, &it.claim]));
    section(&mut out, "said to be absent", absences.text(layout), layout);
    let upstream = format!("depends on ({})", shown.upstream_count);
    section(&mut out, &upstream, links(&shown.upstream, true).text(layout), layout);
    let downstream = format!("depended on by ({})", shown.downstream_count);
    section(&mut out, &downstream, links(&shown.downstream, false).text(layout), layout);
    section(&mut out, "pointed at by", pointers(&shown.pointers).text(layout), layout);
    for because in &answer.completeness.because {
        let _ = writeln!(out, "{}", layout.faint(&format!("  · {}", screen(because))));
    }
    out
}

/// Where what points at versions led, and when.
fn pointers(rows: &[LinkRow]) -> Table {
    let mut table = Table::new(&["pointer", "at", "since", "until", "claim", "source"]);
    for it in rows {
        let (since, until) = (between(it.since_after, it.since), between(it.until_after, it.until));
        table.row([it.from.as_str(), &it.to, &since, &until, &it.claim, &it.source]);
    }
    table
}

/// A heading and what stands under it, where there is something.
pub(super) fn section(out: &mut String, title: &str, text: String, layout: Layout) {
    if !text.is_empty() {
        let _ = write!(out, "\n{}\n{text}", layout.strong(title));
    }
}

fn evidence_table(shown: &Shown) -> Table {
    let mut table = Table::new(&["evidence", "scope", "verdict", "standing", "by", "at", "expires", "claim"]);
    for it in &shown.evidence {
        table.row([
            it.kind.as_str(),
            it.scope.as_deref().unwrap_or_default(),
            it.verdict.as_deref().unwrap_or_default(),
            &it.standing,
            it.by.as_deref().unwrap_or_default(),
            &it.at.short(),
            &date(it.expires),
            &it.claim,
        ]);
    }
    table
}

fn links(rows: &[LinkRow], upstream: bool) -> Table {
    let mut table = Table::new(&["relation", "artefact", "since", "until", "state", "claim", "source"]);
    for it in rows {
        table.row([
            it.relation.as_str(),
            if upstream { &it.to } else { &it.from },
            &between(it.since_after, it.since),
            &between(it.until_after, it.until),
            if it.state == State::MentionedOnly { "mentioned only" } else { "" },
            &it.claim,
            &it.source,
        ]);
    }
    table
}

/// A tree, one line a row, drawn with branches.
pub fn tree(answer: &Answer<TreeRow>, layout: Layout) -> String {
    let mut out = String::new();
    for (at, row) in answer.rows.iter().enumerate() {
        let mut line = branch(&answer.rows, at);
        if let Some(relation) = &row.relation {
            let _ = write!(line, "{} ", layout.faint(&screen(relation)));
        }
        line.push_str(&screen(&row.row.id));
        let mut notes: Vec<String> = Vec::new();
        match (row.since, row.until) {
            (Some(since), Some(until)) if since == until => notes.push(format!("at {}", since.short())),
            _ => notes.extend(since(row.since_after, row.since).into_iter().chain(until(row.until_after, row.until))),
        }
        if !row.certain {
            notes.push("maybe".to_owned());
        }
        let state = state(&row.row);
        if !state.is_empty() {
            notes.push(state);
        }
        if let Some(note) = &row.note {
            notes.push(note.clone());
        }
        if !notes.is_empty() {
            let _ = write!(line, "  {}", layout.faint(&format!("({})", notes.join(", "))));
        }
        out.push_str(&line);
        out.push('\n');
    }
    out + &completeness(&answer.completeness, "artefacts", layout)
}

/// The branch characters before row `at`: a bar for each ancestor that has a later sibling.
fn branch(rows: &[TreeRow], at: usize) -> String {
    let depth = rows[at].depth;
    let mut out = String::new();
    for level in 1..=depth {
        let more = rows[at + 1..].iter().take_while(|row| row.depth >= level).any(|row| row.depth == level);
        out.push_str(match (level == depth, more) {
            (true, true) => "├─ ",
            (true, false) => "└─ ",
            (false, true) => "│  ",
            (false, false) => "   ",
        });
    }
    out
}

/// Why one thing depends on another, hop by hop.
pub fn path(answer: &Answer<LinkRow, PathFound>, layout: Layout) -> String {
    let mut table = Table::new(&["from", "relation", "to", "since", "until", "source", "claim"]);
    for hop in &answer.rows {
        table.row([
            hop.from.as_str(),
            &hop.relation,
            &hop.to,
            &between(hop.since_after, hop.since),
            &between(hop.until_after, hop.until),
            &hop.source,
            &hop.claim,
        ]);
    }
    let mut out = table.text(layout);
    if !answer.rows.is_empty() {
        let ways = answer.summary.alternatives;
        let hops = answer.rows.len();
        let hops = if hops == 1 { "1 hop".to_owned() } else { format!("{hops} hops") };
        let ways = if ways == 1 { "the only shortest way".to_owned() } else { format!("one of {ways} shortest ways") };
        let _ = writeln!(out, "{}", layout.faint(&format!("{hops}; {ways}")));
        if !answer.summary.carries_impact {
            out.push_str(
                "This way runs through a bare name: what is wrong at one end need not be wrong at the other.\n",
            );
        }
    }
    for because in &answer.completeness.because {
        let _ = writeln!(out, "{}", layout.faint(&format!("  · {}", screen(because))));
    }
    out
}

fn mark_table(rows: &[MarkRow]) -> Table {
    let mut table = Table::new(&[
        "mark",
        "artefact",
        "since",
        "until",
        "by",
        "proof",
        "at",
        "received",
        "reason",
        "case",
        "claim",
        "holds",
        "taken back",
    ]);
    for it in rows {
        table.row([
            it.mark.as_str(),
            &it.about,
            &date(it.since),
            &date(it.until),
            &who(&it.by, &it.source),
            &it.proof,
            &it.at.short(),
            &received(it.received, it.remark.as_deref()),
            &it.reason,
            it.case.as_deref().unwrap_or_default(),
            &it.claim,
            &holds(it),
            &it.retracted.as_ref().map(TakenBack::told).unwrap_or_default(),
        ]);
    }
    table
}

/// When something was received, and how far that is from the date it states.
pub fn received(at: Option<Time>, remark: Option<&str>) -> String {
    match (at, remark) {
        (_, Some(remark)) => remark.strip_prefix("received ").unwrap_or(remark).to_owned(),
        (at, None) => at.map(Time::short).unwrap_or_default(),
    }
}

/// Who said it, and where that came from if it was not said here.
pub fn who(by: &str, source: &str) -> String {
    if source == INVESTIGATOR { by.to_owned() } else { format!("{by}, in {source}") }
}

/// How many overruled marks are named.
const NAMED: usize = 5;

/// Whether a mark holds against others; nothing where no other speaks against it.
fn holds(it: &MarkRow) -> String {
    match (&it.overruled_by, it.overrules.as_slice()) {
        _ if it.retracted.is_some() => String::new(),
        _ if it.refused => "no: its signature does not verify".to_owned(),
        (Some(by), _) => format!("no: overruled by {by}"),
        (None, []) => String::new(),
        (None, overruled) => {
            let named: Vec<&str> = overruled.iter().take(NAMED).map(String::as_str).collect();
            let rest = overruled.len() - named.len();
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            format!("yes, against {}{rest}", named.join(", "))
        }
    }
}

/// One line for each thing that an artefact is exposed to, with the way that carries it.
fn derived_lines(shown: &Shown) -> String {
    let mut out = String::new();
    for it in &shown.derived {
        let sure = if it.certain { "to" } else { "possibly, over undated links, to" };
        let way: Vec<String> = it.path.iter().map(|id| screen(id).into_owned()).collect();
        let _ = writeln!(out, "{sure} {} [{} {}]", screen(&it.from), it.mark.as_str(), screen(&it.claim));
        let _ = writeln!(out, "  {}", way.join(" → "));
    }
    out
}

/// The marks that were made.
pub fn marks(answer: &Answer<MarkRow>, layout: Layout) -> String {
    mark_table(&answer.rows).text(layout) + &completeness(&answer.completeness, "marks", layout)
}
