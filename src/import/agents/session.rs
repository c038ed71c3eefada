//! Session logs of coding agents, one message a line: parents by their ids, calls by theirs, and the order
//! of lines only where no parent is written. What a line leaves out is not made up.

use crate::import::node::{Fault, Node};
use crate::import::sniff::Keys;
use crate::import::teller::{Teller, keep};
use crate::model::{Artefact, Attributes, Kind, Relation, Time};
use crate::proof::digest::sha256;
use serde_json::Value;
use std::collections::BTreeMap;

/// Whether an object is a line of a session.
pub(super) fn is_ours(keys: &Keys<'_>) -> bool {
    ["sessionId", "uuid", "type"].iter().all(|key| keys.contains_key(*key)) && !keys.contains_key("jsonrpc")
}

/// What lines before said, as far as a record shows it.
#[derive(Default)]
pub(super) struct Session {
    /// The last step of each session.
    before: BTreeMap<String, String>,
}

/// Tools that change something.
const ACTIONS: [&str; 7] = ["Edit", "Write", "MultiEdit", "NotebookEdit", "Bash", "apply_patch", "shell"];

struct Line<'a> {
    session: &'a str,
    base: String,
    at: Option<Time>,
    agent: String,
}

impl Session {
    pub(super) fn read(&mut self, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let (Some(session), Some(uuid)) = (node.optional_text("sessionId")?, node.optional_text("uuid")?) else {
            telling.doubt("/: a line without \"sessionId\" and \"uuid\" is no message; it is kept in the record only");
            return Ok(());
        };
        let at = telling.time(node, "timestamp")?;
        if let Some(at) = at {
            telling.observe(at);
        }
        let side = node.value.get("isSidechain") == Some(&Value::Bool(true));
        let name = if side { "coding-agent/sub-agent" } else { "coding-agent" };
        let mut agent = Artefact::new(format!("agent:{name}/{session}"), Kind::Agent);
        agent.name = Some(name.to_owned());
        for key in ["version", "cwd", "gitBranch"] {
            keep(&mut agent.attributes, key, node.optional_text(key)?);
        }
        let agent = telling.artefact(agent);
        if side {
            telling.link(&agent, Relation::ChildOf, &format!("agent:coding-agent/{session}"), None);
        }
        let line = Line { session, base: format!("step:session/{session}/{uuid}"), at, agent };
        let Some(message) = node.child("message")? else {
            return self.bare(node, &line, telling);
        };
        let user = message.optional_text("role")? == Some("user");
        let blocks = match message.child("content")? {
            Some(content) if content.value.is_array() => message.list("content")?,
            Some(content) => Vec::from([content]),
            None => Vec::new(),
        };
        let mut texts = Vec::new();
        for block in &blocks {
            texts.extend(line.block(block, telling)?);
        }
        let text = texts.join("\n");
        let word = if user { "prompt" } else { "output" };
        let step = line.step(
            &line.base,
            word,
            Some(text.as_str()).filter(|text| !text.is_empty()),
            Attributes::new(),
            telling,
        );
        if !user && let Some(model) = message.optional_text("model")?.filter(|model| !model.starts_with('<')) {
            let model = telling.named(format!("model:{model}"), Kind::Model, model);
            telling.link(&step, Relation::Used, &model, at);
        }
        self.parent(node, &step, &line, telling)?;
        self.before.insert(session.to_owned(), step);
        Ok(())
    }

    fn parent(&self, node: &Node<'_>, entry: &str, line: &Line<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        if let Some(parent) = node.optional_text("parentUuid")? {
            line.cause(entry, &format!("step:session/{}/{parent}", line.session), "parent", telling);
        } else if let Some(before) = self.before.get(line.session) {
            line.cause(entry, before, "order", telling);
        }
        Ok(())
    }

    /// A line that carries no message: what the system said.
    fn bare(&mut self, node: &Node<'_>, line: &Line<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let text = node.optional_text("content")?;
        let id = line.step(&line.base, "operation", text, Attributes::new(), telling);
        self.parent(node, &id, line, telling)?;
        self.before.insert(line.session.to_owned(), id);
        Ok(())
    }
}

