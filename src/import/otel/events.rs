//! What spans and logs say beside their attributes: states, events, and the bodies of logs, brought to
//! the attributes that newer conventions use. It reads no ids and no shape of a document.

use super::ids;
use super::shapes::{Span, either, list};
use super::value::{Flat, attributes, typed};
use serde_json::{Map, Value};

/// How a span went, from its status and its attributes.
pub(super) fn status(map: &Map<String, Value>, span: &mut Span) {
    let status = either(map, &["status"]);
    let code = status
        .and_then(|it| it.get("code").or_else(|| it.get("status_code")))
        .or_else(|| map.get("status_code"))
        .or(status);
    let failed = match code {
        Some(Value::Number(code)) => code.as_u64() == Some(2),
        Some(Value::String(code)) => {
            code.to_ascii_lowercase().trim_start_matches("statuscode.").trim_start_matches("status_code_") == "error"
        }
        _ => false,
    };
    let kind = span.flat.get("error.type").and_then(Value::as_str).map(str::to_owned);
    if failed || kind.is_some() {
        let said = status.and_then(|it| it.get("message").or_else(|| it.get("description"))).and_then(Value::as_str);
        let said = said.or_else(|| map.get("status_message").and_then(Value::as_str)).filter(|text| !text.is_empty());
        span.failed = Some(said.map(str::to_owned).or(kind).unwrap_or_else(|| "error".to_owned()));
    }
}

/// Events that carry what newer or older conventions put into attributes.
pub(super) fn events(map: &Map<String, Value>, span: &mut Span) {
    let mut given = Vec::new();
    let mut answered = Vec::new();
    for (event, _) in list(map, &["events"]) {
        let name = event.get("name").and_then(Value::as_str).unwrap_or_default();
        let flat = attributes(event.get("attributes"));
        let at =
            ["timeUnixNano", "time", "timestamp"].iter().find_map(|key| ids::nanos(event.get(*key)?).ok().flatten());
        match name {
            "exception" => {
                let text = |key: &str| flat.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
                if let Some(said) = text("exception.message").or_else(|| text("exception.type")) {
                    span.failed.get_or_insert_with(|| said.to_owned());
                }
            }
            "gen_ai.evaluation.result" => span.evaluations.push((flat, at)),
            "gen_ai.choice" => {
                if let Some(reason) = flat.get("finish_reason").filter(|reason| reason.is_string()) {
                    let reasons = Value::Array(Vec::from([reason.clone()]));
                    span.flat.add("gen_ai.response.finish_reasons".to_owned(), reasons);
                }
                answered.push(as_message(flat.into_object(), "assistant"));
            }
            _ if name.starts_with("gen_ai.") && name.ends_with(".message") => {
                let role = name.trim_start_matches("gen_ai.").trim_end_matches(".message");
                given.push(as_message(flat.into_object(), role));
            }
            _ if name.starts_with("gen_ai.") => {
                for (key, value) in flat.into_object() {
                    span.flat.add(key, value);
                }
            }
            _ => {}
        }
    }
    for (key, messages) in [("gen_ai.input.messages", given), ("gen_ai.output.messages", answered)] {
        if !messages.is_empty() {
            span.flat.add(key.to_owned(), Value::Array(messages));
        }
    }
}

/// The attributes or the body of an event about one message, as a message.
fn as_message(said: Map<String, Value>, role: &str) -> Value {
    let mut message = Map::new();
    for (key, value) in said {
        let value = super::value::unwrapped(&value).into_owned();
        match key.as_str() {
            "message" | "gen_ai.event.content" => match value {
                Value::Object(inner) => message.extend(inner),
                text => drop(message.insert("content".to_owned(), text)),
            },
            "id" => drop(message.insert("tool_call_id".to_owned(), value)),
            _ => match key.strip_prefix("message.") {
                Some(inner) => drop(message.insert(inner.to_owned(), value)),
                None => drop(message.insert(key, value)),
            },
        }
    }
    message.entry("role").or_insert_with(|| role.into());
    Value::Object(message)
}

/// What a log says in its body, as the attributes of the span it belongs to.
pub(super) fn log_body(map: &Map<String, Value>, flat: &mut Flat) {
    let named = either(map, &["eventName", "event_name"]).and_then(Value::as_str).map(str::to_owned);
    let name = named.or_else(|| flat.get("event.name").and_then(Value::as_str).map(str::to_owned)).unwrap_or_default();
    let body = map.get("body").map(typed).unwrap_or(Value::Null);
    if !name.starts_with("gen_ai.") {
        return;
    }
    let body = match body {
        Value::Object(body) => body,
        Value::String(text) => Map::from_iter([("content".to_owned(), Value::from(text))]),
        _ => Map::new(),
    };
    flat.insert("gen_ai.event.name".to_owned(), name.clone().into());
    if name == "gen_ai.choice" {
        flat.insert("gen_ai.output.messages".to_owned(), Value::Array(Vec::from([as_message(body, "assistant")])));
    } else if let Some(role) = name.strip_prefix("gen_ai.").and_then(|name| name.strip_suffix(".message")) {
        flat.insert("gen_ai.input.messages".to_owned(), Value::Array(Vec::from([as_message(body, role)])));
    } else {
        for (key, value) in body {
            flat.add(key, value);
        }
    }
}
