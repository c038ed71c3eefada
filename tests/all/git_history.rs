//! Repositories that the real git made, through the binary: their commits, signatures, DVC and GTO across history,
//! and what is left of those that were damaged or mean harm.

use crate::support::git::{Repo, key};
use crate::support::{Said, Workspace};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;

fn import(place: &Workspace, repo: &str) -> Value {
    place.run(&["--json", "import", repo]).answered().json()
}

/// An import of which part could not be read.
fn import_in_part(place: &Workspace, repo: &str) -> Value {
    let said = place.run(&["--json", "import", repo]);
    assert_eq!(said.exit, Some(3), "{said:?}");
    said.json()
}

fn show(place: &Workspace, id: &str) -> Value {
    place.run(&["--json", "show", id]).answered().json()
}

fn reasons(report: &Value) -> Vec<String> {
    let list = report["quarantined"].as_array().unwrap();
    list.iter().map(|it| format!("{}: {}", it["file"].as_str().unwrap(), it["why"].as_str().unwrap())).collect()
}

/// The verdict of the check of each signature on an artefact.
fn verdicts(shown: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = shown["evidence"].as_array().unwrap().iter().filter(|row| row["kind"] == "signature");
    rows.map(|row| (text(row, "scope"), text(row, "verdict"))).collect()
}

/// The letter that git gives to what we say.
fn letter(verdict: Option<&str>) -> &'static str {
    match verdict.and_then(|it| it.split(':').next()) {
        None => "N",
        Some("good") => "G",
        Some("unknown key") => "U",
        Some("bad") => "B",
        Some(other) => panic!("{other}"),
    }
}

fn lock(model: &str, lr: &str) -> String {
    format!(
        "schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    deps:\n    - path: data.csv\n      hash: md5\n      \
         md5: 1a79a4d60de6718e8e5b326e338ae533\n    - path: train.py\n      hash: md5\n      \
         md5: 4a8a08f09d37b73795649038408b5f33\n    params:\n      params.yaml:\n        lr: {lr}\n    outs:\n    \
         - path: metrics.json\n      hash: md5\n      md5: e1671797c52e15f763380b45e841ec32\n    - path: model.pkl\n      \
         hash: md5\n      md5: {model}\n"
    )
}

const STAGES: &str = "stages:\n  train:\n    cmd: python train.py\n    deps: [data.csv, train.py]\n    params: [lr]\n    \
    outs: [model.pkl]\n    metrics:\n    - metrics.json:\n        cache: false\nartifacts:\n  scorer:\n    path: model.pkl\n    type: model\n";
const OLD: &str = "3dd0c4c8e8d5a5d3e8a6a9e4b4b4c0de";
const NEW: &str = "4dd0c4c8e8d5a5d3e8a6a9e4b4b4c0de";

/// A repository that trained twice, with a registered version in production.
fn trained(place: &Workspace) -> Option<(Repo, [String; 3])> {
    let mut repo = Repo::new(place.path().join("scorer"), &[])?;
    repo.git(&["remote", "add", "origin", "git@github.com:acme/scorer.git"]);
    repo.write("dvc.yaml", STAGES);
    repo.write("dvc.lock", &lock(OLD, "0.1"));
    repo.write("metrics.json", "{\"auc\": 0.91}");
    repo.write("train.py", "print(1)\n");
    let first = repo.commit("Train");
    repo.write("README.md", "no YAML here\n");
    let second = repo.commit("Explain");
    repo.write("dvc.lock", &lock(NEW, "0.2"));
    repo.write("metrics.json", "{\"auc\": 0.95}");
    let third = repo.commit("Train again");
    repo.git(&["tag", "-a", "scorer@v1.0.0", "-m", "register", &first]);
    repo.be("github-actions[bot]", "1+github-actions[bot]@users.noreply.github.com");
    repo.git(&["tag", "-a", "scorer#prod#1", "-m", "assign", &first]);
    repo.be("Bo", "bo@example.org");
    repo.git(&["tag", "-a", "scorer@v1.1.0", "-m", "register", &third]);
    repo.git(&["tag", "-a", "scorer#prod#2", "-m", "assign", &third]);
    Some((repo, [first, second, third]))
}

