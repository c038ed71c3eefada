//! Signatures as a person at the command line meets them: checked with what they trust, never called verified
//! without, kept when they say so, and a folder compared with what was signed.

use crate::support::forge::{Key, TYPE, base64, statement};
use crate::support::{Said, Workspace, skipped};
use lastgood::proof::digest::{FileHash, sha256};
use lastgood::proof::dsse::pae;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

fn envelope(key: &Key, payload: &[u8]) -> Value {
    let sig = base64(&key.sign(&pae(TYPE, payload)));
    json!({"payloadType": TYPE, "payload": base64(payload), "signatures": [{"sig": sig, "keyid": "release"}]})
}

fn dated(digest: &str) -> Vec<u8> {
    json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "m", "digest": {"sha256": digest}}],
           "predicateType": "https://slsa.dev/verification_summary/v1",
           "predicate": {"verifier": {"id": "https://v.example"}, "timeVerified": "2026-11-18T10:00:00Z",
                         "resourceUri": "m", "verificationResult": "PASSED", "policy": {"uri": "https://p.example"}}})
    .to_string()
    .into_bytes()
}

#[test]
fn a_file_is_verified_by_a_supplied_key_and_by_nothing_else() {
    let workspace = Workspace::new();
    let (key, other) = (Key::new(), Key::new());
    let artefact = workspace.file("m.bin", "the model");
    let file = workspace.file("m.intoto.json", envelope(&key, &statement(&sha256(b"the model"))).to_string());
    let (trusted, untrusted) = (workspace.file("release.pub", key.pem()), workspace.file("other.pub", other.pem()));
    let file = file.to_str().unwrap();
    let check = |more: &[&str]| workspace.run(&[&["attest", "verify", file][..], more].concat());
    let bare = check(&[]);
    assert_eq!(bare.exit, Some(1));
    assert!(bare.out.contains("signature not checked: no key was supplied for it (it names release)"), "{bare:?}");
    assert!(!bare.out.contains("verified"), "{bare:?}");
    let good = check(&["--trust", trusted.to_str().unwrap(), "--artefact", artefact.to_str().unwrap()]);
    assert_eq!(good.exit, Some(0), "{good:?}");
    assert!(good.out.contains("verified by the supplied key release.pub"), "{good:?}");
    let json = check(&["--json", "--trust", trusted.to_str().unwrap()]).json();
    let row = &json["rows"][0];
    assert_eq!((row["outcome"].as_str(), row["checks"].as_array().unwrap().len()), (Some("verified"), 7));
    for input in ["content", "key", "trust", "at"] {
        assert!(row["inputs"][input].is_string(), "{row}");
    }
    assert_eq!(check(&["--trust", untrusted.to_str().unwrap()]).exit, Some(1));
    let wrong = workspace.file("other.bin", "another model");
    let wrong = check(&["--trust", trusted.to_str().unwrap(), "--artefact", wrong.to_str().unwrap()]);
    assert!(wrong.exit == Some(1) && wrong.out.contains("failed at artefact"), "{wrong:?}");
    let missing = check(&["--trust", "no.pub"]);
    assert!(missing.exit == Some(2) && missing.err.contains("no.pub"), "{missing:?}");
}

#[test]
fn what_is_signed_says_what_it_is_worth_wherever_it_is_shown() {
    let workspace = Workspace::new();
    let key = Key::new();
    let file = workspace.file("vsa.json", envelope(&key, &dated(&"07".repeat(32))).to_string());
    workspace.run(&["import", file.to_str().unwrap()]).answered();
    let id = workspace.run(&["--json", "find", &"07".repeat(32)]).json()["rows"][0]["id"].as_str().unwrap().to_owned();
    let show = |more: &[&str]| workspace.run(&[&["--json", "show", id.as_str()][..], more].concat()).json();
    let standing = |shown: &Value| {
        let rows = shown["evidence"].as_array().unwrap().clone();
        rows.iter().find(|it| it["kind"] == "attestation").unwrap()["standing"].as_str().unwrap().to_owned()
    };
    let bare = show(&[]);
    assert_eq!(standing(&bare), "recorded");
    assert_eq!(bare["signatures"][0]["outcome"], "not-checked");
    let trusted = workspace.file("release.pub", key.pem());
    let good = show(&["--trust", trusted.to_str().unwrap()]);
    assert_eq!((standing(&good).as_str(), good["signatures"][0]["outcome"].as_str()), ("verified", Some("verified")));
    // The same by the settings, in the record and in the timeline.
    let stats = workspace.run(&["--json", "stats"]).json();
    let settings = PathBuf::from(stats["settings"].as_str().unwrap_or_default());
    let settings = if settings.as_os_str().is_empty() {
        workspace.path().join("home/.config/lastgood/config.toml")
    } else {
        settings
    };
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(&settings, format!("[trust]\nkeys = [\"{}\"]\n", trusted.display())).unwrap();
    let claim = good["signatures"][0]["where"].as_str().unwrap();
    let record = workspace.run(&["record", claim]).answered();
    assert!(record.out.contains("verified by the supplied key release.pub"), "{record:?}");
    let timeline = workspace.run(&["timeline", &id]).answered();
    assert!(timeline.out.contains("verified by the supplied key"), "{timeline:?}");
    let chain = workspace.run(&["--json", "chain", &id, "--all"]).json();
    let links = chain["rows"].as_array().unwrap();
    assert!(links.iter().any(|it| it["state"] == "verified"), "{chain}");
    // A verdict that is kept stays the word of its moment; what is shown is checked anew.
    let kept = workspace.run(&["attest", "verify", &id, "--keep"]);
    assert!(kept.exit == Some(0) && kept.out.contains("kept as"), "{kept:?}");
    fs::write(&settings, "").unwrap();
    workspace.run(&["import", file.to_str().unwrap()]).answered();
    let later = show(&[]);
    assert_eq!(
        (standing(&later).as_str(), later["signatures"][0]["outcome"].as_str()),
        ("recorded", Some("not-checked"))
    );
    let evidence = later["evidence"].as_array().unwrap();
    let verdict = evidence.iter().find(|it| it["kind"] == "verification").unwrap();
    assert_eq!((verdict["verdict"].as_str(), verdict["standing"].as_str()), (Some("verified"), Some("recorded")));
    let told = workspace.run(&["record", verdict["claim"].as_str().unwrap()]).answered();
    for input in
        ["signature.input.trust", "signature.input.key", "signature.check.3-chain", "signature.input.checked-at"]
    {
        assert!(told.out.contains(input), "{input}: {told:?}");
    }
}

