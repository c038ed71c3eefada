//! The demo incident: a payments company in November 2026, six hours into something going wrong.
//!
//! The incident is written by hand (`assets/demo`), the six months around it are generated. Everything
//! is handed out as files, to be read by the real importers. It touches no network, clock or disk.

mod agents;
mod chance;
mod estate;
mod history;
mod lake;
mod model_lines;
mod models;
mod names;
mod page;
mod shelf;

#[cfg(test)]
mod story;

/// The moment at which the demo is asked: the pager rang half an hour ago.
pub const NOW: &str = "2026-11-19T03:12:00Z";

/// The leaked key of the refund API, as a build log shows it. It opens nothing. It is put together here
/// so that this repository's own files hold no text shaped like a live key.
pub const LEAKED: &str = concat!("sk_", "live_", "51DEMOonlyQ7vX2kN9pR4tB8wZc");

/// Where the hand-written files want the key.
const LEAKED_PLACE: &str = "@@LEAKED@@";

/// One file of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFile {
    /// Its name, as an import shows it.
    pub name: &'static str,
    /// What it holds.
    pub bytes: Vec<u8>,
}

macro_rules! asset {
    ($name:literal) => {
        ($name, include_str!(concat!("../../assets/demo/", $name)))
    };
}

const ASSETS: [(&str, &str); 20] = [
    asset!("organisation.lineage.jsonl"),
    asset!("labels.lineage.jsonl"),
    asset!("registry.lineage.jsonl"),
    asset!("platform.lineage.jsonl"),
    asset!("refund-agent.lineage.jsonl"),
    asset!("monitoring.lineage.jsonl"),
    asset!("airflow.openlineage.jsonl"),
    asset!("spark.openlineage.jsonl"),
    // What the tools around them say of the same things, and where they are called something else.
    asset!("names.lineage.jsonl"),
    asset!("scorer-2.31.0.intoto.json"),
    asset!("scorer-2.31.0.cdx.json"),
    asset!("scorer-review.github.json"),
    asset!("scorer-service.sarif"),
    asset!("release-gate.junit.xml"),
    asset!("xgboost.openvex.json"),
    asset!("agents.k8s.yaml"),
    asset!("service-accounts.csv"),
    asset!("build-9913.gitleaks.json"),
    asset!("refund-desk.otlp.json"),
    asset!("risk-tools.mcp.jsonl"),
];

/// Every file of the demo: the history first, then the incident.
pub fn files() -> Vec<DemoFile> {
    let mut files = vec![DemoFile { name: "history.lineage.jsonl", bytes: history::lines() }];
    files.extend(
        ASSETS.iter().map(|(name, text)| DemoFile { name, bytes: text.replace(LEAKED_PLACE, LEAKED).into_bytes() }),
    );
    files
}
