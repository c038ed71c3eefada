//! The receiver, by way of the real binary: who is let in, what is kept of what is sent, and what is answered.

use crate::support::receiver::{Answer, Receiver, answer};
use crate::support::{NOW, Workspace, json};
use base64::Engine as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use lastgood::proof::digest::hmac_sha256;
use std::io::Write as _;
use std::net::TcpStream;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// One event of a run, as OpenLineage's clients write it.
fn event(run: usize, kind: &str, more: &str) -> String {
    format!(
        "{{\"eventType\":\"{kind}\",\"eventTime\":\"2026-11-18T09:00:{:02}Z\",\"producer\":\"https://example.test/p\",\
         \"schemaURL\":\"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent\",\
         \"run\":{{\"runId\":\"0190a0b0-0000-7000-8000-{run:012x}\"}},\"job\":{{\"namespace\":\"etl\",\"name\":\"load\"}},\
         \"inputs\":[{{\"namespace\":\"lake\",\"name\":\"in{more}\"}}],\"outputs\":[{{\"namespace\":\"lake\",\"name\":\"out\"}}]}}",
        run % 60
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn records(workspace: &Workspace) -> u64 {
    json(workspace, &["stats"])["records"].as_u64().unwrap()
}

fn status(answer: &Answer) -> u16 {
    answer.status
}

#[test]
fn only_who_may_speak_is_heard_and_of_the_others_nothing_is_kept() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_TOKEN", TOKEN);
    let receiver = Receiver::of(command, &["--host", "lineage.example.test"]);
    let token = format!("Bearer {TOKEN}");
    let send = |headers: &[(&str, &str)]| {
        let headers = [&[("content-type", "application/json")], headers].concat();
        receiver.post("/api/v1/lineage", &headers, event(1, "START", "")).status
    };
    let with_token = ("authorization", token.as_str());
    assert_eq!(send(&[]), 401);
    assert_eq!(send(&[("authorization", "Bearer 0123456789abcdef0123456789abcdeX")]), 401);
    assert_eq!(send(&[("authorization", "Basic dTpw")]), 401);
    // Pages of others, whatever name they rebind, and pages of nobody.
    for host in ["evil.test", "evil.test:4318", "localhost.evil.test", "127.0.0.1.evil.test", ""] {
        assert_eq!(send(&[with_token, ("host", host)]), 421, "{host}");
    }
    for origin in ["http://evil.test", "null", "http://localhost:3000"] {
        assert_eq!(send(&[with_token, ("origin", origin)]), 403, "{origin}");
    }
    assert_eq!(send(&[with_token, ("content-encoding", "br")]), 415);
    assert_eq!(send(&[with_token, ("content-encoding", "gzip")]), 400, "it says gzip and is none");
    assert_eq!(receiver.post("/nowhere", &[with_token], "{}").status, 404);
    assert_eq!(records(&workspace), 0, "nothing of all that is kept");
    for host in ["localhost", "127.0.0.1:4318", "[::1]:4318", "LINEAGE.example.test:443"] {
        assert!([200, 201].contains(&send(&[with_token, ("host", host)])), "{host}");
    }
    assert_eq!(records(&workspace), 1);
    assert_eq!(receiver.stop(), Some(0));
}

#[test]
fn no_way_of_writing_a_request_gets_past_the_token() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command
        .env("LASTGOOD_SERVE_TOKEN", TOKEN)
        .env("LASTGOOD_SERVE_GITHUB_SECRET", "nobody guesses")
        .env("LASTGOOD_SERVE_MLFLOW_SECRET", "nobody guesses");
    let receiver = Receiver::of(command, &[]);
    let body = event(1, "START", "");
    let length = body.len();
    let inner = format!("POST /records HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}");
    let heads = [
        "POST /api/v1/lineage HTTP/1.0\r\n".to_owned(),
        "POST /api/v1/lineage HTTP/1.0\r\nhost: localhost\r\n".to_owned(),
        "POST http://localhost/api/v1/lineage HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "POST //api/v1/lineage HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "POST /api/v1/lineage/ HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "POST /webhooks/../records HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "POST /webhooks/github?/../../records HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n".to_owned(),
        "POST /%72ecords HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "PUT /records HTTP/1.1\r\nhost: localhost\r\n".to_owned(),
        "POST /records HTTP/1.1\r\nhost: localhost\r\nx-http-method-override: POST\r\nauthorization: Bearer\r\n".to_owned(),
        "POST /records HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer \r\n".to_owned(),
        format!("POST /records?token={TOKEN} HTTP/1.1\r\nhost: localhost\r\n"),
        format!("POST /records HTTP/1.1\r\nhost: localhost\r\nproxy-authorization: Bearer {TOKEN}\r\n"),
        format!("POST /records HTTP/1.1\r\nhost: localhost\r\ncookie: authorization=Bearer {TOKEN}\r\n"),
        format!("POST /records HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer{TOKEN}\r\n"),
        format!("POST /records HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n", &TOKEN[1..]),
        format!("POST /records HTTP/1.1\r\nhost: localhost\r\nauthorization: no\r\nauthorization: Bearer {TOKEN}\r\n"),
        "POST /webhooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-hub-signature-256: sha256=\r\n".to_owned(),
        "POST /webhooks/mlflow HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-mlflow-signature: v1,\r\n".to_owned(),
    ];
    for head in &heads {
        let mut stream = receiver.connect();
        let request = format!("{head}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let refused = answer(&mut stream).status;
        assert!((400..500).contains(&refused), "{refused}: {head}");
    }
    // One request within another, for whoever counts bytes in two ways.
    for smuggled in [
        format!("content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("content-length: 0\r\ncontent-length: {}\r\n\r\n{inner}", inner.len()),
        format!("transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("content-length: +0\r\n\r\n{inner}"),
    ] {
        let mut stream = receiver.connect();
        write!(stream, "POST /records HTTP/1.1\r\nhost: localhost\r\n{smuggled}").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(!(200..300).contains(&answer(&mut stream).status), "{smuggled}");
    }
    assert_eq!(records(&workspace), 0);
    assert_eq!(receiver.post("/api/v1/lineage", &[("authorization", &format!("Bearer {TOKEN}"))], body).status, 201);
}

#[test]
fn beyond_loopback_nobody_is_heard_without_a_token() {
    let workspace = Workspace::new();
    let said = workspace.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(said.exit, Some(2), "{said:?}");
    assert!(said.err.contains("token") && said.err.contains("try:"), "{said:?}");
    let file = workspace.file("token", TOKEN);
    let loose = workspace.run(&["serve", "--token-file", file.to_str().unwrap()]);
    assert!(loose.exit == Some(2) && loose.err.contains("chmod 600"), "{loose:?}");
    let empty = workspace.file("empty", "\n");
    std::fs::set_permissions(&empty, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    for option in ["--token-file", "--github-secret-file", "--mlflow-secret-file"] {
        let none = workspace.run(&["serve", option, empty.to_str().unwrap()]);
        assert!(none.exit == Some(2) && none.err.contains("at least"), "{none:?}");
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let mut stream = receiver.connect();
    write!(stream, "POST /records HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999999999\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).status, 413);
    // In pieces, of which nobody says how many come.
    let mut stream = receiver.connect();
    write!(stream, "POST /records HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let piece = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
    for _ in 0..40 {
        if stream.write_all(&piece).is_err() {
            break;
        }
    }
    let refused = answer(&mut stream).status;
    assert!([413, 0].contains(&refused), "{refused}");
    let bomb = gzip(&vec![b' '; 65 << 20]);
    assert_eq!(receiver.post("/records", &[("content-encoding", "gzip")], &bomb).status, 413);
    let mut stream = receiver.connect();
    write!(stream, "POST /records HTTP/1.1\r\nhost: localhost\r\n").unwrap();
    for n in 0..200 {
        write!(stream, "x-{n}: y\r\n").unwrap_or_default();
    }
    write!(stream, "\r\n").unwrap_or_default();
    assert_eq!(answer(&mut stream).status, 431);
    assert_eq!(receiver.event(&event(1, "START", "")).status, 201, "it goes on");
}

#[test]
fn slow_bodies_and_idle_connections_hold_up_nobody_else() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_GITHUB_SECRET", "it's a secret");
    let receiver = Receiver::of(command, &[]);
    let slow: Vec<TcpStream> = (0..200)
        .map(|n| {
            let mut stream = receiver.connect();
            let path = if n % 2 == 0 { "/api/v1/lineage" } else { "/webhooks/github" };
            write!(
                stream,
                "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{"
            )
            .unwrap();
            stream
        })
        .collect();
    for n in 0..20 {
        assert_eq!(receiver.event(&event(n, "START", "")).status, 201);
    }
    drop(slow);
    assert_eq!(records(&workspace), 20);
}

#[test]
fn the_same_is_known_again_however_it_is_sent_and_another_under_its_name_is_flagged() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let first = event(7, "COMPLETE", "");
    let told = receiver.event(&first);
    assert_eq!((told.status, told.json()["records"].as_u64()), (201, Some(1)), "{told:?}");
    assert_eq!(receiver.said()["records"], 1);
    let again = [
        receiver.event(&first),
        receiver.event(&format!(" {first}\n")),
        receiver.event(&first.replacen("\",\"", "\" ,\n \"", 3)),
        receiver.post("/api/v1/lineage", &[("content-encoding", "gzip")], gzip(first.as_bytes())),
        receiver.post("/api/v1/lineage/batch", &[], format!("[{first}, {first}]")),
    ];
    for answer in &again {
        assert_eq!((answer.status, answer.json()["records"].as_u64()), (200, Some(0)), "{answer:?}");
        receiver.said();
    }
    let other = receiver.event(&event(7, "COMPLETE", "-forged"));
    assert_eq!(other.status, 201);
    let conflict = &other.json()["conflicts"][0];
    assert_eq!(conflict["first_record"], 1, "{other:?}");
    let run = conflict["about"].as_str().unwrap().to_owned();
    assert_eq!(receiver.said()["conflicts"][0]["about"], run.as_str());
    // Told once, however often it is sent, and also after a restart.
    assert_eq!(receiver.event(&event(7, "COMPLETE", "-forged")).status, 200);
    assert_eq!(receiver.stop(), Some(0));
    let receiver = Receiver::start(&workspace, &[]);
    assert_eq!(receiver.event(&first).status, 200);
    assert_eq!(receiver.event(&first.replacen("\",\"", "\" , \"", 2)).json()["already_known"], 1);
    let third = receiver.event(&event(7, "COMPLETE", "-third"));
    assert_eq!(third.json()["conflicts"][0]["first_record"], 1, "{third:?}");
    drop(receiver);
    let shown = json(&workspace, &["show", &run]);
    let flagged: Vec<&serde_json::Value> = shown["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["scope"] == "conflicting-repeat" && it["verdict"] == "fail")
        .collect();
    assert_eq!(flagged.len(), 2, "{shown}");
    assert_eq!(records(&workspace), 5, "three events and two remarks");
    let record = json(&workspace, &["record", "1"]);
    let place = record.to_string();
    assert!(place.contains("serve:openlineage") && place.contains("from 127.0.0.1, no token#run 0190a0b0"), "{place}");
}

#[test]
fn what_cannot_be_read_is_answered_with_why_and_set_aside() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let cut = receiver.event("{\"eventType\":\"START\",");
    assert_eq!(cut.status, 400, "{cut:?}");
    assert!(cut.json()["quarantined"][0]["why"].as_str().unwrap().contains("column"), "{cut:?}");
    let lacking = receiver.event("{\"eventType\":\"START\",\"run\":{\"runId\":\"r\"},\"job\":{}}");
    assert!(lacking.status == 400 && lacking.json().to_string().contains("eventTime"), "{lacking:?}");
    let binary = receiver.post("/records", &[], b"\xff\xfe\x00\x1b[2J");
    assert_eq!(binary.status, 400, "{binary:?}");
    let lines = "{\"type\":\"artefact\",\"id\":\"dataset:a@1\",\"kind\":\"dataset\"}\n{\"type\":\"artefact\"}\n\
                 {\"type\":\"artefact\",\"id\":\"dataset:b@1\",\"kind\":\"dataset\"}\n";
    let some = receiver.post("/records", &[], lines).json();
    assert_eq!((&some["records"], &some["first"], &some["last"]), (&2.into(), &1.into(), &2.into()), "{some}");
    assert_eq!(some["quarantined"].as_array().unwrap().len(), 1);
    assert_eq!(some["quarantined"][0]["where"], "line 2 (byte 56)", "{some}");
    assert_eq!(records(&workspace), 2);
    let record = json(&workspace, &["record", "2"]);
    assert_eq!((&record["line"], &record["offset"]), (&3.into(), &76.into()), "{record}");
    let batch = format!("[{}, {},\n{{\"eventType\":\"START\"}}]", event(8, "START", ""), event(9, "START", ""));
    let batch = receiver.post("/api/v1/lineage/batch", &[], batch).json();
    assert_eq!((&batch["records"], &batch["quarantined"][0]["where"]), (&2.into(), &"event 3".into()), "{batch}");
    // Where it stood and when it came is what is listed later.
    let listed = json(&workspace, &["source", "list"]);
    let set_aside = |source: &str| {
        let row = listed["rows"].as_array().unwrap().iter().find(|row| row["name"] == source).unwrap();
        row["quarantined"].as_array().unwrap().last().unwrap().clone()
    };
    let line = set_aside("serve:lineage");
    assert_eq!((&line["where"], &line["at"]), (&"line 2 (byte 56)".into(), &NOW.into()), "{line}");
    let element = set_aside("serve:openlineage");
    assert!(element["file"].as_str().unwrap().ends_with(", event 3") && element["at"] == NOW, "{element}");
    assert_eq!(status(&receiver.event(&event(1, "START", ""))), 201);
}

#[test]
fn webhooks_are_kept_when_their_signature_holds() {
    let workspace = Workspace::new();
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_GITHUB_SECRET", "it's a secret").env("LASTGOOD_SERVE_MLFLOW_SECRET", "another secret");
    let receiver = Receiver::of(command, &[]);
    let body = "{\"action\":\"created\",\"deployment\":{\"id\":1,\"sha\":\"0123456789012345678901234567890123456789\",\
        \"environment\":\"production\",\"created_at\":\"2026-11-18T09:00:00Z\",\"creator\":{\"login\":\"jdoe\",\"id\":7}},\
        \"repository\":{\"full_name\":\"acme/models\"},\"sender\":{\"login\":\"jdoe\",\"id\":7}}";
    let sign = |secret: &str, body: &str| {
        format!("sha256={}", hex::encode(hmac_sha256(secret.as_bytes(), &[body.as_bytes()])))
    };
    let github = |delivery: &str, signature: &str, body: &str| {
        let headers = [
            ("content-type", "application/json"),
            ("x-github-event", "deployment"),
            ("x-github-delivery", delivery),
            ("x-hub-signature-256", signature),
        ];
        receiver.post("/webhooks/github", &headers, body)
    };
    for signature in ["", "sha256=00", "sha1=abc", &sign("guessed", body), &sign("it's a secret", "{}")] {
        assert_eq!(github("d-1", signature, body).status, 401, "{signature}");
    }
    assert_eq!(records(&workspace), 0);
    let good = github("d-1", &sign("it's a secret", body), body);
    assert_eq!((good.status, good.json()["records"].as_u64()), (201, Some(1)), "{good:?}");
    assert_eq!(github("d-1", &sign("it's a secret", body), body).status, 200, "delivered again");
    let other = body.replace("production", "staging");
    let conflict = github("d-1", &sign("it's a secret", &other), &other);
    assert_eq!(conflict.json()["conflicts"][0]["repeats"], "delivery d-1 deployment", "{conflict:?}");
    let place = json(&workspace, &["record", "1"]).to_string();
    assert!(place.contains("from 127.0.0.1, signature#delivery d-1 deployment"), "{place}");

    let body = "{\"entity\":\"model_version_alias\",\"action\":\"created\",\"timestamp\":\"2026-11-18T09:07:00+00:00\",\
        \"data\":{\"name\":\"fraud-scorer\",\"alias\":\"champion\",\"version\":\"42\"}}";
    let mlflow = |moment: i64, secret: &str| {
        let moment = moment.to_string();
        let signed = hmac_sha256(secret.as_bytes(), &[b"m-1.", moment.as_bytes(), b".", body.as_bytes()]);
        let signature = format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(signed));
        let headers = [
            ("content-type", "application/json"),
            ("x-mlflow-delivery-id", "m-1"),
            ("x-mlflow-timestamp", moment.as_str()),
            ("x-mlflow-signature", signature.as_str()),
        ];
        receiver.post("/webhooks/mlflow", &headers, body)
    };
    let now = lastgood::model::Time::parse_stated(NOW).unwrap().0.seconds();
    assert_eq!(mlflow(now, "guessed").status, 401);
    assert_eq!(mlflow(now - 3600, "another secret").status, 401, "listened to, and played again later");
    assert_eq!(mlflow(now, "another secret").status, 201);
    let found = json(&workspace, &["find", "champion"]);
    assert!(found["rows"].to_string().contains("deployment:mlflow/fraud-scorer/alias/champion"), "{found}");
}

#[test]
fn exporters_of_opentelemetry_are_answered_in_what_they_asked_in() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    let request = |name: &str| {
        format!(
            "{{\"resourceSpans\":[{{\"resource\":{{}},\"scopeSpans\":[{{\"scope\":{{\"name\":\"s\"}},\"spans\":[{{\"traceId\":\"5b8aa5a2d2c872e8321cf37308d69df2\",\
             \"spanId\":\"051581bf3cb55c13\",\"name\":\"chat gpt-4o\",\"startTimeUnixNano\":\"1770131990000000000\",\"endTimeUnixNano\":\"1770131991000000000\",\
             \"attributes\":[{{\"key\":\"gen_ai.operation.name\",\"value\":{{\"stringValue\":\"chat\"}}}},{{\"key\":\"gen_ai.request.model\",\"value\":{{\"stringValue\":\"{name}\"}}}}]}}]}}]}}]}}"
        )
    };
    let json_type = ("content-type", "application/json");
    let sent = receiver.post("/v1/traces", &[json_type], request("gpt-4o"));
    assert_eq!((sent.status, sent.json()), (200, serde_json::json!({})), "{sent:?}");
    receiver.said();
    let other = receiver.post("/v1/traces", &[json_type], request("gpt-5"));
    assert_eq!(other.status, 200);
    let said = receiver.said();
    assert!(said["conflicts"][0]["repeats"].as_str().unwrap().contains("051581bf3cb55c13"), "{said}");
    let broken = receiver.post("/v1/traces", &[json_type], "{\"resourceSpans\":");
    assert!(broken.status == 400 && broken.json()["code"] == 3, "{broken:?}");
    let said = receiver.said();
    assert_eq!((said["event"].as_str(), said["status"].as_u64()), (Some("refused"), Some(400)), "{said}");
    for nothing in ["{}", " { }\n"] {
        let sent = receiver.post("/v1/traces", &[json_type], nothing);
        assert_eq!((sent.status, sent.json()), (200, serde_json::json!({})), "{nothing}: {sent:?}");
        assert_eq!(receiver.said()["records"], 0, "{nothing}");
    }
    let protobuf = ("content-type", "application/x-protobuf");
    let nothing = receiver.post("/v1/traces", &[protobuf], "");
    assert!(nothing.status == 200 && nothing.body.is_empty() && nothing.head.contains("x-protobuf"), "{nothing:?}");
    let broken = receiver.post("/v1/logs", &[protobuf], b"\x0a\xff");
    assert!(broken.status == 400 && broken.head.contains("x-protobuf") && broken.body[0] == 8, "{broken:?}");
    assert_eq!(receiver.post("/v1/traces", &[("content-type", "text/plain")], "x").status, 415);
    assert_eq!(receiver.post("/v1/metrics", &[protobuf], "").status, 404);
    assert_eq!(records(&workspace), 3, "two spans and the remark that they differ");
}

#[test]
fn another_process_may_read_and_write_meanwhile_and_who_holds_the_ledger_is_said() {
    let workspace = Workspace::new();
    let receiver = Receiver::start(&workspace, &[]);
    assert_eq!(receiver.event(&event(1, "START", "")).status, 201);
    workspace.import("{\"type\":\"artefact\",\"id\":\"dataset:a@1\",\"kind\":\"dataset\"}\n");
    assert_eq!(receiver.event(&event(2, "START", "")).status, 201);
    assert_eq!(records(&workspace), 3);
    let other = rusqlite::Connection::open(workspace.ledger()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = receiver.event(&event(3, "START", ""));
    assert!(busy.status == 503 && busy.head.contains("retry-after: 1"), "{busy:?}");
    assert!(String::from_utf8_lossy(&busy.body).contains("another process is writing"), "{busy:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(receiver.event(&event(3, "START", "")).status, 201, "sent again");
    assert_eq!(receiver.stop(), Some(0));
    assert_eq!(workspace.run(&["verify"]).exit, Some(0));
}

/// Sends events three times in another order each, killing the receiver now and then; clients send again what was
/// not answered.
fn storm(count: usize, kills: usize) {
    let workspace = Workspace::new();
    let mut order: Vec<usize> = (0..count * 3).map(|n| n % count).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for at in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap());
    }
    let parts = kills + 1;
    let per = order.len().div_ceil(parts);
    let mut left: Vec<usize> = Vec::new();
    for (part, sent) in order.chunks(per).enumerate() {
        let receiver = Receiver::start(&workspace, &[]);
        let sent: Vec<usize> = left.drain(..).chain(sent.iter().copied()).collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let acknowledged = std::sync::Mutex::new(vec![false; sent.len()]);
        let address = receiver.address;
        // The last is left alone; of the others the end comes when most of it is under way.
        let end = if part + 1 < parts { sent.len() * 3 / 4 } else { usize::MAX };
        let mut receiver = Some(receiver);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut stream = None;
                    loop {
                        let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        let Some(run) = sent.get(at) else { return };
                        let done = exchange(&mut stream, address, &event(*run, "COMPLETE", ""));
                        acknowledged.lock().unwrap()[at] = done;
                    }
                });
            }
            while next.load(std::sync::atomic::Ordering::Relaxed) < end.min(sent.len()) {
                std::thread::yield_now();
            }
            if end < usize::MAX {
                receiver.take().unwrap().kill();
            }
        });
        let acknowledged = acknowledged.into_inner().unwrap();
        left = sent.iter().zip(&acknowledged).filter(|(_, done)| !**done).map(|(run, _)| *run).collect();
        if let Some(receiver) = receiver {
            assert!(left.is_empty(), "{} were never acknowledged", left.len());
            assert_eq!(receiver.stop(), Some(0));
        }
    }
    let stats = json(&workspace, &["stats"]);
    assert_eq!(stats["records"].as_u64(), Some(count as u64), "{stats}");
    assert_eq!(workspace.run(&["verify"]).exit, Some(0));
}

/// One event on a connection that is kept; false when it was not acknowledged.
fn exchange(kept: &mut Option<TcpStream>, address: std::net::SocketAddr, event: &str) -> bool {
    use std::io::Read as _;
    let Some(mut stream) = kept.take().or_else(|| TcpStream::connect(address).ok()) else { return false };
    let head = format!("POST /api/v1/lineage HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", event.len());
    if stream.write_all([head.as_bytes(), event.as_bytes()].concat().as_slice()).is_err() {
        return false;
    }
    let mut got = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(read) => got.extend_from_slice(&buffer[..read]),
        }
        let text = String::from_utf8_lossy(&got);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            let done = head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 201");
            *kept = Some(stream);
            return done;
        }
    }
}

#[test]
fn events_sent_three_times_shuffled_under_kills_are_each_one_record() {
    storm(300, 2);
}

#[test]
#[ignore = "takes minutes; run by .ci/run with the release build"]
fn ten_thousand_events_sent_three_times_shuffled_under_kills_are_ten_thousand_records() {
    storm(10_000, 6);
}
