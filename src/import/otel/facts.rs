//! What a span means, whichever of the conventions wrote it: the newer and the older names of
//! OpenTelemetry first, then OpenInference, OpenLLMetry, MLflow and the Vercel AI SDK. It says nothing yet.

use super::messages::{self, Said};
use super::shapes::Span;
use super::value::{Flat, any, canonical, first, indexed, unwrapped};
use serde_json::Value;

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Sort {
    Model,
    Embedding,
    Tool,
    Agent,
    Chain,
    Retrieval,
    Guardrail,
    Evaluator,
    /// Something that tells of no agent, kept because others stand below it.
    #[default]
    Other,
}

/// What the span tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) sort: Sort,
    pub(super) provider: Option<String>,
    pub(super) asked: Option<String>,
    pub(super) served: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) agent_version: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) tool: Option<String>,
    pub(super) call: Option<String>,
    pub(super) given: Option<Said>,
    pub(super) answered: Option<Said>,
    pub(super) arguments: Option<String>,
    pub(super) result: Option<String>,
    pub(super) source: Option<String>,
    pub(super) documents: Vec<String>,
    pub(super) template: Option<(String, Option<String>)>,
    pub(super) user: Option<String>,
    pub(super) finish: Vec<String>,
}

fn sort_of(word: &str) -> Option<Sort> {
    Some(match word.to_ascii_lowercase().as_str() {
        "chat" | "text_completion" | "completion" | "generate_content" | "call_llm" | "chat_model" | "llm"
        | "responses" => Sort::Model,
        "embeddings" | "embedding" => Sort::Embedding,
        "execute_tool" | "tool" | "tool_call" => Sort::Tool,
        "invoke_agent" | "create_agent" | "agent" => Sort::Agent,
        "invoke_workflow" | "chain" | "workflow" | "task" => Sort::Chain,
        "retrieval" | "retriever" | "reranker" | "rerank" | "retrieve" | "search" => Sort::Retrieval,
        "guardrail" | "apply_guardrail" => Sort::Guardrail,
        "evaluator" | "evaluation" | "evaluate" => Sort::Evaluator,
        _ => return None,
    })
}

/// Operations of the Vercel AI SDK; those that do the work are below those that were called.
fn vercel(operation: &str) -> Sort {
    let operation = operation.split_whitespace().next().unwrap_or_default();
    match operation {
        "ai.toolCall" => Sort::Tool,
        _ if operation.contains(".doEmbed") => Sort::Embedding,
        _ if operation.contains(".do") => Sort::Model,
        "ai.embed" | "ai.embedMany" | "ai.rerank" => Sort::Chain,
        _ => Sort::Agent,
    }
}

/// What the span is.
pub(super) fn sort(span: &Span) -> Sort {
    let flat = &span.flat;
    let words = [
        "gen_ai.operation.name",
        "openinference.span.kind",
        "traceloop.span.kind",
        "llm.request.type",
        "mlflow.spanType",
    ];
    // MLflow writes each value as JSON in a text.
    if let Some(sort) = words.iter().find_map(|name| sort_of(flat.get(name)?.as_str()?.trim_matches('"'))) {
        return sort;
    }
    if let Some(operation) = first(flat, &["ai.operationId"]) {
        return vercel(operation);
    }
    let event = first(flat, &["gen_ai.event.name"]).unwrap_or_default();
    if event == "gen_ai.evaluation.result" {
        return Sort::Evaluator;
    }
    let start = span.name.split_whitespace().next().unwrap_or_default();
    let telling = flat.keys().any(|key| key.starts_with("gen_ai."));
    if flat.keys().any(|key| key.starts_with("gen_ai.guardrail") || key.starts_with("gen_ai.security")) {
        return Sort::Guardrail;
    }
    match sort_of(start) {
        Some(sort) if telling || ["execute_tool", "invoke_agent", "invoke_workflow"].contains(&start) => sort,
        _ if flat.contains_key("gen_ai.tool.name") => Sort::Tool,
        _ if telling && (flat.contains_key("gen_ai.request.model") || !event.is_empty()) => Sort::Model,
        _ if flat.contains_key("gen_ai.agent.name") => Sort::Agent,
        _ => Sort::Other,
    }
}

