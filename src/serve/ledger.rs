//! The ledger itself, for another lastgood to pull: who signs it, how far it goes, and its records in stretches that can
//! be verified. It chooses no records: the engine does.

use super::Serving;
use super::routes::{Answer, json};
use super::said::Refusal;
use crate::engine::EngineError;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route("/ledger", get(standing)).route("/ledger/records", get(records))
}

/// Which records: those after so many, with the proof from a size that was seen.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Wanted {
    after: u64,
    since: u64,
}

fn broken(error: &EngineError) -> Refusal {
    Refusal::Broken(error.to_string())
}

/// Does something with the ledger where it may take its time.
async fn aside<T: Send + 'static>(
    serving: Arc<Serving>,
    act: impl FnOnce(&Serving) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(move || act(&serving)).await;
    done.map_err(|_| Refusal::Broken("reading the ledger broke off".to_owned()))?.map_err(|error| broken(&error))
}

async fn standing(State(serving): State<Arc<Serving>>) -> Answer {
    let standing = aside(serving, |serving| serving.engine.offered()).await?;
    Ok(json(StatusCode::OK, &standing))
}

async fn records(State(serving): State<Arc<Serving>>, Query(wanted): Query<Wanted>) -> Answer {
    let bundle = aside(serving, move |serving| {
        let mut bundle = Vec::new();
        serving.engine.export_records(wanted.after, wanted.since, &mut bundle)?;
        Ok(bundle)
    });
    let bundle = bundle.await?;
    Ok(([(header::CONTENT_TYPE, "application/vnd.lastgood.bundle")], bundle).into_response())
}
