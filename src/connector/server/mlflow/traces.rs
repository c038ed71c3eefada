//! Traces of an MLflow server, each with its spans, which are asked for one trace at a time. Those that are held
//! are not asked for again unless something was said of them since.

use super::{Listing, Look, api};
use crate::connector::http::{Request, Sort, Trouble};
use crate::connector::server::page::{Members, inner, malformed, members, text};
use serde_json::json;

impl Look<'_> {
    /// Traces with their spans. A trace that is held is asked for again only where it is listed as newer.
    pub(super) fn traces(&self, experiments: &[String]) -> Result<(), Trouble> {
        const OVERLAP: i64 = 10 * 60 * 1000;
        let last = self.pull.held.cursor("traces").and_then(|it| it.parse::<i64>().ok());
        let last_assessed = self.pull.held.cursor("assessed").and_then(|it| it.parse::<i64>().ok()).unwrap_or(0);
        let (mut newest, mut newest_assessed) = (last.unwrap_or(0), last_assessed);
        for some in experiments.chunks(100) {
            let places: Vec<_> = some
                .iter()
                .map(|id| json!({"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": id}}))
                .collect();
            let mut question = json!({"locations": places, "max_results": 100});
            if let Some(last) = last {
                question["filter"] = format!("timestamp_ms >= {}", last.saturating_sub(OVERLAP)).into();
            }
            let listing = Listing {
                path: api("3.0", &["traces", "search"]),
                key: "traces",
                post: Some(question),
                query: Vec::new(),
            };
            let mut fresh = Vec::new();
            let listed = self.pages(&listing, |page| {
                for trace in &page {
                    newest = newest.max(requested_at(trace));
                    let Some(id) = text(trace, "trace_id") else { continue };
                    // What people say of a trace is added later.
                    let assessed = assessed_at(trace);
                    if !self.pull.held.has(&format!("traces/{id}")) || assessed > last_assessed {
                        fresh.push(id);
                    }
                    newest_assessed = newest_assessed.max(assessed);
                }
                Ok(true)
            });
            match listed {
                Err(trouble) if trouble.sort == Sort::NoSuch => return Ok(()),
                other => other?,
            }
            self.pull.each(fresh.into_iter(), |id| {
                self.trace(&id).or_else(|trouble| self.pull.tell(&format!("traces/{id}"), trouble))
            })?;
        }
        if newest > 0 {
            self.pull.held.end_at("traces", newest.to_string());
            self.pull.held.end_at("assessed", newest_assessed.to_string());
        }
        Ok(())
    }

    fn trace(&self, id: &str) -> Result<(), Trouble> {
        let url = self.http().address().below(&api("3.0", &["traces", "get"]), &[("trace_id", id)]);
        let request = Request::get(url);
        let answer = members(&request, &self.http().ask(&request)?)?;
        let trace = inner(&answer, "trace");
        if trace.contains_key("trace_info") {
            self.give("traces", "trace", id, &trace);
            return Ok(());
        }
        Err(malformed(&request, "it holds no trace"))
    }
}

/// When something was last said of a trace, in microseconds since 1970.
fn assessed_at(trace: &Members) -> i64 {
    let said: Vec<Members> =
        trace.get("assessments").and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let times = said.iter().filter_map(|it| text(it, "last_update_time").or_else(|| text(it, "create_time")));
    times.filter_map(|it| crate::model::Time::parse_stated(&it).ok()).map(|(at, _)| at.micros()).max().unwrap_or(0)
}

/// When a trace was asked for, in milliseconds since 1970.
fn requested_at(trace: &Members) -> i64 {
    let written = text(trace, "request_time").or_else(|| text(trace, "timestamp_ms")).unwrap_or_default();
    match crate::model::Time::parse_stated(&written) {
        Ok((at, _)) => at.micros() / 1000,
        Err(_) => written.parse().unwrap_or(0),
    }
}
