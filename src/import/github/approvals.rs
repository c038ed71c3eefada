//! Reviews of pull requests and of deployments, as approvals of the commit that was looked at. Where
//! the head has moved since, the approval does not cover it, and says so. A comment approves nothing.

use super::names::{self, Repository};
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Attributes, Digest, Evidence, Relation, Statement, Time};
use serde_json::Value;

/// What all reviews of pull requests are of.
const REVIEW: &str = "pull-request";

/// The kind of evidence and the verdict that a review's state comes to.
fn meaning(state: &str) -> Option<(&'static str, &'static str)> {
    match state.to_ascii_lowercase().as_str() {
        "approved" => Some(("approval", "approved")),
        // Taken back, whatever it was: what it approved is approved no longer.
        "changes_requested" | "rejected" | "dismissed" => Some(("approval", "rejected")),
        "commented" => Some(("review", "commented")),
        "requested" => Some(("approval-request", "requested")),
        _ => None,
    }
}

fn covering(id: &str) -> Vec<Digest> {
    id.rsplit_once('@').map(|(_, sha)| Digest::parse(&format!("git:{sha}"))).into_iter().collect()
}

/// A review of a pull request, from an event or from a list of them.
pub(super) fn review(
    review: &Node<'_>,
    pull: Option<&Node<'_>>,
    action: Option<&str>,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let state = review.text("state")?;
    let dismissed = action == Some("dismissed") || state.eq_ignore_ascii_case("dismissed");
    let commit = review.required("commit_id")?;
    let code = repository.commit(commit.as_text()?, &commit.path, telling)?;
    let by = names::who(review, "user", telling)?;
    if state.eq_ignore_ascii_case("pending") {
        telling.doubt(format!("{}/state: a review that is not submitted yet says nothing", review.path));
        return Ok(());
    }
    let submitted = telling.time(review, "submitted_at")?;
    // When it was taken back is not said: the pull request changed with it.
    let changed = match pull {
        Some(pull) if dismissed => telling.time(pull, "updated_at")?,
        _ => None,
    };
    let at = changed.or(submitted).ok_or_else(|| crate::import::node::missing(&review.path, "submitted_at"))?;
    telling.observe(submitted.unwrap_or(at).min(at));
    let word = if dismissed { "dismissed" } else { state };
    let Some((kind, verdict)) = meaning(word) else {
        return Err(format!(
            "{}/state: \"{word}\": expected approved, changes_requested, commented or dismissed",
            review.path
        ));
    };
    let mut evidence = Evidence {
        about: code.clone(),
        kind: kind.to_owned(),
        scope: Some(REVIEW.to_owned()),
        by,
        at,
        verdict: Some(verdict.to_owned()),
        expires: None,
        covers: covering(&code),
        refs: review.optional_text("html_url")?.map(str::to_owned).into_iter().collect(),
        attributes: Attributes::new(),
    };
    keep(&mut evidence.attributes, "state", Some(&word.to_ascii_lowercase()));
    keep(&mut evidence.attributes, "comment", review.optional_text("body")?);
    keep(&mut evidence.attributes, "association", review.optional_text("author_association")?);
    if let Some(pull) = pull {
        evidence.attributes.insert("pull-request".to_owned(), Value::from(names::number(pull, "number")?));
    }
    telling.say(Statement::Evidence(evidence.clone()));
    let Some(pull) = pull else { return Ok(()) };
    let head = pull_request_head(pull, repository, telling)?;
    if head != code && verdict == "approved" {
        moved(evidence, &head, telling);
    }
    merged(pull, &head, repository, telling)
}

/// Says of the head that what was approved is another commit.
fn moved(mut evidence: Evidence, head: &str, telling: &mut Teller<'_>) {
    let saw = evidence.about.rsplit('@').next().unwrap_or_default().to_owned();
    let is = head.rsplit('@').next().unwrap_or_default();
    telling.doubt(format!(
        "/review/commit_id: the approval saw {saw}, and the head has moved to {is}: it is stale for the head"
    ));
    evidence.about = head.to_owned();
    evidence.attributes.insert("stale".to_owned(), Value::from(format!("the head moved on from {saw}")));
    telling.say(Statement::Evidence(evidence));
}

