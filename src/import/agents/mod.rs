//! What agents left behind outside traces: session logs of coding agents, summaries of such sessions, and
//! inventories of agents with their servers, tools and credentials. It reads no trace and no message log.

mod inventory;
mod session;
mod summary;
mod workflow;

use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::{Format, Framing, Head, Importer, Reading};

/// Reads session logs of coding agents.
pub struct Sessions;

/// Reads inventories of agents.
pub struct Inventories;

static SESSIONS: Format = Format {
    name: "agent-session",
    version: 1,
    media_type: "application/vnd.agent-session+json",
    about: "coding-agent session logs (JSON lines with sessionId, uuid, parentUuid) and session summaries with their commits",
    extensions: &["jsonl", "json"],
};

static INVENTORIES: Format = Format {
    name: "agent-inventory",
    version: 1,
    media_type: "application/vnd.agent-inventory+json",
    about: "agent inventories: .mcp.json, agents with MCP servers and tools, n8n workflows; credentials by name",
    extensions: &["json"],
};

impl Importer for Sessions {
    fn format(&self) -> &Format {
        &SESSIONS
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(|keys| session::is_ours(keys) || summary::is_ours(keys)).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let mut session = session::Session::default();
        Teller::documents(content, out, |node, telling| {
            if summary::holds(node) { summary::read(node, telling) } else { session.read(node, telling) }
        });
    }
}

impl Importer for Inventories {
    fn format(&self) -> &Format {
        &INVENTORIES
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        // Workflows are handed out several in a list.
        let several = head.bytes.trim_ascii_start().starts_with(b"[");
        let framing = if several { shape.framing } else { Framing::Whole };
        shape.objects.first().is_some_and(is_inventory).then_some(framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        Teller::documents(content, out, |node, telling| {
            if node.value.get("nodes").is_some() {
                workflow::read(node, telling)
            } else {
                inventory::read(node, telling)
            }
        });
    }
}

fn is_inventory(keys: &Keys<'_>) -> bool {
    let opens = |key: &str, with: char| keys.get(key).is_some_and(|value| value.starts_with(with));
    let holds = |key: &str, word: &str| keys.get(key).is_some_and(|value| value.contains(word));
    // Editors call them by a commoner word, and ask for what must not stand in the file.
    let in_editor = || opens("servers", '{') && keys.keys().all(|key| matches!(key.as_str(), "servers" | "inputs"));
    opens("mcpServers", '{')
        || in_editor() && (holds("servers", "\"command\"") || holds("servers", "\"url\""))
        || opens("agents", '[') && holds("agents", "\"mcp_servers\"")
        || opens("nodes", '[') && holds("nodes", "n8n-nodes")
}
