//! How a server is spoken to: which certificates are believed and shown, through which proxy, and with which headers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::forge::{Key, armoured, authority, tls};
use crate::support::listener::{Answer, Listener, json, nothing};
use crate::support::{Said, Workspace, said};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

const LINE: &str = "{\"type\":\"artefact\",\"id\":\"model-version:fraud@1\",\"kind\":\"model-version\"}\n";

/// An authority, and what it vouches for.
struct Vouching {
    key: Key,
    certificate: Vec<u8>,
}

impl Vouching {
    fn new() -> Vouching {
        let key = Key::new();
        let certificate = authority(&key, "house", ("house", &key));
        Vouching { key, certificate }
    }

    fn pem(&self) -> String {
        armoured("CERTIFICATE", &self.certificate)
    }

    fn leaf(&self, server: bool) -> (Key, Vec<u8>) {
        let key = Key::new();
        let certificate = tls(&key, ("house", &self.key), server);
        (key, certificate)
    }

    /// A client's certificate with its key, in one text.
    fn client(&self) -> String {
        let (key, certificate) = self.leaf(false);
        armoured("CERTIFICATE", &certificate) + &armoured("PRIVATE KEY", &key.private())
    }

    /// A server that this authority vouches for; it lets in only whom `clients` vouches for.
    fn server(&self, clients: Option<&Vouching>) -> Listener {
        let (key, certificate) = self.leaf(true);
        let provider = Arc::new(default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(clients.certificate.clone())).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let chain = vec![CertificateDer::from(certificate)];
        let config = builder.with_single_cert(chain, PrivatePkcs8KeyDer::from(key.private()).into()).unwrap();
        Listener::new(Some(Arc::new(config)), file)
    }
}

/// One file of lineage, whatever is asked for.
fn file(_: &str) -> Answer {
    ("200 OK\r\ncontent-type: text/plain".to_owned(), LINE.as_bytes().to_vec())
}

fn add(work: &Workspace, url: &str, more: &[&str]) -> Said {
    work.run(&[&["source", "add", "s", url], more].concat())
}

fn pulled(work: &Workspace) -> bool {
    let synced = work.run(&["sync", "s", "--json"]);
    assert_eq!(synced.exit, Some(0), "{synced:?}");
    synced.json()["records"] == 1
}

#[test]
fn only_the_authority_that_was_named_is_believed_beside_those_of_the_system() {
    let (ours, others) = (Vouching::new(), Vouching::new());
    let server = ours.server(None);
    let url = format!("https://{}/claims.lineage.jsonl", server.address);
    let work = Workspace::new();
    let unknown = add(&work, &url, &[]);
    assert_eq!(unknown.exit, Some(5), "{unknown:?}");
    assert!(unknown.out.contains("name its authority with --ca FILE"), "{unknown:?}");
    let wrong = work.file("wrong.pem", others.pem());
    assert_eq!(add(&work, &url, &["--ca", wrong.to_str().unwrap()]).exit, Some(5));
    assert!(server.heard().is_empty(), "asked before it was known who answers: {:?}", server.heard());
    let right = work.file("right.pem", ours.pem());
    add(&work, &url, &["--ca", right.to_str().unwrap()]).answered();
    assert!(pulled(&work));
    let none = add(&Workspace::new(), &url, &["--ca", work.ledger().to_str().unwrap()]);
    assert!(none.exit == Some(5) && none.out.contains("no certificates in PEM"), "{none:?}");
}

#[test]
fn a_client_certificate_is_shown_where_it_is_set_and_its_lack_is_said() {
    let (ours, others) = (Vouching::new(), Vouching::new());
    let server = ours.server(Some(&ours));
    let url = format!("https://{}/claims.lineage.jsonl", server.address);
    let work = Workspace::new();
    let right = work.file("ca.pem", ours.pem());
    let ca = ["--ca", right.to_str().unwrap()];
    let without = add(&work, &url, &ca);
    assert_eq!(without.exit, Some(5), "{without:?}");
    assert!(without.out.contains("--client-certificate FILE"), "{without:?}");
    let show = |file: &str, text: String| {
        let file = work.file(file, text);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    };
    let strange = show("strange.pem", others.client());
    let strange = add(&work, &url, &[&ca[..], &["--client-certificate", strange.to_str().unwrap()]].concat());
    assert_eq!(strange.exit, Some(5), "{strange:?}");
    assert!(strange.out.contains("does not accept our certificate"), "{strange:?}");
    assert!(server.heard().is_empty());
    let own = show("own.pem", ours.client());
    let shown = [&ca[..], &["--client-certificate", own.to_str().unwrap()]].concat();
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = add(&work, &url, &shown);
    assert!(open.exit == Some(5) && open.out.contains("chmod 600"), "{open:?}");
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o600)).unwrap();
    add(&work, &url, &shown).answered();
    assert!(pulled(&work));
}

