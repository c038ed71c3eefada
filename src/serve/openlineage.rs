//! OpenLineage's own endpoint, one event a request, and its batch of several. It reads no event.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, Of, take};
use super::said::Refusal;
use crate::engine::{Delivery, Source, Within};
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
    let (from, client) = (arrived.from(&path), arrived.proven.client());
    let Arrived { body, .. } = arrived;
    let body = body.trim_ascii();
    let source = Source::OpenLineage;
    let of = Of { source: source.name(client.as_deref()), delivery: None };
    let delivery = |event: &[u8], within: Within| {
        let (from, client) = (from.clone(), client.clone());
        Delivery { source, client, from, part: None, within, body: event.to_vec() }
    };
    // Each event is a record of its own, so that it is known again however it is sent the next time.
    let deliveries = if body.starts_with(b"[") {
        let read: Result<Vec<&RawValue>, _> = serde_json::from_slice(body);
        let events = read.map_err(|error| Refusal::Malformed(format!("no array of events: {error}")))?;
        let numbered = (1..).zip(events);
        numbered.map(|(at, event)| delivery(event.get().as_bytes(), Within::Event(at))).collect()
    } else {
        vec![delivery(body, Within::Alone)]
    };
    take(&serving, of, deliveries).await
}
