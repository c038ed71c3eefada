//! What single messages say, and which answer belongs to which request. It decides no format.

use crate::import::node::{Fault, Node};
use crate::import::teller::{Teller, keep, scalar};
use crate::model::{Artefact, Attributes, Evidence, Kind, Relation, Statement, Time};
use crate::proof::digest::sha256;
use serde_json::Value;
use std::collections::BTreeMap;

/// A request that waits for its answer.
struct Asked {
    method: String,
    step: String,
    name: Option<String>,
}

/// A log, whose lines may be of several connections.
pub(super) struct Log {
    record: String,
    connections: u32,
    sessions: BTreeMap<String, Session>,
}

/// One connection, as far as a record shows it.
#[derive(Default)]
pub(super) struct Session {
    id: String,
    /// Whether the log names it, so that what another record tells of it can be found.
    named: bool,
    record: String,
    client: Option<String>,
    pub(super) server: Option<String>,
    asked: BTreeMap<String, Asked>,
    before: Option<String>,
    count: u32,
}

/// How a text is known when it is compared.
pub(super) fn digest_of(text: &str) -> String {
    format!("sha256:{}", hex::encode(sha256(text.as_bytes())))
}

/// A text of a value: itself, or JSON with sorted keys.
pub(super) fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Log {
    /// A log that is known by what its record holds.
    pub(super) fn of(content: &[u8]) -> Log {
        let digest = hex::encode(sha256(content));
        let record = digest.get(..16).unwrap_or_default().to_owned();
        Log { record, connections: 0, sessions: BTreeMap::new() }
    }

    /// Reads one message, with or without what a log put around it.
    pub(super) fn read(&mut self, node: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let mut at = None;
        for key in ["timestamp", "time", "ts", "at"] {
            if node.value.get(key).is_some_and(Value::is_string) && at.is_none() {
                let read = telling.time(node, key);
                at = telling.attempt(read).flatten();
            }
        }
        if let Some(at) = at {
            telling.observe(at);
        }
        let named = ["sessionId", "session_id", "session"].iter().find_map(|key| node.value.get(*key)?.as_str());
        let mut message = node.clone();
        if let Some(key) = ["message", "payload", "msg", "data"]
            .iter()
            .find(|key| node.value.get(**key).is_some_and(|inner| inner.get("jsonrpc").is_some()))
            && let Some(inner) = node.child(key)?
        {
            message = inner;
        }
        if named.is_none() && message.value.get("method").is_some_and(|method| method == "initialize") {
            self.connections += 1;
        }
        let id = named.map_or_else(|| format!("{}-{}", self.record, self.connections), str::to_owned);
        let record = &self.record;
        let session = self.sessions.entry(id.clone()).or_insert_with(|| Session {
            id,
            named: named.is_some(),
            record: record.clone(),
            ..Session::default()
        });
        let Some(items) = message.value.as_array() else { return session.message(&message, at, telling) };
        for (index, item) in items.iter().enumerate() {
            let item = Node::new(item, format!("{}/{index}", message.path));
            let told = session.message(&item, at, telling);
            telling.attempt(told);
        }
        Ok(())
    }
}

impl Session {
    fn message(&mut self, node: &Node<'_>, at: Option<Time>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let id = node.child("id")?.and_then(|id| scalar(id.value));
        if let Some(method) = node.optional_text("method")? {
            return self.request(method, id, node, at, telling);
        }
        if let Some(error) = node.child("error")? {
            return self.failed(id, &error, at, telling);
        }
        if let Some(result) = node.child("result")? {
            return self.answered(id, &result, at, telling);
        }
        if node.value.get("jsonrpc").is_some() {
            return Err("/: expected \"method\", \"result\" or \"error\", found none of them".to_owned());
        }
        self.fragment(node, telling)
    }

    fn step(&mut self, word: &str, at: Option<Time>, attributes: Attributes, telling: &mut Teller<'_>) -> String {
        self.count += 1;
        let call = attributes.get("call").and_then(Value::as_str);
        let id = match (word, call) {
            ("tool-call", Some(call)) => self.call(call),
            ("tool-result", Some(call)) => format!("{}/result", self.call(call)),
            _ => format!("step:mcp/{}/{}/{}-{word}", self.id, self.record, self.count),
        };
        let mut step = Artefact::new(id, Kind::Step);
        step.at = at;
        step.attributes = attributes;
        step.attributes.insert("step".to_owned(), word.into());
        step.attributes.insert("conversation".to_owned(), self.id.as_str().into());
        let id = telling.artefact(step);
        if let Some(client) = &self.client {
            telling.link(&id, Relation::ProducedBy, client, at);
        }
        id
    }

