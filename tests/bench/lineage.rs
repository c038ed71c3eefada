//! Measures the lineage at a million artefacts against peers in the same process, and prints medians
//! and ratios. It asserts nothing: machines differ, ratios are for people to read.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up has nothing to say")]

mod audit;
mod console;
mod figure;
mod formats;
mod generate;
mod import;
mod incident;
mod made;
mod place;
mod plan;
mod pull;
mod serve;
mod suspects;

use figure::{Bar, figure, held, median, part, ratio, said};
use generate::{Shape, line, row};
use lastgood::graph::walk::{Along, Bounds, Way, walk};
use lastgood::graph::{Builder, IndexHead, Lineage, Node};
use lastgood::investigate::asking::{Asking, ClaimName};
use lastgood::investigate::find::{Finder, find};
use lastgood::investigate::impact::impact;
use lastgood::investigate::marks::MarkBook;
use lastgood::investigate::overview::overview;
use lastgood::investigate::question::{Find, Impact};
use lastgood::investigate::taint::Taint;
use lastgood::model::{Policy, Time, Window};
use petgraph::graph::{DiGraph, NodeIndex};
use place::{Place, child};
use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| toml::from_str(include_str!("../../assets/policy/default.toml")).unwrap());

fn main() {
    let artefacts = std::env::var("LASTGOOD_BENCH_ARTEFACTS").ok().and_then(|text| text.parse().ok());
    let shape = Shape { artefacts: artefacts.unwrap_or(1_000_000), links_each: 5, seed: 7 };
    let place = Place::new();
    if child(|part| match part {
        "import" => import::child(&shape, &place),
        "pull" => pull::child(&place),
        "index" => drop(black_box(build(&shape))),
        other => console::child(&shape, &place, other),
    }) {
        return;
    }
    let only = std::env::var("LASTGOOD_BENCH_ONLY").ok();
    let wanted = |part: &str| only.as_ref().is_none_or(|only| only == part);
    if wanted("lineage") {
        lineage(&shape, &place);
    }
    if wanted("incident") {
        incident(&shape);
    }
    if wanted("audit") {
        audit::run(&shape);
    }
    if wanted("import") {
        import::run(&shape, &place);
    }
    if wanted("formats") {
        formats::run();
    }
    if wanted("serve") {
        serve::run((shape.artefacts / 500).clamp(50, 2_000) as usize);
    }
    if wanted("pull") {
        pull::run(&place);
    }
    if wanted("console") {
        console::run(&shape, &place);
    }
}

fn lineage(shape: &Shape, place: &Place) {
    part("lineage in memory");
    native(shape);
    let index = build(shape);
    let lineage = Lineage::read(&index).unwrap();
    size(&lineage);
    figure("index: peak memory of building it", place.peak_of("index"), "MB", Bar::None);
    open(&index, &lineage);
    part("walks");
    let start = start(shape, &lineage);
    let walked = walks(&lineage, start);
    petgraph_walk(shape, walked);
    recursive_query(&lineage, start, walked);
    answers(&lineage, start);
    part("find");
    finds(&lineage);
}

/// The questions of the responder's hour, over the same lineage.
fn incident(shape: &Shape) {
    part("incident");
    let lineage = Lineage::read(&build(shape)).unwrap();
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(&lineage, &marks, &go);
    incident::diff(shape, &asking);
    plan::run(shape, &lineage);
    suspects::run(shape, &lineage);
}

fn head() -> IndexHead {
    IndexHead { origin: "lastgood/bench".into(), records: 1, root: [1; 32], claims: 1 }
}

/// Writes the lineage in the native format, as an import would read it.
fn native(shape: &Shape) {
    let begun = Instant::now();
    let (mut bytes, mut text) = (0, String::new());
    shape.each(|saying| {
        text.clear();
        line(&saying, &mut text);
        bytes += text.len();
    });
    said(&format!("native format: write {} MB", bytes / 1_000_000), begun.elapsed());
}

fn build(shape: &Shape) -> Vec<u8> {
    build_with(shape, &|_, _| {})
}

