//! `gaps` and `gate` as Markdown. It decides nothing but which words a row takes.

use super::{Markdown, Page, code, prose};
use crate::investigate::answer::Answer;
use crate::investigate::rows::{GapRow, GapsSummary, GateSummary, JudgedBy};
use crate::report::gaps::{accepted, counts};

fn policy(it: &JudgedBy) -> String {
    let short: String = it.sha256.chars().take(12).collect();
    format!("Policy {}, sha256 {}.", code(&format!("{}@{}", it.name, it.version)), code(&short))
}

fn row(it: &GapRow) -> String {
    let owner =
        it.owner.as_ref().map_or_else(|| "no owner stated".to_owned(), |owner| format!("owner {}", code(owner)));
    let end = match &it.exception {
        Some(by) => format!("accepted {}", prose(&accepted(&by.exception, &by.path))),
        None => format!("closes: {}", prose(&it.closes)),
    };
    let (about, requirement) = (code(&it.about), prose(&it.requirement));
    format!(
        "{} {about} {requirement}: {}, {} ({owner}; {end})",
        it.severity.as_str(),
        prose(&it.state),
        prose(&it.says)
    )
}

impl Markdown for Answer<GapRow, GapsSummary> {
    fn page(&self, most: usize) -> Page {
        let of = self.summary.of.as_ref().map(|of| format!(" of {}", code(of))).unwrap_or_default();
        let mut page = Page::new(most, &format!("What the policy asks for and the ledger does not hold{of}"));
        page.says(&counts(&self.summary));
        page.some("", &self.rows, self.completeness.at_most, row);
        page.says(&policy(&self.summary.policy));
        page.bounds(&self.completeness)
    }
}

impl Markdown for Answer<GapRow, GateSummary> {
    fn page(&self, most: usize) -> Page {
        let it = &self.summary;
        let of = it.gaps.of.as_ref().map(|of| code(of)).unwrap_or_default();
        let place = it.environment.as_ref().map(|place| format!(" for {}", code(place))).unwrap_or_default();
        let mut page = Page::new(most, &format!("The gate says {} to {of}{place}", it.verdict));
        page.says(&format!("{}.", prose(&it.says)));
        page.some("", &self.rows, self.rows.len() as u64, row);
        page.says(&policy(&it.gaps.policy));
        page.bounds(&self.completeness)
    }
}
