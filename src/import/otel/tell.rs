//! Says what a span means, as steps of a decision with what they used. What was not captured is said to
//! be absent; it is no empty text. It orders nothing.

use super::facts::{Sort, measures};
use super::ids::time;
use super::names::{self, Known};
use super::order::{Cause, Ends, Told};
use super::value::{first, text_digest};
use crate::import::teller::{Teller, clip, keep};
use crate::model::{Artefact, Attributes, Evidence, Kind, Relation, Statement, Time};
use serde_json::Value;

/// What is known around one span.
pub(super) struct Around<'a> {
    pub(super) causes: &'a [Cause],
    /// The step with which the last span below it ended.
    pub(super) closing: Option<&'a str>,
}

/// What all steps of a span share.
struct Step<'a> {
    told: &'a Told,
    ends: Ends,
    at: Option<Time>,
    end: Option<Time>,
    agent: Option<String>,
    deployment: Option<String>,
}

/// Tells of one span.
pub(super) fn tell(told: &Told, around: &Around<'_>, known: &mut Known, telling: &mut Teller<'_>) {
    let span = &told.span;
    let at = span.start.map(time);
    if let Some(at) = at {
        telling.observe(at);
    }
    for doubt in &span.doubts {
        telling.doubt(doubt.clone());
    }
    let deployment = names::deployment(span, at, known, telling);
    let agent = names::agent(span, &told.facts, known, telling);
    if let (Some(deployment), Some(agent)) = (&deployment, &agent)
        && known.insert(format!("{deployment} contains {agent}"))
    {
        telling.link(deployment, Relation::Contains, agent, at);
    }
    let step = Step { told, ends: told.ends(), at, end: span.end.map(time).or(at), agent, deployment };
    match told.facts.sort {
        Sort::Model | Sort::Embedding => step.model(known, telling),
        Sort::Tool => step.tool(known, telling),
        Sort::Agent | Sort::Chain => step.agent(around, known, telling),
        Sort::Retrieval => step.retrieval(known, telling),
        Sort::Guardrail => step.guardrail(known, telling),
        Sort::Evaluator => step.evaluator(telling),
        Sort::Other => drop(step.say(&step.ends.main, "operation", at, |_| {}, telling)),
    }
    for cause in around.causes {
        step.cause(&step.ends.entry, &cause.by, cause.how, at, telling);
    }
    step.around(known, telling);
}

