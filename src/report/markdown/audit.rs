//! `chain`, `drift` and `controls` as Markdown. It decides nothing but which words a row takes.

use super::{Markdown, Page, code, prose};
use crate::investigate::answer::Answer;
use crate::investigate::rows::{ChainRow, ChainSummary, ControlRow, ControlsSummary, DriftRow, DriftSummary};
use crate::investigate::whence::usual;
use crate::report::chain::{counts, elsewhere};
use crate::report::controls::held;
use crate::report::text::usually;

impl Markdown for Answer<ChainRow, ChainSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let mut page = Page::new(most, &format!("Chain of {}: {}", code(&it.id), prose(&it.verdict)));
        page.rows("", &it.groups, |group| {
            format!("{} {}: {}", code(group.sign()), prose(&group.title), prose(&counts(group)))
        });
        page.rows("What does not hold:", &it.lacking, |text| prose(text));
        page.rows("On record, and against it:", &it.against, |text| prose(text));
        page.says(&format!("{}.", prose(&it.signatures)));
        let usual = usual(self.rows.iter().map(|row| &row.origin));
        let source = usual.as_ref().map(|it| it.0.as_str());
        let elsewhere: Vec<String> = self
            .rows
            .iter()
            .filter_map(|row| {
                let claim = row.claim.as_ref().map(|claim| format!(" [{}]", prose(claim))).unwrap_or_default();
                Some(format!("{}{claim}: {}", prose(&row.says), prose(&elsewhere(row, source)?)))
            })
            .collect();
        page.rows("Where it came from:", &elsewhere, String::clone);
        usual.iter().for_each(|it| page.says(&format!("{}.", prose(&usually(it)))));
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<DriftRow, DriftSummary> {
    fn page(&self, most: usize) -> Page {
        let of = self.summary.of.as_ref().map(|of| format!(" of {}", code(of))).unwrap_or_default();
        let mut page = Page::new(most, &format!("What drifted{of}: {}", self.summary.drifted));
        page.rows("", &self.rows, |row| {
            let seen = row.seen.map(|seen| format!(", seen {}", seen.short())).unwrap_or_default();
            format!("{}: {}{seen}", prose(&row.what), prose(&row.says))
        });
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<ControlRow, ControlsSummary> {
    fn page(&self, most: usize) -> Page {
        let of = self.summary.of.as_ref().map_or_else(|| "the whole ledger".to_owned(), |of| code(of));
        let mut page = Page::new(most, &format!("Evidence held in {of}, by control"));
        page.rows("", &self.rows, |row| {
            let lacking = match row.lacking.is_empty() {
                true => String::new(),
                false => format!("; lacking: {}", prose(&row.lacking.join("; "))),
            };
            let all: Vec<String> = row.evidence.iter().map(|it| prose(&held(it))).collect();
            let name = format!("{} {} {}", row.framework, row.framework_version, row.id);
            format!("{}: {}{lacking}", code(&name), all.join("; "))
        });
        page.bounds(&self.completeness)
    }
}
