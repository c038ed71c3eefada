//! Messages of the Model Context Protocol, as clients and servers log them: calls of tools and what came
//! back, prompts, resources, questions to people. Ids are unique within one session only, so a record
//! is a session of its own unless a log names it. It speaks of no time that the log does not state.

mod messages;
mod offers;

use super::sniff::{Keys, json_shape};
use super::teller::Teller;
use super::{Format, Framing, Head, Importer, Reading};
use messages::Log;

/// Reads logs of MCP messages.
pub struct Mcp;

static FORMAT: Format = Format {
    name: "mcp",
    version: 1,
    media_type: "application/vnd.mcp+json",
    about: "MCP (Model Context Protocol) messages: tool calls and results, tools offered, prompts, resources, elicitations",
    extensions: &["json", "jsonl"],
};

impl Importer for Mcp {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let shape = json_shape(head)?;
        shape.objects.iter().any(is_ours).then_some(shape.framing)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        let mut log = Log::of(content);
        Teller::documents(content, out, |node, telling| log.read(node, telling));
    }
}

fn is_ours(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    let text = |key: &str, wanted: &[&str]| keys.get(key).is_some_and(|value| wanted.contains(value));
    let holds = |key: &str, part: &str| keys.get(key).is_some_and(|value| value.contains(part));
    let methods = ["tools/", "prompts/", "resources/", "sampling/", "elicitation/", "notifications/", "initialize"];
    let method =
        keys.get("method").is_some_and(|value| methods.iter().any(|method| value.starts_with(&format!("\"{method}"))));
    let wrapped = ["message", "payload", "msg", "data"].iter().any(|key| holds(key, "\"jsonrpc\""));
    text("jsonrpc", &["\"2.0\""]) || method && has("params") || wrapped || is_fragment(keys)
}

/// Parts of messages without the message: examples of the specification are such.
fn is_fragment(keys: &Keys<'_>) -> bool {
    let has = |key: &str| keys.contains_key(key);
    let holds = |key: &str, part: &str| keys.get(key).is_some_and(|value| value.contains(part));
    has("resultType") && (has("content") || has("tools") || has("messages") || has("contents"))
        || holds("_meta", "io.modelcontextprotocol/")
        || has("inputSchema") && has("name")
        || has("messages") && has("maxTokens")
        || has("role") && has("stopReason") && has("model")
        || has("progressToken") && has("progress")
        || has("level") && has("data") && (has("logger") || keys.len() == 2)
        || has("uri") && has("name") && has("mimeType")
        || has("toolUseId") && holds("type", "tool_result")
        || keys.len() == 4 && has("id") && has("name") && has("input") && holds("type", "tool_use")
}