impl Step<'_> {
    fn say(
        &self,
        id: &str,
        word: &str,
        at: Option<Time>,
        add: impl FnOnce(&mut Attributes),
        telling: &mut Teller<'_>,
    ) -> String {
        let span = &self.told.span;
        let mut step = Artefact::new(id, Kind::Step);
        step.at = at;
        step.name = Some(span.name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
        step.attributes.insert("step".to_owned(), word.into());
        step.attributes.insert("trace".to_owned(), span.trace.as_str().into());
        step.environment =
            first(&span.resource, &["deployment.environment.name", "deployment.environment"]).map(str::to_owned);
        keep(&mut step.attributes, "conversation", self.told.facts.conversation.as_deref());
        add(&mut step.attributes);
        telling.artefact(step)
    }

    fn cause(&self, step: &str, by: &str, how: &str, at: Option<Time>, telling: &mut Teller<'_>) {
        if step != by {
            let attributes = Attributes::from([("known-by".to_owned(), how.into())]);
            telling.link_with(step, Relation::CausedBy, by, at, attributes);
        }
    }

    /// A step that holds a text, or says that it was not captured.
    fn content(&self, id: &str, word: &str, at: Option<Time>, content: Option<(&str, &str)>, telling: &mut Teller<'_>) {
        self.say(id, word, at, |attributes| attributes.extend(captured(content)), telling);
        if content.is_none() {
            let relation = if word == "prompt" { Relation::UsesPrompt } else { Relation::Other("content".into()) };
            telling.absent(id, relation, "not-recorded");
        }
    }

    fn prompt(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let facts = &self.told.facts;
        let id = &self.ends.entry;
        let given = facts.given.as_ref().filter(|given| !given.messages.is_empty());
        let (last, all) = given.map(|given| (given.last(), given.canonical())).unwrap_or_default();
        self.content(id, "prompt", self.at, given.map(|_| (last.as_str(), all.as_str())), telling);
        if let Some(system) = facts.given.as_ref().and_then(|given| given.system.as_deref()) {
            let system = names::instructions(system, known, telling);
            telling.link(id, Relation::UsesPrompt, &system, self.at);
        }
        if let Some((name, version)) = &facts.template {
            let template = names::template(name, version.as_deref(), known, telling);
            telling.link(id, Relation::UsesPrompt, &template, self.at);
        }
    }

    fn model(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let facts = &self.told.facts;
        self.prompt(known, telling);
        let main = &self.ends.main;
        let answered = facts.answered.as_ref();
        let (last, all) = answered.map(|it| (it.last(), it.canonical())).unwrap_or_default();
        let content = answered.map(|_| (last.as_str(), all.as_str()));
        let embedding = facts.sort == Sort::Embedding;
        self.say(
            main,
            "output",
            self.end,
            |attributes| {
                if embedding {
                    attributes.insert("content".to_owned(), "embedding".into());
                } else {
                    attributes.extend(captured(content));
                }
                attributes
                    .extend(measures(&self.told.span.flat).into_iter().map(|(key, value)| (key.to_owned(), value)));
                let calls: Vec<Value> =
                    answered.into_iter().flat_map(|it| it.calls()).map(|call| call.name.as_str().into()).collect();
                if !calls.is_empty() {
                    attributes.insert("calls".to_owned(), calls.into());
                }
                if let (Some(asked), Some(served)) = (&facts.asked, &facts.served)
                    && asked != served
                {
                    attributes.insert("model.asked".to_owned(), clip(asked).into());
                    attributes.insert("model.served".to_owned(), clip(served).into());
                }
                self.outcome(attributes);
            },
            telling,
        );
        if content.is_none() && !embedding && self.told.span.failed.is_none() {
            telling.absent(main, Relation::Other("content".into()), "not-recorded");
        }
        self.cause(main, &self.ends.entry, "span", self.end, telling);
        if let Some(model) = names::model(facts, known, telling) {
            telling.link(main, Relation::Used, &model, self.end);
        }
        if facts.finish.iter().any(|word| {
            matches!(word.as_str(), "content_filter" | "content-filter" | "safety" | "SAFETY" | "guardrail_intervened")
        }) {
            let check = format!("{main}/policy-check");
            self.say(
                &check,
                "policy-check",
                self.end,
                |attributes| drop(attributes.insert("result".to_owned(), "blocked".into())),
                telling,
            );
            self.cause(&check, main, "span", self.end, telling);
        }
    }

    fn outcome(&self, attributes: &mut Attributes) {
        if let Some(failed) = &self.told.span.failed {
            attributes.insert("outcome".to_owned(), "error".into());
            attributes.insert("error".to_owned(), clip(failed).into());
        }
    }

    fn tool(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let facts = &self.told.facts;
        let tool = names::tool(&self.told.span, facts, known, telling);
        let named = |attributes: &mut Attributes| {
            keep(attributes, "tool", facts.tool.as_deref());
            keep(attributes, "call", facts.call.as_deref());
        };
        let main = &self.ends.main;
        let arguments = facts.arguments.as_deref().map(|text| (text, text));
        self.say(
            main,
            "tool-call",
            self.at,
            |attributes| {
                attributes.extend(captured(arguments));
                named(attributes)
            },
            telling,
        );
        let result = facts.result.as_deref().map(|text| (text, text));
        let exit = &self.ends.exit;
        self.say(
            exit,
            "tool-result",
            self.end,
            |attributes| {
                attributes.extend(captured(result));
                named(attributes);
                self.outcome(attributes);
            },
            telling,
        );
        for (id, lacks) in [(main, arguments.is_none()), (exit, result.is_none() && self.told.span.failed.is_none())] {
            if lacks {
                telling.absent(id, Relation::Other("content".into()), "not-recorded");
            }
        }
        self.cause(exit, main, "span", self.end, telling);
        if let Some(request) = names::request(&self.told.span) {
            let why = "the trace names the session and the request of MCP";
            telling.same(main, &request, why);
            telling.same(exit, &format!("{request}/result"), why);
        }
        if let Some(tool) = &tool {
            telling.link(main, Relation::UsesTool, tool, self.at);
            if let Some(agent) = &self.agent
                && known.insert(format!("{agent} uses {tool}"))
            {
                telling.link(agent, Relation::UsesTool, tool, self.at);
            }
        }
    }

    fn agent(&self, around: &Around<'_>, known: &mut Known, telling: &mut Teller<'_>) {
        let facts = &self.told.facts;
        let Ends { entry, main, exit } = &self.ends;
        if entry != main {
            self.prompt(known, telling);
            self.cause(main, entry, "span", self.at, telling);
        }
        let word = if facts.sort == Sort::Agent { "agent" } else { "operation" };
        self.say(main, word, self.at, |attributes| self.outcome(attributes), telling);
        if let Some(answered) = facts.answered.as_ref().filter(|_| exit != main) {
            let (last, all) = (answered.last(), answered.canonical());
            self.content(exit, "output", self.end, Some((&last, &all)), telling);
            self.cause(exit, main, "span", self.end, telling);
            if let Some(closing) = around.closing {
                self.cause(exit, closing, "time", self.end, telling);
            }
        }
        // Where the calls below it are told of, they say which model was used.
        if around.closing.is_none()
            && let Some(model) = names::model(facts, known, telling)
        {
            telling.link(main, Relation::Used, &model, self.at);
        }
    }

    fn retrieval(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let facts = &self.told.facts;
        let main = &self.ends.main;
        let query = facts.given.as_ref().map(|given| (given.last(), given.canonical()));
        let query = query.as_ref().map(|(last, all)| (last.as_str(), all.as_str()));
        self.say(
            main,
            "retrieval",
            self.at,
            |attributes| {
                attributes.extend(captured(query));
                if !facts.documents.is_empty() {
                    attributes.insert("documents".to_owned(), facts.documents.clone().into());
                }
                self.outcome(attributes);
            },
            telling,
        );
        match names::source(&self.told.span, facts, known, telling) {
            Some(source) => telling.link(main, Relation::RetrievesFrom, &source, self.at),
            None => telling.absent(main, Relation::RetrievesFrom, "not-recorded"),
        }
    }

    fn guardrail(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let flat = &self.told.span.flat;
        let keys = [
            "gen_ai.guardrail.action",
            "gen_ai.guardrail.result",
            "gen_ai.guardrail.decision",
            "guardrail.action",
            "guardrail.result",
            "gen_ai.security.decision.type",
        ];
        let output = self.told.facts.answered.as_ref().map(|answered| answered.last());
        let verdict = first(flat, &keys).or(output.as_deref()).or(self.told.span.failed.as_deref()).map(clip);
        let main = &self.ends.main;
        self.say(main, "policy-check", self.at, |attributes| keep(attributes, "result", verdict.as_deref()), telling);
        let Some(policy) = names::policy(&self.told.span, known, telling) else { return };
        telling.link(main, Relation::GovernedBy, &policy, self.at);
        if let Some(at) = self.end {
            self.evidence(main, "policy-verdict", Some(policy), at, verdict, Attributes::new(), telling);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of evidence")]
    fn evidence(
        &self,
        about: &str,
        kind: &str,
        scope: Option<String>,
        at: Time,
        verdict: Option<String>,
        attributes: Attributes,
        telling: &mut Teller<'_>,
    ) {
        let by = self.agent.clone().or_else(|| self.deployment.clone());
        telling.say(Statement::Evidence(Evidence {
            about: about.to_owned(),
            kind: kind.to_owned(),
            scope,
            by,
            at,
            verdict,
            expires: None,
            covers: Vec::new(),
            refs: Vec::new(),
            attributes,
        }));
    }

    fn evaluator(&self, telling: &mut Teller<'_>) {
        let span = &self.told.span;
        if span.log {
            // It speaks of the span it was sent in.
            return self.evaluation(&span.flat, span.start, telling);
        }
        let main = &self.ends.main;
        self.say(main, "verification", self.at, |attributes| self.outcome(attributes), telling);
        self.evaluation(&span.flat, span.end.or(span.start), telling);
    }

    fn evaluation(&self, flat: &super::value::Flat, at: Option<i128>, telling: &mut Teller<'_>) {
        let Some(at) = at.map(time).or(self.end) else {
            return telling.doubt(format!(
                "{}: an evaluation without a time; it is kept in the record only",
                self.told.span.path
            ));
        };
        let name = first(flat, &["gen_ai.evaluation.name", "eval.name"]).unwrap_or("evaluation").to_owned();
        let mut attributes = Attributes::new();
        if let Some(score) = flat.get("gen_ai.evaluation.score.value").filter(|score| score.is_number()) {
            attributes.insert(format!("metric.{name}"), score.clone());
        }
        keep(&mut attributes, "explanation", first(flat, &["gen_ai.evaluation.explanation"]));
        let verdict = first(flat, &["gen_ai.evaluation.score.label"]).map(clip);
        self.evidence(&self.ends.main, "evaluation", Some(name), at, verdict, attributes, telling);
    }

    /// What holds whatever the span is: who did it, for whom, what was said of it, what failed.
    fn around(&self, known: &mut Known, telling: &mut Teller<'_>) {
        let Ends { entry, main, exit } = &self.ends;
        for by in [&self.agent, &self.deployment].into_iter().flatten() {
            telling.link(main, Relation::ProducedBy, by, self.at);
        }
        if let Some(user) = names::user(&self.told.span, &self.told.facts, known, telling) {
            telling.link(entry, Relation::ActedFor, &user, self.at);
        }
        for (flat, at) in &self.told.span.evaluations {
            self.evaluation(flat, *at, telling);
        }
        if let Some(failed) = &self.told.span.failed {
            let error = format!("{main}/error");
            self.say(&error, "error", self.end, |attributes| keep(attributes, "error", Some(failed)), telling);
            self.cause(&error, exit, "span", self.end, telling);
        }
    }
}

/// A text as attributes: its beginning, and the digest of all of it.
fn captured(content: Option<(&str, &str)>) -> Attributes {
    let mut attributes = Attributes::new();
    match content {
        Some((shown, all)) => {
            keep(&mut attributes, "text", Some(shown));
            attributes.insert("text_digest".to_owned(), text_digest(all).into());
        }
        None => drop(attributes.insert("content".to_owned(), "not-captured".into())),
    }
    attributes
}
