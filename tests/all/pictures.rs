//! The README's pictures: frames of the real console over the real demo ledger. It judges only
//! whether they are up to date; `UPDATE=1 cargo test pictures` draws them anew.

use crate::support::svg::svg;
use crate::support::tui::Tui;
use lastgood::cli::console_setup;
use lastgood::config::Home;
use lastgood::engine::{Engine, Scope};
use lastgood::tui::ask::{Answerer, Ask, Heading, Sooner, Told};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const SIZE: (u16, u16) = (104, 34);
/// Keys and salts are random, so every ledger has a root of its own; the pictures show this one.
const ROOT: &str = "5c1e09a7";

/// The engine's answers, with what differs from one ledger to the next replaced by something as long.
struct Steady(Arc<dyn Answerer>);

impl Answerer for Steady {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, early: Sooner<'_>) -> Told {
        match self.0.answer(ask, cancel, early) {
            Told::Record(mut record) => {
                record.digest = ROOT.repeat(8);
                Told::Record(record)
            }
            other => other,
        }
    }

    fn heading(&self) -> Option<Heading> {
        self.0.heading().map(|heading| Heading { root: ROOT.repeat(8), ..heading })
    }
}

fn demo(home: &Path) -> Tui<()> {
    let ledger = home.join("demo.lastgood");
    let (engine, _report) = Engine::demo(&Home::below(home), Some(&ledger)).unwrap();
    let mut setup = console_setup(engine, Scope::default(), "person:on-call".to_owned(), None).unwrap();
    setup.heading.root = ROOT.repeat(8);
    setup.answerer = Arc::new(Steady(setup.answerer));
    Tui::over(setup, (), SIZE.0, SIZE.1)
}

/// Compares a frame with `assets/pictures/<name>.svg`; `UPDATE=1` writes it. Says what is wrong.
fn picture(tui: &Tui<()>, name: &str, title: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures").join(format!("{name}.svg"));
    let drawn = svg(tui.buffer(), title);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    (kept != drawn).then(|| format!("assets/pictures/{name}.svg is not what the console draws now:\n{}", tui.screen()))
}

#[test]
fn the_pictures_of_the_readme_are_what_the_console_draws() {
    let home = tempfile::tempdir().unwrap();
    let mut tui = demo(home.path());
    let mut stale = Vec::new();
    let mut take = |tui: &Tui<()>, name, title| stale.extend(picture(tui, name, title));

    take(&tui, "overview", "The overview: what is in the ledger, and what deserves attention");

    tui.keys("/").text("fraud prod").shows("fraud-scorer/prod-eu");
    take(&tui, "finder", "The finder: a few letters of a name find the artefact");
    tui.keys("esc");

    tui.keys("/").text("fraud prod-eu").keys("enter").shows("What it depends on");
    tui.keys("down down enter").shows("trained-on");
    for _ in 0..24 {
        if tui.screen().contains("─ dataset:vendor-labels@2026-11-17 ─") {
            break;
        }
        tui.keys("down");
    }
    tui.shows("─ dataset:vendor-labels@2026-11-17 ─");
    take(&tui, "explore", "Explore: what a deployment is made of, and the details of the selected dataset");

    tui.keys("o").shows("\"type\"");
    take(&tui, "record", "The record behind a row, word for word, with where it came from");

    tui.keys("esc i").shows("A shortest way to it");
    take(&tui, "impact", "Impact: what the poisoned feed reaches, with a way to each and both bounds");

    tui.keys("1 d").shows("nobody approved");
    for _ in 0..24 {
        if tui.screen().contains("─ data vendor-labels ─") {
            break;
        }
        tui.keys("down");
    }
    take(&tui, "diff", "Diff: what changed since the last known good version, and who approved it");
    tui.keys("m enter").shows("compromised");
    tui.keys("P").shows("The way back");
    tui.keys("down");
    take(&tui, "plan", "The plan: a safe target for every exposed deployment, in order, with its checks");
    tui.keys("5").shows("test next");
    take(&tui, "suspects", "Suspects: what the bad share and the good do not, and what to test next");

    tui.keys("1 C").shows("[0 chain]");
    take(&tui, "chain", "The chain: every piece of evidence of a deployment, what lacks, and what speaks against it");
    tui.keys("A").shows("[A gaps]");
    take(
        &tui,
        "gaps",
        "The gaps: what a complete record would hold and ours does not, whose it is, and what closes it",
    );

    assert!(stale.is_empty(), "{}\n\nUPDATE=1 cargo test pictures draws them anew", stale.join("\n"));
}
