//! What is secret by where it stands, and texts that are written within texts. The rules have their own tests.

use super::tests::{pepper, print, redacted};
use super::*;
use serde_json::json;

#[test]
fn the_values_of_a_secret_of_kubernetes_go_whatever_they_are_called() {
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "plain words");
    let yaml = format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  a: {encoded}\n  b: |\n    {encoded}\n# end\nstringData:\n  c: 'plain words'\ntype: Opaque\n"
    );
    let list = format!(
        "items:\n- apiVersion: v1\n  data:\n    a: {encoded}\n  kind: Secret\n- apiVersion: v1\n  data:\n    a: kept\n  kind: ConfigMap\n"
    );
    let json = json!({"items": [{"data": {"a": encoded}, "kind": "Secret", "x": 1}, {"data": {"a": "kept"}, "kind": "ConfigMap"}, {"kind": "Secret", "stringData": {"b": "plain words"}}]});
    let told = json!({ "text": yaml, "again": json.to_string() }).to_string();
    for (text, count) in
        [(yaml, 3), (list, 1), (json.to_string(), 2), (serde_json::to_string_pretty(&json).unwrap(), 2), (told, 5)]
    {
        let (left, found) = redacted(&text);
        assert!(!left.contains(&encoded) && !left.contains("plain words"), "{left}");
        assert_eq!(left.matches("kept").count(), text.matches("kept").count(), "{left}");
        assert_eq!(found.len(), count, "{left}");
        assert!(found.iter().all(|it| it.fingerprint == print("plain words")), "{left}");
    }
    for text in ["kind: SecretProviderClass\ndata:\n  a: kept\n", "ref:\n  kind: Secret\n  name: x\ndata:\n  a: kept\n"]
    {
        assert_eq!(redacted(text).1, [], "{text}");
    }
}

#[test]
fn names_and_values_on_lines_of_their_own_are_gone() {
    let secret = "correcthorse99Battery";
    for text in [
        "env:\n- name: DB_PASSWORD\n  value: SECRET\n",
        "env:\n- name: \"DB_PASSWORD\"\n  value: \"SECRET\"\n",
        "env:\n- value: SECRET\n  name: DB_PASSWORD\n",
        r#"{"text":"- name: DB_PASSWORD\n  value: SECRET\n"}"#,
        r#"{"key":"db.password","value":{"stringValue":"SECRET"}}"#,
        r#"{"value":{"stringValue":"SECRET"},"key":"db.password"}"#,
        r#"{"key":"x-api-key","value":{"arrayValue":{"values":[{"stringValue":"SECRET"}]}}}"#,
        r#"{"name":"API_KEY","type":"string","value":"SECRET"}"#,
        r#"{"name":"API_KEY","values":["SECRET"]}"#,
        r#"<property name="API_KEY">SECRET</property>"#,
        r#"<property name="API_KEY" value="SECRET"/>"#,
        "<environmentVar><name>API_KEY</name><value>SECRET</value></environmentVar>",
        "<password>SECRET</password>",
    ] {
        let (left, found) = redacted(&text.replace("SECRET", secret));
        assert!(!left.contains(secret) && found.len() == 1, "{left}");
        assert_eq!(found[0].fingerprint, print(secret), "{left}");
    }
}