    /// The step that a call is, whichever record tells of it.
    fn call(&self, id: &str) -> String {
        format!("step:mcp/{}/call/{id}", self.id)
    }

    fn follows(&self, step: &str, by: &str, how: &str, at: Option<Time>, telling: &mut Teller<'_>) {
        telling.link_with(step, Relation::CausedBy, by, at, Attributes::from([("known-by".to_owned(), how.into())]));
    }

    /// A step that comes of the one before it in the log.
    fn next(&mut self, word: &str, at: Option<Time>, attributes: Attributes, telling: &mut Teller<'_>) -> String {
        let id = self.step(word, at, attributes, telling);
        if let Some(before) = self.before.replace(id.clone()) {
            self.follows(&id, &before, "order", at, telling);
        }
        id
    }

    pub(super) fn tool(&self, name: &str) -> String {
        format!("tool:{}/{name}", self.server.as_deref().unwrap_or("mcp"))
    }

    pub(super) fn client(&mut self, info: &Node<'_>, telling: &mut Teller<'_>) -> Result<(), Fault> {
        let Some(name) = info.optional_text("name")? else { return Ok(()) };
        let version = info.optional_text("version")?;
        let mut agent = Artefact::new(
            format!("agent:{name}{}", version.map_or_else(String::new, |version| format!("@{version}"))),
            Kind::Agent,
        );
        agent.name = Some(name.to_owned());
        agent.version = version.map(str::to_owned);
        if self.client.as_ref() != Some(&agent.id) {
            self.client = Some(telling.artefact(agent));
        }
        Ok(())
    }

    fn request(
        &mut self,
        method: &str,
        id: Option<String>,
        node: &Node<'_>,
        at: Option<Time>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let empty = Value::Object(serde_json::Map::new());
        let params = node.child("params")?.unwrap_or_else(|| Node::new(&empty, "/params"));
        if let Some(info) = params.child("clientInfo")? {
            self.client(&info, telling)?;
        }
        if let Some(meta) = params.child("_meta")?
            && let Some(info) = meta.child("io.modelcontextprotocol/clientInfo")?
        {
            self.client(&info, telling)?;
        }
        let mut attributes = Attributes::new();
        keep(&mut attributes, "call", id.as_deref());
        let name = params.optional_text("name")?;
        let step = match method {
            "tools/call" => {
                let name = params.text("name")?;
                let arguments = params.child("arguments")?.map(|it| written(it.value));
                content(&mut attributes, arguments.as_deref());
                keep(&mut attributes, "tool", Some(name));
                let step = self.next("tool-call", at, attributes, telling);
                if arguments.is_none() {
                    telling.absent(&step, Relation::Other("content".into()), "not-recorded");
                }
                let tool = telling.named(self.tool(name), Kind::Tool, name);
                telling.link(&step, Relation::UsesTool, &tool, at);
                step
            }
            "prompts/get" => {
                let name = params.text("name")?;
                let step = self.next("prompt", at, attributes, telling);
                let prompt = telling.named(
                    format!("prompt:{}/{name}", self.server.as_deref().unwrap_or("mcp")),
                    Kind::Prompt,
                    name,
                );
                telling.link(&step, Relation::UsesPrompt, &prompt, at);
                step
            }
            "resources/read" => {
                let uri = params.text("uri")?;
                let step = self.next("retrieval", at, attributes, telling);
                let mut dataset = Artefact::new(format!("dataset:{uri}"), Kind::Dataset);
                dataset.identifiers.push(uri.to_owned());
                let dataset = telling.artefact(dataset);
                telling.link(&step, Relation::RetrievesFrom, &dataset, at);
                step
            }
            "sampling/createMessage" => {
                attributes.insert("raised-by".to_owned(), "server".into());
                content(&mut attributes, params.child("messages")?.map(|it| written(it.value)).as_deref());
                self.next("prompt", at, attributes, telling)
            }
            "elicitation/create" => {
                keep(&mut attributes, "text", params.optional_text("message")?);
                self.next("approval-request", at, attributes, telling)
            }
            "notifications/message" if params.optional_text("level")?.is_some_and(is_failure) => {
                content(&mut attributes, params.child("data")?.map(|it| written(it.value)).as_deref());
                self.next("error", at, attributes, telling);
                return Ok(());
            }
            "notifications/cancelled" => {
                keep(&mut attributes, "error", params.optional_text("reason")?.or(Some("cancelled")));
                let asked = params.child("requestId")?.and_then(|id| self.asked.remove(&scalar(id.value)?));
                let step = self.step("error", at, attributes, telling);
                if let Some(asked) = asked {
                    self.follows(&step, &asked.step, "call-id", at, telling);
                }
                return Ok(());
            }
            // Asked or told without anything being done.
            _ => String::new(),
        };
        if let Some(id) = id {
            self.asked.insert(id, Asked { method: method.to_owned(), step, name: name.map(str::to_owned) });
        }
        Ok(())
    }