#[test]
fn signatures_are_judged_as_git_judges_them_when_they_are_asked_about() {
    let place = Workspace::new();
    let Some(mut repo) = Repo::new(place.path().join("signed"), &[]) else { return };
    let Some((ada, vouched)) = key(place.path(), "ada", "ed25519") else { return };
    let Some((mallory, _)) = key(place.path(), "mallory", "ed25519") else { return };
    let Some((eve, of_eve)) = key(place.path(), "eve", "ecdsa") else { return };
    // Eve's key counts only from a day on that has not come.
    let of_eve = of_eve.replace("ecdsa-sha2", "namespaces=\"git\",valid-after=\"20990101\" ecdsa-sha2");
    let allowed = place.file("allowed", format!("{}{of_eve}", vouched.replace(" ssh-", " namespaces=\"git\" ssh-")));
    let sign = |repo: &mut Repo, key: &std::path::Path, arguments: &[&str]| {
        let key = format!("user.signingkey={}", key.display());
        repo.git(&[&["-c", "gpg.format=ssh", "-c", &key], arguments].concat());
    };
    let commit = ["commit", "-q", "--allow-empty", "-S", "-m", "signed\n\nwith more than one line\n"];
    sign(&mut repo, &ada, &commit);
    let good = repo.head();
    repo.commit("unsigned");
    sign(&mut repo, &mallory, &commit);
    sign(&mut repo, &eve, &commit);
    // The text of a signed commit changed, and its signature kept.
    let edited = repo.git(&["cat-file", "commit", &good]).replace("more than one", "less than two") + "\n";
    let edited = repo.git_with(&["hash-object", "-t", "commit", "-w", "--stdin"], edited.as_bytes());
    repo.git(&["branch", "edited", &edited]);
    sign(&mut repo, &ada, &["tag", "-s", "-m", "release", "v1"]);
    import(&place, repo.text());
    let nobody = show(&place, &good);
    assert_eq!(letter(Some(&verdicts(&nobody)[0].1)), "U", "nobody is vouched for yet");

    let folder = place.path().join("home/.config/lastgood");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), format!("allowed-signers = {:?}\n", allowed.to_str().unwrap())).unwrap();
    let setting = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
    let said = repo.git(&["-c", &setting, "log", "--all", "--format=%H %G?"]);
    let mut letters = Vec::new();
    for line in said.lines() {
        let (commit, git) = line.split_once(' ').unwrap();
        let ours = verdicts(&show(&place, commit));
        let own = ours.iter().find(|(scope, _)| scope == "commit").map(|(_, verdict)| verdict.as_str());
        assert_eq!(letter(own), git, "{commit}: {ours:?}");
        letters.push(git);
    }
    letters.sort_unstable();
    assert_eq!(letters, ["B", "G", "N", "U", "U"]);
    let shown = show(&place, &good);
    let proof = &shown["evidence"][0];
    assert!(proof["verdict"].as_str().unwrap().starts_with("good: by ada@example.org (SHA256:"), "{proof}");
    assert_eq!(proof["standing"], "verified");
    let tip = repo.head();
    let of_tag = verdicts(&show(&place, &tip)).into_iter().find(|(scope, _)| scope == "tag v1").unwrap();
    assert_eq!(letter(Some(&of_tag.1)), "G", "{of_tag:?}");
    place.run(&["rebuild"]).answered();
    assert_eq!(verdicts(&show(&place, &good)), verdicts(&shown));

    // a chain says the same of the code that a version was built from
    let states: Vec<(String, String)> = [&good, &edited, &tip]
        .into_iter()
        .enumerate()
        .map(|(number, commit)| {
            let id = format!("model-version:m@{number}");
            place.import(&format!(
                "{{\"type\":\"artefact\",\"id\":\"{id}\",\"kind\":\"model-version\"}}\n\
                 {{\"type\":\"link\",\"from\":\"{id}\",\"to\":\"git:{commit}\",\"relation\":\"built-from\"}}\n"
            ));
            let chain = place.run(&["--json", "chain", &id]).json();
            let rows = chain["rows"].as_array().unwrap();
            let code = rows.iter().find(|row| row["link"] == "code" && row["evidence"] == "built-from").unwrap();
            (code["state"].as_str().unwrap().to_owned(), code["reasons"].to_string())
        })
        .collect();
    assert_eq!([&states[0].0, &states[1].0], ["verified", "void"], "{states:?}");
    assert!(states[0].1.contains("git signature: good: by ada@example.org"), "{states:?}");
    assert!(states[2].0 == "recorded" && states[2].1.contains("unknown key"), "{states:?}");
}

