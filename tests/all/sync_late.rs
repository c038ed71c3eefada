//! What is said of a trace long after it ran: a server lists traces by when they ran, so that older ones are gone over
//! in turn, some each look.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::support::Workspace;
use crate::support::listener::{Answer, Listener, json};
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

const TRACES: usize = 1_100;
/// What was said, by the number of the trace: the minute in which.
type Said = Arc<Mutex<BTreeMap<usize, u32>>>;

fn trace(n: usize, said: &BTreeMap<usize, u32>) -> Value {
    let assessments: Vec<Value> = said
        .get(&n)
        .map(|minute| {
            let at = format!("2026-11-19T02:{minute:02}:30Z");
            value!({"assessment_name": "late", "trace_id": id(n), "feedback": {"value": false}, "create_time": at,
                "last_update_time": at, "source": {"source_type": "HUMAN", "source_id": "q.novak"}})
        })
        .into_iter()
        .collect();
    let at = format!("2026-11-{:02}T{:02}:{:02}:00Z", 1 + n / 1440, n / 60 % 24, n % 60);
    value!({"trace_id": id(n), "request_time": at, "state": "OK", "assessments": assessments,
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}})
}

fn id(n: usize) -> String {
    format!("tr-{n:032x}")
}

/// Pages of 500, the newest first, older than the filter says.
fn search(body: &Value, said: &BTreeMap<usize, u32>) -> Answer {
    let first = 1_793_491_200_000_i64; // 2026-11-01
    let below = body["filter"].as_str().and_then(|it| it.strip_prefix("timestamp_ms < ")?.parse::<i64>().ok());
    let from: usize = body["page_token"].as_str().map_or(0, |token| token.parse().unwrap());
    let fits = |n: &usize| below.is_none_or(|below| first + *n as i64 * 60_000 < below);
    let all: Vec<usize> = (0..TRACES).rev().filter(fits).collect();
    let page: Vec<Value> = all.iter().skip(from).take(500).map(|n| trace(*n, said)).collect();
    let next = (from + 500 < all.len()).then(|| (from + 500).to_string());
    json(&value!({"traces": page, "next_page_token": next}).to_string())
}

fn answer(request: &str, said: &Said) -> Answer {
    let path = request.split(' ').nth(1).unwrap_or_default();
    let body = request.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str(body).ok()).unwrap_or_default();
    let said = said.lock().unwrap();
    match path.split('?').next().unwrap_or_default() {
        "/version" => json("3.17.2"),
        it if it.ends_with("experiments/search") => {
            json("{\"experiments\":[{\"experiment_id\":\"0\",\"artifact_location\":\"a\",\"creation_time\":1}]}")
        }
        it if it.ends_with("traces/search") => search(&body, &said),
        it if it.ends_with("traces/batchGet") => {
            let wanted: Vec<Value> = (0..TRACES)
                .filter(|n| path.contains(&id(*n)))
                .map(|n| value!({"trace_info": trace(n, &said), "spans": []}))
                .collect();
            json(&value!({ "traces": wanted }).to_string())
        }
        _ => json("{}"),
    }
}

#[test]
fn what_is_said_of_an_old_trace_arrives_in_turn() {
    let said = Said::default();
    let tells = Arc::clone(&said);
    let server = Listener::new(None, move |request| answer(request, &tells));
    let work = Workspace::new();
    work.run(&["source", "add", "live", &format!("http://{}", server.address)]).answered();
    let sync = || work.run(&["sync", "live", "--json"]).answered().json();
    let first = sync();
    assert_eq!(first["records"].as_u64(), Some(TRACES as u64 + 1), "{first}");
    // Nothing new: one page of the newest and one of the others.
    let quiet = sync();
    assert_eq!(quiet["records"].as_u64(), Some(0), "{quiet}");
    assert!(quiet["requests"].as_u64().unwrap() <= 10, "{quiet}");
    // Of the newest it arrives at once; of the oldest within a round, though something newer was said before.
    said.lock().unwrap().insert(TRACES - 1, 40);
    assert_eq!(sync()["changed"].as_u64(), Some(1));
    said.lock().unwrap().insert(3, 30);
    let looks: u64 = (0..4).map(|_| sync()["changed"].as_u64().unwrap()).sum();
    assert_eq!(looks, 1, "it did not arrive, or more than once");
}
