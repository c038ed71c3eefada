//! `find`, `show`, `tree`, `path`, `impact`, the overview, `marks` and a case as Markdown. It decides nothing
//! but which words a row takes.

use super::{Markdown, Page, code, codes, prose};
use crate::investigate::answer::{Answer, Row};
use crate::investigate::rows::{
    Again, Attention, CaseRow, CaseSummary, Found, ImpactRow, ImpactSummary, LinkRow, MarkRow, Overview, PathFound,
    Shown, TreeRow,
};
use crate::model::{Time, Window};
use crate::report::{dates, text};

/// `` `id` (owner, environment, compromised) ``.
fn row(row: &Row) -> String {
    let state = text::state(row);
    let facts = [row.owner.as_deref(), row.environment.as_deref()].into_iter().flatten();
    let mut facts: Vec<String> = facts.map(code).collect();
    facts.extend((!state.is_empty()).then(|| prose(&state)));
    if facts.is_empty() { code(&row.id) } else { format!("{} ({})", code(&row.id), facts.join(", ")) }
}

/// When something began and ended, each with after which moment where nobody saw it.
type Ends = [(Option<Time>, Option<Time>); 2];

fn of([began, ended]: Ends) -> String {
    let words = [dates::since(began.0, began.1), dates::until(ended.0, ended.1)];
    words.into_iter().flatten().map(|it| format!(" {it}")).collect()
}

fn of_link(it: &LinkRow) -> String {
    of([(it.since_after, it.since), (it.until_after, it.until)])
}

fn window(window: Window) -> String {
    if window.is_open() {
        "at any time".to_owned()
    } else {
        of([(None, window.since), (None, window.until)]).trim().to_owned()
    }
}

impl Markdown for Answer<Found> {
    fn page(&self, most: usize) -> Page {
        let mut page = Page::new(most, &format!("{} found", self.completeness.at_most));
        page.some("", &self.rows, self.completeness.at_most, |found| row(&found.row));
        page.bounds(&self.completeness)
    }
}

fn mark(mark: &MarkRow) -> String {
    let taken = mark.retracted.as_ref().map(|why| format!(" (taken back: {})", prose(&why.told()))).unwrap_or_default();
    let (by, when) = (code(&text::who(&mark.by, &mark.source)), mark.at.short());
    let window = of([(None, mark.since), (None, mark.until)]);
    let remark = mark.remark.as_ref().map(|remark| format!(" ({})", prose(remark))).unwrap_or_default();
    format!(
        "{} is {}{window}, says {by} {when}{remark}: {}{taken}",
        code(&mark.about),
        mark.mark.as_str(),
        prose(&mark.reason)
    )
}

