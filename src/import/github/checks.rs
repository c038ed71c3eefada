//! Check runs and workflow runs: what was tried on a commit and how it went. One that is not over
//! says nothing of how it went.

use super::names::{self, Repository};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Evidence, Kind, Relation, Statement};
use serde_json::Value;

/// A check run.
pub(super) fn check_run(run: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let sha = run.required("head_sha")?;
    let code = repository.commit(sha.as_text()?, &sha.path, telling)?;
    let name = run.text("name")?;
    let Some(conclusion) = run.optional_text("conclusion")? else { return Ok(()) };
    let at = telling.time(run, "completed_at")?;
    let at = at.ok_or_else(|| crate::import::node::missing(&run.path, "completed_at"))?;
    telling.observe(at);
    let by = match run.child("app")? {
        Some(app) => {
            let name = app.text("name")?;
            let slug = match app.optional_text("slug")? {
                Some(slug) => slug.to_owned(),
                None => names::number(&app, "id")?,
            };
            let number = app.child("id")?.map(|id| id.value.clone());
            Some(names::identity(format!("github:app/{slug}"), name, "service-account", number, telling))
        }
        None => None,
    };
    let mut evidence = Evidence {
        about: code,
        kind: "evaluation".to_owned(),
        scope: Some(name.to_owned()),
        by,
        at,
        verdict: Some(verdict(conclusion).to_owned()),
        expires: None,
        covers: Vec::new(),
        refs: run.optional_text("html_url")?.map(str::to_owned).into_iter().collect(),
        attributes: Attributes::new(),
    };
    keep(&mut evidence.attributes, "conclusion", Some(conclusion));
    if let Some(output) = run.child("output")? {
        keep(&mut evidence.attributes, "title", output.optional_text("title")?);
        keep(&mut evidence.attributes, "summary", output.optional_text("summary")?);
    }
    telling.say(Statement::Evidence(evidence));
    Ok(())
}

/// GitHub's word where it is one that everybody reads alike; a skipped check is no pass.
fn verdict(conclusion: &str) -> &str {
    match conclusion {
        "failure" | "timed_out" | "startup_failure" => "fail",
        other => other,
    }
}

/// Describes a workflow run: what it ran, of which workflow, for whom.
pub(super) fn describe_run(
    run: &Node<'_>,
    code: &str,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<String, Fault> {
    let number = names::number(run, "id")?;
    let started = match telling.time(run, "run_started_at")? {
        Some(at) => Some(at),
        None => telling.time(run, "created_at")?,
    };
    let mut artefact = Artefact::new(format!("run:{}/actions/runs/{number}", repository.0), Kind::Run);
    artefact.name = run.optional_text("name")?.filter(|name| !name.is_empty()).map(str::to_owned);
    artefact.at = started;
    names::keep_texts(
        &mut artefact.attributes,
        run,
        &["display_title", "event", "head_branch", "status", "conclusion", "html_url"],
    )?;
    if let Some(attempt) = run.child("run_attempt")?.filter(|attempt| attempt.value.is_number()) {
        artefact.attributes.insert("attempt".to_owned(), attempt.value.clone());
    }
    let id = telling.artefact(artefact);
    telling.link(&id, Relation::BuiltFrom, code, started);
    if let Some(path) = run.optional_text("path")?.filter(|path| !path.is_empty()) {
        let path = path.split('@').next().unwrap_or(path);
        let job = telling.named(format!("job:{}/{path}", repository.0), Kind::Job, path);
        telling.link(&id, Relation::InstanceOf, &job, started);
    }
    for key in ["triggering_actor", "actor"] {
        if let Some(by) = names::who(run, key, telling)? {
            telling.link(&id, Relation::ActedFor, &by, started);
            break;
        }
    }
    Ok(id)
}

/// A workflow run, and how it went once it is over.
pub(super) fn workflow_run(run: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let sha = run.required("head_sha")?;
    let code = repository.commit(sha.as_text()?, &sha.path, telling)?;
    let id = describe_run(run, &code, repository, telling)?;
    let over = run.optional_text("status")?.is_none_or(|status| status == "completed");
    let Some(conclusion) = run.optional_text("conclusion")?.filter(|_| over) else { return Ok(()) };
    let at = telling.time(run, "updated_at")?;
    let at = at.ok_or_else(|| crate::import::node::missing(&run.path, "updated_at"))?;
    telling.observe(at);
    let path = run.optional_text("path")?.unwrap_or_default();
    let named = run.optional_text("name")?.filter(|name| !name.is_empty()).unwrap_or(path);
    let mut attributes = Attributes::new();
    keep(&mut attributes, "conclusion", Some(conclusion));
    attributes.insert("run".to_owned(), Value::from(id));
    telling.say(Statement::Evidence(Evidence {
        about: code,
        kind: "evaluation".to_owned(),
        scope: Some(if named.is_empty() { "workflow".to_owned() } else { named.to_owned() }),
        by: None,
        at,
        verdict: Some(verdict(conclusion).to_owned()),
        expires: None,
        covers: Vec::new(),
        refs: run.optional_text("html_url")?.map(str::to_owned).into_iter().collect(),
        attributes,
    }));
    Ok(())
}
