//! Registries: a real one, which has no list of referrers and stands in for it with a tag, and one that has. What they
//! hold arrives with its attestations and bills of materials, and a tag that moves becomes history.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::listener::{Listener, nothing};
use crate::support::mlflow::free_port;
use crate::support::{Workspace, json, skipped};
use lastgood::proof::digest::sha256;
use serde_json::{Value, json as value};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const WHERE: &str = "credit/model";

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha256(bytes)))
}

/// What is pushed: a model, a statement of where it is from and what it is made of, which refer to it.
struct Pushed {
    model: Vec<u8>,
    /// Media type, bytes and the manifest that refers to the model.
    said: Vec<(&'static str, Vec<u8>, Vec<u8>)>,
    weights: Vec<u8>,
}

const EMPTY: &[u8] = b"{}";

fn manifest(artifact: &str, layer: (&str, &[u8]), subject: Option<&[u8]>, revision: &str) -> Vec<u8> {
    let (sort, bytes) = layer;
    let mut manifest = value!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(EMPTY), "size": 2},
        "layers": [{"mediaType": sort, "digest": digest(bytes), "size": bytes.len()}],
        "annotations": {
            "org.opencontainers.image.created": "2026-11-18T09:00:00Z",
            "org.opencontainers.image.revision": revision,
        },
    });
    if let Some(subject) = subject {
        manifest["subject"] = value!({"mediaType": MANIFEST, "digest": digest(subject), "size": subject.len()});
    }
    manifest.to_string().into_bytes()
}

impl Pushed {
    fn new(revision: &str) -> Pushed {
        let weights = format!("weights of {revision}").into_bytes();
        let model = manifest(
            "application/vnd.cncf.model.manifest.v1+json",
            ("application/vnd.cncf.model.weight.v1.tar", &weights),
            None,
            revision,
        );
        let statement = value!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": format!("registry.example.test/{WHERE}"), "digest": {"sha256": hex::encode(sha256(&model))}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": "https://example.test/train@v1",
                    "externalParameters": {},
                    "resolvedDependencies": [{"uri": "git+https://git.example.test/credit", "digest": {"gitCommit": revision}}],
                },
                "runDetails": {"builder": {"id": "https://ci.example.test/runner"}},
            },
        });
        let bom = value!({
            "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
            "metadata": {"component": {"type": "machine-learning-model", "name": "credit-model", "version": revision}},
            "components": [{"type": "library", "name": "torch", "version": "2.9.0", "purl": "pkg:pypi/torch@2.9.0"}],
        });
        let mut said = Vec::new();
        for (sort, text) in [("application/vnd.in-toto+json", statement), ("application/vnd.cyclonedx+json", bom)] {
            let bytes = text.to_string().into_bytes();
            let referrer = manifest(sort, (sort, &bytes), Some(&model), revision);
            said.push((sort, bytes, referrer));
        }
        Pushed { model, said, weights }
    }

    fn referrers(&self) -> Vec<u8> {
        let list: Vec<Value> = self
            .said
            .iter()
            .map(|(sort, _, manifest)| {
                value!({"mediaType": MANIFEST, "digest": digest(manifest), "size": manifest.len(), "artifactType": sort})
            })
            .collect();
        value!({"schemaVersion": 2, "mediaType": INDEX, "manifests": list}).to_string().into_bytes()
    }
}

/// Debian's docker-registry, in a folder of the test's own.
struct Registry {
    child: Child,
    port: u16,
}

