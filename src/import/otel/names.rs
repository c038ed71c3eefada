//! The things around a span: the service, the model, the agent, the tool, who asked. Names are scoped by
//! the service that told of them, so that two programs' helpers of one name stay two.

use super::facts::Facts;
use super::shapes::Span;
use super::value::{Flat, first, text_digest};
use crate::import::openlineage::repository;
use crate::import::teller::{Teller, keep, scalar};
use crate::model::{Artefact, Digest, Kind, Relation, Time};
use std::collections::BTreeSet;

/// What was described already; saying it once a record is enough.
pub(super) type Known = BTreeSet<String>;

/// The service's name, unless the kit made one up.
fn service(resource: &Flat) -> Option<&str> {
    first(resource, &["service.name"]).filter(|name| !name.starts_with("unknown_service"))
}

fn scoped(resource: &Flat, name: &str) -> String {
    let scope = service(resource).or_else(|| first(resource, &["mlflow.scope"]));
    scope.map_or_else(|| name.to_owned(), |service| format!("{service}/{name}"))
}

fn describe(artefact: Artefact, known: &mut Known, telling: &mut Teller<'_>) -> String {
    let id = artefact.id.clone();
    if known.insert(id.clone()) {
        telling.artefact(artefact);
    }
    id
}

fn once(from: &str, relation: Relation, to: &str, since: Option<Time>, known: &mut Known, telling: &mut Teller<'_>) {
    if known.insert(format!("{from} {relation:?} {to}")) {
        telling.link(from, relation, to, since);
    }
}

/// The deployment that the span ran in, with the image and the commit it says it is of.
pub(super) fn deployment(span: &Span, at: Option<Time>, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let resource = &span.resource;
    let workload = [
        ("deployment", "k8s.deployment.name"),
        ("statefulset", "k8s.statefulset.name"),
        ("daemonset", "k8s.daemonset.name"),
    ]
    .iter()
    .find_map(|(kind, key)| first(resource, &[key]).map(|name| (kind, name)));
    let namespace = first(resource, &["k8s.namespace.name"]);
    let id = match (workload, namespace) {
        (Some((kind, name)), Some(namespace)) => format!("deployment:k8s/{namespace}/{kind}/{name}"),
        _ => format!("deployment:otel/{}", scoped_namespace(resource)?),
    };
    let mut artefact = Artefact::new(id, Kind::Deployment);
    artefact.name = service(resource).map(str::to_owned);
    artefact.environment =
        first(resource, &["deployment.environment.name", "deployment.environment"]).map(str::to_owned);
    for key in ["service.version", "host.name", "cloud.region", "telemetry.sdk.name"] {
        keep(&mut artefact.attributes, key, first(resource, &[key]));
    }
    let id = describe(artefact, known, telling);
    if let Some(name) = first(resource, &["container.image.name"]) {
        let digest =
            first(resource, &["oci.manifest.digest", "container.image.id"]).filter(|it| it.starts_with("sha256:"));
        let tag = first(resource, &["container.image.tag", "container.image.tags.0"]);
        let written = match (digest, tag) {
            (Some(digest), _) => format!("image:{name}@{digest}"),
            (None, Some(tag)) => format!("image:{name}:{tag}"),
            (None, None) => format!("image:{name}"),
        };
        let mut image = Artefact::new(written, Kind::Image);
        image.name = Some(name.to_owned());
        image.version = tag.map(str::to_owned);
        image.digests.extend(digest.map(Digest::parse));
        let image = describe(image, known, telling);
        once(&id, Relation::BuiltFrom, &image, at, known, telling);
    }
    if let Some(commit) =
        first(resource, &["vcs.ref.head.revision", "vcs.repository.ref.revision"]).filter(|it| is_commit(it))
    {
        let commit = commit.to_ascii_lowercase();
        let repository = first(resource, &["vcs.repository.url.full"]).map(repository).filter(|it| !it.is_empty());
        let coded = repository.map_or_else(|| format!("code:git:{commit}"), |name| format!("code:{name}@{commit}"));
        let mut code = Artefact::new(coded, Kind::Code);
        code.digests.push(Digest::parse(&format!("git:{commit}")));
        keep(&mut code.attributes, "repository", first(resource, &["vcs.repository.url.full"]));
        let code = describe(code, known, telling);
        once(&id, Relation::BuiltFrom, &code, at, known, telling);
    }
    Some(id)
}

