//! Whether an artefact may go where it is meant to go, by the policy. It puts nothing anywhere.

use crate::investigate::answer::Answer;
use crate::investigate::asking::{Asking, Unanswered};
use crate::investigate::gaps::Survey;
use crate::investigate::gaps::subject::Assumed;
use crate::investigate::question::Gate;
use crate::investigate::rows::{Asked, GapRow, GateSummary};
use crate::investigate::wording::count;
use crate::model::{Unasked, fits};

/// Answers it: every requirement that is asked of the artefact, and of what is at work in it, once. It is judged
/// as if it were in use; what is not known of where, or of its risk, is asked for as if it were the strictest.
///
/// # Errors
/// When the artefact is unknown, claims cannot be read, or it was cancelled.
pub fn gate(asking: &Asking<'_>, question: &Gate) -> Result<Answer<GapRow, GateSummary>, Unanswered> {
    let policy = asking.policy()?;
    let of = asking.node(&question.of)?;
    let assumed = Assumed { in_use: true, environment: question.environment.clone() };
    let survey = Survey::new(asking, policy, &assumed, Some(of))?;
    let denies =
        survey.hits.iter().filter(|hit| Survey::is_open(hit) && policy.gate.deny.contains(&Survey::severity(hit)));
    let denies = denies.count();
    let asked = asked(&survey)?;
    let answer = survey.answer(Some(of), usize::MAX)?;
    let mut completeness = answer.completeness;
    if question.environment.is_none() && survey.subject(of).anywhere {
        completeness.because.push(
            "where it is meant to go is not known, so what is asked of any environment was asked of it; name one with --for"
                .to_owned(),
        );
    }
    if survey.subject(of).any_risk && policy.requirements.iter().any(|it| !it.of.risks.is_empty()) {
        completeness
            .because
            .push("its risk class is not known, so what is asked of any class was asked of it".to_owned());
    }
    let named = |of: &[String], name: &str| of.iter().any(|pattern| fits(pattern, name));
    if let Some(name) = &question.environment
        && policy.requirements.iter().any(|it| !it.of.environments.is_empty())
        && !policy.requirements.iter().any(|it| named(&it.of.environments, name))
    {
        let says = "no requirement of the policy is for an environment called";
        completeness.because.push(format!("{says} {name}: only what is asked everywhere was asked of it"));
    }
    let open = answer.rows.iter().filter(|row| row.exception.is_none()).count();
    let unasked = asked.is_empty() && policy.gate.unasked == Unasked::Deny;
    let says = match (denies, open) {
        (0, _) if unasked => "the policy asks nothing of it, so there is nothing to let it through by".to_owned(),
        (0, _) if asked.is_empty() => "the policy asks nothing of it, and lets that through".to_owned(),
        (0, 0) => format!("{} asked for and met or waived", count(asked.len(), "requirement")),
        (0, 1) => "1 requirement is not met, and none that shuts the gate".to_owned(),
        (0, some) => format!("{} are not met, and none that shuts the gate", count(some, "requirement")),
        (1, _) => "1 requirement that shuts the gate is not met".to_owned(),
        (some, _) => format!("{} that shut the gate are not met", count(some, "requirement")),
    };
    let verdict = if denies == 0 && !unasked { "allow" } else { "deny" }.to_owned();
    let summary = GateSummary {
        verdict,
        environment: question.environment.clone(),
        at: asking.moment(),
        says,
        asked,
        gaps: answer.summary,
    };
    Ok(Answer { rows: answer.rows, completeness, summary })
}

/// Every requirement that was asked, met or not.
fn asked(survey: &Survey<'_>) -> Result<Vec<Asked>, Unanswered> {
    let asking = &survey.judge.asking;
    let mut found = Vec::new();
    for node in &survey.judged {
        let subject = survey.subject(*node);
        for &(place, it) in survey.by_kind.on(asking.lineage, *node).iter() {
            if !subject.is_asked(asking, it) || !survey.judge.is_meant(it, &subject)? {
                continue;
            }
            let hit = survey.hits.iter().find(|hit| (hit.node, hit.place) == (*node, place));
            let open = hit.is_some_and(Survey::is_open);
            found.push(Asked {
                about: asking.lineage.id(*node).to_owned(),
                requirement: it.id.clone(),
                severity: it.severity,
                why: it.why.clone(),
                met: !open,
                waived: hit.is_some() && !open,
            });
        }
    }
    Ok(found)
}