fn text(flat: &Flat, names: &[&str]) -> Option<String> {
    first(flat, names).map(|text| text.trim().to_owned())
}

/// Reads a span by all the conventions.
pub(super) fn facts(span: &Span) -> Facts {
    let flat = &span.flat;
    let sort = sort(span);
    let named = text(flat, &["traceloop.entity.name", "ai.telemetry.functionId", "graph.node.name"]);
    let own = |wanted: Sort| named.clone().filter(|_| sort == wanted);
    let mut facts = Facts {
        sort,
        provider: provider(flat),
        asked: text(
            flat,
            &[
                "gen_ai.request.model",
                "llm.request.model",
                "ai.model.id",
                "embedding.model_name",
                "mlflow.llm.model",
                "reranker.model_name",
            ],
        ),
        served: text(flat, &["gen_ai.response.model", "llm.response.model", "ai.response.model"]),
        agent: text(flat, &["gen_ai.agent.name", "agent.name"])
            .or_else(|| own(Sort::Agent))
            .or_else(|| text(flat, &["ai.telemetry.functionId", "traceloop.workflow.name"])),
        agent_id: text(flat, &["gen_ai.agent.id"]),
        agent_version: text(flat, &["gen_ai.agent.version"]),
        conversation: text(
            flat,
            &[
                "gen_ai.conversation.id",
                "session.id",
                "traceloop.association.properties.session_id",
                "ai.telemetry.metadata.sessionId",
                "thread.id",
            ],
        ),
        source: text(flat, &["gen_ai.data_source.id", "gen_ai.data_source.name"]),
        documents: documents(flat, sort),
        template: template(flat),
        user: text(
            flat,
            &["enduser.id", "user.id", "traceloop.association.properties.user_id", "ai.telemetry.metadata.userId"],
        ),
        finish: finish(flat),
        ..Facts::default()
    };
    // OpenInference has one name for both; what a model is called in the answer is what served it.
    match text(flat, &["llm.model_name"]) {
        Some(model) if facts.asked.is_none() => {
            let asked =
                text(flat, &["llm.invocation_parameters"]).map(|text| unwrapped(&Value::from(text)).into_owned());
            let asked = asked.and_then(|it| it.get("model").and_then(Value::as_str).map(str::to_owned));
            if let Some(asked) = asked {
                facts.served = Some(model);
                facts.asked = Some(asked);
            } else {
                facts.asked = Some(model);
            }
        }
        _ => {}
    }
    match sort {
        Sort::Tool => tool(span, own(Sort::Tool), &mut facts),
        Sort::Other => {}
        _ => {
            facts.given = messages::input(flat);
            facts.answered = messages::output(flat);
        }
    }
    if sort == Sort::Agent && facts.agent.is_none() {
        let rest = span.name.split_once(' ').filter(|(verb, _)| sort_of(verb).is_some());
        let name = rest.map_or(span.name.as_str(), |(_, rest)| rest).trim();
        facts.agent = (!name.is_empty()).then(|| name.to_owned());
    }
    facts
}

fn provider(flat: &Flat) -> Option<String> {
    let written =
        text(flat, &["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"])?;
    // The SDK adds which of a provider's interfaces it called.
    let vercel = flat.contains_key("ai.model.provider");
    let plain = if vercel { written.split('.').next().unwrap_or(&written) } else { &written };
    Some(plain.to_ascii_lowercase())
}

