//! OTLP over HTTP, as exporters of OpenTelemetry send it: traces and logs, in protobuf and in JSON, answered in what
//! they were asked in. It reads no span; metrics are left alone.

use super::Serving;
use super::body::{self, Arrived};
use super::routes::{Answer, Of, keep};
use super::said::{Kept, Refusal};
use crate::engine::{Accepted, Delivery, Source, Within};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use std::sync::Arc;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// A signal: where it is sent, and what it calls the parts of a request that were not taken.
struct Signal {
    path: &'static str,
    rejected: &'static str,
}

const TRACES: Signal = Signal { path: "/v1/traces", rejected: "rejectedSpans" };
const LOGS: Signal = Signal { path: "/v1/logs", rejected: "rejectedLogRecords" };

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new()
        .route(TRACES.path, post(|serving, request| export(serving, request, TRACES)))
        .route(LOGS.path, post(|serving, request| export(serving, request, LOGS)))
}

/// An object without a member.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// How a request is written, and so its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Protobuf,
    Json,
}

async fn export(State(serving): State<Arc<Serving>>, request: Request, signal: Signal) -> Answer {
    let stated = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let form = match body::media_type(stated).as_str() {
        PROTOBUF => Form::Protobuf,
        JSON => Form::Json,
        other => return Err(Refusal::MediaType(format!("\"{other}\": OTLP is {PROTOBUF} or {JSON}"))),
    };
    let kept = match exported(&serving, request, &signal, form).await {
        Ok(kept) => kept,
        Err(refusal) => return Ok(form.refuse(refusal)),
    };
    let mut response = match kept.accepted.not_read.first() {
        Some(first) if kept.accepted.is_unreadable() => form.refuse(Refusal::Malformed(first.why.clone())),
        _ => form.answer(&kept.accepted, &signal),
    };
    response.extensions_mut().insert(kept);
    Ok(response)
}

async fn exported(serving: &Serving, request: Request, signal: &Signal, form: Form) -> Result<Kept, Refusal> {
    let arrived = body::read(serving, request).await?;
    let (from, client) = (arrived.from(signal.path), arrived.proven.client());
    let Arrived { body, .. } = arrived;
    let (source, within) = (Source::OpenTelemetry, Within::Alone);
    let of = Of { source: source.name(client.as_deref()), delivery: None };
    let deliveries = match form.is_nothing(&body) {
        true => Vec::new(),
        false => vec![Delivery { source, client, from, part: None, within, body }],
    };
    keep(serving, of, deliveries).await
}

impl Form {
    /// Whether a request has nothing in it: it is nothing in protobuf, and an object of nothing in JSON.
    fn is_nothing(self, body: &[u8]) -> bool {
        match self {
            Form::Protobuf => body.is_empty(),
            Form::Json => serde_json::from_slice::<Nothing>(body).is_ok(),
        }
    }

    fn answer(self, accepted: &Accepted, signal: &Signal) -> Response {
        let rejected = accepted.not_read.len() as u64;
        let why = accepted.not_read.first().map(|it| it.why.clone()).unwrap_or_default();
        let body = match (self, rejected) {
            (Form::Protobuf, 0) => Vec::new(),
            (Form::Json, 0) => b"{}".to_vec(),
            (Form::Protobuf, _) => {
                let mut partial = vec![0x08];
                varint(&mut partial, rejected);
                text(&mut partial, 2, &why);
                let mut body = vec![0x0a];
                varint(&mut body, partial.len() as u64);
                body.extend(partial);
                body
            }
            (Form::Json, _) => {
                let (key, count) = (signal.rejected, rejected.to_string());
                serde_json::json!({"partialSuccess": {key: count, "errorMessage": why}}).to_string().into_bytes()
            }
        };
        (StatusCode::OK, [(header::CONTENT_TYPE, self.media_type())], body).into_response()
    }

    /// The same refusal as everywhere, with a Status for a body.
    fn refuse(self, refusal: Refusal) -> Response {
        // Codes of gRPC: unavailable where sending again helps, invalid argument where it does not.
        let code = if refusal.status() == StatusCode::SERVICE_UNAVAILABLE { 14 } else { 3 };
        let why = refusal.told();
        let body = match self {
            Form::Protobuf => {
                let mut body = vec![0x08, code];
                text(&mut body, 2, &why);
                body
            }
            Form::Json => serde_json::json!({"code": code, "message": why}).to_string().into_bytes(),
        };
        let mut response = refusal.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type()));
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
        response
    }

    fn media_type(self) -> &'static str {
        match self {
            Form::Protobuf => PROTOBUF,
            Form::Json => JSON,
        }
    }
}

/// A text under a number, in protobuf.
fn text(out: &mut Vec<u8>, number: u8, text: &str) {
    out.push(number << 3 | 2);
    varint(out, text.len() as u64);
    out.extend(text.as_bytes());
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
