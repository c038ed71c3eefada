//! Reports through the binary: they say what the commands say, are written whole or not at all, and a browser shows
//! them without fetching or running anything.

use crate::report_hostile::tags;
use crate::support::hostile::{dossier, strings};
use crate::support::{Workspace, skipped};
use lastgood::report::dossier::{Form, write};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const LINEAGE: &str = r#"{"type":"artefact","id":"dataset:labels@1","kind":"dataset","owner":"team:data"}
{"type":"artefact","id":"dataset:labels@2","kind":"dataset","owner":"team:data","digests":["sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]}
{"type":"artefact","id":"model-version:m@1","kind":"model-version","at":"2026-11-01T00:00:00Z"}
{"type":"artefact","id":"model-version:m@2","kind":"model-version","at":"2026-11-10T00:00:00Z"}
{"type":"artefact","id":"deployment:m/prod","kind":"deployment","environment":"prod","owner":"team:sre","risk":"high"}
{"type":"link","from":"model-version:m@1","to":"dataset:labels@1","relation":"trained-on","since":"2026-11-01T00:00:00Z"}
{"type":"link","from":"model-version:m@2","to":"dataset:labels@2","relation":"trained-on","since":"2026-11-10T00:00:00Z"}
{"type":"link","from":"deployment:m/prod","to":"model-version:m@1","relation":"deploys","since":"2026-11-02T00:00:00Z","until":"2026-11-11T00:00:00Z"}
{"type":"link","from":"deployment:m/prod","to":"model-version:m@2","relation":"deploys","since":"2026-11-11T00:00:00Z"}
{"type":"evidence","about":"model-version:m@1","kind":"approval","scope":"security","by":"person:a","at":"2026-11-01T12:00:00Z","verdict":"pass"}
{"type":"evidence","about":"deployment:m/prod","kind":"incident","scope":"refunds","at":"2026-11-18T00:00:00Z","verdict":"firing"}
"#;

fn place() -> Workspace {
    let place = Workspace::new();
    place.import(LINEAGE);
    place.run(&["case", "new", "INC-1", "--title", "refunds"]).answered();
    place.run(&["mark", "dataset:labels@2", "compromised", "--reason", "labels flipped"]).answered();
    place.run(&["case", "note", "called the vendor", "--about", "deployment:m/prod"]).answered();
    place.run(&["impact", "dataset:labels@2", "--save", "who is hit"]).answered();
    place
}

#[test]
fn a_report_says_what_the_commands_say() {
    let place = place();
    let report = place.run(&["--json", "report"]).answered().json();
    assert_eq!(report["schema"], "lastgood/report/1");
    assert_eq!(report["about"]["case"], "INC-1");
    let ask = |arguments: &[&str]| place.run(&[&["--json"], arguments].concat()).json();
    let same = |part: &serde_json::Value, answer: serde_json::Value| {
        assert_eq!(part["rows"], answer["rows"]);
        assert_eq!(part["completeness"], answer["completeness"]);
    };
    same(&report["case"], ask(&["case", "show"]));
    same(&report["again"], ask(&["case", "again"]));
    same(&report["impact"], ask(&["impact", "dataset:labels@2"]));
    same(&report["plan"], ask(&["plan", "dataset:labels@2"]));
    let subject = &report["subjects"][0];
    assert_eq!(subject["shown"]["rows"][0]["id"], "deployment:m/prod", "what misbehaves comes first");
    same(&subject["shown"], ask(&["show", "deployment:m/prod"]));
    same(&subject["chain"], ask(&["chain", "deployment:m/prod"]));
    same(&subject["gaps"], ask(&["gaps", "deployment:m/prod"]));
    same(&subject["timeline"], ask(&["timeline", "deployment:m/prod"]));
    let diff = place.run(&["--json", "diff", "deployment:m/prod"]);
    match subject["diff"]["unanswered"].as_str() {
        Some(why) => assert!(diff.err.contains(why), "{why} {diff:?}"),
        None => same(&subject["diff"], diff.json()),
    }
    // what a row cites is what a command prints, with the digest that stands under custody
    let cited = &report["custody"]["records"][0];
    let record = ask(&["record", &cited["record"].to_string()]);
    assert_eq!((&cited["sha256"], &cited["leaf"]), (&record["rows"][0]["sha256"], &record["rows"][0]["leaf"]));
    assert_eq!(report["custody"]["ledger"], report["ledger"]);
    assert_eq!(
        place.run(&["checkpoint"]).answered().out.trim_end(),
        report["custody"]["checkpoint"].as_str().unwrap().trim_end()
    );
}

#[test]
fn the_page_and_the_markdown_tell_all_parts() {
    let place = place();
    place.run(&["report", "--to", "r.html"]).answered();
    place.run(&["report", "deployment:m/prod", "--to", "r.md"]).answered();
    let page = std::fs::read_to_string(place.path().join("r.html")).unwrap();
    for part in [
        "Case INC-1: refunds",
        "What was said and done",
        "Saved answers, asked again",
        "What it reaches",
        "The way back",
        "The evidence it rests on",
        "Findings",
        "What happened, in order",
        "Custody",
        "How to verify",
        "labels flipped",
        "called the vendor",
        "<svg",
        "lastgood verify --anchor kept.checkpoint",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let id = |claim: &str| format!("href=\"#record-{claim}\"");
    assert!(page.contains(&id("1")) && page.contains("<tr id=\"record-1\">"), "a claim leads to its record");
    let text = std::fs::read_to_string(place.path().join("r.md")).unwrap();
    for part in ["# Report: `deployment:m/prod`", "### The evidence it rests on", "## Custody", "## How to verify"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let out = place.run(&["report", "deployment:m/prod"]).answered().out;
    assert_eq!(out.trim_end(), text.trim_end(), "without a file it is the Markdown");
}

#[test]
fn a_file_is_written_whole_or_not_at_all_and_replaced_only_when_that_is_asked() {
    let place = place();
    let file = place.file("r.html", "mine");
    let refused = place.run(&["report", "--to", "r.html"]);
    assert_eq!(refused.exit, Some(2), "{refused:?}");
    assert!(refused.err.contains("is left as it is") && refused.err.contains("--force"), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    place.run(&["report", "--to", "r.html", "--force"]).answered();
    assert!(std::fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let link = place.path().join("link.html");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert_eq!(place.run(&["report", "--to", "link.html", "--force"]).exit, Some(2), "a link is not followed");
    let nowhere = place.run(&["report", "--to", "no/such/r.html"]);
    assert_eq!(nowhere.exit, Some(2), "{nowhere:?}");
    assert!(place.run(&["report", "--to", "r.docx"]).err.contains(".html, .md or .json"));
    let none = place.run(&["report", "--case", "no such"]);
    assert_eq!(none.exit, Some(1), "{none:?}");
    let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains(".new-")), "{left:?}");
}

/// The browser of `LASTGOOD_CHROMIUM`, else one on the path.
fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LASTGOOD_CHROMIUM") {
        return Some(named.into());
    }
    let paths = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&paths).flat_map(|path| names.map(|name| path.join(name))).find(|path| path.is_file())
}

/// What the browser prints of a page, and what it complains of.
fn browse(browser: &Path, profile: &Path, page: &Path, more: &[&str]) -> (String, String) {
    let address = format!("file://{}", page.display());
    let ran = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(more)
        .arg(&address)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    (String::from_utf8_lossy(&ran.stdout).into_owned(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

/// Counts who connects, and answers nothing of use.
fn listener() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/x", listener.local_addr().unwrap());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    (address, seen)
}

fn counted(page: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (name, attributes) in tags(page) {
        *counts.entry(format!("{name} {}", attributes.join(" "))).or_default() += 1;
    }
    counts
}

#[test]
fn a_browser_shows_a_page_of_hostile_strings_and_fetches_and_runs_nothing() {
    let Some(browser) = browser() else {
        return skipped("reports in a browser", "LASTGOOD_CHROMIUM names none and none is on the path");
    };
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let (address, seen) = listener();
    let control = file(
        "control.html",
        &format!("<title>x</title><img src={address}><script>document.title='owned';console.error('told')</script>"),
    );
    let (dom, complaints) = browse(&browser, &profile, &control, &["--dump-dom"]);
    assert!(dom.contains("owned") && complaints.contains("told"), "the browser runs scripts: {dom} {complaints}");
    assert!(seen.load(Ordering::SeqCst) > 0, "and what it fetches is seen");

    let before = seen.load(Ordering::SeqCst);
    // every shape of them; all three thousand are read back without a browser
    let strings: Vec<String> = strings(3_000, &address).into_iter().step_by(7).collect();
    let page = write(&dossier(&strings), Form::Html);
    let report = file("report.html", &page);
    let (dom, complaints) = browse(&browser, &profile, &report, &["--dump-dom"]);
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
    // what the browser made of it is what was written, element by element
    let shown = dom.replace("&gt;", "").replace("&lt;", "");
    assert_eq!(counted(&shown), counted(&page));
    assert!(!dom.contains("<title>owned"));

    let pdf = folder.path().join("report.pdf");
    let print = format!("--print-to-pdf={}", pdf.display());
    browse(&browser, &profile, &report, &[&print]);
    let printed = std::fs::read(&pdf).unwrap();
    assert!(printed.starts_with(b"%PDF-") && printed.len() > 50_000, "{} bytes", printed.len());
    assert_eq!(seen.load(Ordering::SeqCst), before, "nothing was fetched");
}

#[test]
fn a_browser_shows_a_report_as_it_is_meant_to_look() {
    let Some(browser) = browser() else {
        return skipped("reports in a browser", "LASTGOOD_CHROMIUM names none and none is on the path");
    };
    let place = place();
    place.run(&["report", "--to", "r.html"]).answered();
    let page = place.path().join("r.html");
    let (dom, complaints) = browse(&browser, &place.path().join("profile"), &page, &["--dump-dom"]);
    // a style sheet whose digest is not the allowed one is refused, and said
    assert!(!complaints.contains("CONSOLE"), "{complaints}");
    assert!(dom.contains("<svg") && dom.contains("labels flipped"));
}