fn tool(span: &Span, named: Option<String>, facts: &mut Facts) {
    let flat = &span.flat;
    facts.tool = text(flat, &["gen_ai.tool.name", "tool.name", "ai.toolCall.name"]).or(named).or_else(|| {
        let rest = span.name.strip_prefix("execute_tool ").unwrap_or(&span.name);
        let rest = rest.strip_suffix(".tool").unwrap_or(rest).trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    });
    facts.call = text(flat, &["gen_ai.tool.call.id", "tool_call.id", "tool.id", "ai.toolCall.id"]);
    let direct =
        any(flat, &["gen_ai.tool.call.arguments", "gen_ai.tool.args", "ai.toolCall.args", "ai.toolCall.input"])
            .cloned();
    let given = direct.or_else(|| {
        messages::entity(
            flat,
            &["input.value", "traceloop.entity.input", "tool.parameters", "mlflow.spanInputs", "input"],
        )
    });
    facts.arguments = given.as_ref().map(canonical);
    let direct =
        any(flat, &["gen_ai.tool.call.result", "gen_ai.tool.message", "ai.toolCall.result", "ai.toolCall.output"])
            .cloned();
    let result = direct.or_else(|| {
        messages::entity(
            flat,
            &["output.value", "traceloop.entity.output", "mlflow.spanOutputs", "gen_ai.output", "output"],
        )
    });
    facts.result = result.as_ref().map(canonical);
}

fn documents(flat: &Flat, sort: Sort) -> Vec<String> {
    let mut found = Vec::new();
    for prefix in ["retrieval.documents", "reranker.output_documents"] {
        for entry in indexed(flat, prefix) {
            found.extend(first(&entry, &["document.id", "id"]).map(str::to_owned));
        }
    }
    if let Some(Value::Array(list)) = any(flat, &["gen_ai.retrieval.documents", "mlflow.spanOutputs"])
        .filter(|_| sort == Sort::Retrieval)
        .map(unwrapped)
        .as_deref()
    {
        found.extend(list.iter().filter_map(|item| item.get("id").and_then(Value::as_str)).map(str::to_owned));
    }
    found.truncate(64);
    found
}

fn template(flat: &Flat) -> Option<(String, Option<String>)> {
    let version = text(flat, &["gen_ai.prompt.version", "llm.prompt_template.version", "traceloop.prompt.version"]);
    let name = text(flat, &["gen_ai.prompt.name", "llm.prompt_template.name", "traceloop.prompt.key"]);
    if let Some(name) = name {
        return Some((name, version));
    }
    let template = text(flat, &["llm.prompt_template.template", "traceloop.prompt.template"])?;
    Some((super::value::text_digest(&template), version))
}

fn finish(flat: &Flat) -> Vec<String> {
    match any(flat, &["gen_ai.response.finish_reasons", "ai.response.finishReason", "llm.response.finish_reason"])
        .map(unwrapped)
        .as_deref()
    {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(word)) => Vec::from([word.clone()]),
        _ => Vec::new(),
    }
}

/// Numbers worth keeping with the answer, by one name each.
pub(super) fn measures(flat: &Flat) -> Vec<(&'static str, Value)> {
    let table: [(&str, &[&str]); 5] = [
        (
            "tokens.input",
            &[
                "gen_ai.usage.input_tokens",
                "gen_ai.usage.prompt_tokens",
                "mlflow.chat.tokenUsage.input_tokens",
                "llm.token_count.prompt",
                "llm.usage.prompt_tokens",
                "ai.usage.inputTokens",
                "ai.usage.promptTokens",
            ],
        ),
        (
            "tokens.output",
            &[
                "gen_ai.usage.output_tokens",
                "gen_ai.usage.completion_tokens",
                "mlflow.chat.tokenUsage.output_tokens",
                "llm.token_count.completion",
                "llm.usage.completion_tokens",
                "ai.usage.outputTokens",
                "ai.usage.completionTokens",
            ],
        ),
        ("param.temperature", &["gen_ai.request.temperature", "llm.request.temperature", "ai.settings.temperature"]),
        ("param.max_tokens", &["gen_ai.request.max_tokens", "ai.settings.maxTokens", "ai.settings.maxOutputTokens"]),
        ("param.top_p", &["gen_ai.request.top_p", "llm.top_p", "ai.settings.topP"]),
    ];
    table
        .iter()
        .filter_map(|(name, from)| {
            any(flat, from).filter(|value| value.is_number()).map(|value| (*name, value.clone()))
        })
        .collect()
}