#[test]
fn a_proxy_is_gone_through_only_where_it_is_set() {
    let server = Listener::new(None, file);
    let proxy = Listener::new(None, file);
    let url = format!("http://{}/claims.lineage.jsonl", server.address);
    let through = format!("http://{}", proxy.address);
    let work = Workspace::new();
    let run = |arguments: &[&str]| {
        let mut command = work.command();
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
            command.env(name, &through);
        }
        said(command.args(arguments).output().unwrap())
    };
    run(&["source", "add", "direct", &url]).answered();
    run(&["sync", "direct"]).answered();
    assert!(proxy.heard().is_empty() && !server.heard().is_empty(), "{:?}", proxy.heard());
    let before = server.heard().len();
    run(&["source", "add", "around", &url, "--proxy", &through]).answered();
    run(&["sync", "around"]).answered();
    assert_eq!(server.heard().len(), before, "the proxy was passed by");
    let asked = proxy.heard();
    assert!(asked.iter().any(|head| head.starts_with(&format!("GET {url} "))), "{asked:?}");
}

#[test]
fn the_credential_and_the_workspace_are_sent_as_they_should() {
    let server = Listener::new(None, |head| match head.split(' ').nth(1) {
        Some("/version") => json("3.17.2"),
        Some(path) if path.contains("mlflow") => json("{}"),
        _ => nothing(),
    });
    let url = format!("http://{}", server.address);
    let work = Workspace::new();
    let token = work.file("token", "t0ken-9f1c");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let file = ["--secret-file", token.to_str().unwrap()];
    work.run(&[&["source", "add", "bearer", &url, "--workspace", "team-a"][..], &file].concat()).answered();
    work.run(&["sync", "bearer"]).answered();
    let heads = |from: usize| server.heard().split_off(from);
    for head in heads(0) {
        let lower = head.to_lowercase();
        assert!(head.contains("Bearer t0ken-9f1c") && lower.contains("x-mlflow-workspace: team-a"), "{head}");
    }
    let before = server.heard().len();
    work.run(&[&["source", "add", "basic", &url, "--user", "ci"][..], &file].concat()).answered();
    work.run(&["sync", "basic"]).answered();
    // ci:t0ken-9f1c
    let sent = heads(before);
    assert!(!sent.is_empty());
    for head in sent {
        let lower = head.to_lowercase();
        assert!(head.contains("Basic Y2k6dDBrZW4tOWYxYw==") && !lower.contains("x-mlflow-workspace"), "{head}");
    }
    let ledger = std::fs::read(work.ledger()).unwrap();
    assert!(!ledger.windows(10).any(|it| it == b"t0ken-9f1c"), "the credential is in the ledger");
}

#[test]
fn what_may_be_looked_at_and_what_not_is_said_in_words() {
    let server = Listener::new(None, |head| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let (mut status, body) = match path {
            "/version" => json("3.17.2"),
            _ if path.contains("gateway") => ("403 Forbidden".to_owned(), b"{\"message\":\"not for you\"}".to_vec()),
            _ if path.contains("mcp-servers") => nothing(),
            _ => json("{}"),
        };
        // An hour after the moment at which tests happen.
        status += "\r\ndate: Thu, 19 Nov 2026 04:12:00 GMT";
        (status, body)
    });
    let work = Workspace::new();
    add(&work, &format!("http://{}", server.address), &[]).answered();
    let told = work.run(&["source", "test", "s"]).answered().out;
    for said in [
        "MLflow 3.17.2 answers at http://127.0.0.1",
        "it lets us look at experiments and runs, registered models, logged models, traces",
        "it does not let us look at the gateway: 403 Forbidden: it does not let us look (not for you)",
        "it has no MCP servers",
        "its clock is 3600 seconds ahead of ours",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
    drop(server);
    let dead = work.run(&["source", "test", "s"]);
    assert!(
        dead.exit == Some(5) && ["cannot be reached", "broke off"].iter().any(|it| dead.out.contains(it)),
        "{dead:?}"
    );
}
