//! Webhooks of GitHub and MLflow, which show no token but sign what they send. What is not signed, or with another
//! secret, is not kept. It reads no event.

use super::Serving;
use super::body::{self, Arrived};
use super::caller::Proven;
use super::routes::{Answer, Of, take};
use super::said::Refusal;
use crate::engine::{Delivery, Source, Within};
use crate::proof::digest::{hmac_sha256, same};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Bodies that may be under way before anybody has proven anything.
pub(super) const UNPROVEN: usize = 16;
/// How old a signed moment may be, and how far ahead: a delivery that was listened to is not to be played again.
const AGE: u64 = 5 * 60;

const GITHUB: &str = "/webhooks/github";
const MLFLOW: &str = "/webhooks/mlflow";

/// The secrets that senders sign with.
#[derive(Clone, Default)]
pub struct Secrets {
    /// GitHub's.
    pub github: Option<String>,
    /// MLflow's.
    pub mlflow: Option<String>,
}

pub(super) fn routes() -> Router<Arc<Serving>> {
    Router::new().route(GITHUB, post(github)).route(MLFLOW, post(mlflow))
}

async fn github(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let secret = secret(serving.secrets.github.as_deref(), "GitHub")?;
    let arrived = read(&serving, request).await?;
    let shown = text(&arrived.headers, "x-hub-signature-256").and_then(|shown| shown.strip_prefix("sha256="));
    let shown = shown.and_then(|digits| hex::decode(digits).ok());
    check(shown.as_deref(), secret, &[&arrived.body])?;
    let event = text(&arrived.headers, "x-github-event").unwrap_or_default();
    let delivery = text(&arrived.headers, "x-github-delivery");
    // The first thing GitHub sends tells of nothing but the webhook.
    if event == "ping" {
        return Ok(super::routes::json(
            StatusCode::OK,
            &serde_json::json!({"schema": "lastgood/serve/1", "records": 0}),
        ));
    }
    let delivery = delivery.map(str::to_owned);
    let part = delivery.as_ref().map(|delivery| format!("delivery {delivery} {event}").trim_end().to_owned());
    kept(&serving, arrived, Source::GitHub, GITHUB, delivery, part).await
}

async fn mlflow(State(serving): State<Arc<Serving>>, request: Request) -> Answer {
    let secret = secret(serving.secrets.mlflow.as_deref(), "MLflow")?;
    let arrived = read(&serving, request).await?;
    let delivery = text(&arrived.headers, "x-mlflow-delivery-id").unwrap_or_default();
    let moment = text(&arrived.headers, "x-mlflow-timestamp").unwrap_or_default();
    let shown = text(&arrived.headers, "x-mlflow-signature").and_then(|shown| shown.strip_prefix("v1,"));
    let shown = shown.and_then(|shown| STANDARD.decode(shown).ok());
    let signed: [&[u8]; 5] = [delivery.as_bytes(), b".", moment.as_bytes(), b".", &arrived.body];
    check(shown.as_deref(), secret, &signed)?;
    let now = serving.engine.clock().now().seconds();
    if moment.parse::<i64>().map_or(u64::MAX, |moment| moment.abs_diff(now)) > AGE {
        return Err(Refusal::Unsigned(format!(
            "the signature is of another time than ours, by more than {AGE} seconds"
        )));
    }
    let part = Some(format!("delivery {delivery}"));
    let delivery = (!delivery.is_empty()).then(|| delivery.to_owned());
    kept(&serving, arrived, Source::MLflow, MLFLOW, delivery, part).await
}

fn secret<'s>(secret: Option<&'s str>, of: &str) -> Result<&'s str, Refusal> {
    secret.ok_or_else(|| Refusal::Unsigned(format!("no secret is set for webhooks of {of}, so none can be checked")))
}

/// Reads a body of which nobody knows yet who sent it: few at once, so that many slow ones hold up nobody else.
async fn read(serving: &Serving, request: Request) -> Result<Arrived, Refusal> {
    let crowded = |_| Refusal::Now("too many webhooks at once: send it again".to_owned());
    let _place = serving.unproven.try_acquire().map_err(crowded)?;
    let stated = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let media = body::media_type(stated);
    if media != "application/json" {
        let why = format!("\"{media}\": have the webhook send application/json");
        return Err(Refusal::MediaType(why));
    }
    body::read(serving, request).await
}

fn check(shown: Option<&[u8]>, secret: &str, signed: &[&[u8]]) -> Result<(), Refusal> {
    let Some(shown) = shown else { return Err(Refusal::Unsigned("it is not signed".to_owned())) };
    match same(&hmac_sha256(secret.as_bytes(), signed), shown) {
        true => Ok(()),
        false => Err(Refusal::Unsigned("the signature is not that of the secret set here".to_owned())),
    }
}

async fn kept(
    serving: &Serving,
    mut arrived: Arrived,
    source: Source,
    path: &str,
    delivery: Option<String>,
    part: Option<String>,
) -> Answer {
    arrived.proven = Proven::Signature;
    let from = arrived.from(path);
    // As it was signed, to the byte.
    let Arrived { body, .. } = arrived;
    let of = Of { source: source.name(None), delivery };
    take(serving, of, vec![Delivery { source, client: None, from, part, within: Within::Alone, body }]).await
}

/// A header of plain characters and no great length; what is in it goes into the name of a record.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let text = headers.get(name)?.to_str().ok()?;
    (text.len() <= 200 && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
}
