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
