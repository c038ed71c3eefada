//! Canaries of each sort in each place a text may hold one: none is left, and what is no secret is
//! left alone. The canaries are put together from parts, so that no scanner takes them for leaks.

use super::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn pepper() -> Pepper {
    Pepper::new([7; 32])
}

/// What a secret is known by: a private key without the ends of its lines.
pub(super) fn print(secret: &str) -> String {
    let key = secret.starts_with("-----BEGIN");
    let bytes: Vec<u8> = secret.bytes().filter(|byte| !(key && byte.is_ascii_whitespace())).collect();
    assert!(pepper().candidates(secret.as_bytes()).contains(&pepper().fingerprint(&bytes)), "pasting finds it");
    pepper().fingerprint(&bytes)
}

fn filler(alphabet: &str, length: usize) -> String {
    alphabet.chars().cycle().step_by(7).take(length).collect()
}

/// Rule, secret.
fn canaries() -> Vec<(&'static str, String)> {
    let letters = "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z";
    let hex = "0f1e2d3c4b5a69788796a5b4c3d2e1f";
    let long = filler(letters, 44);
    let key = |of: &str| format!("-----BEGIN {of}PRIVATE KEY-----\n{long}\n{long}==\n-----END {of}PRIVATE KEY-----");
    vec![
        ("private-key", key("")),
        ("private-key", key("RSA ")),
        ("private-key", key("OPENSSH ")),
        ("aws-access-key", format!("AK{}{}", "IA", filler("ABCD2EFGH3", 16))),
        ("github-token", format!("gh{}{}", "p_", filler(letters, 36))),
        ("github-token", format!("github{}{}", "_pat_", filler(letters, 60))),
        ("gitlab-token", format!("gl{}{}", "pat-", filler(letters, 20))),
        ("slack-token", format!("xo{}{}", "xb-1234567890-", filler(letters, 24))),
        ("slack-app-token", format!("xa{}{}", "pp-1-", filler(letters, 24))),
        ("stripe-key", format!("sk_{}{}", "live_", filler(letters, 24))),
        ("stripe-key", format!("rk_{}{}", "live_", filler(letters, 24))),
        ("stripe-webhook", format!("wh{}{}", "sec_", filler(letters, 32))),
        ("model-api-key", format!("sk-{}{}", "ant-api03-", filler(letters, 60))),
        ("model-api-key", format!("sk-{}{}", "proj-", filler(letters, 48))),
        ("groq-key", format!("gs{}{}", "k_", filler(letters, 52))),
        ("google-api-key", format!("AI{}{}", "za", filler(letters, 35))),
        ("google-oauth-token", format!("ya{}{}", "29.", filler(letters, 60))),
        ("google-client-secret", format!("GOC{}{}", "SPX-", filler(letters, 28))),
        ("huggingface-token", format!("h{}{}", "f_", filler(letters, 34))),
        ("npm-token", format!("np{}{}", "m_", filler(letters, 36))),
        ("pypi-token", format!("py{}{}", "pi-AgEI", filler(letters, 80))),
        ("docker-token", format!("dckr{}{}", "_pat_", filler(letters, 27))),
        ("vault-token", format!("hv{}{}", "s.", filler(letters, 90))),
        ("databricks-token", format!("da{}{}", "pi", filler(hex, 32))),
        ("digitalocean-token", format!("dop{}{}", "_v1_", filler(hex, 64))),
        ("sendgrid-key", format!("S{}{}.{}", "G.", filler(letters, 22), filler(letters, 43))),
        ("langsmith-key", format!("ls{}{}_{}", "v2_pt_", filler(hex, 32), filler(hex, 10))),
        ("age-key", format!("AGE-{}{}", "SECRET-KEY-1", filler("ACDEFGHJKLMNPQRSTUVWXYZ234567", 58))),
        ("jwt", format!("ey{}{}.eyJ{}.{}", "J", filler(letters, 20), filler(letters, 40), filler(letters, 43))),
    ]
}