/// A person's refusal comes back as the error of the call.
fn is_refusal(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["doesn't want to proceed", "user rejected", "permission to use", "requested permissions"]
        .iter()
        .any(|part| text.contains(part))
}

impl Line<'_> {
    /// One part of a message: its text, or a step of its own for a call or the answer to one. A call is
    /// known by its id wherever it is told of, so that its answer finds it in another record.
    fn block(&self, block: &Node<'_>, telling: &mut Teller<'_>) -> Result<Option<String>, Fault> {
        if let Value::String(text) = block.value {
            return Ok(Some(text.clone()));
        }
        match block.optional_text("type")?.unwrap_or("text") {
            "text" => return Ok(block.optional_text("text")?.map(str::to_owned)),
            "tool_use" => {
                let name = block.text("name")?;
                let call = block.text("id")?;
                let mut attributes = Attributes::new();
                keep(&mut attributes, "tool", Some(name));
                keep(&mut attributes, "call", Some(call));
                let word = if ACTIONS.contains(&name) { "action" } else { "tool-call" };
                let input = block.child("input")?.map(|input| input.value.to_string());
                let step = self.step(&self.call(call), word, input.as_deref(), attributes, telling);
                let tool = match name.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
                    Some((server, tool)) => format!("tool:{server}/{tool}"),
                    None => format!("tool:coding-agent/{name}"),
                };
                let tool = telling.named(tool, Kind::Tool, name);
                telling.link(&step, Relation::UsesTool, &tool, self.at);
                self.cause(&step, &self.base, "message", telling);
            }
            "tool_result" => {
                let call = block.text("tool_use_id")?;
                let content = block.child("content")?;
                let text = content.map(|it| it.value.as_str().map_or_else(|| it.value.to_string(), str::to_owned));
                let failed = block.value.get("is_error") == Some(&Value::Bool(true));
                let denied = failed && text.as_deref().is_some_and(is_refusal);
                let mut attributes = Attributes::new();
                keep(&mut attributes, "call", Some(call));
                if failed {
                    attributes.insert("outcome".to_owned(), if denied { "denied" } else { "error" }.into());
                }
                if denied {
                    attributes.insert("result".to_owned(), "rejected".into());
                }
                let word = if denied { "approval" } else { "tool-result" };
                let asked = self.call(call);
                let step = self.step(&format!("{asked}/result"), word, text.as_deref(), attributes, telling);
                self.cause(&step, &asked, "call-id", telling);
                self.cause(&self.base, &step, "message", telling);
            }
            // What a model thinks is not what it says.
            _ => {}
        }
        Ok(None)
    }

    fn call(&self, id: &str) -> String {
        format!("step:session/{}/call/{id}", self.session)
    }

    fn step(
        &self,
        id: &str,
        word: &str,
        text: Option<&str>,
        attributes: Attributes,
        telling: &mut Teller<'_>,
    ) -> String {
        let mut step = Artefact::new(id, Kind::Step);
        step.at = self.at;
        step.attributes = attributes;
        step.attributes.insert("step".to_owned(), word.into());
        step.attributes.insert("conversation".to_owned(), self.session.into());
        if let Some(text) = text {
            keep(&mut step.attributes, "text", Some(text));
            step.attributes
                .insert("text_digest".to_owned(), format!("sha256:{}", hex::encode(sha256(text.as_bytes()))).into());
        }
        let id = telling.artefact(step);
        telling.link(&id, Relation::ProducedBy, &self.agent, self.at);
        id
    }

    fn cause(&self, step: &str, by: &str, how: &str, telling: &mut Teller<'_>) {
        if step != by {
            let attributes = Attributes::from([("known-by".to_owned(), how.into())]);
            telling.link_with(step, Relation::CausedBy, by, self.at, attributes);
        }
    }
}
