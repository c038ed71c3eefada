//! A report: what was gathered of a case or an artefact, as one file for somebody who was not there. It asks
//! nothing and writes no file.

mod page;
mod picture;
mod tables;

use crate::investigate::answer::Completeness;
use crate::investigate::rows::{About, Action, Dossier, Part, Subject};
use crate::model::shell_word;
use crate::report::plan::between;
use crate::report::{gaps, json, markdown};

/// The file formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One HTML page that loads nothing.
    Html,
    /// Markdown.
    Markdown,
    /// One JSON object.
    Json,
}

impl Form {
    /// The form that a file's name asks for.
    pub fn of(file: &std::path::Path) -> Option<Form> {
        let extension = file.extension()?.to_string_lossy().to_lowercase();
        match extension.as_str() {
            "html" | "htm" => Some(Form::Html),
            "md" | "markdown" => Some(Form::Markdown),
            "json" => Some(Form::Json),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Form::Html => "html",
            Form::Markdown => "md",
            Form::Json => "json",
        }
    }
}

/// The report in a form.
pub fn write(dossier: &Dossier, form: Form) -> String {
    match form {
        Form::Html => page::page(dossier),
        Form::Markdown => markdown::report(dossier),
        Form::Json => json::report("report", &dossier.custody.ledger, dossier) + "\n",
    }
}

/// The longest name of a file, without its extension.
const LONGEST: usize = 100;

/// What the file of a report is called: one plain name, whatever the case or artefact is called.
pub fn file_name(about: &About, form: Form) -> String {
    let mut name = String::from("report-");
    for character in about.name().chars() {
        if name.len() >= LONGEST {
            break;
        }
        match character {
            c if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
            '.' | '-' if !name.ends_with(['-', '.']) => name.push(character),
            _ if !name.ends_with(['-', '.']) => name.push('-'),
            _ => {}
        }
    }
    format!("{}.{}", name.trim_end_matches(['-', '.']), form.extension())
}

/// What a report is about, in words.
pub(super) fn title(dossier: &Dossier) -> String {
    match (&dossier.about, dossier.case.as_ref().and_then(|case| case.summary.title.as_ref())) {
        (About::Case(name), Some(title)) => format!("Case {name}: {title}"),
        (About::Case(name), None) => format!("Case {name}"),
        (About::Artefact(id), _) => id.clone(),
    }
}

/// What it was asked of, and when.
pub(super) fn asked(dossier: &Dossier) -> String {
    let as_of = dossier.as_of.map_or_else(String::new, |at| format!(", of the state at {at}"));
    let known = dossier.known_at.map_or_else(String::new, |at| format!(", as the ledger was told by {at}"));
    let ledger = &dossier.custody.ledger;
    format!("Asked {}{as_of}{known}, of a ledger of {} records with root {}", dossier.at, ledger.records, ledger.root)
}

/// How sure a list is, in words.
pub(super) fn bounds(it: &Completeness, noun: &str) -> String {
    let (least, most) = (it.at_least, it.at_most);
    match (least == most, it.because.is_empty()) {
        (false, _) if it.open => format!("At least {least}, maybe {} or more, because", count(most, noun)),
        (true, true) => format!("Exactly {}", count(least, noun)),
        (true, false) => format!("At least {}, because", count(least, noun)),
        (false, _) => format!("At least {least}, at most {}, because", count(most, noun)),
    }
}

