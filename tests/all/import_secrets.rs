//! What a secret in a record becomes: a marker, an artefact that is known by its fingerprint, and a
//! link that is found again from the redacted record alone.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use lastgood::import::{Framing, importer, native, read_record, redact, unit_at};
use lastgood::model::Statement;
use lastgood::proof::fingerprint::Pepper;
use proptest::prelude::*;

const SECRET: &str = "correcthorse99Battery";

fn pepper() -> Pepper {
    Pepper::new([9; 32])
}

/// The claims about secrets that a redacted content gives.
fn seen(format: &str, framing: Framing, text: &str) -> Vec<String> {
    let redacted = redact(text.as_bytes(), &pepper());
    assert!(!String::from_utf8_lossy(&redacted.bytes).contains(SECRET));
    let reading = read_record(importer(format).unwrap(), &redacted.bytes, framing);
    for sighting in &redacted.found {
        let claim = reading.claims.iter().rev().find(|claim| claim.at <= sighting.at).unwrap();
        let unit = unit_at(&redacted.bytes, claim.at);
        assert!((sighting.at as usize) < claim.at as usize + unit.len());
    }
    let about_secrets = |statement: &Statement| {
        let line = native::write(statement);
        line.contains("secret:fp/").then_some(line)
    };
    reading.claims.iter().filter_map(|claim| about_secrets(&claim.statement)).collect()
}

#[test]
fn a_value_in_a_line_is_a_credential_of_what_the_line_describes() {
    let print = pepper().fingerprint(SECRET.as_bytes());
    let text = format!(
        "{{\"type\":\"artefact\",\"id\":\"deployment:a\",\"kind\":\"deployment\",\"at\":\"2026-11-18T09:00:00Z\",\"attributes\":{{\"db_password\":\"{SECRET}\",\"again\":{{\"password\":\"{SECRET}\"}}}}}}\n\
         {{\"type\":\"artefact\",\"id\":\"secret:vault/kv/refund\",\"kind\":\"secret\",\"password\":\"{SECRET}\"}}\n\
         {{\"type\":\"artefact\",\"kind\":\"secret\",\"password\":\"{SECRET}\"}}\n\
         {{\"type\":\"note\",\"text\":\"password={SECRET}\",\"by\":\"person:me\",\"at\":\"2026-11-18\"}}\n"
    );
    let artefact = format!(
        "{{\"type\":\"artefact\",\"id\":\"secret:fp/{print}\",\"kind\":\"secret\",\"identifiers\":[\"fingerprint:{print}\"],\"attributes\":{{\"rule\":\"password\"}}}}"
    );
    assert_eq!(
        seen("lineage", Framing::Lines, &text),
        [
            artefact.clone(),
            format!(
                "{{\"type\":\"link\",\"from\":\"deployment:a\",\"to\":\"secret:fp/{print}\",\"relation\":\"authenticates-with\",\"since\":\"2026-11-18T09:00:00Z\",\"attributes\":{{\"how\":\"value seen in record\"}}}}"
            ),
            artefact.clone(),
            format!(
                "{{\"type\":\"same-as\",\"a\":\"secret:vault/kv/refund\",\"b\":\"secret:fp/{print}\",\"why\":\"its value was seen in its description\"}}"
            ),
            artefact.clone(),
            artefact,
        ]
    );
}

#[test]
fn a_value_in_an_event_is_a_credential_of_its_run() {
    let event = |run: &str, secret: &str| {
        format!(
            "{{\"eventTime\":\"2026-11-18T09:00:00Z\",\"producer\":\"p\",\"run\":{{\"runId\":\"{run}\",\"facets\":{{\"environmentVariables\":{{\"environmentVariables\":[{{\"name\":\"DB_PASSWORD\",\"value\":\"{secret}\"}}]}}}}}},\"job\":{{\"namespace\":\"n\",\"name\":\"j\"}}}}"
        )
    };
    let one = event("1", SECRET);
    let page = format!("{{\"events\":[{},{}]}}", event("0", "${REF}"), event("1", SECRET));
    let two = format!("{}\n{one}", event("0", "${REF}"));
    for (framing, text) in [
        (Framing::Whole, &one),
        (Framing::Whole, &page),
        (Framing::Lines, &page),
        (Framing::Lines, &two),
        (Framing::Elements, &two),
    ] {
        let seen = seen("openlineage", framing, text);
        assert_eq!(seen.len(), 2, "{seen:?}");
        assert!(seen[1].contains("\"from\":\"run:1\"") && seen[1].contains("\"since\":\"2026-11-18T09:00:00Z\""));
    }
}