/// Field names, as JSON keys and as names of environment variables.
const NAMES: [&str; 22] = [
    "password",
    "db_password",
    "PGPASSWORD",
    "passwd",
    "client_secret",
    "clientSecret",
    "APP_SECRET",
    "api_key",
    "apiKey",
    "OPENAI_API_KEY",
    "x-api-key",
    "access_token",
    "accessToken",
    "SLACK_TOKEN",
    "HF_TOKEN",
    "auth_token",
    "secret_key",
    "AWS_SECRET_ACCESS_KEY",
    "SecretAccessKey",
    "private_key",
    "AccountKey",
    "refresh_token",
];

pub(super) fn redacted(text: &str) -> (String, Vec<Sighting>) {
    let pepper = pepper();
    let redacted = redact(text.as_bytes(), &pepper);
    let again = redact(&redacted.bytes, &pepper);
    assert_eq!(again.found, [], "a second pass finds nothing in {}", String::from_utf8_lossy(&redacted.bytes));
    (String::from_utf8(redacted.bytes.into_owned()).unwrap(), redacted.found)
}

/// Checks that exactly that secret is gone from a JSON text that stays JSON. Returns the fingerprint.
fn gone(text: &str, secret: &str, place: &str) -> String {
    let (left, found) = redacted(text);
    for part in secret.split('\n').filter(|part| part.len() > 8 && !part.starts_with("---")).chain([secret]) {
        assert!(!left.contains(part), "{place}: {part} is left in {left}");
    }
    assert!(serde_json::from_str::<Value>(&left).is_ok(), "{place}: no JSON any more: {left}");
    assert_eq!(found.len(), 1, "{place}: {found:?} in {left}");
    let marker = format!("[secret:{}:{}]", found[0].rule, found[0].fingerprint);
    assert!(left[found[0].at as usize..].starts_with(&marker), "{place}: {left}");
    found[0].fingerprint.clone()
}

