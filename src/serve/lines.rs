//! Native lines: whatever has no endpoint of its own and can write a line of JSON. It reads none of them.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, take};
use crate::engine::Delivery;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::Arc;

const PATH: &str = "/records";
const SOURCE: &str = "serve:lineage";

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route(PATH, post(lines))
}

async fn lines(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let arrived = body::read(&serving, request).await?;
    let from = arrived.from(PATH);
    let peer = arrived.peer;
    let Arrived { body, .. } = arrived;
    // Each line is a record of its own, so that it is known again among others.
    let lines = body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let delivery = |line: &[u8]| Delivery {
        source: SOURCE,
        from: from.clone(),
        part: None,
        format: Some("lineage"),
        body: line.to_vec(),
    };
    let deliveries = lines.map(delivery).collect();
    take(&serving, SOURCE, peer, StatusCode::CREATED, deliveries).await
}
