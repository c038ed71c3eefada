//! Agents with the servers they are given: what each offers, what it is made of, and which credentials it
//! is started with, by name and never by value.

use super::super::bom;
use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Kind, Relation, Time};
use serde_json::Value;

/// Reads `.mcp.json` or an inventory of agents.
pub(super) fn read(node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let at = telling.time(node, "generated_at")?;
    if let Some(at) = at {
        telling.observe(at);
    }
    for servers in ["mcpServers", "servers"] {
        for (name, server) in node.entries(servers)? {
            let told = read_server(&server, Some(name), None, at, telling);
            telling.attempt(told);
        }
    }
    for agent in node.list("agents")? {
        let told = read_agent(&agent, at, telling);
        telling.attempt(told);
    }
    Ok(())
}

fn read_agent(node: &Node<'_>, at: Option<Time>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let name = node.text("name")?;
    let version = node.optional_text("version")?;
    let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
    let mut agent = Artefact::new(format!("agent:{name}{suffix}"), Kind::Agent);
    agent.name = Some(name.to_owned());
    agent.version = version.map(str::to_owned);
    for key in ["agent_type", "config_path", "source"] {
        keep(&mut agent.attributes, key, node.optional_text(key)?);
    }
    let agent = telling.artefact(agent);
    for server in node.list("mcp_servers")? {
        let told = read_server(&server, None, Some(&agent), at, telling);
        telling.attempt(told);
    }
    Ok(())
}

fn read_server(
    node: &Node<'_>,
    named: Option<&str>,
    agent: Option<&str>,
    at: Option<Time>,
    telling: &mut Teller<'_>,
) -> Result<(), Fault> {
    let name = match named {
        Some(name) => name,
        None => node.text("name")?,
    };
    let mut server = Artefact::new(format!("tool:{name}"), Kind::Tool);
    server.name = Some(name.to_owned());
    server.attributes.insert("type".to_owned(), "mcp-server".into());
    for key in ["command", "transport", "url", "working_dir", "config_path"] {
        keep(&mut server.attributes, key, node.optional_text(key)?);
    }
    let arguments: Vec<&str> = node.list("args")?.iter().filter_map(|it| it.value.as_str()).collect();
    keep(&mut server.attributes, "arguments", Some(&arguments.join(" ")));
    let server = telling.artefact(server);
    if let Some(agent) = agent {
        telling.link(agent, Relation::UsesTool, &server, at);
    }
    for tool in node.list("tools")? {
        let tool_name = match tool.value {
            Value::String(name) => name.as_str(),
            _ => tool.text("name")?,
        };
        let mut artefact = Artefact::new(format!("tool:{name}/{tool_name}"), Kind::Tool);
        artefact.name = Some(tool_name.to_owned());
        if tool.value.is_object() {
            keep(&mut artefact.attributes, "description", tool.optional_text("description")?);
        }
        let tool = telling.artefact(artefact);
        telling.link(&server, Relation::Contains, &tool, at);
        if let Some(agent) = agent {
            telling.link(agent, Relation::UsesTool, &tool, at);
        }
    }
    for (place, key) in [("env", "env"), ("headers", "header")] {
        for (variable, _) in node.entries(place)? {
            if !is_credential(variable) {
                continue;
            }
            let mut secret = Artefact::new(format!("secret:{key}:{variable}@{name}"), Kind::Secret);
            secret.name = Some(variable.to_owned());
            let secret = telling.artefact(secret);
            telling.link(&server, Relation::AuthenticatesWith, &secret, at);
        }
    }
    for package in node.list("packages")? {
        let told = read_package(&package, &server, at, telling);
        telling.attempt(told);
    }
    if let Some((ecosystem, written)) = node.optional_text("command")?.and_then(|it| launched(it, &arguments)) {
        let (name, version) = apart(written);
        tell_package(name, version, Some(ecosystem), &server, at, telling);
    }
    Ok(())
}

/// The package that a launcher fetches and runs.
fn launched<'a>(command: &str, arguments: &[&'a str]) -> Option<(&'static str, &'a str)> {
    let program = command.rsplit(['/', '\\']).next()?;
    let (ecosystem, flags): (_, &[&str]) = match program.trim_end_matches(".cmd").trim_end_matches(".exe") {
        "npx" | "bunx" => ("npm", &["-p", "--package"]),
        "uvx" => ("pypi", &["--from"]),
        _ => return None,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if flags.contains(argument) {
            return arguments.next().map(|it| (ecosystem, *it));
        }
        let value = flags.iter().find_map(|flag| argument.strip_prefix(flag)?.strip_prefix('='));
        if value.is_some() || !argument.starts_with('-') {
            return Some((ecosystem, value.unwrap_or(argument)));
        }
    }
    None
}

/// `@scope/name@1.2`, `name==1.2`, `name[extra]==1.2`: the name and its version.
fn apart(written: &str) -> (&str, Option<&str>) {
    let at = written.rsplit_once('@').filter(|(name, _)| !name.is_empty());
    let (name, version) = at.or_else(|| written.split_once("==")).map_or((written, None), |it| (it.0, Some(it.1)));
    let name = name.split('[').next().unwrap_or(name);
    (name, version.filter(|it| *it != "latest"))
}

/// Whether a variable of that name holds something to authenticate with.
fn is_credential(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    [
        "KEY",
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "CREDENTIAL",
        "AUTHORIZATION",
        "DATABASE_URL",
        "DSN",
        "CONNECTION_STRING",
    ]
    .iter()
    .any(|word| upper.contains(word))
}

fn read_package(node: &Node<'_>, server: &str, at: Option<Time>, telling: &mut Teller<'_>) -> Result<(), Fault> {
    let (name, version, ecosystem) = match node.value {
        Value::String(text) => match text.rsplit_once('@').filter(|(name, _)| !name.is_empty()) {
            Some((name, version)) => (name, Some(version), None),
            None => (text.as_str(), None, None),
        },
        _ => (node.text("name")?, node.optional_text("version")?, node.optional_text("ecosystem")?),
    };
    tell_package(name, version, ecosystem, server, at, telling);
    Ok(())
}

fn tell_package(
    name: &str,
    version: Option<&str>,
    ecosystem: Option<&str>,
    server: &str,
    at: Option<Time>,
    telling: &mut Teller<'_>,
) {
    let suffix = version.map_or_else(String::new, |version| format!("@{version}"));
    let purl = ecosystem.and_then(|kind| bom::purl(&format!("pkg:{kind}/{}{suffix}", name.replace('@', "%40"))));
    let id = purl.as_ref().map_or_else(|| format!("package:{name}{suffix}"), |purl| purl.text.clone());
    let mut package = Artefact::new(id, Kind::Package);
    package.name = Some(name.to_owned());
    package.version = version.map(str::to_owned);
    package.identifiers.extend(purl.filter(|purl| purl.versioned).map(|purl| purl.text));
    let package = telling.artefact(package);
    telling.link(server, Relation::Contains, &package, at);
}