proptest! {
    #[test]
    fn redacting_twice_is_redacting_once(parts in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            "password\":\"", "\"", "hunter2hunter2", "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "://u:", "@h/", "\\", "[secret:",
            "password:00112233445566778899aabbccddeeff]", "Authorization: Bearer ", "sk-a1a1a1a1a1a1a1a1a1a1a1", "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----", "api_key=", "{\"name\":\"X_TOKEN\",\"value\":\"", "}", ",", "\n", " ", "'", "eyJ0aaaaaaaaa.eyJ0aaaaaaaaa.aaaaaaaaaa",
            "https://", "q7Rz9mK2xV4tB8nW1cYpL5", "curl -u a:", "Cookie: a=", "; b=", "\"token\":", "\"pin\":", "\"secret\":[\"", "\",\"", "\"]", " --token ",
            "password: ", "password = ", "123456", "Z2hwX3E3Uno5bUsyeFY0dEI4blcxY1lwTDVzRDNmRzZoSjBhWmVVaQ==", "aGZf", "?token=", "&", "\\\"",
            "\\u0070", "\\u0022", "\\\\u005c", "\\/", "\\\\\\\\u002f", "\\u000a",
        ]).prop_map(str::to_owned),
        "[ -~]{0,6}",
    ], 0..16)) {
        let text = parts.concat();
        let once = redact(text.as_bytes(), &pepper());
        let twice = redact(&once.bytes, &pepper());
        prop_assert_eq!(String::from_utf8_lossy(&twice.bytes), String::from_utf8_lossy(&once.bytes));
    }

    #[test]
    fn json_stays_json(key in prop::sample::select(vec!["password", "api_key", "AUTH_TOKEN", "uri", "text"]), value in "\\PC{0,40}", before in "\\PC{0,10}") {
        let text = serde_json::json!({ "a": before, key: value, "z": format!("postgres://u:{value}@h") }).to_string();
        let redacted = redact(text.as_bytes(), &pepper());
        let read: serde_json::Value = serde_json::from_slice(&redacted.bytes).unwrap();
        prop_assert_eq!(read.as_object().unwrap().len(), 3);
    }

    #[test]
    fn json_that_is_escaped_stays_json(key in prop::sample::select(vec!["password", "x\\u002d\\u0061pi_key", "uri"]), value in "[ -~]{0,40}", odd in any::<[bool; 40]>()) {
        let escaped: String = value.chars().zip(odd).map(|(c, odd)| match c {
            '"' | '\\' => format!("\\{c}"),
            c if odd => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        }).collect();
        let text = format!("{{\"{key}\":\"{escaped}\",\"z\":\"postgres:\\/\\/u:{escaped}@h\",\"y\":{}}}", serde_json::json!(format!("{{\"{key}\":\"{escaped}\"}}")));
        let once = redact(text.as_bytes(), &pepper());
        let read: serde_json::Value = serde_json::from_slice(&once.bytes).unwrap();
        prop_assert_eq!(read.as_object().unwrap().len(), 3);
        prop_assert_eq!(redact(&once.bytes, &pepper()).found, []);
    }

    #[test]
    fn any_bytes_can_be_redacted(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        redact(&bytes, &pepper());
    }
}

/// A value as a key has, put together so that no scanner takes it for one.
const KEY: &str = "q7Rz9mK2xV4tB8nW1cYpL5";

