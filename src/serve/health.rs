//! Whether it receives, for whatever watches over it: no token is asked for, and nothing is told but that. It tries
//! nothing itself.

use super::Serving;
use super::guard::Unheard;
use super::routes::Answer;
use super::said::Refusal;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::routing::get;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route("/health", get(health))
}

async fn health(State(serving): State<Arc<Serving>>) -> Answer {
    if serving.reception.is_failing() {
        return Err(Refusal::Now("what was sent last could not be written".to_owned()));
    }
    let mut response = "ok\n".into_response();
    response.extensions_mut().insert(Unheard);
    Ok(response)
}