    fn answered(
        &mut self,
        id: Option<String>,
        result: &Node<'_>,
        at: Option<Time>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let info = result.child("serverInfo")?;
        if let Some(info) = &info {
            self.server = info.optional_text("name")?.map(str::to_owned);
            return Ok(());
        }
        self.tools(result, telling)?;
        let asked = id.as_ref().and_then(|id| self.asked.remove(id));
        let mut attributes = Attributes::new();
        keep(&mut attributes, "call", id.as_deref());
        let method = asked.as_ref().map(|it| it.method.clone());
        let has = |key: &str| result.value.get(key).is_some();
        match method.as_deref() {
            Some("elicitation/create") => return self.decided(asked, result, at, telling),
            Some("sampling/createMessage") => {
                content(&mut attributes, result.child("content")?.map(|it| written(it.value)).as_deref());
                let step = self.next("output", at, attributes, telling);
                if let Some(model) = result.optional_text("model")? {
                    let model = telling.named(format!("model:{model}"), Kind::Model, model);
                    telling.link(&step, Relation::Used, &model, at);
                }
                return Ok(());
            }
            Some("tools/call") => {}
            None if has("isError") || has("structuredContent") || has("content") => {
                telling.doubt("/id: an answer to a call that is not here: what was called is not known");
            }
            _ => return Ok(()),
        }
        let name = asked.as_ref().and_then(|asked| asked.name.as_deref());
        keep(&mut attributes, "tool", name);
        let told = result.child("structuredContent")?.or(result.child("content")?);
        content(&mut attributes, told.map(|it| written(it.value)).as_deref());
        keep(&mut attributes, "state", result.optional_text("resultType")?);
        let failed = result.value.get("isError") == Some(&Value::Bool(true));
        if failed {
            attributes.insert("outcome".to_owned(), "error".into());
        }
        let step = self.step("tool-result", at, attributes, telling);
        match asked {
            Some(asked) => self.follows(&step, &asked.step, "call-id", at, telling),
            None => match id.filter(|_| self.named) {
                Some(id) => self.follows(&step, &self.call(&id), "call-id", at, telling),
                None => telling.absent(&step, Relation::CausedBy, "not-recorded"),
            },
        }
        self.before = Some(step);
        Ok(())
    }

    /// What a person answered to a question: consent or refusal.
    fn decided(
        &mut self,
        asked: Option<Asked>,
        result: &Node<'_>,
        at: Option<Time>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let action = result.optional_text("action")?.unwrap_or("not stated");
        let mut attributes = Attributes::new();
        keep(&mut attributes, "result", Some(action));
        let step = self.step("approval", at, attributes, telling);
        if let Some(asked) = asked {
            self.follows(&step, &asked.step, "call-id", at, telling);
        }
        if let Some(at) = at {
            telling.say(Statement::Evidence(Evidence {
                about: step.clone(),
                kind: "approval".to_owned(),
                scope: Some("elicitation".to_owned()),
                by: None,
                at,
                verdict: Some(if action == "accept" { "approved" } else { "rejected" }.to_owned()),
                expires: None,
                covers: Vec::new(),
                refs: Vec::new(),
                attributes: Attributes::new(),
            }));
        }
        self.before = Some(step);
        Ok(())
    }

    fn failed(
        &mut self,
        id: Option<String>,
        error: &Node<'_>,
        at: Option<Time>,
        telling: &mut Teller<'_>,
    ) -> Result<(), Fault> {
        let mut attributes = Attributes::new();
        keep(&mut attributes, "error", error.optional_text("message")?);
        keep(&mut attributes, "code", error.child("code")?.and_then(|code| scalar(code.value)).as_deref());
        let step = self.step("error", at, attributes, telling);
        if let Some(asked) = id.and_then(|id| self.asked.remove(&id)).filter(|asked| !asked.step.is_empty()) {
            self.follows(&step, &asked.step, "call-id", at, telling);
        }
        self.before = Some(step);
        Ok(())
    }
}

fn is_failure(level: &str) -> bool {
    matches!(level, "error" | "critical" | "alert" | "emergency")
}

fn content(attributes: &mut Attributes, text: Option<&str>) {
    match text {
        Some(text) => {
            keep(attributes, "text", Some(text));
            attributes.insert("text_digest".to_owned(), digest_of(text).into());
        }
        None => drop(attributes.insert("content".to_owned(), "not-captured".into())),
    }
}