#[test]
fn a_text_within_a_text_keeps_all_but_its_secrets() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let secret = "correcthorse99Battery";
    let inner = format!(r#"{{"predicate":{{"env":{{"API_KEY":"{secret}"}},"note":"stays > as ? it is"}}}}"#);
    let kept = |text: String, decode: &dyn Fn(&str) -> String| {
        let (left, found) = redacted(&text);
        assert_eq!(found.len(), 1, "{left}");
        assert_eq!(found[0].fingerprint, print(secret));
        let decoded = decode(&left);
        assert!(!decoded.contains(secret) && decoded.contains("stays > as ? it is"), "{decoded}");
        assert_eq!(crate::import::secrets_removed(left.as_bytes()), 1, "{left}");
    };
    let between = |left: &str| left.split('"').nth(3).unwrap().to_owned();
    let payload = |text: &str| json!({ "payload": text }).to_string();
    kept(payload(&STANDARD.encode(&inner)), &|left| {
        String::from_utf8(STANDARD.decode(between(left)).unwrap()).unwrap()
    });
    kept(payload(&URL_SAFE_NO_PAD.encode(&inner)), &|left| {
        String::from_utf8(URL_SAFE_NO_PAD.decode(between(left)).unwrap()).unwrap()
    });
    kept(payload(&STANDARD.encode(STANDARD.encode(&inner))), &|left| {
        String::from_utf8(STANDARD.decode(STANDARD.decode(between(left)).unwrap()).unwrap()).unwrap()
    });
    // A manifest's text loses the secret alone, whatever stands about the marker.
    let query = "https://h/?next=https%3A%2F%2Fu%3Acorrecthorse99Battery%40h%2Fstays%20here";
    let (left, found) = redacted(query);
    assert_eq!(found.len(), 1, "{left}");
    assert!(
        left.starts_with("https://h/?next=https%3A%2F%2Fu%3A[secret:url-password:")
            && left.ends_with("]%40h%2Fstays%20here"),
        "{left}"
    );
    // Digests, images and keys that are public hold no text.
    let text = json!({ "sha256": "ab12".repeat(16), "image": STANDARD.encode([200; 90]), "words": STANDARD.encode("only words, nothing else in here") });
    assert_eq!(redacted(&text.to_string()).1, []);
}

#[test]
fn base64_that_is_broken_into_lines_is_read_over_its_breaks() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let secret = "correcthorse99Battery";
    for before in 20..60 {
        let inner = format!("{} API_KEY={secret} and more words behind it", "w ".repeat(before));
        let digits = STANDARD.encode(&inner);
        for (width, breaks) in [
            (64, "\n"),
            (68, "\\\\n"),
            (65, "&#10;"),
            (76, "\r\n"),
            (70, "\n    "),
            (61, "\\n"),
            (76, "\\r\\n"),
            (60, "\n\t"),
        ] {
            let lines: Vec<&str> =
                (0..digits.len()).step_by(width).map(|at| &digits[at..digits.len().min(at + width)]).collect();
            for (left, right) in [("key: |\n    ", "\nother: 1\n"), ("{\"text\":\"so:\\n", "\"}"), ("\"", "\"")] {
                let text = format!("{left}{}{right}", lines.join(breaks));
                let (left, found) = redacted(&text);
                let prints: Vec<_> = found.iter().map(|it| it.fingerprint.clone()).collect();
                assert_eq!(prints, [print(secret)], "{text}\n{left}");
                assert_eq!(crate::import::secrets_removed(left.as_bytes()), 1, "{left}");
                assert_eq!(redacted(&left).1, [], "{left}");
                assert!(left.ends_with(right), "{left}");
            }
        }
    }
    // A word that stands alone on the next line is none of it.
    let digits = STANDARD.encode(format!("API_KEY={secret} {}", "x".repeat(90)));
    let text = format!("{}\n{}\nEND\n", &digits[..80], &digits[80..]);
    let (left, found) = redacted(&text);
    assert!(found.len() == 1 && left.ends_with("\nEND\n"), "{left}");
    // Certificates and pictures stay as they are.
    let image = STANDARD.encode([200; 900]);
    let lines: Vec<&str> = (0..image.len()).step_by(64).map(|at| &image[at..image.len().min(at + 64)]).collect();
    assert_eq!(redacted(&lines.join("\n")).1, []);
}

#[test]
fn what_gzip_made_small_is_looked_into() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use std::io::Write;
    let secret = "correcthorse99Battery";
    let packed = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let text = format!("{{\"env\":{{\"API_KEY\":\"{secret}\"}},\"note\":\"stays as it is\"}}");
    for digits in [STANDARD.encode(packed(&text)), STANDARD.encode(STANDARD.encode(packed(&text)))] {
        let (left, found) = redacted(&format!("release: {digits}\n"));
        assert!(found.len() == 1 && found[0].fingerprint == print(secret), "{left}");
        assert_eq!(crate::import::secrets_removed(left.as_bytes()), 1, "{left}");
        assert_eq!(redacted(&left).1, [], "{left}");
    }
    // What would fill the memory is looked at as far as the bound.
    let bomb = STANDARD.encode(packed(&format!("API_KEY={secret}\n{}", " ".repeat(64 << 20))));
    let (left, found) = redacted(&bomb);
    assert_eq!(found.len(), 1);
    assert!(left.len() < 4 << 20, "{}", left.len());
    assert_eq!(redacted(&STANDARD.encode(packed("only words in here, and no secret at all"))).1, []);
}