/// The index of the lineage and of what `more` states beside it, from a claim on.
pub(crate) fn build_with(shape: &Shape, more: &dyn Fn(u64, &mut Builder)) -> Vec<u8> {
    let begun = Instant::now();
    let mut builder = Builder::new();
    let mut claim = 0;
    shape.each(|saying| {
        claim += 1;
        row(&saying, claim, &mut |row| builder.push(row));
    });
    more(claim + 1, &mut builder);
    said("index: feed claims", begun.elapsed());
    let concluding = Instant::now();
    let index = builder.finish(&head()).unwrap();
    said("index: conclude and lay out", concluding.elapsed());
    index
}

fn size(lineage: &Lineage) {
    let (all, names) = lineage.size();
    let beside = (all - names) as f64 / lineage.len() as f64;
    println!("{} artefacts, {} links, {} bytes", lineage.len(), lineage.links(), all);
    figure("index: bytes per artefact beside its name", beside, "B", Bar::AtMost(120.0));
    figure("index: bytes per name", names as f64 / lineage.len() as f64, "B", Bar::None);
}

fn open(index: &[u8], lineage: &Lineage) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), index).unwrap();
    let time = median(9, || {
        black_box(Lineage::open(file.path(), lineage.head()).unwrap());
    });
    said("open: map and check the cached index", time);
}

/// An artefact that reaches nearly everything.
fn start(shape: &Shape, lineage: &Lineage) -> Node {
    let mut id = String::new();
    shape.id(0, &mut id);
    lineage.node(&id).unwrap()
}

/// A walk over nothing but two flat arrays: the least that any of this can cost.
fn bare(starts: &[u32], ends: &[u32], from: u32) -> usize {
    let mut seen = vec![0_u64; starts.len().div_ceil(64)];
    let mut queue = vec![from];
    seen[from as usize / 64] |= 1 << (from % 64);
    let mut at = 0;
    while let Some(&node) = queue.get(at) {
        at += 1;
        for &next in &ends[starts[node as usize] as usize..starts[node as usize + 1] as usize] {
            let (word, bit) = (&mut seen[next as usize / 64], 1 << (next % 64));
            if *word & bit == 0 {
                *word |= bit;
                queue.push(next);
            }
        }
    }
    queue.len()
}

fn walks(lineage: &Lineage, start: Node) -> Duration {
    let mut starts = vec![0_u32];
    let mut ends = Vec::new();
    for node in lineage.nodes() {
        ends.extend(lineage.downstream(node).filter(|link| link.carries_impact).map(|link| link.from.index() as u32));
        starts.push(ends.len() as u32);
    }
    let flat = median(9, || {
        black_box(bare(&starts, &ends, start.index() as u32));
    });
    said("walk down, bare flat arrays", flat);
    let go = AtomicBool::new(false);
    let mut reached = 0;
    let time = median(9, || {
        let walk = walk(lineage, &[start], Way::Down, &Along::impact(), Bounds::NONE, &go).unwrap();
        reached = walk.len();
    });
    assert_eq!(reached, bare(&starts, &ends, start.index() as u32));
    println!("reached: {reached} of {}", lineage.len());
    said("walk down, with paths and distances", time);
    ratio("  of a bare walk", time, flat, Bar::None);
    let window = Window { since: Some(Time::from_seconds(1_777_593_600)), until: None };
    let dated = median(3, || {
        let along = Along { window, ..Along::impact() };
        black_box(walk(lineage, &[start], Way::Down, &along, Bounds::NONE, &go).unwrap());
    });
    said("walk down within a window", dated);
    time
}

fn petgraph_walk(shape: &Shape, ours: Duration) {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(shape.artefacts as usize, 0);
    for _ in 0..shape.artefacts {
        graph.add_node(());
    }
    shape.each_link(|from, to| {
        graph.add_edge(NodeIndex::new(to as usize), NodeIndex::new(from as usize), ());
    });
    let time = median(5, || {
        let mut bfs = petgraph::visit::Bfs::new(&graph, NodeIndex::new(0));
        let mut reached = 0;
        while bfs.next(&graph).is_some() {
            reached += 1;
        }
        black_box(reached);
    });
    said("walk down, petgraph Bfs", time);
    ratio("  petgraph takes, of our walk", time, ours, Bar::AtLeast(1.0));
}

