//! Servers in the console, in process: pulled and paused from the sources pane, and asked about one artefact while it
//! is looked at. The server is a small MLflow that answers as each test says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use crate::support::listener::{Answer, Listener, json, nothing};
use crate::support::tui::{Gate, Tui};
use lastgood::cli::console_setup;
use lastgood::config::Home;
use lastgood::engine::{Clock, Engine, Look, Scope};
use lastgood::model::Time;
use lastgood::proof::digest::sha256;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const RUN: &str = "0123456789abcdef0123456789abcdef";

/// What tells the store of the small MLflow from others.
fn scope() -> String {
    hex::encode(&sha256(b"mlflow\n0\n1700000000000")[..6])
}

/// The version that only the server describes.
fn version() -> String {
    format!("model-version:mlflow/{}/fraud@2", scope())
}

/// What a small MLflow answers to the first line of a request.
fn small(head: &str) -> Option<String> {
    let line = head.lines().next().unwrap_or_default();
    let asks = |path: &str| line.contains(path);
    let experiment =
        r#"{"experiment_id":"0","name":"Default","creation_time":1700000000000,"lifecycle_stage":"active"}"#;
    let version = format!(
        r#"{{"name":"fraud","version":"2","creation_timestamp":1763362800000,"run_id":"{RUN}","source":"x","status":"READY"}}"#
    );
    let model = r#"{"name":"fraud","creation_timestamp":1763362700000,"aliases":[{"alias":"champion","version":"2"}]}"#;
    let run = format!(
        r#"{{"info":{{"run_id":"{RUN}","experiment_id":"0","status":"FINISHED","start_time":1763362000000,"end_time":1763362600000,"lifecycle_stage":"active"}},
        "data":{{"params":[{{"key":"depth","value":"9"}}]}},
        "inputs":{{"dataset_inputs":[{{"dataset":{{"name":"tx","digest":"0a1b2c3d","source_type":"local","source":"{{}}"}}}}]}}}}"#
    );
    Some(match () {
        () if asks(" /version") => "3.1.0".to_owned(),
        () if asks("/experiments/get") => format!(r#"{{"experiment":{experiment}}}"#),
        () if asks("/experiments/search") => format!(r#"{{"experiments":[{experiment}]}}"#),
        () if asks("/model-versions/get") && asks("version=77") => return None,
        () if asks("/model-versions/get") => format!(r#"{{"model_version":{version}}}"#),
        () if asks("/model-versions/search") => format!(r#"{{"model_versions":[{version}]}}"#),
        () if asks("/registered-models/get") => format!(r#"{{"registered_model":{model}}}"#),
        () if asks("/registered-models/search") => format!(r#"{{"registered_models":[{model}]}}"#),
        () if asks("/runs/get") => format!(r#"{{"run":{run}}}"#),
        () if asks("/runs/search") => format!(r#"{{"runs":[{run}]}}"#),
        () => return None,
    })
}

/// The same as an answer.
fn answer(head: &str) -> Answer {
    small(head).map_or_else(nothing, |body| json(&body))
}

fn mlflow() -> Listener {
    Listener::new(None, answer)
}

/// A ledger that knows that something deploys the version, and the servers of that name and address.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn with(servers: &[(&str, &str)]) -> Place {
        Place::of("mlflow", &version(), servers)
    }

    fn of(kind: &str, deployed: &str, servers: &[(&str, &str)]) -> Place {
        let place = Place { folder: tempfile::tempdir().unwrap() };
        let lines = format!(
            "{{\"type\":\"artefact\",\"id\":\"deployment:prod/fraud\",\"kind\":\"deployment\"}}\n\
             {{\"type\":\"link\",\"from\":\"deployment:prod/fraud\",\"to\":\"{deployed}\",\"relation\":\"deploys\",\"since\":\"2026-11-18T09:00:00Z\"}}\n"
        );
        let file = place.path().join("platform.lineage.jsonl");
        let engine = place.engine("2026-11-19T03:00:00Z");
        engine.ingest_bytes(Some("platform"), vec![(file.display().to_string(), lines.into_bytes())]).unwrap();
        let text: Vec<String> = servers
            .iter()
            .map(|(name, address)| {
                format!(
                    "[{name}]\nurl = \"http://{address}\"\nkind = \"{kind}\"\n\
                     patience = {{ connect = 2.0, read = 30.0, answer = 30.0, sync = 60.0, pause = 0.1, tries = 1 }}\n"
                )
            })
            .collect();
        let sources = Home::below(place.path()).sources();
        std::fs::create_dir_all(sources.parent().unwrap()).unwrap();
        std::fs::write(sources, text.concat()).unwrap();
        place
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn engine(&self, at: &str) -> Engine {
        let clock = Clock::fixed(Time::parse_stated(at).unwrap().0);
        Engine::open_or_create(&Home::below(self.path()), &self.path().join("test.lastgood"), clock).unwrap()
    }

    fn console(&self, at: &str, width: u16) -> Tui<()> {
        let setup = console_setup(self.engine(at), Scope::default(), "person:me".to_owned(), None).unwrap();
        Tui::over(setup, (), width, 24)
    }
}

/// At the deployment, with the version that it deploys selected below it.
fn at_the_version(tui: &mut Tui<()>) {
    tui.keys("/").text("prod/fraud").keys("enter down").shows("only mentioned");
    assert_eq!(tui.console.state().subject(), Some(version().as_str()));
}

#[test]
fn opening_what_only_a_server_knows_fetches_what_it_is_made_of() {
    let server = mlflow();
    let place = Place::with(&[("prod-mlflow", &server.address)]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 120);
    at_the_version(&mut tui);
    assert!(server.heard().is_empty(), "nothing is asked before somebody opens it");
    tui.keys("enter").lacks("only mentioned").shows("0123456789abcdef").shows("prod-mlflow: ");
    // what arrived is in the ledger, where everything else finds it
    let engine = place.engine("2026-11-19T03:00:00Z");
    let view = engine.view(&Scope::default()).unwrap();
    assert!(view.lineage().node(&format!("dataset:mlflow/{}/tx@0a1b2c3d", scope())).is_some());
    let rows = view.sources().unwrap().rows;
    let live = rows.iter().find(|row| row.name == "prod-mlflow").unwrap();
    assert!(live.records >= 3 && live.live.as_ref().unwrap().last_success.is_none(), "{live:?}");
    // a sync afterwards finds these as they were
    let setting = engine.source("prod-mlflow").unwrap();
    let synced = engine.sync("prod-mlflow", &setting, &|_| None, &Arc::default(), &()).unwrap();
    assert_eq!((synced.changed, synced.gone), (0, 0), "{synced:?}");
    assert!(synced.unchanged >= 3, "{synced:?}");
    // opening it again asks nobody
    let before = server.heard().len();
    tui.keys("enter enter");
    assert_eq!(server.heard().len(), before);
}

#[test]
fn opening_a_dataset_asks_marquez_what_lies_around_it() {
    let server = Listener::new(None, |head| {
        let line = head.lines().next().unwrap_or_default();
        let graph = r#"{"graph":[
            {"id":"dataset:s3://lake:tx/day","type":"DATASET","inEdges":[],
             "data":{"namespace":"s3://lake","name":"tx/day","createdAt":"2026-11-17T08:00:00Z","updatedAt":"2026-11-18T08:00:00Z",
                     "fields":[{"name":"amount","type":"DOUBLE"}],"description":"the payments of a day"},
             "outEdges":[{"origin":"dataset:s3://lake:tx/day","destination":"job:risk:train"}]},
            {"id":"job:risk:train","type":"JOB","outEdges":[],
             "data":{"namespace":"risk","name":"train","createdAt":"2026-11-17T08:00:00Z","updatedAt":"2026-11-18T09:00:00Z"},
             "inEdges":[{"origin":"dataset:s3://lake:tx/day","destination":"job:risk:train"}]}]}"#;
        match line.contains(" /api/v1/lineage?nodeId=dataset%3As3%3A%2F%2Flake%3Atx%2Fday&depth=1 ") {
            true => json(graph),
            false if line.contains(" /api/v1/events/lineage?") => json(r#"{"events":[],"totalCount":0}"#),
            false => nothing(),
        }
    });
    let place = Place::of("marquez", "dataset:s3://lake/tx/day", &[("lineage", &server.address)]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 120);
    tui.keys("/").text("prod/fraud").keys("enter down").shows("only mentioned");
    tui.keys("enter").lacks("only mentioned").shows("lineage: ").shows("the payments of a day");
    assert_eq!(server.heard().len(), 1, "{:?}", server.heard());
    let engine = place.engine("2026-11-19T03:00:00Z");
    assert!(engine.view(&Scope::default()).unwrap().lineage().node("job:risk/train").is_some());
    // the graph is no event: a sync asks for those all the same, and ends nothing that the look brought
    let setting = engine.source("lineage").unwrap();
    let synced = engine.sync("lineage", &setting, &|_| None, &Arc::default(), &()).unwrap();
    assert_eq!((synced.complete, synced.changed, synced.gone), (true, 0, 0), "{synced:?}");
}

#[test]
fn what_the_ledger_does_not_name_is_asked_of_the_servers_from_the_finder() {
    let server = mlflow();
    let place = Place::with(&[("prod-mlflow", &server.address)]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 120);
    tui.keys("/").text("models:/fraud/2").shows("nothing fits; Enter asks the servers");
    assert!(server.heard().is_empty());
    tui.keys("enter").shows("1 fit").lacks("nothing fits").keys("enter");
    assert_eq!(tui.console.state().subject(), Some(version().as_str()));
    tui.keys("/").text("models:/fraud/77").shows("nothing fits").keys("enter").shows("prod-mlflow knows nothing of it");
    tui.keys("esc")
        .keys("/")
        .text("no-such-name")
        .keys("enter")
        .shows("no server that is asked knows things by such a name");
}

#[test]
fn a_look_is_shown_as_pending_and_esc_stops_it() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let server = Listener::new(None, move |head| {
        if head.contains("/model-versions/get") {
            held.hold("version");
        }
        answer(head)
    });
    let place = Place::with(&[("prod-mlflow", &server.address)]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 80);
    at_the_version(&mut tui);
    tui.press("enter");
    gate.wait("asked version");
    tui.console.drain();
    tui.draw();
    tui.shows("asking prod-mlflow").shows("Esc stops");
    // the console answers meanwhile
    tui.press("up");
    tui.draw();
    assert_eq!(tui.console.state().subject(), Some("deployment:prod/fraud"));
    tui.press("down");
    tui.press("esc");
    tui.draw();
    tui.shows("stopped asking").lacks("asking prod-mlflow");
    tui.settle().shows("only mentioned");
    gate.let_go("version");
    // asked by key, it is asked again, and arrives
    tui.keys("f").lacks("only mentioned").shows("prod-mlflow: ");
}

#[test]
fn a_dead_server_leaves_what_is_known_and_says_how_old_it_is() {
    let server = mlflow();
    let place = Place::with(&[("prod-mlflow", &server.address)]);
    place
        .console("2026-11-19T03:00:00Z", 120)
        .keys("/")
        .text("prod/fraud")
        .keys("enter down enter")
        .lacks("only mentioned");
    drop(server);
    let mut tui = place.console("2026-11-19T05:00:00Z", 120);
    tui.keys("/").text("prod/fraud").keys("enter down enter").shows("0123456789abcdef").lacks("asking");
    tui.keys("f").shows("what it said before stands, last looked 2h ago").shows("0123456789abcdef");
    let never = Place::with(&[("gone", "127.0.0.1:9")]);
    let mut tui = never.console("2026-11-19T05:00:00Z", 120);
    at_the_version(&mut tui);
    tui.keys("enter").shows("it was not asked about this before").shows("only mentioned");
}

#[test]
fn what_no_server_can_know_is_asked_of_none() {
    let server = mlflow();
    let place = Place::with(&[("prod-mlflow", &server.address)]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 120);
    tui.keys("/").text("prod/fraud").keys("enter f").shows("no server that is asked knows things by such a name");
    let file = Home::below(place.path()).sources();
    let paused = std::fs::read_to_string(&file).unwrap().replace("kind =", "paused = true\nkind =");
    std::fs::write(&file, paused).unwrap();
    tui.keys("down enter").shows("only mentioned");
    assert!(server.heard().is_empty());
}

/// A server that lists without end, whatever is asked.
#[test]
fn a_look_at_an_endless_server_ends() {
    let count = AtomicU64::new(0);
    let server = Listener::new(None, move |head| {
        let n = count.fetch_add(1, Ordering::Relaxed);
        let many: Vec<String> = (0..100)
            .map(|at| format!(r#"{{"info":{{"run_id":"{:032x}","experiment_id":"{n}"}}}}"#, n * 100 + at))
            .collect();
        let models: Vec<String> = (0..100).map(|at| format!(r#"{{"model_id":"m-{:032x}"}}"#, n * 1000 + at)).collect();
        let body = format!(
            r#"{{"next_page_token":"t{n}","runs":[{}],"experiment":{{"experiment_id":"{n}"}},"experiments":[{{"experiment_id":"{n}"}}],
            "run":{{"info":{{"run_id":"{n:032x}","experiment_id":"{n}"}},"outputs":{{"model_outputs":[{}]}}}},
            "model":{{"info":{{"model_id":"m-{n:032x}","source_run_id":"{n:032x}"}}}}}}"#,
            many.join(","),
            models.join(",")
        );
        if head.contains("artifacts") { nothing() } else { json(&body) }
    });
    for around in [format!("run:mlflow/{RUN}"), "experiment:mlflow/7".to_owned(), "dataset:mlflow/tx@1".to_owned()] {
        // each time it is another store
        let place = Place::with(&[("endless", &server.address)]);
        let engine = place.engine("2026-11-19T03:00:00Z");
        let look = Look { around: around.clone(), ..Look::default() };
        let cancel = Arc::new(AtomicBool::new(false));
        let reports = engine.look(&look, &|_| None, &cancel, &(), &mut |_| {}).unwrap();
        assert!(reports[0].requests <= 60 && reports[0].import.records <= 500, "{around}: {reports:?}");
        assert!(!reports[0].failed.is_empty(), "that there is more is told: {around}: {reports:?}");
    }
}

#[test]
fn a_server_is_pulled_stopped_and_paused_from_the_sources() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let server = Listener::new(None, move |head| {
        if head.contains("/runs/search") {
            held.hold("runs");
        }
        answer(head)
    });
    let place = Place::with(&[("prod-mlflow", &server.address), ("gone", "127.0.0.1:9")]);
    let mut tui = place.console("2026-11-19T03:00:00Z", 80);
    tui.keys("9").shows("platform").shows("never pulled").shows("f sync now");
    let pick = |tui: &mut Tui<()>, name: &str| {
        tui.keys("g");
        for _ in 0..3 {
            if tui.console.state().sources.slot.value.as_ref().unwrap()[tui.console.state().sources.selected].name
                == name
            {
                return;
            }
            tui.press("j");
            tui.draw();
        }
        panic!("{name} is not there");
    };
    // a file is no server
    pick(&mut tui, "platform");
    tui.keys("f").shows("not now: it is no server");
    pick(&mut tui, "prod-mlflow");
    tui.shows("f sync now").shows("p pause").press("f");
    gate.wait("asked runs");
    tui.console.drain();
    tui.draw();
    tui.shows("pulling").shows("Esc stops");
    tui.press("esc");
    tui.draw();
    tui.shows("stopping");
    tui.settle().lacks("stopping:").shows("stopped");
    gate.let_go("runs");
    tui.keys("f").shows("seen whole").shows("2026-11-19 03:00, 0s ago").shows("prod-mlflow: ").lacks("pulling");
    tui.keys("p").shows("paused").shows("left out of sync").keys("ctrl-a");
    // every server but the paused one: that is the dead one, which says what to do
    tui.shows("gone: ");
    pick(&mut tui, "gone");
    tui.shows("failed").shows("lastgood source test gone").shows("never: f pulls it now");
    pick(&mut tui, "prod-mlflow");
    tui.keys("p").lacks("paused").shows("pulled again");
}

#[test]
fn names_of_sources_differ_on_a_small_screen() {
    let place = Place::with(&[]);
    let engine = place.engine("2026-11-19T03:00:00Z");
    for at in ["north", "south"] {
        let name = format!("a/very/long/way/down/to/the/exports/of/the/platform/team/{at}.lineage.jsonl");
        let line = format!("{{\"type\":\"artefact\",\"id\":\"dataset:{at}\",\"kind\":\"dataset\"}}\n");
        engine.ingest_bytes(None, vec![(name, line.into_bytes())]).unwrap();
    }
    let mut tui = place.console("2026-11-19T03:00:00Z", 80);
    tui.keys("9").shows("orth.lineage.jsonl").shows("outh.lineage.jsonl");
}