/// A model in a folder, and what signs it.
struct Model {
    workspace: Workspace,
    key: Key,
}

impl Model {
    fn new() -> Model {
        let model = Model { workspace: Workspace::new(), key: Key::new() };
        fs::create_dir_all(model.path("sub")).unwrap();
        for (name, content) in [("weights.bin", &[7_u8; 100][..]), ("sub/vocab.txt", b"a\nb\n"), ("config.json", b"{}")]
        {
            fs::write(model.path(name), content).unwrap();
        }
        model
    }

    fn path(&self, name: &str) -> PathBuf {
        self.workspace.path().join("model").join(name)
    }

    /// Signs it as it lies there, with files or parts of them.
    fn sign(&self, hash: &str, part: Option<usize>, symlinks: bool) -> String {
        let mut resources = Vec::new();
        let mut over = Vec::new();
        let mut files = vec!["config.json", "sub/vocab.txt", "weights.bin"];
        files.extend(["link.bin"].iter().filter(|it| symlinks && self.path(it).exists()));
        for name in files {
            let bytes = fs::read(self.path(name)).unwrap();
            for (index, chunk) in bytes.chunks(part.unwrap_or(bytes.len())).enumerate() {
                let mut making = FileHash::begin(hash).unwrap();
                making.update(chunk);
                let digest = making.finish();
                let start = index * part.unwrap_or(0);
                let (name, algorithm) = match part {
                    Some(size) => (format!("{name}:{start}:{}", start + chunk.len()), format!("{hash}-sharded-{size}")),
                    None => (name.to_owned(), hash.to_owned()),
                };
                over.extend(digest.clone());
                resources.push(json!({"name": name, "digest": hex::encode(digest), "algorithm": algorithm}));
            }
        }
        let root = hex::encode(sha256(&over));
        let serialization = json!({"method": if part.is_some() { "shards" } else { "files" }, "hash_type": hash,
            "shard_size": part, "allow_symlinks": symlinks, "ignore_paths": ["model.sig", "cache"]});
        let payload = json!({"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://model_signing/signature/v1.0",
            "subject": [{"name": "model", "digest": {"sha256": root}}],
            "predicate": {"serialization": serialization, "resources": resources}});
        let bundle = json!({"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": hex::encode(sha256(self.key.pem().as_bytes()))}, "tlogEntries": []},
            "dsseEnvelope": envelope(&self.key, payload.to_string().as_bytes())});
        let file = self.workspace.file(&format!("{hash}-{part:?}-{symlinks}.sig"), bundle.to_string());
        self.workspace.run(&["import", file.to_str().unwrap()]).answered();
        self.workspace.file("release.pub", self.key.pem());
        format!("model-version:omsdigest:{root}")
    }

    fn compare(&self, id: &str) -> Said {
        self.workspace.run(&["--json", "show", id, "--check-files", "model", "--trust", "release.pub"])
    }

    /// What differs, as `path change detail`.
    fn differing(&self, id: &str) -> Vec<String> {
        let said = self.compare(id);
        let json = said.json();
        let rows = json["files"]["differing"].as_array().unwrap();
        assert_eq!(said.exit, Some(i32::from(!rows.is_empty())), "{said:?}");
        assert_eq!(json["files"]["equal"], rows.is_empty());
        let text = |it: &Value| it.as_str().map(|it| format!(" {it}")).unwrap_or_default();
        rows.iter()
            .map(|it| format!("{}{}{}", it["path"].as_str().unwrap(), text(&it["change"]), text(&it["detail"])))
            .collect()
    }
}