#[test]
fn each_commit_that_changed_a_lock_is_a_run_and_reading_again_adds_only_what_is_new() {
    let place = Workspace::new();
    let Some((mut repo, [first, second, third])) = trained(&place) else { return };
    // The branch alone, without the files of the work tree.
    let bare = place.path().join("scorer.git");
    repo.git(&["clone", "-q", "--mirror", ".", bare.to_str().unwrap()]);
    let remote = ["config", "remote.origin.url", "https://user:pass@github.com/acme/scorer.git"];
    repo.git(&[&["--git-dir", bare.to_str().unwrap()], &remote[..]].concat());
    let report = import(&place, bare.to_str().unwrap());
    assert_eq!((&report["format"], &report["records"]), (&json!("git"), &json!(1 + 4 + 3)), "{report}");
    let run = |commit: &str| format!("dvc:github.com/acme/scorer@{commit}#train");
    let shown = show(&place, &run(&third));
    assert_eq!((&shown["attributes"]["param.lr"], &shown["evidence"][0]["kind"]), (&json!(0.2), &json!("evaluation")));
    assert_eq!(place.run(&["show", &run(&second)]).exit, Some(1), "its lock is as it was");
    let used: Vec<&str> = shown["upstream"].as_array().unwrap().iter().map(|it| it["to"].as_str().unwrap()).collect();
    assert!(
        used.contains(&"dvcmd5:1a79a4d60de6718e8e5b326e338ae533") && used.contains(&format!("git:{third}").as_str()),
        "{used:?}"
    );
    let older = show(&place, &run(&first));
    assert_eq!(older["downstream"].as_array().unwrap().len(), 2, "the model and its metrics");

    // From what is deployed back to the commit, its author and the data.
    let site = "deployment:github.com/acme/scorer/scorer#prod";
    let deployed = show(&place, site);
    let until = |version: &str| {
        let links = deployed["upstream"].as_array().unwrap();
        links.iter().find(|it| it["to"].as_str().unwrap().ends_with(version)).unwrap()["until"].clone()
    };
    assert!(until("@v1.0.0").is_string() && until("@v1.1.0").is_null(), "{deployed}");
    for upstream in [format!("git:{first}"), "mailto:ada@example.org".to_owned(), format!("dvcmd5:{NEW}")] {
        place.run(&["path", site, &upstream]).answered();
    }
    let gap = show(&place, "model-version:github.com/acme/scorer/scorer@v1.0.0");
    assert_eq!(gap["absences"][0]["relation"], "approved-by", "a machine assigned it: {gap}");
    let person = show(&place, "model-version:github.com/acme/scorer/scorer@v1.1.0");
    assert_eq!(person["absences"], json!([]), "{person}");

    let again = import(&place, bare.to_str().unwrap());
    assert_eq!((&again["records"], &again["already_known"]), (&json!(0), &json!(8)));
    repo.commit("One more");
    repo.git(&["push", "-q", bare.to_str().unwrap(), "main"]);
    let more = import(&place, bare.to_str().unwrap());
    assert_eq!((&more["records"], &more["already_known"]), (&json!(2), &json!(7)), "the commit, and where main is");
    place.run(&["verify"]).answered();
}

