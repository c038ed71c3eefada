//! Traces of an MLflow server, each with its spans, some at a time. Those that are held are not asked for again
//! unless something was said of them since; who said it, and whether it is right, is not its concern.

use super::{Listing, Look, api};
use crate::connector::http::{Request, Sort, Trouble};
use crate::connector::server::page::{Members, inner, list, malformed, members, text};
use serde_json::{Value, json};

/// How far before the newest trace a look begins: clocks of clients differ.
const OVERLAP: i64 = 10 * 60 * 1000;
/// Traces of one page, the most that a server gives.
const PAGE: usize = 500;
/// Experiments that are asked about at once.
const EXPERIMENTS: usize = 100;
/// Traces whose spans are asked for at once.
const AT_ONCE: usize = 20;

/// What lists of traces told.
struct Told {
    newest: i64,
    assessed: i64,
    /// Those to be asked for.
    fresh: Vec<String>,
}

impl Told {
    /// Takes a page; the moment of its oldest trace. What was said after `known` makes a held trace new.
    fn take(&mut self, look: &Look<'_>, page: &[Members], known: i64) -> i64 {
        let mut oldest = i64::MAX;
        for trace in page {
            let at = requested_at(trace);
            oldest = oldest.min(at);
            self.newest = self.newest.max(at);
            let Some(id) = text(trace, "trace_id") else { continue };
            let assessed = assessed_at(trace);
            if !look.pull.held.has(&format!("traces/{id}")) || assessed > known {
                self.fresh.push(id);
            }
            self.assessed = self.assessed.max(assessed);
        }
        oldest
    }
}

/// Where a round over the older traces is. What is said of a trace long after does not move it to the front, so that
/// each look goes over one more page of them.
struct Round {
    /// Older than this come next; from the newest on where there is none.
    below: Option<i64>,
    /// The newest thing said when this round began, and when the one before did.
    began: i64,
    before: i64,
}

impl Round {
    fn read(cursor: Option<String>, assessed: i64) -> Round {
        let numbers: Vec<i64> = cursor.iter().flat_map(|it| it.split(' ')).filter_map(|it| it.parse().ok()).collect();
        match numbers.as_slice() {
            [below, began, before] => {
                Round { below: Some(*below).filter(|it| *it > 0), began: *began, before: *before }
            }
            _ => Round { below: None, began: assessed, before: assessed },
        }
    }

    fn written(&self) -> String {
        format!("{} {} {}", self.below.unwrap_or(0), self.began, self.before)
    }
}

impl Look<'_> {
    /// Traces with their spans. A trace that is held is asked for again only where more was said of it.
    pub(super) fn traces(&self, experiments: &[String]) -> Result<(), Trouble> {
        let number = |name: &str| self.pull.held.cursor(name).and_then(|it| it.parse::<i64>().ok());
        let (last, assessed) = (number("traces"), number("assessed").unwrap_or(0));
        let mut told = Told { newest: last.unwrap_or(0), assessed, fresh: Vec::new() };
        for (at, some) in experiments.chunks(EXPERIMENTS).enumerate() {
            let places: Vec<_> = some
                .iter()
                .map(|id| json!({"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": id}}))
                .collect();
            let question = json!({"locations": places, "max_results": PAGE, "order_by": ["timestamp_ms DESC"]});
            let (mut oldest, mut cut) = (i64::MAX, false);
            let listed = self.pages(&listing(question.clone()), |page| {
                oldest = oldest.min(told.take(self, &page, assessed));
                cut = page.len() >= PAGE && last.is_some_and(|last| oldest < last.saturating_sub(OVERLAP));
                Ok(!cut)
            });
            match listed {
                Err(trouble) if trouble.sort == Sort::NoSuch => return Ok(()),
                other => other?,
            }
            if cut {
                self.older(&format!("late/{at}"), question, oldest, assessed, &mut told)?;
            }
            let fresh = std::mem::take(&mut told.fresh);
            self.pull.each(fresh.chunks(AT_ONCE), |ids| self.some(ids))?;
        }
        if told.newest > 0 {
            self.pull.held.end_at("traces", told.newest.to_string());
            self.pull.held.end_at("assessed", told.assessed.to_string());
        }
        Ok(())
    }

    /// One page of the older traces, for what was said of them late.
    fn older(
        &self,
        cursor: &str,
        mut question: Value,
        oldest: i64,
        assessed: i64,
        told: &mut Told,
    ) -> Result<(), Trouble> {
        let mut round = Round::read(self.pull.held.cursor(cursor), assessed);
        let below = round.below.unwrap_or(oldest);
        question["filter"] = format!("timestamp_ms < {below}").into();
        let mut next = None;
        self.pages(&listing(question), |page| {
            let low = told.take(self, &page, round.before);
            // Several of one moment may stand on both sides of the cut.
            next = (page.len() >= PAGE).then(|| if low + 1 < below { low + 1 } else { low });
            Ok(false)
        })?;
        round.below = next;
        if next.is_none() {
            (round.began, round.before) = (told.assessed, round.began);
        }
        self.pull.held.end_at(cursor, round.written());
        Ok(())
    }

    /// Some traces with their spans, in one answer where the server gives that.
    fn some(&self, ids: &[String]) -> Result<(), Trouble> {
        let query: Vec<(&str, &str)> = ids.iter().map(|id| ("trace_ids", id.as_str())).collect();
        let request = Request::get(self.http().address().below(&api("3.0", &["traces", "batchGet"]), &query));
        let mut missing: Vec<&String> = ids.iter().collect();
        match self.http().ask(&request) {
            Ok(answer) => {
                for raw in list(&request, &members(&request, &answer)?, "traces")? {
                    let trace: Members = serde_json::from_str(raw.get()).unwrap_or_default();
                    let Some(id) = text(&inner(&trace, "trace_info"), "trace_id") else { continue };
                    if missing.iter().any(|it| **it == id) {
                        missing.retain(|it| **it != id);
                        self.give("traces", "trace", &id, &trace);
                    }
                }
            }
            // An older version gives them one by one, and what is too much together may do alone.
            Err(trouble) if matches!(trouble.sort, Sort::NoSuch | Sort::Other | Sort::TooMuch) => {}
            Err(trouble) => return self.pull.tell("traces", trouble),
        }
        for id in missing {
            self.trace(id).or_else(|trouble| self.pull.tell(&format!("traces/{id}"), trouble))?;
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

fn listing(question: Value) -> Listing<'static> {
    Listing { path: api("3.0", &["traces", "search"]), key: "traces", post: Some(question), query: Vec::new() }
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
