//! A report as one HTML page: what stands where. It needs no script, loads nothing, and forbids both to whatever
//! might have come in with a name.

use crate::investigate::answer::Completeness;
use crate::investigate::rows::{Dossier, Part, Shown, Subject};
use crate::report::dossier::{asked, bounds, how_to_verify, named, picture, summary, tables, title};
use crate::report::html::{Cell, Html};

const STYLE: &str = include_str!("../../../assets/report/report.css");

/// SHA-256 of the style sheet as it stands in the page: the only thing that may style it. A test compares.
const STYLE_SHA256: &str = "sha256-Eh7Y/s+F6AIotec7OCAtI/oQmS9qWDqLfvQy6yXoCcc=";

/// The whole page.
pub(super) fn page(dossier: &Dossier) -> String {
    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src '");
    html.raw(STYLE_SHA256).raw("'\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\n");
    html.of("title", "", &format!("Report: {}", title(dossier)));
    html.raw("<style>").raw(STYLE).raw("</style></head>\n<body><main>\n");
    html.raw("<header>").of("p", "faint", "Report by lastgood").of("h1", "", &title(dossier));
    html.of("p", "faint", &asked(dossier)).close("header");
    let parts = parts(dossier);
    html.raw("<nav><ol>");
    for (number, (name, _)) in (1..).zip(&parts) {
        html.raw("<li>").to("part-", number, name).close("li");
    }
    html.raw("</ol></nav>\n");
    for (number, (name, part)) in (1..).zip(&parts) {
        html.open_numbered("section", "part-", number).of("h2", "", name);
        told(&mut html, dossier, part);
        html.close("section");
    }
    html.raw("</main></body></html>\n");
    html.finish()
}

/// The parts of a page.
enum Told<'a> {
    Summary,
    Case,
    Again,
    Impact,
    Plan,
    Subject(&'a Subject),
    Custody,
    Verify,
}

/// What there is to tell, in order, each under its heading: an artefact's own report begins with the artefact.
fn parts(dossier: &Dossier) -> Vec<(String, Told<'_>)> {
    let subjects = || dossier.subjects.iter().map(|it| (it.id().to_owned(), Told::Subject(it)));
    let of_case = dossier.case.is_some();
    let mut all = vec![("Summary".to_owned(), Told::Summary)];
    all.extend(dossier.case.iter().map(|_| ("What was said and done".to_owned(), Told::Case)));
    all.extend(dossier.again.iter().map(|_| ("Saved answers, asked again".to_owned(), Told::Again)));
    all.extend(subjects().filter(|_| !of_case));
    all.extend(dossier.impact.iter().map(|_| ("What it reaches".to_owned(), Told::Impact)));
    all.extend(dossier.plan.iter().map(|_| ("The way back".to_owned(), Told::Plan)));
    all.extend(subjects().filter(|_| of_case));
    all.push(("Custody".to_owned(), Told::Custody));
    all.push(("How to verify".to_owned(), Told::Verify));
    all
}

fn told(html: &mut Html, dossier: &Dossier, part: &Told<'_>) {
    match part {
        Told::Summary => {
            html.list("summary", summary(dossier).iter().map(String::as_str));
            if !dossier.left_out.is_empty() {
                let names = named(&dossier.left_out);
                html.of("p", "faint", &format!("The case also names {names}, which have no part of their own here."));
            }
        }
        Told::Case => {
            if let Some(case) = &dossier.case {
                tables::case(html, case);
                sure(html, &case.completeness, "statement");
            }
        }
        Told::Again => answered(html, dossier.again.as_ref(), |html, answer| {
            tables::again(html, answer);
            sure(html, &answer.completeness, "saved answer");
        }),
        Told::Impact => {
            html.of("p", "", &format!("Everything that depends on {}.", named(&dossier.bad)));
            answered(html, dossier.impact.as_ref(), |html, answer| {
                sure(html, &answer.completeness, "artefact");
                tables::impact(html, answer);
            });
        }
        Told::Plan => answered(html, dossier.plan.as_ref(), |html, answer| {
            tables::plan(html, answer);
            sure(html, &answer.completeness, "step");
        }),
        Told::Subject(it) => subject(html, it),
        Told::Custody => custody(html, dossier),
        Told::Verify => verify(html, dossier),
    }
}

fn verify(html: &mut Html, dossier: &Dossier) {
    html.open("ol", "");
    for (says, command) in how_to_verify(dossier) {
        html.open("li", "").of("p", "", &says);
        command.iter().for_each(|command| {
            html.of("pre", "", command);
        });
        html.close("li");
    }
    html.close("ol").open("pre", "checkpoint");
    for line in dossier.custody.checkpoint.lines() {
        html.text(line).raw("\n");
    }
    html.close("pre");
}