#[test]
fn a_commit_is_one_with_what_others_say_of_it_and_an_abbreviation_is_not() {
    let place = Workspace::new();
    let Some((repo, [first, ..])) = trained(&place) else { return };
    let approval = json!({
        "action": "submitted", "sender": {"login": "bo", "id": 1, "type": "User"},
        "repository": {"full_name": "acme/scorer", "html_url": "https://github.com/acme/scorer"},
        "review": {"state": "approved", "commit_id": first, "submitted_at": "2026-09-22T00:00:00Z",
            "user": {"login": "bo", "id": 1, "type": "User"}},
        "pull_request": {"number": 1, "head": {"sha": first}},
    });
    let file = place.file("approval.json", approval.to_string());
    place.import(&format!("{}\n", json!({"type": "artefact", "id": "code:short", "kind": "code", "identifiers": [format!("git:{}", &first[..10])]})));
    import(&place, file.to_str().unwrap());
    place.run(&["import", repo.path.join(".git").to_str().unwrap()]).answered();
    let shown = show(&place, &format!("git:{first}"));
    assert_eq!(shown["aliases"][0]["id"], format!("code:github.com/acme/scorer@{first}"), "{shown}");
    assert_eq!(shown["aliases"].as_array().unwrap().len(), 1);
    assert!(shown["evidence"].as_array().unwrap().iter().any(|it| it["kind"] == "approval"), "{shown}");
    assert_eq!(shown["attributes"]["repository"], "github.com/acme/scorer");
}

#[test]
fn a_work_tree_gives_its_repository_and_its_files_and_never_what_is_in_git() {
    let place = Workspace::new();
    let Some((mut repo, _)) = trained(&place) else { return };
    let below = repo.path.join("linked");
    repo.git(&["worktree", "add", "-q", "-b", "other", below.to_str().unwrap()]);
    let said = place.run(&["--json", "import", place.path().join("scorer").to_str().unwrap()]);
    let report = said.json();
    assert_eq!(report["formats"], json!({"git": 1, "dvc": 4}), "{report}");
    let told: Vec<&str> =
        report["warnings"].as_array().unwrap().iter().map(|it| it["file"].as_str().unwrap()).collect();
    assert!(told.iter().any(|it| it.ends_with("linked/.git")), "{told:?}");
    assert!(!told.iter().any(|it| it.ends_with("scorer/.git")), "{told:?}");
    assert!(reasons(&report).iter().all(|it| !it.contains("/.git/")), "{report}");
    let named = import_in_part(&place, below.to_str().unwrap());
    assert!(
        reasons(&named).iter().any(|it| it.contains("linked/.git: says that its repository is somewhere else")),
        "{named}"
    );
    repo.git(&["bundle", "create", "-q", "../all.bundle", "--all"]);
    let bundle = import_in_part(&place, place.path().join("all.bundle").to_str().unwrap());
    assert!(reasons(&bundle)[0].contains("git clone --mirror"), "{bundle}");
}

