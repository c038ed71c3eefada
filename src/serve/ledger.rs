//! The ledger itself, for another lastgood to pull: who signs it, how far it goes, and its records in stretches that can
//! be verified. It chooses no records: the engine does.

use super::Serving;
use super::routes::{Answer, json};
use super::said::Refusal;
use crate::engine::EngineError;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route("/ledger", get(standing)).route("/ledger/records", get(records))
}

/// A number of the query: which records, those after so many, with the proof from a size that was seen; 0 where it is
/// not said.
fn number(uri: &Uri, name: &str) -> u64 {
    let parts = uri.query().unwrap_or_default().split('&').filter_map(|part| part.split_once('='));
    parts.filter(|(key, _)| *key == name).find_map(|(_, value)| value.parse().ok()).unwrap_or(0)
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

async fn records(State(serving): State<Arc<Serving>>, uri: Uri) -> Answer {
    let (after, since) = (number(&uri, "after"), number(&uri, "since"));
    let bundle = aside(serving, move |serving| {
        let mut bundle = Vec::new();
        serving.engine.export_records(after, since, &mut bundle)?;
        Ok(bundle)
    });
    let bundle = bundle.await?;
    Ok(([(header::CONTENT_TYPE, "application/vnd.lastgood.bundle")], bundle).into_response())
}