#[test]
fn no_canary_is_left_anywhere_and_each_has_one_fingerprint() {
    for (rule, secret) in canaries() {
        let places = [
            ("alone", json!({ "text": secret })),
            ("in a sentence", json!({ "text": format!("use {secret} to log in") })),
            ("after a line feed", json!({ "text": format!("first\n{secret}\nlast") })),
            ("json in json", json!({ "text": json!({ "text": secret }).to_string() })),
            ("in a list", json!([["a", secret]])),
            ("assigned", json!({ "line": format!("X={secret}") })),
        ];
        let wanted = print(&secret);
        for (place, value) in places {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                assert_eq!(gone(&text, &secret, &format!("{rule} {place}")), wanted, "{rule} {place}");
            }
        }
        let (left, found) = redacted(&format!("raw {secret} text"));
        assert_eq!(left, format!("raw [secret:{rule}:{wanted}] text"));
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn values_under_telling_names_are_gone_and_the_names_stay() {
    let secret = "Tr0ub4dor&3/x\"y+\\z";
    let plain = "correcthorse99Battery";
    let wanted = pepper().fingerprint(secret.as_bytes());
    for name in NAMES {
        let places = [
            json!({ name: secret }),
            json!({ "environmentVariables": [{ "name": name, "value": secret }] }),
            json!([{ "value": secret, "name": name }]),
        ];
        for value in places {
            let text = value.to_string();
            assert_eq!(gone(&text, secret, name), wanted);
            assert!(redacted(&text).0.contains(name));
        }
        let escaped = json!({ "conf": json!({ name: plain }).to_string() }).to_string();
        assert_eq!(gone(&escaped, plain, name), pepper().fingerprint(plain.as_bytes()));
        gone(&json!({ "cmd": format!("run {name}={plain} now") }).to_string(), plain, name);
        gone(&json!({ "repr": format!("{{'{name}': '{plain}'}}") }).to_string(), plain, name);
    }
}

#[test]
fn headers_addresses_and_connection_strings_are_gone() {
    let basic = "dXNlcjpodW50ZXIy";
    let table = [
        (json!({ "Authorization": format!("Basic {basic}") }), basic),
        (json!({ "h": format!("authorization: Bearer {basic}") }), basic),
        (json!({ "headers": [{ "name": "Authorization", "value": format!("Bearer {basic}") }] }), basic),
        (json!({ "uri": "postgres://app:s3cr%2Fet@db:5432/x" }), "s3cr%2Fet"),
        (json!({ "uri": "redis://:hunter22@cache/0" }), "hunter22"),
        (json!({ "dsn": "Server=db;User Id=sa;Password=Passw0rd!;Encrypt=yes" }), "Passw0rd!"),
        (
            json!({ "dsn": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abcd1234+/efgh==;X=y" }),
            "abcd1234+/efgh==",
        ),
    ];
    for (value, secret) in table {
        gone(&value.to_string(), secret, "connection");
    }
    let hook = format!("https://hooks.slack.com/services/T0AAAA/B0BBBB/{}", "x9".repeat(12));
    gone(&json!({ "url": hook }).to_string(), &"x9".repeat(12), "webhook");
    // The percent escape is undone, so that the address and the plain value join.
    let found = redacted(r#"{"uri":"postgres://app:s3cr%2Fet@db/x"}"#).1;
    assert_eq!(found[0].fingerprint, pepper().fingerprint(b"s3cr/et"));
    // Some languages escape each slash.
    assert_eq!(redacted(r#"{"u":"postgres:\/\/app:hunter22@db\/x"}"#).1.len(), 1);
}

#[test]
fn what_is_no_secret_stays() {
    let sha = "ab12".repeat(16);
    let texts = [
        json!({ "id": "secret:vault/kv/refund", "about": "secret:fp/00112233445566778899aabbccddeeff" }),
        json!({ "digests": [format!("sha256:{sha}")], "commit": sha[..40], "version": sha }),
        json!({ "password": "${DB_PASSWORD}", "api_key": "{{ vault.key }}", "client_secret": "***" }),
        json!({ "password": "", "passwd": null, "private_key": "<redacted>", "access_token": "vault:kv/refund#token" }),
        json!({ "secret_key": "vault/kv/refund", "API_KEY": "$OPENAI_API_KEY", "password": "/run/secrets/db" }),
        json!({ "eos_token": "</s>", "pad_token": "<|endoftext|>", "prompt_tokens": 41, "max_token": 12 }),
        json!({ "id": "model-version:task-aaaaaaaaaaaaaaaaaaaaaaaa@1", "name": "risk-scoring-service-production" }),
        json!({ "url": "https://example.com:8443/a@b", "producer": "https://github.com/o/r/tree/1.0" }),
        json!({ "image": "registry:5000/a@sha256:ab", "purl": "pkg:npm/@scope/x@1", "mail": "a@example.com" }),
        json!({ "cmd": "cd $HOME; PWD=/root/work; export PATH", "text": "the password is required" }),
        json!({ "request": { "client_token": "hmac-sha256:30e76cb49152de4fd7f7bef3d5cc4dbe6eeb38ac2d6c7d2edd5d1d1e3eee0a4b" } }),
        json!({ "hashed_secret": "0123456789abcdef0123456789abcdef01234567" }),
        json!({ "password": "A word that nobody but its owner should ever come to know." }),
        json!({ "authorization.k8s.io/decision": "allow", "payload": "eyJfdHlwZSI6Imh0dHBzOi8v" }),
        json!({ "text": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----" }),
        json!({ "text": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----" }),
    ];
    for value in texts {
        let text = value.to_string();
        assert_eq!(redacted(&text), (text.clone(), Vec::new()));
    }
}

#[test]
fn a_key_without_end_is_gone_as_far_as_it_goes() {
    let text = json!({ "text": format!("-----BEGIN {}PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0B", "") }).to_string();
    let (left, found) = redacted(&text);
    assert_eq!(found.len(), 1);
    assert!(!left.contains("MIIE") && !left.contains("kqhk"), "{left}");
}

#[test]
fn several_in_one_text_are_each_replaced() {
    let all: Vec<String> = canaries().into_iter().map(|(_, secret)| secret).collect();
    let (left, found) = redacted(&json!(all).to_string());
    assert_eq!(found.len(), all.len(), "{left}");
    assert!(found.windows(2).all(|pair| pair[0].at < pair[1].at));
}

#[test]
fn a_path_that_holds_a_key_loses_the_key_alone_and_once() {
    let key = format!("sk-{}", "a1".repeat(10));
    for header in ["Authorization: Bearer ", "bearer "] {
        for path in ["team/refund/", "team/refund\\/", "team/refund-api."] {
            let once = redact(format!("{header}{path}{key}/x").as_bytes(), &pepper()).bytes.into_owned();
            let text = String::from_utf8_lossy(&once);
            assert!(text.starts_with(&format!("{header}{path}[secret:model-api-key:")), "{text}");
            assert_eq!(redact(&once, &pepper()).found, [], "{text}");
        }
    }
}

#[test]
fn every_rule_is_ready_and_named_plainly() {
    let finder = FINDER.as_ref().unwrap();
    assert_eq!(finder.patterns.len(), RULES.len());
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        assert!(rule.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", rule.name);
    }
}

/// A text with every character of a part of it written as an escape, or only its third one.
pub(super) fn escaped(text: &str, part: &str, all: bool) -> String {
    let written: String = part
        .char_indices()
        .map(|(at, c)| if all || at == 2 { format!("\\u{:04x}", c as u32) } else { c.to_string() })
        .collect();
    text.replace(part, &written)
}

#[test]
fn escapes_hide_nothing() {
    for (rule, secret) in canaries() {
        let wanted = print(&secret);
        for all in [true, false] {
            let mut text = json!({ "text": "SECRET" }).to_string();
            text = text.replace("SECRET", &escaped(&secret, &secret, all)).replace('\n', "\\n");
            assert_eq!(gone(&text, &secret, rule), wanted, "{rule}");
            let within = json!({ "text": text }).to_string();
            assert_eq!(gone(&within, &secret, rule), wanted, "{rule} within");
        }
    }
    let text = json!({ "p": escaped("{\"password\":\"hunter22\"}", "ssw", true) }).to_string();
    gone(&text, "hunter22", "name");
    gone(r#"{"p\u0061ssword":"hunter\u00322"}"#, "hunter22", "key");
}

#[test]
fn a_single_text_is_redacted_too() {
    let (left, count) = redact_text("leaked password=hunter22xyz by mistake", &pepper());
    assert_eq!(count, 1);
    assert_eq!(left, format!("leaked password=[secret:password:{}] by mistake", pepper().fingerprint(b"hunter22xyz")));
    assert_eq!(redact_text("a rollout of v2", &pepper()), ("a rollout of v2".to_owned(), 0));
}

#[test]
fn what_a_scanner_found_goes_whatever_it_looks_like() {
    let pepper = pepper();
    let cases = [
        (r#"{"DetectorName":"X","Raw":"plain","RawV2":""}"#, "plain"),
        (r#"{"RuleID":"r","Match":"pw = 'two words'","Secret":"two words"}"#, "two words"),
        (r#"{"number":1,"secret_type":"t","secret":"abc"}"#, "abc"),
        (r#"{"category":"secret_detection","raw_source_code_extract":"abc"}"#, "abc"),
        (r#"{"plugins_used":[],"results":{"f":[{"hashed_secret":"d4e0e04792fe"}]}}"#, "d4e0e04792fe"),
        (r#"{"DetectorName":"Postgres","Raw":"postgres://u:hunter@h/db"}"#, "hunter"),
    ];
    for (text, value) in cases {
        let redacted = redact(text.as_bytes(), &pepper);
        let kept = String::from_utf8_lossy(&redacted.bytes).into_owned();
        assert!(!kept.contains(value), "{kept}");
        assert!(redacted.found.iter().all(|it| it.fingerprint == pepper.fingerprint(value.as_bytes())), "{kept}");
        assert!(serde_json::from_str::<Value>(&kept).is_ok(), "{kept}");
        assert!(redact(kept.as_bytes(), &pepper).found.is_empty(), "{kept}");
    }
    let others = [r#"{"Raw":"plain","Secret":"two words"}"#, r#"{"DetectorName":"X","Raw":"REDACTED"}"#];
    for text in others {
        assert!(redact(text.as_bytes(), &pepper).found.is_empty(), "{text}");
    }
}