#[test]
fn objects_hashed_with_sha256_a_shallow_clone_and_no_commit_at_all_are_read() {
    let place = Workspace::new();
    let Some(mut repo) = Repo::new(place.path().join("long"), &["--object-format=sha256"]) else { return };
    let commit = repo.commit("long");
    assert_eq!(commit.len(), 64);
    import(&place, repo.path.join(".git").to_str().unwrap());
    assert_eq!(show(&place, &commit)["digests"], json!([format!("git:{commit}")]));
    let Some(mut repo) = Repo::new(place.path().join("deep"), &[]) else { return };
    repo.commit("one");
    let second = repo.commit("two");
    let cut = place.path().join("cut.git");
    let from = format!("file://{}", repo.text());
    repo.git(&["clone", "-q", "--bare", "--depth", "1", &from, cut.to_str().unwrap()]);
    let report = import(&place, cut.to_str().unwrap());
    assert_eq!((&report["records"], &report["warnings_count"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(show(&place, &second)["upstream_count"], 2, "its author and its parent");
    let Some(empty) = Repo::new(place.path().join("empty"), &[]) else { return };
    assert_eq!(import(&place, empty.text())["records"], 1);
}

/// Whatever it says, it ends, and says it in words.
fn ended(said: &Said) {
    assert!(matches!(said.exit, Some(0 | 3)), "{said:?}");
    assert!(!said.err.contains("panicked"), "{said:?}");
}

#[test]
fn a_damaged_object_costs_itself_and_the_rest_is_read() {
    let place = Workspace::new();
    let Some(mut repo) = Repo::new(place.path().join("damaged"), &[]) else { return };
    let first = repo.commit("one");
    repo.write("dvc.lock", &lock(OLD, "0.1"));
    let second = repo.commit("two");
    let third = repo.commit("three");
    let file = repo.loose(&first);
    let other = repo.loose(&third);
    permit(&file);
    // another commit in its place: sound in itself, and not what its name says.
    fs::copy(&other, &file).unwrap();
    let report = import_in_part(&place, repo.path.join(".git").to_str().unwrap());
    assert!(reasons(&report)[0].contains("is not what its id says"), "{report}");
    assert_eq!(show(&place, &second)["rows"][0]["state"], "described");
    assert_eq!(show(&place, &first)["rows"][0]["state"], "mentioned-only");
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("no zlib", b"commit 3\0abc".to_vec()),
        ("a claim of nine exabytes", deflated(b"commit 9000000000000000000\0tree")),
        ("a bomb", deflated(&[b"commit 70000000\0".to_vec(), vec![b'a'; 70_000_000]].concat())),
        ("another kind", deflated(b"blob 3\0abc")),
    ] {
        permit(&file);
        fs::write(&file, bytes).unwrap();
        let said = place.run(&["--json", "import", repo.path.join(".git").to_str().unwrap()]);
        assert_eq!((said.exit, reasons(&said.json()).len()), (Some(3), 1), "{name}: {said:?}");
    }
}

#[test]
fn a_pack_damaged_anywhere_breaks_nothing() {
    let place = Workspace::new();
    let Some((mut repo, _)) = trained(&place) else { return };
    repo.git(&["gc", "-q", "--prune=now"]);
    for entry in fs::read_dir(repo.path.join(".git/objects/pack")).unwrap() {
        let path = entry.unwrap().path();
        let whole = fs::read(&path).unwrap();
        permit(&path);
        for at in (0..whole.len()).step_by(whole.len() / 12 + 1) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            fs::write(&path, &changed).unwrap();
            ended(&place.run(&["import", repo.path.join(".git").to_str().unwrap()]));
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        ended(&place.run(&["import", repo.path.join(".git").to_str().unwrap()]));
        fs::write(&path, &whole).unwrap();
    }
}

/// Git writes its objects so that nobody may write them again.
fn permit(path: &std::path::Path) {
    let mut permissions = fs::metadata(path).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of a test")]
    permissions.set_readonly(false);
    fs::set_permissions(path, permissions).unwrap();
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn what_would_lead_elsewhere_or_never_end_is_refused_in_words() {
    let place = Workspace::new();
    let Some(mut victim) = Repo::new(place.path().join("victim"), &[]) else { return };
    let secret = victim.commit("nobody else's business");
    let Some(mut repo) = Repo::new(place.path().join("hostile"), &[]) else { return };
    let own = repo.commit("mine");
    let git = repo.path.join(".git");
    let refused = |what: &str| {
        let report = import_in_part(&place, repo.path.join(".git").to_str().unwrap());
        assert!(reasons(&report)[0].contains(what), "{report}");
        assert_eq!(place.run(&["show", &secret]).exit, Some(1), "{what}");
    };
    let alternates = git.join("objects/info/alternates");
    fs::write(&alternates, victim.path.join(".git/objects").to_str().unwrap()).unwrap();
    refused("borrows objects from another repository");
    fs::remove_file(&alternates).unwrap();
    let link = git.join("objects/pack/x.pack");
    symlink("/dev/zero", &link).unwrap();
    refused("is a symlink or no file");
    fs::remove_file(&link).unwrap();
    let pipe = git.join("objects/pack/pack-x.idx");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    refused("is a symlink or no file");
    fs::remove_file(&pipe).unwrap();
    // References in a circle, to nothing, to a file elsewhere, to no end.
    fs::write(git.join("refs/heads/a"), "ref: refs/heads/b\n").unwrap();
    fs::write(git.join("refs/heads/b"), "ref: refs/heads/a\n").unwrap();
    fs::write(git.join("refs/heads/gone"), "ab".repeat(20)).unwrap();
    fs::write(git.join("refs/heads/up"), "ref: ../../../victim/.git/refs/heads/main\n").unwrap();
    fs::write(git.join("refs/heads/long"), "a".repeat(100_000)).unwrap();
    symlink(victim.path.join(".git/refs/heads/main"), git.join("refs/heads/elsewhere")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(git.join("refs/heads/pipe")).status().unwrap().success());
    let report = import_in_part(&place, git.to_str().unwrap());
    assert_eq!(reasons(&report).len(), 6, "{report}");
    assert_eq!(show(&place, &own)["rows"][0]["state"], "described");
    assert_eq!(place.run(&["show", &secret]).exit, Some(1));
    fs::write(git.join("config"), "[include]\n\tpath = /dev/zero\n[core]\n\tfsmonitor = touch ran\n\thooksPath = /\n[remote \"origin\"]\n\turl = ext::touch ran\n").unwrap();
    ended(&place.run(&["import", git.to_str().unwrap()]));
    assert!(!place.path().join("ran").exists());
}

#[test]
fn a_tree_that_holds_itself_a_thousand_million_times_is_looked_at_once() {
    let place = Workspace::new();
    let Some(mut repo) = Repo::new(place.path().join("bomb"), &[]) else { return };
    let blob = repo.git_with(&["hash-object", "-w", "--stdin"], b"boom\n");
    let mut tree = repo.git_with(&["mktree"], format!("100644 blob {blob}\tf\n").as_bytes());
    for _ in 0..9 {
        let entries: String = (0..10).map(|n| format!("040000 tree {tree}\td{n}\n")).collect();
        tree = repo.git_with(&["mktree"], entries.as_bytes());
    }
    let plain = repo.git(&["commit-tree", "-m", "bomb", &tree]);
    repo.git(&["branch", "plain", &plain]);
    assert_eq!(import(&place, repo.text())["warnings_count"], 0);
    // With a file of DVC at the bottom nothing may be passed over: the search ends at its limit, and says so.
    let mut tree = repo.git_with(&["mktree"], format!("100644 blob {blob}\tx.dvc\n").as_bytes());
    for _ in 0..9 {
        let entries: String = (0..10).map(|n| format!("040000 tree {tree}\td{n}\n")).collect();
        tree = repo.git_with(&["mktree"], entries.as_bytes());
    }
    let full = repo.git(&["commit-tree", "-m", "bomb", &tree]);
    repo.git(&["branch", "full", &full]);
    let report = import(&place, repo.text());
    let why = report["warnings"].to_string();
    assert!(why.contains("is not searched"), "{}", why.chars().take(400).collect::<String>());
}
