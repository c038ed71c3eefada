//! Runs `tests/scenarios/*.toml`: claims, what a person types, and the answer they must get, through
//! the real binary with `--json`, and, where the question is a plain one, through the library alike.
//! It knows no question; what is expected lies in the files.
//!
//! `{{leaked}}` in a file stands for the demo's leaked key, so that no file holds text shaped like one.

use crate::support::library;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    /// What it shows, in one sentence.
    about: String,
    /// Native lines to import first.
    #[serde(default)]
    claims: String,
    /// What that import exits with.
    #[serde(default)]
    import_exit: i32,
    /// `demo`: ask the demo's ledger instead of `claims`.
    ledger: Option<String>,
    /// The user's own policy; the default judges when absent.
    policy: Option<String>,
    /// Files beside the ledger that a command may name, by name.
    #[serde(default)]
    files: BTreeMap<String, String>,
    ask: Vec<Ask>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    /// Exactly what a person types after `lastgood`; quotes as in a shell.
    command: String,
    /// What is piped in.
    stdin: Option<String>,
    /// Expected exit code.
    #[serde(default)]
    exit: i32,
    /// Ask with `--json`; without it only `says` and `hides` can be checked.
    #[serde(default = "yes")]
    json: bool,
    at_least: Option<u64>,
    at_most: Option<u64>,
    /// Something is not counted, so that there is no most.
    #[serde(default)]
    open: bool,
    /// All rows, in order; of each the listed fields are compared.
    rows: Option<Vec<Value>>,
    /// The order of `rows` does not matter.
    #[serde(default)]
    unordered: bool,
    /// Rows that must be among those answered.
    #[serde(default)]
    includes: Vec<Value>,
    /// Ids (or `about`s of marks) that no row may have.
    #[serde(default)]
    excludes: Vec<String>,
    /// Values elsewhere in the answer: dotted path to value, `evidence.0.standing`.
    #[serde(default)]
    fields: serde_json::Map<String, Value>,
    /// Texts that output or errors must hold.
    #[serde(default)]
    says: Vec<String>,
    /// Texts that neither may hold.
    #[serde(default)]
    hides: Vec<String>,
}

fn yes() -> bool {
    true
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

fn load() -> Vec<(String, Scenario)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap().replace("{{leaked}}", lastgood::demo::LEAKED);
            let scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, scenario)
        })
        .collect()
}

/// A home of its own for one scenario, and the binary in it.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let root = tempfile::tempdir().unwrap();
        for name in ["home", "ledger"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        Place { root }
    }

    fn ledger(&self) -> PathBuf {
        self.root.path().join("ledger/test.lastgood")
    }

    fn run(&self, arguments: &[String], stdin: Option<&str>) -> Output {
        let home = self.root.path().join("home");
        let mut child = Command::new(env!("CARGO_BIN_EXE_lastgood"))
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("LASTGOOD_LEDGER", self.ledger())
            .env("LASTGOOD_CLOCK", lastgood::demo::NOW)
            .env("USER", "tester")
            .current_dir(self.root.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // a program that wants no input may be gone already
        let _closed = pipe.write_all(stdin.unwrap_or_default().as_bytes());
        drop(pipe);
        child.wait_with_output().unwrap()
    }

    /// Fills the ledger; what went wrong, if something did.
    fn fill(&self, scenario: &Scenario) -> Option<String> {
        if let Some(policy) = &scenario.policy {
            let folder = self.root.path().join("home/.config/lastgood");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("policy.toml"), policy).unwrap();
        }
        for (name, text) in &scenario.files {
            std::fs::write(self.root.path().join(name), text).unwrap();
        }
        let (arguments, expected) = if scenario.ledger.as_deref() == Some("demo") {
            let ledger = self.ledger().to_string_lossy().into_owned();
            (vec!["demo".to_owned(), "--ledger".to_owned(), ledger, "--no-console".to_owned()], 0)
        } else {
            let file = self.root.path().join("claims.lineage.jsonl");
            std::fs::write(&file, &scenario.claims).unwrap();
            (vec!["import".to_owned(), file.to_string_lossy().into_owned()], scenario.import_exit)
        };
        let output = self.run(&arguments, None);
        (output.status.code() != Some(expected)).then(|| {
            format!(
                "filling the ledger: {:?} instead of {expected}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }

    /// Files the program wrote that hold the leaked key as it is.
    fn leaks(&self) -> Vec<String> {
        let mut open = vec![self.root.path().join("home"), self.root.path().join("ledger")];
        let mut found = Vec::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let key = lastgood::demo::LEAKED.as_bytes();
                if bytes.windows(key.len()).any(|window| window == key) {
                    found.push(format!("{} holds the pasted key", path.display()));
                }
            }
        }
        found
    }
}

/// Splits as a shell would: blanks separate, single and double quotes keep together.
pub(crate) fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in command.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => word.push(letter),
            ('\'' | '"', None) => (quote, begun) = (Some(letter), true),
            (' ', None) if begun => {
                words.push(std::mem::take(&mut word));
                begun = false;
            }
            (' ', None) => {}
            (_, None) => {
                word.push(letter);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// Whether every field `expected` lists has that value in `row`; a `null` also fits an absent field.
fn fits(expected: &Value, row: &Value) -> bool {
    match expected {
        Value::Object(fields) => fields.iter().all(|(key, value)| match row.get(key) {
            Some(found) => fits(value, found),
            None => value.is_null() || value == "absent",
        }),
        Value::String(text) if text == "absent" => row.is_null(),
        other => other == row,
    }
}

fn at<'a>(answer: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(answer, |value, step| match step.parse::<usize>() {
        Ok(index) => value.get(index),
        Err(_) => value.get(step),
    })
}