fn pull_request_head(pull: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<String, Fault> {
    let head = pull.required("head")?;
    let sha = head.required("sha")?;
    // The commit is the base repository's too, once it is reviewed there.
    repository.commit(sha.as_text()?, &sha.path, telling)
}

/// What was merged comes from the head. The commit of a test merge is nothing anybody runs.
fn merged(pull: &Node<'_>, head: &str, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let Some(at) = telling.time(pull, "merged_at")? else { return Ok(()) };
    let Some(sha) = pull.child("merge_commit_sha")? else { return Ok(()) };
    let merge = repository.commit(sha.as_text()?, &sha.path, telling)?;
    if merge != head {
        telling.link(&merge, Relation::DerivedFrom, head, Some(at));
    }
    if let Some(by) = names::who(pull, "merged_by", telling)? {
        telling.link(&merge, Relation::ActedFor, &by, Some(at));
    }
    Ok(())
}

/// A pull request without a review: its head, what it was merged as, who was asked.
pub(super) fn pull_request(pull: &Node<'_>, repository: &Repository, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let head = pull_request_head(pull, repository, telling)?;
    let asked_at = telling.time(pull, "updated_at")?;
    if let Some(at) = asked_at {
        telling.observe(at);
    }
    for list in ["requested_reviewers", "requested_teams"] {
        for asked in pull.list(list)? {
            let of = names::reviewer(&asked, telling)?;
            if let Some(at) = asked_at {
                request(&head, REVIEW, Vec::from([of]), None, at, telling);
            }
        }
    }
    merged(pull, &head, repository, telling)
}

fn request(about: &str, scope: &str, of: Vec<String>, by: Option<String>, at: Time, telling: &mut Teller<'_>) {
    let mut attributes = Attributes::new();
    attributes.insert("of".to_owned(), Value::from(of));
    telling.say(Statement::Evidence(Evidence {
        about: about.to_owned(),
        kind: "approval-request".to_owned(),
        scope: Some(scope.to_owned()),
        by,
        at,
        verdict: Some("requested".to_owned()),
        expires: None,
        covers: covering(about),
        refs: Vec::new(),
        attributes,
    }));
}

/// Where a deployment review says its environment is, by payload and version.
fn environments<'v>(node: &Node<'v>) -> Result<Vec<&'v str>, Fault> {
    let mut found = Vec::new();
    found.extend(node.optional_text("environment")?);
    if let Some(job) = node.child("workflow_job_run")? {
        found.extend(job.optional_text("environment")?);
    }
    for job in node.list("workflow_job_runs")? {
        found.extend(job.optional_text("environment")?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// A request to deploy to a protected environment, or the answer to one.
pub(super) fn deployment_review(
    node: &Node<'_>,
    run: &Node<'_>,
    action: &str,
    repository: &Repository,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let sha = run.required("head_sha")?;
    let code = repository.commit(sha.as_text()?, &sha.path, telling)?;
    super::checks::describe_run(run, &code, repository, telling)?;
    let environments = environments(node)?;
    if environments.is_empty() {
        return Err(crate::import::node::missing(&node.path, "environment"));
    }
    let since = telling.time(node, "since")?;
    let updated = telling.time(run, "updated_at")?;
    let mut reviewers = Vec::new();
    for reviewer in node.list("reviewers")? {
        reviewers.push(names::reviewer(&reviewer, telling)?);
    }
    let answered = action != "requested";
    // An answer is given after it is asked for, and the run goes on with it.
    let at = if answered { updated.max(since) } else { since.or(updated) };
    let at = at.ok_or_else(|| crate::import::node::missing(&node.path, "since"))?;
    telling.observe(at);
    let by = if answered {
        match names::who(node, "approver", telling)? {
            Some(by) => Some(by),
            None => names::who(node, "sender", telling)?,
        }
    } else {
        names::who(node, "requestor", telling)?
    };
    for environment in environments {
        if !answered {
            request(&code, environment, reviewers.clone(), by.clone(), at, telling);
            continue;
        }
        let (kind, verdict) = meaning(action)
            .ok_or_else(|| format!("/action: \"{action}\": expected requested, approved or rejected"))?;
        let mut attributes = Attributes::new();
        keep(&mut attributes, "comment", node.optional_text("comment")?);
        keep(&mut attributes, "environment", Some(environment));
        telling.say(Statement::Evidence(Evidence {
            about: code.clone(),
            kind: kind.to_owned(),
            scope: Some(environment.to_owned()),
            by: by.clone(),
            at,
            verdict: Some(verdict.to_owned()),
            expires: None,
            covers: covering(&code),
            refs: run.optional_text("html_url")?.map(str::to_owned).into_iter().collect(),
            attributes,
        }));
    }
    Ok(())
}