#[test]
fn the_values_of_a_secret_in_braces_are_gone() {
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "plain words");
    for (text, count) in [
        (
            "kind: Secret\nstringData: {a: plain words, b: 'plain words', \"c\": \"plain words\"}\ntype: Opaque\n"
                .to_owned(),
            3,
        ),
        (
            format!(
                "apiVersion: v1\nkind: Secret\ndata: {{a: {encoded}}}\nstringData:   {{\n  b: plain words,\n  c: plain words\n}}\n"
            ),
            3,
        ),
        (
            "kind: Secret\ndata: {}\nstringData: { b: plain words } # c\n---\nkind: ConfigMap\ndata: {a: kept}\n"
                .to_owned(),
            1,
        ),
        (
            format!(
                "- kind: Secret\n  data: {{a: {encoded}, b: \"{encoded}\"}}\n- kind: ConfigMap\n  data: {{a: kept}}\n"
            ),
            2,
        ),
    ] {
        let (left, found) = redacted(&text);
        assert!(!left.contains(&encoded) && !left.contains("plain words"), "{left}");
        assert_eq!(left.matches("kept").count(), text.matches("kept").count(), "{left}");
        assert_eq!(found.len(), count, "{left}");
        assert!(found.iter().all(|it| it.fingerprint == print("plain words")), "{left}");
        assert_eq!(redacted(&left).1, [], "{left}");
    }
}

#[test]
fn a_header_with_lengths_stays_one() {
    let mut header = b"GGUF".to_vec();
    let word = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    header.extend([&3_u32.to_le_bytes()[..], &0_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat());
    for (key, text) in [("general.description", "password=correcthorse99Battery"), ("general.name", "m")] {
        header.extend([word(key), 8_u32.to_le_bytes().to_vec(), word(text)].concat());
    }
    let redacted = redact(&header, &pepper());
    assert_eq!(redacted.found.len(), 1);
    let reading = crate::import::read_record(
        crate::import::importer("gguf").unwrap(),
        &redacted.bytes,
        crate::import::Framing::Head,
    );
    let told = format!("{:?}", reading.claims);
    assert!(told.contains("password=[secret:password:") && told.contains("Some(\"m\")"), "{told}");
}

#[test]
#[ignore = "prints how fast the corpora are gone through, and how long what is new takes"]
#[allow(clippy::print_stdout, reason = "it is there to print")]
fn how_fast_it_is() {
    let Some(root) = std::env::var_os("LASTGOOD_CORPORA") else { return };
    let mut folders = vec![std::path::PathBuf::from(root)];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "json" || ext == "jsonl" || ext == "yaml") {
                texts.push(std::fs::read(&path).unwrap());
            }
        }
    }
    let size: usize = texts.iter().map(Vec::len).sum();
    let time = |work: &dyn Fn(&[u8])| {
        let runs = (0..5).map(|_| {
            let began = std::time::Instant::now();
            texts.iter().for_each(|text| work(text));
            began.elapsed()
        });
        runs.min().unwrap()
    };
    let all = time(&|text| drop(redact(text, &pepper())));
    let within = time(&|text| drop(enclosed::enclosed(text, &pepper(), 0)));
    let manifests = time(&|text| drop(manifest::values(text)));
    let speed = |spent: std::time::Duration| size as f64 / 1e6 / spent.as_secs_f64();
    println!(
        "{size} bytes: {:.0} MB/s in all; texts within texts {:.0} MB/s, manifests {:.0} MB/s, the rest {:.0} MB/s",
        speed(all),
        speed(within),
        speed(manifests),
        speed(all - within - manifests)
    );
}