impl Registry {
    fn start(program: &str, work: &Workspace) -> Registry {
        let port = free_port();
        // A published example of bcrypt: the password is U*U.
        let users = work.file("users", "ci:$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n");
        let settings = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\"}}\nauth: {{htpasswd: {{realm: house, path: {}}}}}\n",
            work.path().join("store").display(),
            users.display()
        );
        let settings = work.file("registry.yml", settings);
        let child = Command::new(program)
            .arg("serve")
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut registry = Registry { child, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return registry;
            }
            assert!(registry.child.try_wait().unwrap().is_none(), "the registry ended");
            std::thread::park_timeout(Duration::from_millis(50));
        }
        panic!("the registry is not ready");
    }

    fn ask(&self, method: &str, path: &str, sort: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: {sort}\r\n\
             authorization: Basic Y2k6VSpV\r\ncontent-length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn blob(&self, bytes: &[u8]) {
        let begun = self.ask("POST", &format!("/v2/{WHERE}/blobs/uploads/"), "text/plain", b"");
        let place = begun.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap_or_else(|| panic!("{begun}"));
        let path = place.trim().split_once("/v2/").unwrap().1;
        let done = self.ask("PUT", &format!("/v2/{path}&digest={}", digest(bytes)), "application/octet-stream", bytes);
        assert!(done.contains(" 201 "), "{done}");
    }

    fn manifest(&self, name: &str, sort: &str, bytes: &[u8]) {
        let done = self.ask("PUT", &format!("/v2/{WHERE}/manifests/{name}"), sort, bytes);
        assert!(done.contains(" 201 "), "{done}");
        assert!(
            !done.to_lowercase().contains("oci-subject:"),
            "it has the list of referrers, and needs no tag: {done}"
        );
    }

    fn push(&self, what: &Pushed, tag: &str) {
        self.blob(EMPTY);
        self.blob(&what.weights);
        self.manifest(tag, MANIFEST, &what.model);
        for (_, bytes, referrer) in &what.said {
            self.blob(bytes);
            self.manifest(&digest(referrer), MANIFEST, referrer);
        }
        self.manifest(&digest(&what.model).replace(':', "-"), INDEX, &what.referrers());
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

const FIRST: &str = "5f914dd78775afc6863f62612459954bc859ad8a";
const SECOND: &str = "6a025ee89886bfd7974073723560a65cd960be9b";

/// What a registry with one pushed model is held to have told.
fn told(work: &Workspace, what: &Pushed) {
    let ids = |question: &str| -> Vec<String> {
        let rows = json(work, &["find", "--limit", "1000", question])["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let model = digest(&what.model);
    assert!(ids("kind:image").iter().any(|id| id.ends_with(&format!("{WHERE}@{model}"))), "{:?}", ids("kind:image"));
    assert!(ids("kind:package torch").iter().any(|id| id.contains("torch@2.9.0")), "the bill of materials is missing");
    let up = json(work, &["tree", "--up", "--depth", "3", &model]);
    let built = up["rows"].as_array().unwrap().iter().any(|row| row["id"].as_str().unwrap().contains(FIRST));
    assert!(built, "where it is from is missing: {up:#}");
}

/// One image of a registry of which nothing was pulled: what refers to it comes too, and a sync finds all of it as it was.
fn one_image_by_itself(source: &[&str], registry: &str, what: &Pushed) {
    let work = Workspace::new();
    let mut command = work.command();
    crate::support::said(command.args(source).output().unwrap()).answered();
    let image = format!("image:{registry}/{WHERE}@{}", digest(&what.model));
    let looked = work.run(&["sync", "--around", &image, "--json"]).answered().json();
    assert_eq!((looked["complete"].as_bool(), looked["failed"].as_array().map(Vec::len)), (Some(true), Some(0)));
    assert!(looked["requests"].as_u64() <= Some(12), "{looked}");
    told(&work, what);
    let tag = format!("tag:{registry}/{WHERE}:5");
    assert_eq!(work.run(&["show", &tag]).exit, Some(1), "the tag was not asked for");
    let synced = work.run(&["sync", "house", "--json"]).answered().json();
    assert_eq!((synced["changed"].as_u64(), synced["gone"].as_u64()), (Some(0), Some(0)), "{synced}");
    assert_eq!(synced["records"].as_u64(), Some(1), "of all that is new, the tag: {synced}");
    assert_eq!(work.run(&["show", &tag]).exit, Some(0), "the sync brings the tag");
    told(&work, what);
}

#[test]
fn a_real_registry_without_a_list_of_referrers_gives_them_by_their_tag() {
    let Some(program) = std::env::var("LASTGOOD_DOCKER_REGISTRY").ok().filter(|it| Path::new(it).exists()) else {
        return skipped("a real OCI registry", "LASTGOOD_DOCKER_REGISTRY names no program");
    };
    let work = Workspace::new();
    let registry = Registry::start(&program, &work);
    let first = Pushed::new(FIRST);
    registry.push(&first, "5");
    let url = format!("http://127.0.0.1:{}", registry.port);
    let stranger = work.run(&["source", "add", "house", &url]);
    assert!(stranger.exit == Some(5) && stranger.out.contains("wants a credential"), "{stranger:?}");
    let add = |word: &str| {
        let mut command = work.command();
        let arguments = ["source", "add", "house", &url, "--user", "ci", "--secret-command", word];
        crate::support::said(command.args(arguments).output().unwrap())
    };
    let wrong = add("printf nobody");
    assert!(wrong.exit == Some(5) && wrong.out.contains("does not accept the credential"), "{wrong:?}");
    let added = add("printf 'U*U'").answered();
    assert!(added.out.contains("an OCI registry answers"), "{added:?}");
    let synced = work.run(&["sync", "house", "--json"]).answered().json();
    assert_eq!((synced["complete"].as_bool(), synced["quarantined_count"].as_u64()), (Some(true), Some(0)), "{synced}");
    told(&work, &first);
    let source = ["source", "add", "house", &url, "--user", "ci", "--secret-command", "printf 'U*U'"];
    one_image_by_itself(&source, &format!("127.0.0.1:{}", registry.port), &first);
    let again = work.run(&["sync", "house", "--json"]).answered().json();
    assert_eq!((again["records"].as_u64(), again["changed"].as_u64()), (Some(0), Some(0)), "{again}");

    registry.push(&Pushed::new(SECOND), "5");
    let moved = work.run(&["sync", "house", "--json"]).answered().json();
    assert_eq!(moved["changed"].as_u64(), Some(1), "{moved}");
    let tag = format!("tag:127.0.0.1:{}/{WHERE}:5", registry.port);
    let tree = work.run(&["tree", "--up", "--depth", "1", &tag]).answered().out;
    assert!(tree.contains("(since") && tree.contains("(until"), "{tree}");
}

#[test]
fn a_list_of_referrers_is_used_where_there_is_one() {
    let pushed = Pushed::new(FIRST);
    let (model, list) = (pushed.model.clone(), pushed.referrers());
    let said: Vec<(String, Vec<u8>)> = pushed
        .said
        .iter()
        .flat_map(|(_, bytes, manifest)| [bytes, manifest])
        .map(|bytes| (digest(bytes), bytes.clone()))
        .collect();
    let server = Listener::new(None, move |head| {
        let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
        let one = |sort: &str, bytes: &[u8]| {
            let head = format!("200 OK\r\ncontent-type: {sort}\r\ndocker-content-digest: {}", digest(bytes));
            (head, bytes.to_vec())
        };
        match path.strip_prefix(&format!("/v2/{WHERE}/")) {
            _ if path == "/v2/" => one("application/json", EMPTY),
            _ if path == "/v2/_catalog" => {
                one("application/json", format!("{{\"repositories\":[\"{WHERE}\"]}}").as_bytes())
            }
            Some("tags/list") => one("application/json", b"{\"tags\":[\"5\"]}"),
            Some("manifests/5") => one(MANIFEST, &model),
            Some(other) if other == format!("manifests/{}", digest(&model)) => one(MANIFEST, &model),
            Some(other) if other == format!("referrers/{}", digest(&model)) => one(INDEX, &list),
            Some(other) => {
                let wanted = other.rsplit('/').next().unwrap_or_default();
                said.iter().find(|(name, _)| name == wanted).map_or_else(nothing, |(_, bytes)| one(MANIFEST, bytes))
            }
            None => nothing(),
        }
    });
    let work = Workspace::new();
    work.run(&["source", "add", "house", &format!("http://{}", server.address)]).answered();
    let synced = work.run(&["sync", "house", "--json"]).answered().json();
    assert_eq!(synced["complete"].as_bool(), Some(true), "{synced}");
    told(&work, &pushed);
    one_image_by_itself(&["source", "add", "house", &format!("http://{}", server.address)], &server.address, &pushed);
    let stand_in = digest(&pushed.model).replace(':', "-");
    assert!(server.heard().iter().all(|head| !head.contains(&stand_in)), "asked for the tag that stands in");
}
