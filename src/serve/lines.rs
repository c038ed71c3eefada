//! Native lines: whatever has no endpoint of its own and can write a line of JSON. It reads none of them.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, take};
use crate::engine::{Delivery, Source};
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;
use std::sync::Arc;

const PATH: &str = "/records";

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route(PATH, post(lines))
}

async fn lines(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let arrived = body::read(&serving, request).await?;
    let (from, peer) = (arrived.from(PATH), arrived.peer);
    let Arrived { body, .. } = arrived;
    let source = Source::Lines;
    let delivery = |line: &[u8]| Delivery { source, from: from.clone(), part: None, body: line.to_vec() };
    // Each line is a record of its own, so that it is known again among others.
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    take(&serving, source, peer, lines.map(delivery).collect()).await
}