/// How sure a list is, and why it is not surer.
fn sure(html: &mut Html, it: &Completeness, noun: &str) {
    html.open("div", "bounds")
        .of("p", "", &bounds(it, noun))
        .list("", it.because.iter().map(String::as_str))
        .close("div");
}

fn answered<T>(html: &mut Html, part: Option<&Part<T>>, told: impl FnOnce(&mut Html, &T)) {
    match part {
        None => {}
        Some(Part::Answered(answer)) => told(html, answer),
        Some(Part::Unanswered { unanswered }) => {
            html.of("p", "unanswered", &format!("No answer: {unanswered}"));
        }
    }
}

fn subject(html: &mut Html, it: &Subject) {
    facts(html, it);
    html.of("h3", "", "What it is made of");
    answered(html, Some(&it.tree), |html, tree| {
        picture::draw(html, &tree.rows);
        sure(html, &tree.completeness, "artefact");
    });
    html.of("h3", "", "The evidence it rests on");
    answered(html, Some(&it.chain), |html, answer| {
        tables::chain(html, answer);
        sure(html, &answer.completeness, "link");
    });
    html.of("h3", "", "What changed since it was last good");
    answered(html, Some(&it.diff), |html, answer| {
        tables::diff(html, answer);
        sure(html, &answer.completeness, "difference");
    });
    html.of("h3", "", "Findings: what the policy asks for and nobody holds");
    answered(html, Some(&it.gaps), |html, answer| {
        tables::gaps(html, answer);
        sure(html, &answer.completeness, "finding");
    });
    html.of("h3", "", "What happened, in order");
    answered(html, Some(&it.timeline), |html, answer| {
        tables::timeline(html, answer);
        sure(html, &answer.completeness, "event");
    });
}

fn facts(html: &mut Html, it: &Subject) {
    let Some(row) = it.shown.rows.first() else { return };
    let Shown { digests, identifiers, aliases, conflicts, absences, marks, derived, .. } = &it.shown.summary;
    let codes = |all: &[String]| Cell::Lines(all.iter().map(|text| Cell::Code(text.clone())).collect());
    let lines = |all: Vec<String>| Cell::Lines(all.into_iter().map(Cell::Text).collect());
    let marks = marks.iter().map(|it| {
        let says = format!("{}: {}, says {} on {}", it.mark.as_str(), it.reason, it.by, it.at.short());
        Cell::Lines(vec![Cell::Text(says), Cell::Claim(it.claim.clone())])
    });
    let derived = derived.iter().map(|it| {
        let sure = if it.certain { "" } else { "possibly " };
        format!("{sure}by {} ({}), over {}", it.from, it.mark.as_str(), it.path.join(" → "))
    });
    let aliases = aliases.iter().map(|it| format!("{}: {}", it.id, it.why));
    let conflicts = conflicts.iter().map(|it| {
        let values: Vec<String> = it.values.iter().map(|(value, claim)| format!("{value} [{claim}]")).collect();
        format!("{}: {}", it.field, values.join(" or "))
    });
    let absences = absences.iter().map(|it| format!("{}: {} [{}]", it.relation, it.why, it.claim));
    html.facts(&[
        ("kind", Cell::Text(row.kind.clone())),
        ("owner", Cell::text(row.owner.clone())),
        ("environment", Cell::text(row.environment.clone())),
        ("risk", Cell::text(row.risk.clone())),
        ("came to be", tables::time(row.at)),
        ("marked", Cell::Lines(marks.collect())),
        ("exposed", lines(derived.collect())),
        ("digests", codes(digests)),
        ("identifiers", codes(identifiers)),
        ("also called", lines(aliases.collect())),
        ("told differently", lines(conflicts.collect())),
        ("cannot be told", lines(absences.collect())),
    ]);
    tables::evidence(html, &it.shown.summary.evidence);
    sure(html, &it.shown.completeness, "artefact");
}

fn custody(html: &mut Html, dossier: &Dossier) {
    let custody = &dossier.custody;
    html.of("p", "", "Where everything above was read from, when, and the digest of what was received.");
    html.facts(&[
        ("ledger", Cell::Code(custody.origin.clone())),
        ("records", Cell::Text(custody.ledger.records.to_string())),
        ("root", Cell::Code(custody.ledger.root.clone())),
        ("verifier key", Cell::code(custody.verifier.clone())),
    ]);
    tables::custody(html, &custody.records);
    let (listed, cited) = (custody.records.len() as u64, custody.cited);
    let cut = match cited > listed {
        true => format!("{listed} of {cited} records that are cited are listed; the others are in the ledger."),
        false => format!("All {cited} records that are cited are listed."),
    };
    html.of("p", "bounds", &cut);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_is_the_one_that_the_page_allows() {
        let digest = crate::proof::digest::sha256(STYLE.as_bytes());
        use base64::Engine as _;
        let said = base64::engine::general_purpose::STANDARD.encode(digest);
        assert_eq!(STYLE_SHA256, format!("sha256-{said}"));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
    }
}