impl Markdown for Answer<MarkRow> {
    fn page(&self, most: usize) -> Page {
        let mut page = Page::new(most, &format!("{} marks", self.rows.len()));
        page.rows("", &self.rows, mark);
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<Row, Shown> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let mut page = Page::new(most, &self.rows.first().map_or_else(|| "nothing known".to_owned(), row));
        page.rows("Marks:", &it.marks, mark);
        page.rows("Evidence:", &it.evidence, |it| {
            let parts = [it.scope.as_ref(), it.verdict.as_ref(), it.by.as_ref()];
            let parts: Vec<String> = parts.into_iter().flatten().map(|part| code(part)).collect();
            let origin = it.origin.words();
            let origin = if origin.is_empty() { origin } else { format!(", {}", prose(&origin)) };
            format!("{} {} {} ({}{origin})", prose(&it.kind), parts.join(" "), it.at.short(), prose(&it.standing))
        });
        page.rows("Cannot be told:", &it.absences, |it| format!("{}: {}", prose(&it.relation), prose(&it.why)));
        let links = |page: &mut Page, title: &str, links: &[LinkRow], count: u64, up: bool| {
            page.some(title, links, count, |it| {
                let other = if up { &it.to } else { &it.from };
                format!("{} {}{}", prose(&it.relation), code(other), of_link(it))
            });
        };
        links(&mut page, "Depends on:", &it.upstream, it.upstream_count, true);
        links(&mut page, "Depended on by:", &it.downstream, it.downstream_count, false);
        page.rows("Pointed at by:", &it.pointers, |it| {
            format!("{} at {}{}", code(&it.from), code(&it.to), of_link(it))
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<TreeRow> {
    fn page(&self, most: usize) -> Page {
        let root = self.rows.first().map_or_else(|| "nothing".to_owned(), |root| code(&root.row.id));
        let mut page = Page::new(most, &format!("The tree of {root}"));
        page.some("", &self.rows, self.completeness.at_most.max(self.rows.len() as u64), |it| {
            let relation = it.relation.as_ref().map(|word| format!("{} ", prose(word))).unwrap_or_default();
            let note = it.note.as_ref().map(|note| format!(" ({})", prose(note))).unwrap_or_default();
            let deep = "→ ".repeat(usize::try_from(it.depth.min(8)).unwrap_or(0));
            format!(
                "{deep}{relation}{}{}{note}",
                row(&it.row),
                of([(it.since_after, it.since), (it.until_after, it.until)])
            )
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<LinkRow, PathFound> {
    fn page(&self, most: usize) -> Page {
        let heading = match (self.rows.first(), self.rows.last()) {
            (Some(first), Some(last)) => format!("Why {} depends on {}", code(&first.from), code(&last.to)),
            _ => "No way leads from one to the other".to_owned(),
        };
        let mut page = Page::new(most, &heading);
        page.rows("", &self.rows, |hop| {
            let link = format!("{} {} {}", code(&hop.from), prose(&hop.relation), code(&hop.to));
            format!("{link}{}, says {}", of_link(hop), code(&hop.source))
        });
        if !self.rows.is_empty() && !self.summary.carries_impact {
            page.says("Impact does not run along it.");
        }
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<ImpactRow, ImpactSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let mut page = Page::new(most, &format!("What depends on {}, {}", codes(&it.of), window(it.window)));
        let kinds: Vec<String> = it
            .by_kind
            .iter()
            .map(|group| {
                let count = if group.at_least == group.at_most {
                    group.at_most.to_string()
                } else {
                    format!("{} to {}", group.at_least, group.at_most)
                };
                format!("{} {count}", prose(&group.name))
            })
            .collect();
        page.says(&kinds.join(", "));
        page.some("", &self.rows, self.completeness.at_most, |it| {
            let sure = if it.certain { "" } else { ", possibly" };
            let hops = if it.distance == 1 { "1 hop".to_owned() } else { format!("{} hops", it.distance) };
            format!("{}, {hops}{}{sure}", row(&it.row), of([(it.since_after, it.since), (None, None)]))
        });
        page.rows("Whom to call:", &it.by_owner, |group| format!("{}: {}", code(&group.name), group.at_most));
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<Attention, Overview> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let mut page = Page::new(most, "What deserves attention");
        page.says(&format!("{} artefacts, {} links, {} pieces of evidence.", it.artefacts, it.links, it.evidence));
        page.rows("", &self.rows, |row| {
            format!("{}: {} ({})", prose(&row.severity), prose(&row.says), code(&row.about))
        });
        page.rows("Marked:", &it.marks, mark);
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<CaseSummary> {
    fn page(&self, most: usize) -> Page {
        let mut page = Page::new(most, &format!("{} cases", self.rows.len()));
        page.some("", &self.rows, self.completeness.at_most, |it| {
            let title = it.title.as_ref().map(|title| format!(": {}", prose(title))).unwrap_or_default();
            format!("{}{title} ({}), {}", code(&it.name), prose(&it.state), it.counts().join(", "))
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<Again> {
    fn page(&self, most: usize) -> Page {
        let mut page = Page::new(most, &format!("{} saved answers asked again", self.rows.len()));
        page.some("", &self.rows, self.completeness.at_most, |it| {
            let question = code(&it.question);
            format!("{} ({question}, asked {}): {}", prose(&it.title), it.at.short(), prose(&it.says))
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<CaseRow, CaseSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let title = it.title.as_ref().map(|title| format!(": {}", prose(title))).unwrap_or_default();
        let mut page = Page::new(most, &format!("Case {}{title} ({})", code(&it.name), prose(&it.state)));
        page.says(&format!("{}.", it.counts().join(", ")));
        // What was said last tells most in a channel.
        let skip = self.rows.len().saturating_sub(most);
        if skip > 0 {
            page.says(&format!("The last {} of {}:", most, self.rows.len()));
        }
        page.rows("", &self.rows[skip..], |row| {
            let about = row.about.as_ref().map(|id| format!(" {}", code(id))).unwrap_or_default();
            let taken = if row.retracted.is_some() { " (taken back)" } else { "" };
            let (what, by) = (prose(&row.what), code(&text::who(&row.by, &row.source)));
            format!("{} {what}{about}: {}, by {by} ({}){taken}", row.at.short(), prose(&row.says), prose(&row.proof))
        });
        page.bounds(&self.completeness)
    }
}
