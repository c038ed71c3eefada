//! OpenLineage's own endpoint, one event a request, and its batch of several. It reads no event.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, take};
use super::said::Refusal;
use crate::engine::Delivery;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::value::RawValue;
use std::sync::Arc;

const SOURCE: &str = "serve:openlineage";

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route("/api/v1/lineage", post(event)).route("/api/v1/lineage/batch", post(event))
}

async fn event(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let arrived = body::read(&serving, request).await?;
    let from = arrived.from(&path);
    let peer = arrived.peer;
    let Arrived { body, .. } = arrived;
    let delivery =
        |body| Delivery { source: SOURCE, from: from.clone(), part: None, format: Some("openlineage"), body };
    // Each event is a record of its own, so that it is known again however it is sent the next time.
    let deliveries = if body.trim_ascii_start().starts_with(b"[") {
        let events: Vec<&RawValue> =
            serde_json::from_slice(&body).map_err(|error| Refusal::Malformed(error.to_string()))?;
        events.into_iter().map(|event| delivery(event.get().as_bytes().to_vec())).collect()
    } else {
        vec![delivery(body)]
    };
    take(&serving, SOURCE, peer, StatusCode::CREATED, deliveries).await
}
