//! The models that went into a run. A list of runs leaves them out, so each run is asked for once, and again when it
//! has ended or was deleted; in between what was answered is kept with the place where the last look ended.

use super::{Look, api};
use crate::connector::http::{Request, Trouble};
use crate::connector::server::Pulled;
use crate::connector::server::page::{Members, inner, members, text};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::{Mutex, PoisonError};

const INPUTS: &str = "inputs";
const MODELS: &str = "model_inputs";

impl Look<'_> {
    /// Runs as a list has them, each with the models that went into it.
    pub(super) fn with_models(&self, runs: Vec<Members>) -> Result<Vec<Members>, Trouble> {
        let done = Mutex::new(Vec::with_capacity(runs.len()));
        self.pull.each(runs.into_iter().enumerate(), |(at, run)| {
            let run = self.with_its_models(run)?;
            done.lock().unwrap_or_else(PoisonError::into_inner).extend(run.map(|run| (at, run)));
            Ok(())
        })?;
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, run)| run).collect())
    }

    /// Nothing where it cannot be told and the run is held already: then nothing is concluded from this look at it.
    fn with_its_models(&self, mut run: Members) -> Result<Option<Members>, Trouble> {
        let info = inner(&run, "info");
        // A server without outputs is an MLflow 2, in which no model goes into a run.
        let Some(id) = text(&info, "run_id").filter(|_| run.contains_key("outputs")) else {
            return Ok(Some(run));
        };
        let stands =
            ["status", "end_time", "lifecycle_stage"].map(|key| text(&info, key).unwrap_or_default()).join("/");
        let place = format!("models_used/{id}");
        let kept = self.pull.held.cursor(&place);
        let kept = kept.as_deref().and_then(|it| it.split_once(' '));
        let models = match kept {
            Some((as_it_was, models)) if as_it_was == stands => models.to_owned(),
            _ => {
                let url = self.http().address().below(&api("2.0", &["runs", "get"]), &[("run_id", &id)]);
                let request = Request::get(url);
                let answer = match self.http().ask(&request).and_then(|answer| members(&request, &answer)) {
                    Ok(answer) => answer,
                    Err(trouble) => {
                        self.pull.tell(&place, trouble)?;
                        let part = format!("runs/{id}");
                        if !self.pull.held.has(&part) {
                            return Ok(Some(run));
                        }
                        self.pull.give(Pulled::Unchanged { part });
                        return Ok(None);
                    }
                };
                let inputs = inner(&inner(&answer, "run"), INPUTS);
                let models = inputs.get(MODELS).map_or_else(String::new, |models| models.get().to_owned());
                self.pull.held.learn(&place, format!("{stands} {models}"));
                models
            }
        };
        if let Ok(models) = RawValue::from_string(models) {
            let mut inputs = inner(&run, INPUTS);
            inputs.insert(MODELS.to_owned(), models);
            if let Ok(inputs) = to_raw_value(&inputs) {
                run.insert(INPUTS.to_owned(), inputs);
            }
        }
        Ok(Some(run))
    }
}
