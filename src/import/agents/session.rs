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
    /// The step each call is, by its id.
    calls: BTreeMap<String, String>,
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
        let mut entry: Option<String> = None;
        let mut last: Option<String> = None;
        let user = message.optional_text("role")? == Some("user");
        let blocks = match message.child("content")? {
            Some(content) if content.value.is_array() => message.list("content")?,
            Some(content) => Vec::from([content]),
            None => Vec::new(),
        };
        let mut told = 0_u32;
        for block in &blocks {
            let id = if told == 0 { line.base.clone() } else { format!("{}/{told}", line.base) };
            let Some((step, result)) = self.block(block, &id, user, &line, telling)? else { continue };
            told += 1;
            // The answer to a call comes of the call; all else of what stands before it.
            if let Some(previous) = last.replace(step.clone()).filter(|_| !result) {
                line.cause(&step, &previous, "order", telling);
            }
            if !result {
                entry.get_or_insert(step);
            }
        }
        if told == 0 {
            // The parent of the next line must be there, even where it only thought.
            let id = line.step(&line.base, "operation", None, Attributes::new(), telling);
            entry = Some(id.clone());
            last = Some(id);
        }
        if !user
            && let Some(model) = message.optional_text("model")?.filter(|model| !model.starts_with('<'))
            && let Some(step) = &entry
        {
            let model = telling.named(format!("model:{model}"), Kind::Model, model);
            telling.link(step, Relation::Used, &model, at);
        }
        self.parent(node, entry.as_deref(), &line, telling)?;
        if let Some(last) = last {
            self.before.insert(session.to_owned(), last);
        }
        Ok(())
    }

    fn parent(
        &self,
        node: &Node<'_>,
        entry: Option<&str>,
        line: &Line<'_>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let Some(entry) = entry else { return Ok(()) };
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
        self.parent(node, Some(&id), line, telling)?;
        self.before.insert(line.session.to_owned(), id);
        Ok(())
    }

    /// One part of a message, and whether it answers a call.
    fn block(
        &mut self,
        block: &Node<'_>,
        id: &str,
        user: bool,
        line: &Line<'_>,
        telling: &mut Teller<'_>,
    ) -> Result<Option<(String, bool)>, Fault> {
        let word = if user { "prompt" } else { "output" };
        if let Value::String(text) = block.value {
            return Ok(Some((line.step(id, word, Some(text), Attributes::new(), telling), false)));
        }
        match block.optional_text("type")?.unwrap_or("text") {
            "text" => Ok(Some((line.step(id, word, block.optional_text("text")?, Attributes::new(), telling), false))),
            "tool_use" => {
                let name = block.text("name")?;
                let call = block.text("id")?;
                let mut attributes = Attributes::new();
                keep(&mut attributes, "tool", Some(name));
                keep(&mut attributes, "call", Some(call));
                let word = if ACTIONS.contains(&name) { "action" } else { "tool-call" };
                let input = block.child("input")?.map(|input| input.value.to_string());
                let step = line.step(id, word, input.as_deref(), attributes, telling);
                let tool = match name.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) {
                    Some((server, tool)) => format!("tool:{server}/{tool}"),
                    None => format!("tool:coding-agent/{name}"),
                };
                let tool = telling.named(tool, Kind::Tool, name);
                telling.link(&step, Relation::UsesTool, &tool, line.at);
                self.calls.insert(call.to_owned(), step.clone());
                Ok(Some((step, false)))
            }
            "tool_result" => {
                let call = block.text("tool_use_id")?;
                let text = block
                    .child("content")?
                    .map(|it| it.value.as_str().map_or_else(|| it.value.to_string(), str::to_owned));
                let failed = block.value.get("is_error") == Some(&Value::Bool(true));
                let denied = failed && text.as_deref().is_some_and(is_refusal);
                let mut attributes = Attributes::new();
                keep(&mut attributes, "call", Some(call));
                if failed {
                    attributes.insert("outcome".to_owned(), if denied { "denied" } else { "error" }.into());
                }
                let word = if denied { "approval" } else { "tool-result" };
                if denied {
                    attributes.insert("result".to_owned(), "rejected".into());
                }
                let step = line.step(id, word, text.as_deref(), attributes, telling);
                match self.calls.get(call) {
                    Some(asked) => line.cause(&step, asked, "call-id", telling),
                    None => {
                        telling
                            .doubt(format!("{}/tool_use_id: no call \"{call}\" stands before its result", block.path));
                        line.cause(&step, &format!("step:session/{}/call/{call}", line.session), "call-id", telling);
                    }
                }
                Ok(Some((step, true)))
            }
            // What a model thinks is not what it says.
            _ => Ok(None),
        }
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
