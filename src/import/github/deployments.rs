//! Deployments and their statuses. A deployment in GitHub's words is one attempt, a run here; what it
//! changed, once it went well, is the environment. It says what was deployed, not what still runs.

use super::names::{self, Repository};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Evidence, Kind, Link, Relation, Statement, Time};
use serde_json::Value;

/// Describes one attempt: the run's id and the commit's.
pub(super) fn deployment(
    node: &Node<'_>,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(String, String), Fault> {
    let number = names::number(node, "id")?;
    let sha = node.required("sha")?;
    let at = telling.time(node, "created_at")?;
    if let Some(at) = at {
        telling.observe(at);
    }
    let mut run = Artefact::new(attempt(repository, &number), Kind::Run);
    run.name = Some(format!("deployment {number}"));
    run.at = at;
    run.environment = node.optional_text("environment")?.map(str::to_owned);
    names::keep_texts(&mut run.attributes, node, &["ref", "task", "description", "original_environment"])?;
    let run = telling.artefact(run);
    let code = repository.commit(sha.as_text()?, &sha.path, telling)?;
    telling.link(&run, Relation::Used, &code, at);
    if let Some(by) = names::who(node, "creator", telling)? {
        telling.link(&run, Relation::ActedFor, &by, at);
    }
    Ok((run, code))
}

fn attempt(repository: &Repository, number: &str) -> String {
    format!("run:{}/deployments/{number}", repository.0)
}

/// A status, with the deployment it is of.
pub(super) fn status(
    status: &Node<'_>,
    of: &Node<'_>,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let (run, code) = deployment(of, repository, telling)?;
    let since = telling.time(of, "created_at")?;
    let environment = match status.optional_text("environment")? {
        Some(environment) => Some(environment),
        None => of.optional_text("environment")?,
    };
    tell(status, environment, &run, Some((&code, since)), repository, telling)
}

/// A status of which only the number of its deployment is known.
pub(super) fn status_alone(status: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let url = status.text("deployment_url")?;
    let number = url.rsplit('/').next().unwrap_or_default();
    let run = attempt(repository, number);
    telling.named(run.clone(), Kind::Run, format!("deployment {number}"));
    tell(status, status.optional_text("environment")?, &run, None, repository, telling)
}

fn tell(
    status: &Node<'_>,
    environment: Option<&str>,
    run: &str,
    code: Option<(&str, Option<Time>)>,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let state = status.text("state")?;
    let at = telling.time(status, "created_at")?;
    let at = at.ok_or_else(|| crate::import::node::missing(&status.path, "created_at"))?;
    telling.observe(at);
    let mut attributes = Attributes::new();
    keep(&mut attributes, "description", status.optional_text("description")?);
    keep(&mut attributes, "environment", environment);
    let refs = ["log_url", "environment_url"].iter().filter_map(|key| status.optional_text(key).ok().flatten());
    let refs = refs.filter(|url| !url.is_empty()).map(str::to_owned).collect();
    let by = names::who(status, "creator", telling)?;
    telling.say(Statement::Evidence(Evidence {
        about: run.to_owned(),
        kind: "telemetry".to_owned(),
        scope: Some("deployment-status".to_owned()),
        by,
        at,
        verdict: Some(state.to_owned()),
        expires: None,
        covers: Vec::new(),
        refs,
        attributes,
    }));
    let Some(environment) = environment.filter(|_| matches!(state, "success" | "inactive")) else { return Ok(()) };
    let mut deployment = Artefact::new(format!("deployment:{}/{environment}", repository.0), Kind::Deployment);
    deployment.name = Some(environment.to_owned());
    deployment.environment = Some(environment.to_owned());
    deployment.attributes.insert("repository".to_owned(), Value::from(repository.0.as_str()));
    let deployment = telling.artefact(deployment);
    if state == "success" {
        telling.link(&deployment, Relation::ChangedBy, run, Some(at));
        if let Some((code, _)) = code {
            telling.link(&deployment, Relation::Deploys, code, Some(at));
        }
    } else if let Some((code, since)) = code {
        // It is over. When it began is in the status that said so; it began after it was asked for.
        let mut link = Link::new(deployment, Relation::Deploys, code);
        link.since = since;
        link.until = Some(at);
        telling.say(Statement::Link(link));
    }
    Ok(())
}