#[test]
fn a_folder_is_compared_with_what_was_signed() {
    for (hash, part) in [
        ("sha256", None),
        ("sha384", None),
        ("sha512", None),
        ("blake2b", None),
        ("sha256", Some(7)),
        ("sha256", Some(100)),
    ] {
        let model = Model::new();
        let id = model.sign(hash, part, false);
        let equal = model.compare(&id);
        assert_eq!(equal.exit, Some(0), "{hash} {part:?}: {equal:?}");
        assert_eq!(equal.json()["signatures"][0]["outcome"], "verified");
        assert_eq!(equal.json()["files"]["same"], 3);
        // What the signature leaves out, and what the tool leaves out by itself.
        fs::create_dir_all(model.path("cache")).unwrap();
        fs::write(model.path("cache/x"), "x").unwrap();
        fs::write(model.path(".gitignore"), "x").unwrap();
        assert_eq!(model.differing(&id), Vec::<String>::new());
        fs::write(model.path("weights.bin"), [7, 8].repeat(50)).unwrap();
        fs::write(model.path("extra.bin"), "extra").unwrap();
        fs::rename(model.path("sub/vocab.txt"), model.path("vocab.txt")).unwrap();
        fs::remove_file(model.path("config.json")).unwrap();
        assert_eq!(
            model.differing(&id),
            ["config.json removed", "extra.bin added", "vocab.txt renamed sub/vocab.txt", "weights.bin changed"],
            "{hash} {part:?}"
        );
        let json = model.compare(&id).json();
        assert_eq!(json["signatures"][0]["outcome"], "failed");
        // A byte more at the end of a file is a change, whatever the parts.
        fs::write(model.path("config.json"), "{} ").unwrap();
        assert!(model.differing(&id).contains(&"config.json changed".to_owned()));
    }
}

#[test]
fn no_symlink_is_followed_out_of_the_folder() {
    let model = Model::new();
    fs::write(model.workspace.path().join("outside.bin"), [7; 100]).unwrap();
    symlink(model.path("weights.bin"), model.path("link.bin")).unwrap();
    let id = model.sign("sha256", None, true);
    assert_eq!(model.differing(&id), Vec::<String>::new());
    // The same bytes from outside are not the model's.
    fs::remove_file(model.path("link.bin")).unwrap();
    symlink(model.workspace.path().join("outside.bin"), model.path("link.bin")).unwrap();
    assert_eq!(
        model.differing(&id),
        ["link.bin removed", "link.bin refused a symlink out of the folder, which is not followed"]
            .map(str::to_owned)
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
    );
    let model = Model::new();
    let id = model.sign("sha256", None, false);
    symlink(model.path("weights.bin"), model.path("other.bin")).unwrap();
    assert_eq!(model.differing(&id), ["other.bin refused a symlink, and the signature allows none"]);
}

/// The environment with the Python tools that ours are held against, where CI or a developer made one.
fn peer(tool: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LASTGOOD_PYTHON_PEERS").map(PathBuf::from);
    let found = folder.map(|it| it.join("bin").join(tool)).filter(|it| it.exists());
    if found.is_none() {
        skipped(tool, "LASTGOOD_PYTHON_PEERS names no environment that holds it");
    }
    found
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn models_signed_by_the_real_tool_are_verified_and_compared() {
    let Some(tool) = peer("model_signing") else { return };
    for (curve, more) in [("prime256v1", &[][..]), ("secp384r1", &["--allow_symlinks"][..])] {
        let model = Model::new();
        let root = model.workspace.path().to_owned();
        openssl(&root, &["ecparam", "-name", curve, "-genkey", "-noout", "-out", "key.pem"]);
        openssl(&root, &["ec", "-in", "key.pem", "-pubout", "-out", "release.pub"]);
        let sign = [&["sign", "key", "model", "--private_key", "key.pem", "--signature", "model/model.sig"][..], more]
            .concat();
        let done = Command::new(&tool).args(&sign).current_dir(&root).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        model.workspace.run(&["import", "model/model.sig"]).answered();
        let found = model.workspace.run(&["--json", "find", "kind:model-version", "omsdigest"]).json();
        let id = found["rows"][0]["id"].as_str().unwrap().to_owned();
        let real = |said: &str| {
            let check = ["verify", "key", "model", "--public_key", "release.pub", "--signature", "model/model.sig"];
            let done = Command::new(&tool).args(check).current_dir(&root).output().unwrap();
            assert_eq!(done.status.success(), model.compare(&id).exit == Some(0), "{said}: {done:?}");
        };
        assert_eq!(model.compare(&id).json()["signatures"][0]["outcome"], "verified");
        assert_eq!(model.differing(&id), Vec::<String>::new());
        real("as signed");
        fs::write(model.path("extra"), "x").unwrap();
        real("added");
        fs::remove_file(model.path("extra")).unwrap();
        fs::rename(model.path("config.json"), model.path("renamed.json")).unwrap();
        real("renamed");
        assert_eq!(model.differing(&id), ["renamed.json renamed config.json"]);
        fs::rename(model.path("renamed.json"), model.path("config.json")).unwrap();
        fs::write(model.path("weights.bin"), "flipped").unwrap();
        real("changed");
    }
}