fn scoped_namespace(resource: &Flat) -> Option<String> {
    let service = service(resource)?;
    Some(
        first(resource, &["service.namespace"])
            .map_or_else(|| service.to_owned(), |space| format!("{space}/{service}")),
    )
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The model that answered: the version that is named in the answer, else what was asked for.
pub(super) fn model(facts: &Facts, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let full = |name: &str| match &facts.provider {
        Some(provider) if !name.to_ascii_lowercase().starts_with(&format!("{provider}/")) => {
            format!("{provider}/{name}")
        }
        _ => name.to_owned(),
    };
    let asked = facts.asked.as_deref().map(|name| {
        let mut model = Artefact::new(format!("model:{}", full(name)), Kind::Model);
        model.name = Some(name.to_owned());
        keep(&mut model.attributes, "provider", facts.provider.as_deref());
        describe(model, known, telling)
    });
    let Some(name) = &facts.served else { return asked };
    let mut version = Artefact::new(format!("model-version:{}", full(name)), Kind::ModelVersion);
    version.name = Some(name.clone());
    keep(&mut version.attributes, "provider", facts.provider.as_deref());
    let version = describe(version, known, telling);
    if let Some(asked) = asked {
        once(&version, Relation::VersionOf, &asked, None, known, telling);
    }
    Some(version)
}

/// The agent that acts.
pub(super) fn agent(span: &Span, facts: &Facts, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let name = facts.agent.as_deref().or(facts.agent_id.as_deref())?;
    let version = facts.agent_version.as_deref().map_or_else(String::new, |version| format!("@{version}"));
    let mut agent = Artefact::new(format!("agent:{}{version}", scoped(&span.resource, name)), Kind::Agent);
    agent.name = Some(name.to_owned());
    agent.version.clone_from(&facts.agent_version);
    agent.identifiers.extend(facts.agent_id.clone());
    keep(&mut agent.attributes, "description", first(&span.flat, &["gen_ai.agent.description"]));
    Some(describe(agent, known, telling))
}

/// The tool that is called; of one that a tool server offers, the server's.
pub(super) fn tool(span: &Span, facts: &Facts, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let name = facts.tool.as_deref()?;
    let server = first(&span.flat, &["mcp.server.name", "gen_ai.tool.server.name"]);
    let id = match server {
        Some(server) => format!("tool:{server}/{name}"),
        None => format!("tool:{}", scoped(&span.resource, name)),
    };
    let mut tool = Artefact::new(id, Kind::Tool);
    tool.name = Some(name.to_owned());
    keep(&mut tool.attributes, "description", first(&span.flat, &["gen_ai.tool.description", "tool.description"]));
    keep(&mut tool.attributes, "type", first(&span.flat, &["gen_ai.tool.type"]));
    Some(describe(tool, known, telling))
}

/// The step that a log of the tool's server has for this call, when the trace names its session and request.
pub(super) fn request(span: &Span) -> Option<String> {
    let session = first(&span.flat, &["mcp.session.id"])?;
    let id = ["jsonrpc.request.id", "mcp.request.id"].iter().find_map(|key| span.flat.get(key).and_then(scalar))?;
    Some(format!("step:mcp/{session}/call/{id}"))
}

/// Instructions, known by their text.
pub(super) fn instructions(text: &str, known: &mut Known, telling: &mut Teller<'_>) -> String {
    let digest = text_digest(text);
    let mut prompt = Artefact::new(format!("prompt:{digest}"), Kind::Prompt);
    prompt.digests.push(Digest::parse(&digest));
    keep(&mut prompt.attributes, "text", Some(text));
    describe(prompt, known, telling)
}

/// A template by its name, or by its text where it has none.
pub(super) fn template(name: &str, version: Option<&str>, known: &mut Known, telling: &mut Teller<'_>) -> String {
    let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
    let mut prompt = Artefact::new(format!("prompt:{name}{suffix}"), Kind::Prompt);
    prompt.name = Some(name.to_owned());
    prompt.version = version.map(str::to_owned);
    describe(prompt, known, telling)
}

/// What is searched.
pub(super) fn source(span: &Span, facts: &Facts, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let name = facts.source.as_deref()?;
    let mut dataset = Artefact::new(format!("dataset:{}", scoped(&span.resource, name)), Kind::Dataset);
    dataset.name = Some(name.to_owned());
    Some(describe(dataset, known, telling))
}

/// The policy that a guardrail checks.
pub(super) fn policy(span: &Span, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let keys = [
        "gen_ai.guardrail.name",
        "guardrail.name",
        "gen_ai.guardrail.id",
        "gen_ai.security.policy.name",
        "traceloop.entity.name",
    ];
    let name = first(&span.flat, &keys).or(Some(span.name.trim()).filter(|name| !name.is_empty()))?;
    let mut policy = Artefact::new(format!("policy:{}", scoped(&span.resource, name)), Kind::Policy);
    policy.name = Some(name.to_owned());
    Some(describe(policy, known, telling))
}

/// Who asked for it.
pub(super) fn user(span: &Span, facts: &Facts, known: &mut Known, telling: &mut Teller<'_>) -> Option<String> {
    let name = facts.user.as_deref().or_else(|| first(&span.resource, &["enduser.id", "user.id"]))?;
    let id = match name.split_once('@') {
        Some((_, host)) if host.contains('.') && !name.contains(' ') => format!("mailto:{}", name.to_lowercase()),
        _ => format!("identity:{}", scoped(&span.resource, &format!("user/{name}"))),
    };
    let mut user = Artefact::new(id, Kind::Identity);
    user.name = Some(name.to_owned());
    Some(describe(user, known, telling))
}