/// What is wrong with an answer's rows.
fn judge_rows(ask: &Ask, rows: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    if let Some(expected) = &ask.rows {
        if expected.len() != rows.len() {
            wrong.push(format!("{} rows instead of {}", rows.len(), expected.len()));
        }
        for (index, want) in expected.iter().enumerate() {
            let found = if ask.unordered {
                rows.iter().any(|row| fits(want, row))
            } else {
                rows.get(index).is_some_and(|row| fits(want, row))
            };
            if !found {
                wrong.push(format!("row {index} should be {want}"));
            }
        }
    }
    for want in ask.includes.iter().filter(|want| !rows.iter().any(|row| fits(want, row))) {
        wrong.push(format!("no row is {want}"));
    }
    for id in &ask.excludes {
        if rows.iter().any(|row| row.get("id").or(row.get("about")).and_then(Value::as_str) == Some(id)) {
            wrong.push(format!("{id} should not be in the answer"));
        }
    }
    wrong
}

/// What is wrong with one answer; empty when nothing is.
fn judge(ask: &Ask, output: &Output) -> Vec<String> {
    let mut wrong = Vec::new();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let everything = format!("{stdout}\n{}", String::from_utf8_lossy(&output.stderr));
    if output.status.code() != Some(ask.exit) {
        wrong.push(format!("exit {:?} instead of {}", output.status.code(), ask.exit));
    }
    let hidden = |letter: char| {
        (letter.is_control() && !matches!(letter, '\n' | '\t'))
            || (!ask.json && matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    if let Some(letter) = everything.chars().find(|letter| hidden(*letter)) {
        wrong.push(format!("the control character {letter:?} left the program"));
    }
    wrong.extend(
        ask.says.iter().filter(|text| !everything.contains(*text)).map(|text| format!("it does not say {text:?}")),
    );
    let secret = lastgood::demo::LEAKED.to_owned();
    wrong.extend(
        ask.hides
            .iter()
            .chain([&secret])
            .filter(|text| everything.contains(*text))
            .map(|text| format!("it shows {text:?}")),
    );
    let wants_answer = ask.rows.is_some()
        || ask.at_least.is_some()
        || ask.at_most.is_some()
        || ask.open
        || !ask.includes.is_empty()
        || !ask.excludes.is_empty()
        || !ask.fields.is_empty();
    if !ask.json || !wants_answer {
        return wrong;
    }
    let answer: Value = match serde_json::from_str(&stdout) {
        Ok(answer) => answer,
        Err(error) => {
            wrong.push(format!("stdout is not one JSON object: {error}"));
            return wrong;
        }
    };
    for (bound, wanted) in [("at_least", ask.at_least), ("at_most", ask.at_most)] {
        let found = answer["completeness"][bound].as_u64();
        if wanted.is_some() && found != wanted {
            wrong.push(format!("{bound} is {found:?} instead of {wanted:?}: {}", answer["completeness"]["because"]));
        }
    }
    if ask.open && !answer["completeness"]["at_most"].is_null() {
        wrong.push(format!("at_most is {}, though something is not counted", answer["completeness"]["at_most"]));
    }
    wrong.extend(judge_rows(ask, answer["rows"].as_array().map_or(&[][..], Vec::as_slice)));
    for (path, want) in &ask.fields {
        let found = at(&answer, path).unwrap_or(&Value::Null);
        if !fits(want, found) {
            wrong.push(format!("{path} is {found} instead of {want}"));
        }
    }
    wrong
}

/// Everything wrong with one scenario, as text; empty when it holds.
fn play(name: &str, scenario: &Scenario, asked_of_library: &AtomicUsize) -> String {
    let place = Place::new();
    let mut report = String::new();
    if let Some(problem) = place.fill(scenario) {
        return format!("{name} ({}): {problem}\n", scenario.about);
    }
    for ask in &scenario.ask {
        let json = if ask.json { vec!["--json".to_owned()] } else { Vec::new() };
        let arguments: Vec<String> = json.into_iter().chain(words(&ask.command)).collect();
        let output = place.run(&arguments, ask.stdin.as_deref());
        for wrong in judge(ask, &output) {
            writeln!(report, "{name}: lastgood {}: {wrong}", ask.command).unwrap();
        }
        if ask.json
            && ask.stdin.is_none()
            && let Some(told) = library::answer(&place.ledger(), scenario.policy.as_deref(), &words(&ask.command))
        {
            asked_of_library.fetch_add(1, Ordering::Relaxed);
            let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            if said != told {
                let command = &ask.command;
                writeln!(report, "{name}: lastgood {command}: says {said}\nwhere the library says {told}").unwrap();
            }
        }
    }
    for leak in place.leaks() {
        writeln!(report, "{name}: {leak}").unwrap();
    }
    if !report.is_empty() {
        writeln!(report, "    ({})", scenario.about).unwrap();
    }
    report
}

#[test]
fn every_scenario_file_is_well_formed() {
    let scenarios = load();
    assert!(scenarios.len() >= 30, "{} scenario files", scenarios.len());
    for (name, scenario) in scenarios {
        assert!(!scenario.about.is_empty() && !scenario.ask.is_empty(), "{name} asks nothing");
        assert_eq!(scenario.ledger.is_none(), !scenario.claims.is_empty(), "{name}: claims, or ledger = \"demo\"");
        assert!(scenario.ledger.as_deref().is_none_or(|ledger| ledger == "demo"), "{name}: unknown ledger");
        if scenario.import_exit == 0 {
            for line in scenario.claims.lines().filter(|line| !line.trim().is_empty()) {
                serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{name}: {error} in {line}"));
            }
        }
    }
}

#[test]
fn words_split_as_in_a_shell() {
    assert_eq!(words("mark a@1 suspect --reason 'two words'"), ["mark", "a@1", "suspect", "--reason", "two words"]);
    assert_eq!(words("find \"\""), ["find", ""]);
}

#[test]
fn every_scenario_gets_its_answer() {
    let scenarios = load();
    let asked_of_library = AtomicUsize::new(0);
    let play_all = |half: &[(String, Scenario)]| -> String {
        half.iter().map(|(name, scenario)| play(name, scenario, &asked_of_library)).collect()
    };
    let report: String = std::thread::scope(|scope| {
        let halves: Vec<_> =
            scenarios.chunks(scenarios.len().div_ceil(2)).map(|half| scope.spawn(|| play_all(half))).collect();
        halves.into_iter().map(|half| half.join().unwrap()).collect()
    });
    assert!(report.is_empty(), "\n{report}");
    let asked = asked_of_library.into_inner();
    assert!(asked >= 40, "only {asked} questions were asked of the library too");
}