fn recursive_query(lineage: &Lineage, start: Node, ours: Duration) {
    let mut sql = rusqlite::Connection::open_in_memory().unwrap();
    sql.execute_batch(
        "CREATE TABLE link (upstream INTEGER, downstream INTEGER, PRIMARY KEY (upstream, downstream)) WITHOUT ROWID",
    )
    .unwrap();
    let batch = sql.transaction().unwrap();
    {
        let mut insert = batch.prepare("INSERT OR IGNORE INTO link VALUES (?1, ?2)").unwrap();
        for node in lineage.nodes() {
            for link in lineage.downstream(node).filter(|link| link.carries_impact) {
                insert.execute((node.index() as i64, link.from.index() as i64)).unwrap();
            }
        }
    }
    batch.commit().unwrap();
    let time = median(1, || {
        let text = "WITH RECURSIVE hit(n) AS (VALUES (?1) UNION SELECT downstream FROM link JOIN hit ON upstream = n) SELECT count(*) FROM hit";
        let reached: i64 = sql.query_row(text, [start.index() as i64], |row| row.get(0)).unwrap();
        black_box(reached);
    });
    said("walk down, recursive query over an indexed table", time);
    ratio("  the query takes, of our walk", time, ours, Bar::AtLeast(60.0));
}

pub(crate) fn asking<'a>(lineage: &'a Lineage, marks: &'a MarkBook, go: &'a AtomicBool) -> Asking<'a> {
    let now = Time::from_seconds(1_795_000_000);
    Asking {
        lineage,
        marks,
        taint: const { &Taint::NONE },
        exceptions: lastgood::investigate::exceptions::ExceptionBook::none(),
        policy: Ok(&POLICY),
        case: None,
        as_of: None,
        now,
        cancel: go,
        names: &|_| ClaimName::default(),
        claims: &|_| Ok(Vec::new()),
        signed: &|_| None,
        seen: &|_| None,
        file: &|_| None,
    }
}

fn answers(lineage: &Lineage, start: Node) {
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(lineage, &marks, &go);
    let of = vec![lineage.id(start).to_owned()];
    let question = Impact { of, window: Window::default(), kinds: Vec::new(), limit: 1_000 };
    let time = median(9, || {
        drop(black_box(impact(&asking, &question).unwrap()));
    });
    said("impact: full reach, whole answer with 1,000 rows", time);
    let window = Window { since: Some(Time::from_seconds(1_780_000_000)), until: None };
    let question = Impact { window, ..question };
    let time = median(3, || {
        drop(black_box(impact(&asking, &question).unwrap()));
    });
    said("impact: full reach within a window (two walks)", time);
    let time = median(3, || {
        drop(black_box(overview(&asking, &[]).unwrap()));
    });
    said("overview", time);
}

fn finds(lineage: &Lineage) {
    let (marks, go) = (MarkBook::default(), AtomicBool::new(false));
    let asking = asking(lineage, &marks, &go);
    for text in ["f", "fraud", "fraud-scorer", "frsc42", "scorer 00123", "e", "kind:deployment 0042", "qqzzj", "a t"] {
        let question = Find { query: text.to_owned(), limit: 100 };
        let mut total = 0;
        let time = median(5, || total = find(&asking, &question).unwrap().completeness.at_most);
        let mut first = Vec::new();
        for _ in 0..5 {
            let begun = Instant::now();
            let mut shown = None;
            let answer = Finder::new().ask(&asking, &question, &mut |_| shown = Some(begun.elapsed())).unwrap();
            drop(black_box(answer));
            first.push(shown.unwrap_or_else(|| begun.elapsed()));
        }
        first.sort_unstable();
        held(&format!("find \"{text}\": all of {total}"), time, Bar::AtMost(100.0));
        held("  first page", first[2], Bar::AtMost(30.0));
    }
    let mut finder = Finder::new();
    let typed = ["f", "fr", "fra", "frau", "fraud", "fraud-", "fraud-s"].map(|text| {
        let begun = Instant::now();
        let question = Find { query: text.to_owned(), limit: 100 };
        drop(black_box(finder.ask(&asking, &question, &mut |_| {}).unwrap()));
        format!("{:.0}", begun.elapsed().as_secs_f64() * 1e3)
    });
    println!("find while \"fraud-s\" is typed, ms a key: {}", typed.join(" "));
}
