//! Approvals as GitHub tells of them: webhook payloads, and what its API answers of reviews, check
//! runs, workflow runs and deployments. What is said is said of the commit it was said of. It asks
//! GitHub nothing, so what a payload leaves out stays out.

mod approvals;
mod checks;
mod deployments;
mod names;
mod rules;

use super::node::{Fault, Node};
use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::{Format, Framing, Head, Importer, Reading};
use names::Repository;

/// Reads GitHub webhook payloads and API answers.
pub struct GitHub;

static FORMAT: Format = Format {
    name: "github",
    version: 1,
    media_type: "application/vnd.github+json",
    about: "GitHub webhooks and API answers: deployment and pull request reviews, check runs, deployments, workflow runs",
    extensions: &["json", "jsonl"],
};

impl Importer for GitHub {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_ours).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        Teller::documents(content, out, |node, telling| read(node, telling, 0));
    }
}

/// A key whose value is an object or a list.
fn holds(keys: &Keys<'_>, key: &str, opening: char) -> bool {
    keys.get(key).is_some_and(|value| value.starts_with(opening))
}

fn is_ours(keys: &Keys<'_>) -> bool {
    let all = |wanted: &[&str]| wanted.iter().all(|key| keys.contains_key(*key));
    let webhook = holds(keys, "sender", '{')
        && keys.get("repository").is_some_and(|value| value.starts_with('{') && value.contains("\"full_name\""));
    let delivery = all(&["guid", "event", "delivered_at", "request"]);
    let listed =
        keys.contains_key("total_count") && (holds(keys, "check_runs", '[') || holds(keys, "workflow_runs", '['));
    webhook || delivery || listed || Answer::of(|key| keys.contains_key(key)).is_some()
}

/// What an object that is no event may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Review,
    CheckRun,
    WorkflowRun,
    Deployment,
    DeploymentStatus,
    RunApproval,
    PullRequest,
}

impl Answer {
    /// Told by the keys that only it has.
    fn of(has: impl Fn(&str) -> bool) -> Option<Answer> {
        let table: [(Answer, &[&str]); 7] = [
            (Answer::Review, &["commit_id", "state", "pull_request_url", "user"]),
            (Answer::CheckRun, &["head_sha", "conclusion", "status", "name", "app", "check_suite"]),
            (Answer::WorkflowRun, &["head_sha", "conclusion", "run_number", "workflow_id"]),
            (Answer::Deployment, &["sha", "environment", "statuses_url", "repository_url"]),
            (Answer::DeploymentStatus, &["deployment_url", "repository_url", "state"]),
            (Answer::RunApproval, &["environments", "state", "user", "comment"]),
            (Answer::PullRequest, &["number", "head", "base", "merge_commit_sha", "html_url"]),
        ];
        table.into_iter().find(|(_, keys)| keys.iter().all(|key| has(key))).map(|(answer, _)| answer)
    }
}

/// How deep lists and deliveries may wrap what they hold.
const WRAPPED: usize = 4;

fn read(node: &Node<'_>, telling: &mut Teller<'_>, depth: usize) -> Result<(), Fault> {
    if depth > WRAPPED {
        return Err(format!("{}: lists within lists", node.path));
    }
    if let Some(items) = node.value.as_array() {
        for (index, item) in items.iter().enumerate() {
            let item = Node::new(item, format!("{}/{index}", node.path));
            let read = read(&item, telling, depth + 1);
            telling.attempt(read);
        }
        return Ok(());
    }
    for list in ["check_runs", "workflow_runs"] {
        if node.child(list)?.is_some_and(|child| child.value.is_array()) {
            for item in node.list(list)? {
                let read = read(&item, telling, depth + 1);
                telling.attempt(read);
            }
            return Ok(());
        }
    }
    if let Some(request) = node.child("request")?.filter(|request| request.value.is_object())
        && let Some(payload) = request.child("payload")?
    {
        return read(&payload, telling, depth + 1);
    }
    let has = |key: &str| node.value.get(key).is_some();
    match Answer::of(has) {
        Some(answer) if !has("sender") => read_answer(answer, node, telling),
        _ => read_event(node, telling),
    }
}

fn read_answer(answer: Answer, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    if answer == Answer::RunApproval {
        return Err(format!(
            "{}: an approval without the commit and the time it was given: import the deployment_review event instead",
            node.place()
        ));
    }
    let repository = Repository::of_answer(node)?;
    match answer {
        Answer::Review => approvals::review(node, None, None, &repository, telling),
        Answer::CheckRun => checks::check_run(node, &repository, telling),
        Answer::WorkflowRun => checks::workflow_run(node, &repository, telling),
        Answer::Deployment => deployments::deployment(node, &repository, telling).map(|_| ()),
        Answer::DeploymentStatus => deployments::status_alone(node, &repository, telling),
        Answer::PullRequest => approvals::pull_request(node, &repository, telling),
        Answer::RunApproval => Ok(()),
    }
}

/// The name of an event is in a header that is not here, so its keys tell.
fn read_event(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let repository = Repository::of_event(node)?;
    let action = node.optional_text("action")?.unwrap_or_default();
    let child = |key: &str| node.child(key);
    if let (Some(review), Some(pull)) = (child("review")?, child("pull_request")?) {
        return approvals::review(&review, Some(&pull), Some(action), &repository, telling);
    }
    if let (Some(status), Some(deployment)) = (child("deployment_status")?, child("deployment")?) {
        return deployments::status(&status, &deployment, &repository, telling);
    }
    if let Some(deployment) = child("deployment")? {
        return deployments::deployment(&deployment, &repository, telling).map(|_| ());
    }
    if let Some(run) = child("workflow_run")? {
        return if node.child("reviewers")?.is_some() || child("approver")?.is_some() || child("requestor")?.is_some() {
            approvals::deployment_review(node, &run, action, &repository, telling)
        } else {
            checks::workflow_run(&run, &repository, telling)
        };
    }
    if let Some(run) = child("check_run")? {
        return checks::check_run(&run, &repository, telling);
    }
    if let Some(pull) = child("pull_request")? {
        return approvals::pull_request(&pull, &repository, telling);
    }
    if let Some(alert) = child("alert")? {
        return rules::alert(&alert, action, &repository, telling);
    }
    if let Some(rule) = child("rule")? {
        return rules::branch_protection(&rule, node, action, &repository, telling);
    }
    telling.doubt(format!("/: an event that tells of no approval ({action}); it is kept in the record only"));
    Ok(())
}