/// Attributes that hold `SECRET`, as JSON, and the secret they hold.
fn shapes() -> Vec<(&'static str, String)> {
    let aws = format!("/k9{}+{}", "Q7Rz9mK2xV4tB8", "nW1cYpL5sD3fG6hJ0aZ");
    let token = format!("gh{}{}", "p_", "q7Rz9mK2xV4tB8nW1cYpL5sD3fG6hJ0aZeUi");
    let mut table: Vec<(&'static str, String)> = [
        r#"{"text":"password: SECRET"}"#,
        r#"{"text":"the password = SECRET it was"}"#,
        r#"{"text":"[default]\naws_secret_access_key = SECRET\nregion = x"}"#,
        r#"{"text":"psql --password SECRET --host db"}"#,
        r#"{"text":"run --token SECRET"}"#,
        r#"{"text":"run --api-token=SECRET"}"#,
        r#"{"argv":["run","--token","SECRET","-v"]}"#,
        r#"{"text":"token: SECRET"}"#,
        r#"{"text":"X-Api-Key: SECRET"}"#,
        r#"{"headers":{"X-Api-Key":"SECRET"}}"#,
        r#"{"text":"Cookie: session=SECRET"}"#,
        r#"{"Cookie":"theme=dark; session=SECRET; Path=/"}"#,
        r#"{"url":"https://h/x?token=SECRET"}"#,
        r#"{"url":"https://h/x?a=1&access_token=SECRET&b=2"}"#,
        r#"{"url":"https://h/x?api_key=SECRET"}"#,
        r#"{"url":"https://SECRET@github.com/o/r"}"#,
        r#"{"url":"https://SECRET:x-oauth-basic@github.com/o/r"}"#,
        r#"{"url":"postgres://app:SECRET@db/x"}"#,
        r#"{"text":"curl -u user:SECRET https://h"}"#,
        r#"{"text":"curl -s --user 'user:SECRET' https://h"}"#,
        r#"{"argv":["curl","-u","user:SECRET"]}"#,
        r#"{"api_key":["SECRET","SECRET"]}"#,
        r#"{"token":"SECRET"}"#,
        r#"{"secret":"SECRET"}"#,
        r#"{"auth":"SECRET"}"#,
        r#"{"connection_string":"SECRET"}"#,
        r#"{"env":[{"name":"TOKEN","value":"SECRET"}]}"#,
        r#"{"conf":"{\"token\":\"SECRET\"}"}"#,
        r#"{"conf":"{\"password\":\"SECRET\",\"a\":\"b\"}"}"#,
    ]
    .into_iter()
    .map(|shape| (shape, KEY.to_owned()))
    .collect();
    table.push((r#"{"secret_key":"SECRET"}"#, aws.clone()));
    table.push((r#"{"text":"aws_secret_access_key = SECRET"}"#, aws));
    table.push((r#"{"password":"SECRET"}"#, format!("/run{}", "away99!")));
    table.push((r#"{"text":"SECRET"}"#, token));
    table
}

/// A text as JSON may write it: as it is, all of it escaped, or one character.
fn spellings(secret: &str) -> [String; 3] {
    let escape = |c: char| format!("\\u{:04x}", c as u32);
    let all = secret.chars().map(escape).collect();
    let one = secret.chars().enumerate().map(|(at, c)| if at == 2 { escape(c) } else { c.to_string() }).collect();
    [secret.to_owned(), all, one]
}

/// A line of each format that holds these attributes.
fn lines(attributes: &str) -> [(&'static str, String); 2] {
    [
        (
            "lineage",
            format!(r#"{{"type":"artefact","id":"deployment:a","kind":"deployment","attributes":{attributes}}}"#),
        ),
        (
            "openlineage",
            format!(
                r#"{{"eventTime":"2026-11-18T09:00:00Z","producer":"p","run":{{"runId":"1","facets":{{"x":{attributes}}}}},"job":{{"namespace":"n","name":"j","facets":{{"x":{attributes}}}}}}}"#
            ),
        ),
    ]
}

/// Checks that a value is gone from a line and all that is read of it, and joins with its paste.
fn gone(format: &str, line: &str, secret: &str, wanted: &str) {
    let redacted = redact(line.as_bytes(), &pepper());
    let text = String::from_utf8_lossy(&redacted.bytes);
    assert!(!text.contains(secret), "{line}\n{text}");
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let reading = read_record(importer(format).unwrap(), &redacted.bytes, Framing::Lines);
    assert!(reading.rejected.is_empty() && !reading.claims.is_empty(), "{:?}", reading.rejected);
    assert!(!format!("{:?}", reading.claims).contains(secret), "{text}");
    assert!(!redacted.found.is_empty(), "{line}");
    for sighting in &redacted.found {
        assert_eq!(sighting.fingerprint, wanted, "{line}\n{text}");
        assert!(text.get(sighting.at as usize..).unwrap().starts_with("[secret:"));
    }
    assert_eq!(redact(&redacted.bytes, &pepper()).found, [], "{text}");
}

#[test]
fn each_shape_is_gone_however_it_is_spelt() {
    for (shape, secret) in shapes() {
        let wanted = pepper().fingerprint(secret.as_bytes());
        for spelling in spellings(&secret) {
            for (format, line) in lines(&shape.replace("SECRET", &spelling)) {
                gone(format, &line, &secret, &wanted);
            }
        }
        // The whole of a text that is no JSON within JSON.
        if let Some(text) = shape.strip_prefix(r#"{"text":""#).and_then(|rest| rest.strip_suffix(r#""}"#)) {
            let text = text.replace("\\n", "\n").replace("SECRET", &secret);
            for (format, line) in lines(&format!(r#"{{"text":"{}"}}"#, spellings(&text)[1])) {
                gone(format, &line, &secret, &wanted);
            }
        }
    }
}

#[test]
fn numbers_and_wrapped_keys_are_gone() {
    for attributes in [r#"{"password":48151623}"#, r#"{"pin": 48151623 }"#, r#"{"conf":"{\"db_password\":48151623}"}"#]
    {
        for (format, line) in lines(attributes) {
            gone(format, &line, "48151623", &pepper().fingerprint(b"48151623"));
        }
    }
    use base64::Engine;
    let token = format!("gh{}{}", "p_", "q7Rz9mK2xV4tB8nW1cYpL5sD3fG6hJ0aZeUi");
    let wrapped = base64::engine::general_purpose::STANDARD.encode(&token);
    for spelling in spellings(&wrapped) {
        for (format, line) in lines(&format!(r#"{{"data":"{spelling}"}}"#)) {
            gone(format, &line, &wrapped, &pepper().fingerprint(token.as_bytes()));
        }
    }
}

#[test]
fn references_ids_and_digests_stay() {
    let digest = "30e76cb49152de4fd7f7bef3d5cc4dbe6eeb38ac2d6c7d2edd5d1d1e3eee0a4b";
    for text in [
        r#"{"type":"link","from":"deployment:a","to":"secret:vault/kv/refund-api","relation":"authenticates-with"}"#,
        r#"{"type":"secret","kind":"secret","id":"secret:vault/kv/refund-api-2026-production"}"#,
        r#"{"secret":"secret:vault/kv/refund-api","token":"vault:kv/Refund99API#token","auth":"kv/Refund99/abcDEF123456"}"#,
        r#"{"secret":"model-version:task-aaaaaaaaaaaaaaaaaaaaaa1@1","secretName":"refund-api-credentials-2026"}"#,
        r#"{"secret":"refund-api-credentials","token":"deployment:refund-api-20261118","auth":"service-account"}"#,
        r#"{"commit":"068aade5f0c1b2d3e4f5a6b7c8d9e0f1a2b3c4d5","purl":"pkg:oci/a@sha256:30e7?tag=1","u":"4f9d1a7e-7c1e-4b7e-9d6e-0a1b2c3d4e5f"}"#,
        r#"{"producer":"https://github.com/OpenLineage/OpenLineage/tree/1.33.0/integration/spark","namespace":"s3://bucket-a1b2c3d4e5f6g7h8"}"#,
        r#"{"password":"/run/secrets/db_password","api_key":"/etc/keys/Refund/api.key","pwd":"/home/me/src","token":"/var/run/secrets/kubernetes.io/serviceaccount/token"}"#,
        r#"{"text":"password: required; token: expired; the password = whatever you set; use --password to log in"}"#,
        r#"{"text":"author: someone, authority = none; cookie: none; docker run -u 1000:1000 x"}"#,
        r#"{"password":12,"tokens":123456789,"pin":"v1.2.3","max_token":123456789}"#,
        r#"{"password":["required","none"],"token":"</s>"}"#,
        r#"{"text":"\u003cb\u003e https:\/\/example.com\/a\u0026b","password":"\u003credacted\u003e"}"#,
    ] {
        assert_eq!(redact(text.as_bytes(), &pepper()).found, [], "{text}");
    }
    let text = format!(r#"{{"digest":"sha256:{digest}","token":"sha256:{digest}"}}"#);
    assert_eq!(redact(text.as_bytes(), &pepper()).found, []);
}

#[test]
#[ignore = "prints what would be replaced in the corpora and how fast, to look at"]
#[allow(clippy::print_stdout, reason = "it is there to print")]
fn what_the_corpora_lose() {
    let Some(root) = std::env::var_os("LASTGOOD_CORPORA") else { return };
    let mut folders = vec![std::path::PathBuf::from(root)];
    let (mut count, mut size, mut spent) = (0, 0, std::time::Duration::ZERO);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if !path.extension().is_some_and(|ext| ext == "json" || ext == "jsonl") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let began = std::time::Instant::now();
            let redacted = redact(&bytes, &pepper());
            spent += began.elapsed();
            size += bytes.len();
            count += redacted.found.len();
            let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
            assert_eq!(read(&bytes), read(&redacted.bytes), "{}", path.display());
            assert_eq!(redact(&redacted.bytes, &pepper()).found, [], "{}", path.display());
            for sighting in &redacted.found {
                let at = sighting.at as usize;
                let text = redacted.bytes.get(at.saturating_sub(50)..(at + 75).min(redacted.bytes.len())).unwrap();
                println!("{}: {}", path.display(), String::from_utf8_lossy(text).replace('\n', " "));
            }
        }
    }
    println!("{count} in {size} bytes, {:.0} MB/s", size as f64 / 1e6 / spent.as_secs_f64());
}
