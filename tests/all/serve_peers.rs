//! The receiver against the real clients: OpenLineage's own over each of its transports, dbt-ol, OpenTelemetry's SDK
//! and MLflow's webhooks. They are in virtual environments that `.ci/run` makes; without one this says so and is skipped.

use crate::support::receiver::Receiver;
use crate::support::{Workspace, json, skipped};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn guarded(workspace: &Workspace) -> Receiver {
    let mut command = workspace.command();
    command.env("LASTGOOD_SERVE_TOKEN", TOKEN);
    Receiver::of(command, &[])
}

/// A Python of that name, or why its tests are skipped.
fn python(variable: &str, what: &str) -> Option<OsString> {
    let found = std::env::var_os(variable);
    if found.is_none() {
        skipped(what, &format!("{variable} names no Python that has it"));
    }
    found
}

fn run(python: &OsString, script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(python);
    command.arg(format!("{}/tests/producers/{script}", env!("CARGO_MANIFEST_DIR"))).args(arguments);
    command
}

fn succeeds(command: &mut Command) {
    let ran = command.output().unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    assert!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
}

#[test]
fn the_client_of_openlineage_needs_no_plug_in_over_any_of_its_transports() {
    let Some(python) = python("LASTGOOD_OPENLINEAGE_PYTHON", "openlineage-python in five transports") else { return };
    let workspace = Workspace::new();
    let receiver = guarded(&workspace);
    let url = format!("http://{}", receiver.address);
    let folder = workspace.path().to_str().unwrap().to_owned();
    for (sent, transport) in ["http", "async_http", "composite", "transform"].iter().enumerate() {
        succeeds(&mut run(&python, "openlineage_client.py", &[transport, &url, TOKEN, &folder]));
        let records = json(&workspace, &["stats"])["records"].as_u64();
        assert_eq!(records, Some(3 * (sent as u64 + 1)), "{transport}");
    }
    // What the composite wrote to its file as well says nothing new: each dataset is there once.
    succeeds(&mut run(&python, "openlineage_client.py", &["file", &url, TOKEN, &folder]));
    let imported = workspace.run(&["--json", "import", &format!("{folder}/events.json")]).answered().json();
    assert_eq!(imported["quarantined"].as_array().map(Vec::len), Some(0), "{imported}");
    for transport in ["http", "async_http", "composite", "file"] {
        let found = json(&workspace, &["find", &format!("features/{transport}")]);
        assert!(found["rows"].to_string().contains(&format!("dataset:lake/features/{transport}\"")), "{found}");
    }
    let once = json(&workspace, &["find", "features/composite"]);
    assert_eq!(once["rows"].as_array().map(Vec::len), Some(1), "{once}");
    let found = json(&workspace, &["find", "load_transform"]);
    assert!(found["rows"].to_string().contains("replaced"), "{found}");
    // Sent again by a client that saw no answer, everything is known.
    let before = json(&workspace, &["stats"])["records"].clone();
    succeeds(&mut run(&python, "openlineage_client.py", &["http", &url, TOKEN, &folder]));
    assert_eq!(json(&workspace, &["stats"])["records"], before);
    assert_eq!(receiver.stop(), Some(0));
}

#[test]
fn dbt_tells_its_lineage_to_the_receiver() {
    let Some(python) = python("LASTGOOD_OPENLINEAGE_PYTHON", "dbt-ol") else { return };
    let workspace = Workspace::new();
    let receiver = guarded(&workspace);
    let project = workspace.path().join("shop");
    std::fs::create_dir_all(project.join("models")).unwrap();
    let file = |name: &str, text: &str| std::fs::write(project.join(name), text).unwrap();
    file("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nmodel-paths: [models]\n");
    file("profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 1}\n");
    file("models/orders.sql", "select 1 as id, 10 as amount");
    file("models/revenue.sql", "select sum(amount) as total from {{ ref('orders') }}");
    let bin = Path::new(&python).parent().unwrap();
    let mut dbt = Command::new(&python);
    dbt.arg(bin.join("dbt-ol")).args(["run", "--profiles-dir", "."]).current_dir(&project);
    let path = std::env::join_paths([bin.to_owned(), "/usr/bin".into(), "/bin".into()]).unwrap();
    dbt.env("PATH", path).env("DBT_SEND_ANONYMOUS_USAGE_STATS", "false").env("HOME", workspace.path());
    dbt.env("OPENLINEAGE_URL", format!("http://{}", receiver.address)).env("OPENLINEAGE_API_KEY", TOKEN);
    succeeds(&mut dbt);
    let tree = json(&workspace, &["find", "revenue"]);
    let id = |kind: &str| {
        let rows = tree["rows"].as_array().unwrap().iter();
        rows.filter(|row| row["kind"] == kind).find_map(|row| row["id"].as_str().map(str::to_owned)).unwrap()
    };
    let up = json(&workspace, &["tree", &id("dataset"), "--up"]);
    assert!(up["rows"].to_string().contains("orders"), "{up}");
    assert_eq!(receiver.stop(), Some(0));
}

#[test]
fn the_sdk_of_opentelemetry_exports_to_the_receiver() {
    let Some(python) = python("LASTGOOD_OTEL_PYTHON", "exports of the OpenTelemetry SDK") else { return };
    let workspace = Workspace::new();
    let receiver = guarded(&workspace);
    let mut export = run(&python, "otel_export.py", &[&format!("http://{}", receiver.address)]);
    succeeds(export.env("OTEL_EXPORTER_OTLP_HEADERS", format!("Authorization=Bearer%20{TOKEN}")));
    assert_eq!(json(&workspace, &["stats"])["records"], 3, "two exports of spans and one of logs");
    let found = json(&workspace, &["find", "order_status"]);
    assert!(found["rows"].to_string().contains("execute_tool order_status"), "{found}");
    // Without the token it is told, and nothing is kept.
    let mut unproven = run(&python, "otel_export.py", &[&format!("http://{}", receiver.address)]);
    assert_eq!(unproven.output().unwrap().status.code(), Some(1));
    assert_eq!(json(&workspace, &["stats"])["records"], 3);
}

#[test]
fn a_server_of_mlflow_delivers_its_webhooks_to_the_receiver() {
    let Some(python) = python("LASTGOOD_MLFLOW_3", "webhooks of MLflow") else { return };
    let workspace = Workspace::new();
    let mut command = workspace.command();
    // Signed at the time that MLflow's own clock shows.
    command.env_remove("LASTGOOD_CLOCK").env("LASTGOOD_SERVE_MLFLOW_SECRET", "signs what MLflow sends");
    let receiver = Receiver::of(command, &[]);
    let url = format!("http://{}/webhooks/mlflow", receiver.address);
    let mut deliver = run(&python, "mlflow_webhook.py", &[&url, "signs what MLflow sends"]);
    deliver.env("MLFLOW_WEBHOOK_ALLOWED_SCHEMES", "http,https").env("MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "true");
    succeeds(deliver.env("HOME", workspace.path()).env("MLFLOW_DISABLE_TELEMETRY", "true"));
    let said = receiver.said();
    assert_eq!((said["source"].as_str(), said["records"].as_u64()), (Some("serve:mlflow"), Some(1)), "{said}");
    let found = json(&workspace, &["find", "champion"]);
    assert!(found["rows"].to_string().contains("deployment:mlflow/fraud-scorer/alias/champion"), "{found}");
}
