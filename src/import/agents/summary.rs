//! Summaries of coding sessions and configurations of agents, as evidence collectors keep them: which
//! agent, which models and tools, which commits came of it. The conversation itself is not here.

use crate::import::node::{Fault, Node};
use crate::import::sniff::Keys;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Digest, Kind, Relation};

/// Whether an object is such a summary.
pub(super) fn is_ours(keys: &Keys<'_>) -> bool {
    let named = |key: &str| {
        keys.get(key).is_some_and(|value| value.contains("AI_CODING_SESSION") || value.contains("AI_AGENT_CONFIG"))
    };
    named("chainloop.material.evidence.id")
        || keys.get("data").is_some_and(|value| {
            value.contains("\"git_context\"") && value.contains("\"session\"") && value.contains("\"agent\"")
        })
}

/// Whether a unit is one.
pub(super) fn holds(node: &Node<'_>) -> bool {
    node.value.get("data").is_some_and(|data| data.get("agent").is_some())
}

/// Reads one.
pub(super) fn read(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let data = node.required("data")?;
    let said = data.required("agent")?;
    let name = said.text("name")?;
    let version = said.optional_text("version")?;
    let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
    let mut agent = Artefact::new(format!("agent:{name}{suffix}"), Kind::Agent);
    agent.name = Some(name.to_owned());
    agent.version = version.map(str::to_owned);
    let agent = telling.artefact(agent);
    for file in data.list("config_files")? {
        let path = file.text("path")?;
        let instruction = file.optional_text("kind")? == Some("instruction");
        let kind = if instruction { Kind::Prompt } else { Kind::Policy };
        let digest = file.optional_text("sha256")?.map(|hex| Digest::parse(&format!("sha256:{hex}")));
        let scope = digest.as_ref().map_or(path, |digest| digest.as_str());
        let mut config = Artefact::new(format!("{kind}:{name}/{path}@{scope}"), kind);
        config.name = Some(path.to_owned());
        config.digests.extend(digest);
        let config = telling.artefact(config);
        telling.link(&agent, if instruction { Relation::UsesPrompt } else { Relation::GovernedBy }, &config, None);
    }
    let Some(session) = data.child("session")? else { return Ok(()) };
    let started = telling.time(&session, "started_at")?;
    if let Some(at) = started {
        telling.observe(at);
    }
    let mut run = Artefact::new(format!("run:session/{}", session.text("id")?), Kind::Run);
    run.at = started;
    keep(&mut run.attributes, "slug", session.optional_text("slug")?);
    keep(&mut run.attributes, "ended", session.optional_text("ended_at")?);
    let run = telling.artefact(run);
    telling.link(&run, Relation::ProducedBy, &agent, started);
    if let Some(model) = data.child("model")? {
        let provider = model.optional_text("provider")?.map_or_else(String::new, |provider| format!("{provider}/"));
        for used in model.list("models_used")? {
            let used = used.as_text()?;
            let used = telling.named(format!("model:{provider}{used}"), Kind::Model, used);
            telling.link(&run, Relation::Used, &used, started);
        }
    }
    if let Some(tools) = data.child("tools_used")? {
        for tool in tools.list("summary")? {
            let tool = tool.text("tool_name")?;
            let tool = telling.named(format!("tool:{name}/{tool}"), Kind::Tool, tool);
            telling.link(&run, Relation::UsesTool, &tool, started);
        }
    }
    if let Some(git) = data.child("git_context")? {
        let repository = git.optional_text("repository")?;
        for commit in git.list("commits")? {
            // A commit may be written with its message behind it.
            let sha = commit.as_text()?.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            if !matches!(sha.len(), 40 | 64) || !sha.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                telling.doubt(format!(
                    "{}: \"{sha}\" is no whole commit id: an abbreviation names no commit",
                    commit.path
                ));
                continue;
            }
            let mut code = Artefact::new(format!("code:git:{sha}"), Kind::Code);
            code.digests.push(Digest::parse(&format!("git:{sha}")));
            keep(&mut code.attributes, "repository", repository);
            let code = telling.artefact(code);
            telling.link(&code, Relation::ProducedBy, &run, started);
        }
    }
    Ok(())
}