/// The answers in a sentence each.
pub(super) fn summary(dossier: &Dossier) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(case) = dossier.case.as_ref().map(|case| &case.summary) {
        said.push(format!("The case is {}: {}.", case.state, case.counts().join(", ")));
    }
    for subject in &dossier.subjects {
        said.extend(of_subject(subject));
    }
    if let Some(impact) = dossier.impact.as_ref().and_then(Part::answer) {
        let (least, most) = (impact.completeness.at_least, impact.completeness.at_most);
        let of = named(&dossier.bad);
        said.push(match (least, most) {
            (0, 0) => format!("Nothing depends on {of}, as far as is known."),
            _ if impact.completeness.open => {
                let least = if least == most { least.to_string() } else { format!("{least}, maybe {most} or more,") };
                format!("At least {least} artefacts depend on {of}.")
            }
            (1, 1) => format!("1 artefact depends on {of}."),
            _ => format!("{} artefacts depend on {of}.", between(least, most)),
        });
    }
    if let Some(plan) = dossier.plan.as_ref().and_then(Part::answer) {
        if plan.summary.hold.is_some() {
            said.push("Hold: evidence has to be kept before anything is altered.".to_owned());
        }
        let back = plan.rows.iter().filter(|row| row.target.is_some()).count() as u64;
        let none = plan.rows.iter().filter(|row| row.action == Action::Disable).count() as u64;
        let left = between(plan.summary.remaining_at_least, plan.summary.remaining_count);
        let left = if plan.summary.exposure_asked { format!("; {left} stay exposed after it") } else { String::new() };
        let steps = count(plan.summary.steps, "step");
        let back = count(back, "deployment");
        said.push(format!("The plan has {steps}: back to a safe version {back}, to disable {none}{left}."));
    }
    said
}

/// `1 mark`, `2 marks`.
fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn of_subject(subject: &Subject) -> Vec<String> {
    let id = subject.id();
    let mut said = Vec::new();
    if let Some(diff) = subject.diff.answer() {
        let (things, from) = (count(diff.completeness.at_most, "thing"), &diff.summary.baseline);
        said.push(format!("{id} differs from {} ({}) in {things}.", from.id, from.how));
    }
    if let Some(chain) = subject.chain.answer() {
        said.push(format!("Evidence of {id}: {}.", chain.summary.verdict.trim_end_matches('.')));
    }
    if let Some(found) = subject.gaps.answer() {
        let counts = gaps::counts(&found.summary);
        said.push(match counts.is_empty() {
            true => format!("Nothing that the policy asks of {id} is lacking."),
            false => format!("Findings on {id}: {counts}."),
        });
    }
    said
}

pub(super) fn named(ids: &[String]) -> String {
    let first: Vec<&str> = ids.iter().take(3).map(String::as_str).collect();
    match ids.len().saturating_sub(3) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// How somebody else checks what is said here: a sentence, and a command to type where there is one.
pub(super) fn how_to_verify(dossier: &Dossier) -> Vec<(String, Option<String>)> {
    let custody = &dossier.custody;
    let example = custody.records.first().map_or(1, |row| row.record);
    let again = match &dossier.about {
        About::Case(name) => format!("lastgood report --case {} --to again.json", shell_word(name)),
        About::Artefact(id) => format!("lastgood report {} --to again.json", shell_word(id)),
    };
    let key = custody.verifier.as_ref().map_or_else(String::new, |key| format!(" --key {}", shell_word(key)));
    vec![
        (
            "Keep the checkpoint below, as a file, where nobody who holds the ledger can alter it. It tells later whether \
             anything that was there now was changed or taken out."
                .to_owned(),
            Some(format!("lastgood verify --anchor kept.checkpoint{key}")),
        ),
        (
            "Every number in a column \"record\" is a statement of the ledger. This prints what was received, word for \
             word; its SHA-256 stands under custody."
                .to_owned(),
            Some(format!("lastgood record {example} --whole")),
        ),
        ("The same questions, asked again of the same ledger:".to_owned(), Some(again)),
        (
            "The log is a Merkle tree by RFC 6962 and its checkpoint a signed note (C2SP, Ed25519); both can be checked \
             without lastgood."
                .to_owned(),
            None,
        ),
        (
            "None of this says whether a source told the truth. It says that what is stored is what was received, and \
             names what is not known."
                .to_owned(),
            None,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_one_plain_name() {
        let name = |text: &str| file_name(&About::Case(text.to_owned()), Form::Html);
        assert_eq!(name("INC-2412"), "report-INC-2412.html");
        assert_eq!(name("../../etc/passwd"), "report-etc-passwd.html");
        assert_eq!(name("deployment:fraud-scorer/prod-eu"), "report-deployment-fraud-scorer-prod-eu.html");
        assert_eq!(name("…"), "report.html");
        assert!(name(&"x".repeat(5_000)).len() <= LONGEST + 5);
    }
}
