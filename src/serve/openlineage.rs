//! OpenLineage's own endpoint, one event a request, and its batch of several. It reads no event.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, take};
use super::said::Refusal;
use crate::engine::{Delivery, Source};
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;
use serde_json::value::RawValue;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route("/api/v1/lineage", post(events)).route("/api/v1/lineage/batch", post(events))
}

async fn events(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let path = request.uri().path().to_owned();
    let arrived = body::read(&serving, request).await?;
    let (from, peer) = (arrived.from(&path), arrived.peer);
    let Arrived { body, .. } = arrived;
    let body = body.trim_ascii();
    let source = Source::OpenLineage;
    let delivery = |event: &[u8]| Delivery { source, from: from.clone(), part: None, body: event.to_vec() };
    // Each event is a record of its own, so that it is known again however it is sent the next time.
    let deliveries = if body.starts_with(b"[") {
        let read: Result<Vec<&RawValue>, _> = serde_json::from_slice(body);
        let events = read.map_err(|error| Refusal::Malformed(format!("no array of events: {error}")))?;
        events.into_iter().map(|event| delivery(event.get().as_bytes())).collect()
    } else {
        vec![delivery(body)]
    };
    take(&serving, source, peer, deliveries).await
}
