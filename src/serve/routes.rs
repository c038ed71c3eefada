//! Where each path leads, behind the guard, and what most of them answer with. Each route's own file knows what it
//! takes; this one reads no body.

use super::said::{Kept, Refusal};
use super::{Serving, guard, health, ledger, lines, openlineage, otlp, webhooks};
use crate::engine::{Conflict, Delivery, NotRead, NotTaken};
use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

/// What a route gives: an answer, or why there is none.
pub(super) type Answer = Result<Response, Refusal>;

/// What may be sent where, for whoever asks elsewhere.
pub(super) const PATHS: [&str; 10] = [
    "POST /api/v1/lineage",
    "POST /api/v1/lineage/batch",
    "POST /v1/traces",
    "POST /v1/logs",
    "POST /webhooks/github",
    "POST /webhooks/mlflow",
    "POST /records",
    "GET /ledger",
    "GET /ledger/records",
    "GET /health",
];

/// Every path there is.
pub(super) fn all(serving: Arc<Serving>) -> Router {
    // Behind the token of senders, where there is one.
    let sent = Router::new()
        .merge(openlineage::routes())
        .merge(lines::routes())
        .merge(otlp::routes())
        .layer(from_fn_with_state(Arc::clone(&serving), guard::senders));
    // Behind a token of its own, always.
    let handed_out = ledger::routes().layer(from_fn_with_state(Arc::clone(&serving), guard::readers));
    Router::new()
        .merge(sent)
        .merge(handed_out)
        // These prove by their signature who sent them.
        .merge(webhooks::routes())
        .merge(health::routes())
        .fallback(async || Refusal::Nowhere)
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(from_fn_with_state(Arc::clone(&serving), guard::calls))
        .with_state(serving)
}

/// What came of a request, as it is answered.
#[derive(Serialize)]
struct Taken<'a> {
    schema: &'static str,
    records: u64,
    /// The numbers of the first and the last record that was added.
    first: Option<u64>,
    last: Option<u64>,
    already_known: u64,
    conflicts: &'a [Conflict],
    quarantined: &'a [NotRead],
}

/// Hands what arrived to the ledger, and answers when it is durable.
pub(super) async fn take(serving: &Serving, of: Of, deliveries: Vec<Delivery>) -> Answer {
    let kept = keep(serving, of, deliveries).await?;
    let accepted = &kept.accepted;
    let status = match () {
        () if accepted.is_unreadable() => StatusCode::BAD_REQUEST,
        () if accepted.records > 0 => StatusCode::CREATED,
        () => StatusCode::OK,
    };
    let taken = Taken {
        schema: "lastgood/serve/1",
        records: accepted.records,
        first: accepted.numbers.map(|(first, _)| first),
        last: accepted.numbers.map(|(_, last)| last),
        already_known: accepted.already_known,
        conflicts: &accepted.conflicts,
        quarantined: &accepted.not_read,
    };
    let mut response = json(status, &taken);
    response.extensions_mut().insert(kept);
    Ok(response)
}

/// What the deliveries of a request are of.
pub(super) struct Of {
    /// The source that their records go under.
    pub(super) source: String,
    /// What their sender calls them, where they have a name.
    pub(super) delivery: Option<String>,
}

/// Hands what arrived to the ledger; durable when it returns.
pub(super) async fn keep(serving: &Serving, of: Of, deliveries: Vec<Delivery>) -> Result<Kept, Refusal> {
    let accepted = serving.reception.take(deliveries).await.map_err(|error| match error {
        NotTaken::Full | NotTaken::Now(_) => Refusal::Now(error.to_string()),
        NotTaken::Broken(why) => Refusal::Broken(why),
    })?;
    Ok(Kept { source: of.source, delivery: of.delivery, accepted })
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let text = serde_json::to_string(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// What is refused says why in words, and tells the guard, who tells whoever listens.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, format!("{}\n", self.told())).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.wants_a_token() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // Whatever of the request was not read is not waited for.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response.extensions_mut().insert(self);
        response
    }
}
