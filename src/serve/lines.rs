//! Native lines: whatever has no endpoint of its own and can write a line of JSON. It reads none of them.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, Of, take};
use crate::engine::{Delivery, Source, Within};
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
    let (from, client) = (arrived.from(PATH), arrived.proven.client());
    let Arrived { body, .. } = arrived;
    let of = Of { source: Source::Lines.name(client.as_deref()), delivery: None };
    // Each line is a record of its own, so that it is known again among others.
    let (mut offset, mut deliveries) = (0, Vec::new());
    for (at, line) in body.split(|byte| *byte == b'\n').enumerate() {
        let blank = line.len() - line.trim_ascii_start().len();
        let within = Within::Line { line: at as u64 + 1, offset: offset + blank as u64 };
        offset += line.len() as u64 + 1;
        let body = line.trim_ascii().to_vec();
        if !body.is_empty() {
            let (source, from, client) = (Source::Lines, from.clone(), client.clone());
            deliveries.push(Delivery { source, client, from, part: None, within, body });
        }
    }
    take(&serving, of, deliveries).await
}
