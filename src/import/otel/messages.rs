//! What was said to a model and what it said, from every way the conventions write it down, in one
//! form. Two spellings of one conversation give one text. It decides nothing about steps.

use super::value::{Flat, any, canonical, first, indexed, untyped, unwrapped};
use serde_json::{Value, json};

/// A call that a model asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: Option<String>,
    pub(super) name: String,
    pub(super) arguments: Option<String>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Message {
    pub(super) role: String,
    pub(super) text: String,
    pub(super) calls: Vec<Call>,
    /// The calls it answers.
    pub(super) answers: Vec<(Option<String>, String)>,
}

/// A conversation as far as it was captured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// The instructions above it.
    pub(super) system: Option<String>,
    pub(super) messages: Vec<Message>,
}

impl Said {
    fn of(messages: Vec<Message>) -> Option<Said> {
        let mut said = Said::default();
        for message in messages {
            if matches!(message.role.as_str(), "system" | "developer") {
                said.add_system(&message.text);
            } else if !message.is_empty() {
                said.messages.push(message);
            }
        }
        (said.system.is_some() || !said.messages.is_empty()).then_some(said)
    }

    fn add_system(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match &mut self.system {
            Some(system) => {
                system.push('\n');
                system.push_str(text);
            }
            none => *none = Some(text.to_owned()),
        }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> {
        self.messages.iter().flat_map(|message| &message.calls)
    }

    /// The last thing said, for people to read.
    pub(super) fn last(&self) -> String {
        self.messages.iter().rev().map(Message::shown).find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// All of it in one form, to be compared by its digest.
    pub(super) fn canonical(&self) -> String {
        if let [only] = self.messages.as_slice()
            && only.calls.is_empty()
            && only.answers.is_empty()
        {
            return only.text.clone();
        }
        let messages: Vec<Value> = self.messages.iter().map(Message::canonical).collect();
        Value::from(messages).to_string()
    }
}

impl Message {
    fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.calls.is_empty() && self.answers.is_empty()
    }

    fn shown(&self) -> String {
        if !self.text.trim().is_empty() {
            return self.text.clone();
        }
        if let Some((_, text)) = self.answers.last() {
            return text.clone();
        }
        let calls: Vec<String> = self
            .calls
            .iter()
            .map(|call| format!("{}({})", call.name, call.arguments.as_deref().unwrap_or_default()))
            .collect();
        calls.join(", ")
    }

    fn canonical(&self) -> Value {
        let calls: Vec<Value> = self.calls.iter().map(|call| json!([call.id, call.name, call.arguments])).collect();
        let answers: Vec<Value> = self.answers.iter().map(|(id, text)| json!([id, text])).collect();
        json!([self.role, self.text, calls, answers])
    }

    fn add_text(&mut self, text: &str) {
        if !self.text.is_empty() && !text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }
}

fn role(written: &str) -> String {
    match written.to_ascii_lowercase().as_str() {
        "human" => "user".to_owned(),
        "ai" | "model" => "assistant".to_owned(),
        "function" => "tool".to_owned(),
        other => other.to_owned(),
    }
}

/// A text, when there is one of any type.
fn text_at(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| value.get(*key)).filter(|value| !value.is_null()).map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

/// A message as JSON: parts, or content that is a text or a list.
fn message(value: &Value, default: &str) -> Message {
    let mut read =
        Message { role: role(value.get("role").and_then(Value::as_str).unwrap_or(default)), ..Message::default() };
    match value {
        Value::String(text) => read.add_text(text),
        _ => {
            for content in ["parts", "content"] {
                match value.get(content) {
                    Some(Value::Array(parts)) => parts.iter().for_each(|item| part(item, &mut read)),
                    Some(Value::String(text)) => read.add_text(text),
                    Some(single @ Value::Object(_)) => part(single, &mut read),
                    _ => {}
                }
            }
        }
    }
    if let Some(calls) = value.get("tool_calls").and_then(Value::as_array) {
        read.calls.extend(calls.iter().filter_map(call));
    }
    if value.get("tool.name").is_some() {
        read.calls.extend(call(value));
    }
    answer(value, read)
}

/// A message of a tool is the answer to a call, and its text is no text of its own.
fn answer(value: &Value, mut read: Message) -> Message {
    if read.role == "tool" && read.answers.is_empty() && !read.text.is_empty() {
        let id = text_at(value, &["tool_call_id", "id"]);
        let text = std::mem::take(&mut read.text);
        read.answers.push((id, canonical(&Value::from(text))));
    }
    read
}

fn call(value: &Value) -> Option<Call> {
    let inner = value.get("function").unwrap_or(value);
    let name = text_at(inner, &["name", "toolName", "tool.name"])?;
    let arguments = ["arguments", "input", "args", "tool.args"].iter().find_map(|key| inner.get(*key));
    Some(Call {
        id: text_at(value, &["id", "toolCallId", "tool_call_id"]),
        name,
        arguments: arguments.filter(|value| !value.is_null()).map(canonical),
    })
}

fn part(value: &Value, read: &mut Message) {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or("text");
    match kind {
        "tool_call" | "tool-call" | "tool_use" | "function_call" => read.calls.extend(call(value)),
        "tool_call_response" | "tool-result" | "tool_result" | "function_call_output" => {
            let id = text_at(value, &["id", "toolCallId", "tool_call_id", "tool_use_id"]);
            let result = ["response", "result", "output", "content"].iter().find_map(|key| value.get(*key));
            let result = match result {
                Some(Value::Object(map)) if map.contains_key("type") => map.get("value").or(result),
                other => other,
            };
            read.answers.push((id, result.map(canonical).unwrap_or_default()));
        }
        // What a model thinks is not what it says.
        "reasoning" | "thinking" => {}
        "text" | "input_text" | "output_text" => match value {
            Value::String(text) => read.add_text(text),
            _ => read.add_text(&text_at(value, &["content", "text"]).unwrap_or_default()),
        },
        other => read.add_text(&format!("[{other}]")),
    }
}

/// Messages from JSON: a list, an object that holds one, or plain text.
pub(super) fn from_json(value: &Value, default: &str) -> Option<Said> {
    let value = untyped(unwrapped(value));
    match &*value {
        Value::Array(list) if list.iter().all(|item| item.is_object()) && !list.is_empty() => {
            let parts = list.iter().all(|item| item.get("role").is_none() && item.get("type").is_some());
            if parts {
                return Said::of(Vec::from([message(&json!({ "parts": list }), default)]));
            }
            Said::of(list.iter().map(|item| message(item, default)).collect())
        }
        Value::Object(map) => {
            let mut said = match map.get("messages").or_else(|| map.get("prompt")) {
                // The whole answer of a provider.
                None if map.get("choices").is_some_and(Value::is_array) => {
                    let choices = map.get("choices").and_then(Value::as_array).into_iter().flatten();
                    Said::of(choices.filter_map(|it| it.get("message")).map(|it| message(it, default)).collect())
                }
                Some(inner @ Value::Array(_)) => from_json(inner, default),
                Some(Value::String(text)) => plain(text, default),
                _ if map.contains_key("role") || map.contains_key("content") || map.contains_key("parts") => {
                    Said::of(Vec::from([message(&value, default)]))
                }
                _ => plain(&value.to_string(), default),
            }?;
            if let Some(system) = map.get("system").and_then(Value::as_str) {
                said.add_system(system);
            }
            Some(said)
        }
        Value::Null => None,
        Value::String(text) => plain(text, default),
        other => plain(&other.to_string(), default),
    }
}

fn plain(text: &str, default: &str) -> Option<Said> {
    Said::of(Vec::from([Message { role: default.to_owned(), text: text.to_owned(), ..Message::default() }]))
}

/// Messages written as numbered names: `llm.input_messages.0.message.role`, `gen_ai.prompt.0.content`.
fn from_names(flat: &Flat, prefix: &str, default: &str) -> Option<Said> {
    let mut messages = Vec::new();
    for entry in indexed(flat, prefix) {
        let entry: Flat = entry
            .into_object()
            .into_iter()
            .map(|(key, value)| (key.strip_prefix("message.").map(str::to_owned).unwrap_or(key), value))
            .collect();
        let mut read = Message { role: role(first(&entry, &["role"]).unwrap_or(default)), ..Message::default() };
        if let Some(content) = any(&entry, &["content"]) {
            match &*unwrapped(content) {
                Value::Array(parts) if parts.iter().all(|item| item.get("type").is_some()) => {
                    parts.iter().for_each(|item| part(item, &mut read));
                }
                _ => match content.as_str() {
                    Some(text) => read.add_text(text),
                    None => read.add_text(&content.to_string()),
                },
            }
        }
        for content in indexed(&entry, "contents") {
            read.add_text(first(&content, &["message_content.text"]).unwrap_or_default());
        }
        for asked in indexed(&entry, "tool_calls") {
            let name = first(&asked, &["name", "tool_call.function.name", "function.name"]);
            let arguments = any(&asked, &["arguments", "tool_call.function.arguments", "function.arguments"]);
            if let Some(name) = name {
                let id = first(&asked, &["id", "tool_call.id"]).map(str::to_owned);
                read.calls.push(Call { id, name: name.to_owned(), arguments: arguments.map(canonical) });
            }
        }
        messages.push(answer(&Value::Object(entry.into_object()), read));
    }
    Said::of(messages)
}

/// What the model was given.
pub(super) fn input(flat: &Flat) -> Option<Said> {
    let mut said = any(flat, &["gen_ai.input.messages"])
        .and_then(|value| from_json(value, "user"))
        .or_else(|| from_names(flat, "gen_ai.prompt", "user"))
        .or_else(|| from_names(flat, "llm.prompts", "user"))
        .or_else(|| from_names(flat, "llm.input_messages", "user"))
        .or_else(|| {
            any(flat, &["gen_ai.prompt", "ai.prompt.messages", "ai.prompt"]).and_then(|it| from_json(it, "user"))
        });
    let system = any(flat, &["gen_ai.system_instructions"]).and_then(|value| from_json(value, "system"));
    if let Some(system) = system.and_then(|said| said.system) {
        let said = said.get_or_insert_default();
        if said.system.as_deref() != Some(&system) {
            said.add_system(&system);
        }
    }
    said.or_else(|| {
        entity(flat, &["input.value", "traceloop.entity.input", "mlflow.spanInputs", "ai.value", "input"])
            .and_then(|it| from_json(&it, "user"))
    })
}

/// What the model answered.
pub(super) fn output(flat: &Flat) -> Option<Said> {
    any(flat, &["gen_ai.output.messages"])
        .and_then(|value| from_json(value, "assistant"))
        .or_else(|| from_names(flat, "gen_ai.completion", "assistant"))
        .or_else(|| from_names(flat, "llm.output_messages", "assistant"))
        .or_else(|| vercel(flat))
        .or_else(|| any(flat, &["gen_ai.completion", "gen_ai.output"]).and_then(|it| from_json(it, "assistant")))
        .or_else(|| {
            entity(flat, &["output.value", "traceloop.entity.output", "mlflow.spanOutputs", "output"])
                .and_then(|it| from_json(&it, "assistant"))
        })
}

fn vercel(flat: &Flat) -> Option<Said> {
    let mut read = Message { role: "assistant".to_owned(), ..Message::default() };
    read.add_text(first(flat, &["ai.response.text", "ai.response.object"]).unwrap_or_default());
    if let Some(Value::Array(calls)) = any(flat, &["ai.response.toolCalls"]).map(unwrapped).as_deref() {
        read.calls.extend(calls.iter().filter_map(call));
    }
    Said::of(Vec::from([read]))
}

/// What went in or out of something that is no model call; wrappers of decorators are taken off.
pub(super) fn entity(flat: &Flat, names: &[&str]) -> Option<Value> {
    let value = unwrapped(any(flat, names)?);
    let Value::Object(map) = &*value else { return Some(value.into_owned()) };
    let filled = |key: &str| map.get(key).filter(|it| it.as_object().is_some_and(|it| !it.is_empty()));
    if map.contains_key("args")
        && let Some(named) = filled("kwargs")
    {
        return Some(named.clone());
    }
    if map.len() <= 5
        && let Some(inner) = filled("inputs").or_else(|| filled("outputs"))
    {
        return Some(inner.clone());
    }
    Some(value.into_owned())
}
