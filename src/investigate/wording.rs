//! Counts and names in sentences, as completeness statements word them. It decides nothing.

use crate::graph::{AbsenceRef, Held, Lineage, LinkRef, Node};
use crate::model::Window;
use std::collections::BTreeMap;

/// Changes that nobody saw of which each is told.
const MOST_UNSEEN: usize = 3;

/// `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 artefact`, `3 artefacts`, `12,000 artefacts`.
pub(super) fn count(number: usize, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {word}{plural}", thousands(number as u64))
}

/// The first three names, and how many more.
pub(super) fn some_of<'a>(names: impl Iterator<Item = &'a str>, total: usize) -> String {
    let first: Vec<&str> = names.take(3).collect();
    match total.saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Over what sort of links something is possible and not certain.
pub(super) fn unsure_links(lineage: &Lineage) -> &'static str {
    match lineage.has_unseen() {
        false => "links that are undated, or whose dates sources state differently",
        true => "links that are undated, whose dates sources state differently, or that changed between two looks",
    }
}

/// When links began or ended that nobody saw, as far as that lies in question: the first of them, a sentence each.
pub(super) fn unseen<'a>(lineage: &Lineage, links: impl Iterator<Item = LinkRef<'a>>, window: &Window) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for link in links.filter(|link| link.held(window) == Held::Possibly) {
        let (from, to) = (lineage.id(link.from), lineage.id(link.to));
        let ends = [("began", link.since_after, link.since), ("ended", link.until_after, link.until)];
        for (word, after, at) in ends {
            let (Some(after), Some(at)) = (after, at) else { continue };
            let asked = window.since.is_none_or(|since| since <= at) && window.until.is_none_or(|until| after <= until);
            let says = format!(
                "{from} {} {to}: that {word} {}, and nobody looked in between",
                link.relation,
                at.short_after(Some(after))
            );
            if asked && !found.contains(&says) {
                found.push(says);
            }
        }
    }
    let all = found.len();
    found.truncate(MOST_UNSEEN);
    if all > MOST_UNSEEN {
        found.push(format!("{} more so", count(all - MOST_UNSEEN, "change")));
    }
    found
}

/// Why something cannot be told, as people say it.
pub(super) fn why_untold(why: &str) -> &str {
    match why {
        "not-disclosed" => "not disclosed",
        "not-recorded" => "not recorded",
        "not-permitted" => "not for us to see",
        other => other,
    }
}

/// A place of a server, as a pull notes it that was not let look there: the server, and the place.
pub(super) fn place(id: &str) -> Option<(&str, &str)> {
    id.strip_prefix("server:")?.split_once('/')
}

/// What nobody can tell the origin of, a sentence for each reason that sources give: `what a came from is not
/// disclosed`. What a server does not let us look at came from nothing: whoever knows how the servers stand now
/// tells it of each of them.
pub(super) fn untold<'a>(lineage: &Lineage, absences: impl Iterator<Item = AbsenceRef<'a>>) -> Vec<String> {
    let mut by: BTreeMap<&str, Vec<Node>> = BTreeMap::new();
    for it in absences.filter(|it| it.why != "none" && place(lineage.id(it.about)).is_none()) {
        by.entry(it.why).or_default().push(it.about);
    }
    let sentence = |(why, mut nodes): (&str, Vec<Node>)| {
        nodes.sort_unstable();
        nodes.dedup();
        let names = some_of(nodes.iter().map(|node| lineage.id(*node)), nodes.len());
        format!("what {names} came from is {}", why_untold(why))
    };
    by.into_iter().map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_like_sentences() {
        assert_eq!(count(1, "artefact"), "1 artefact");
        assert_eq!(count(1_234_567, "link"), "1,234,567 links");
        assert_eq!(some_of(["a", "b", "c", "d"].into_iter(), 4), "a, b, c and 1 more");
    }
}
