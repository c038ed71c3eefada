//! How fast each importer turns bytes into claims, beside a bare parse of the same bytes in the same run: real
//! files where they are at hand (`LASTGOOD_CORPORA`, or `corpora` beside the checkout), else one made here, else those
//! of `tests/golden`, over and over. It measures no disk and no ledger.

use crate::figure::{Bar, figure, part, timed};
use crate::made;
use lastgood::import::frame::{Budget, Cut, Frame, Stream};
use lastgood::import::{Importer, importer, read_record, sniff};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long each side is measured for, in turns.
const ENOUGH: Duration = Duration::from_millis(400);

/// A file, cut as an import would cut it.
struct File {
    bytes: Vec<u8>,
    frames: Vec<Frame>,
}

pub(crate) fn run() {
    part("importers, over a bare parse of the same bytes");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = std::env::var_os("LASTGOOD_CORPORA").map_or_else(|| root.join("../shared/corpora"), PathBuf::from);
    let mut real = by_format(&real);
    for (name, golden) in by_format(&root.join("tests/golden")) {
        let Some(importer) = importer(name) else { continue };
        let made = made::files().into_iter().filter(|made| made.0 == name);
        let made: Vec<File> = made.map(|(_, text)| cut(text.into_bytes()).unwrap().1).collect();
        let (from, files) = match real.remove(name) {
            Some(files) => ("real", files),
            None if !made.is_empty() => ("made", made),
            None => ("golden", golden),
        };
        measure(&format!("{name}, {} {from} files", files.len()), importer, &files);
    }
}

/// The files below a folder that are recognised and have a bare parser, by the name of their format.
fn by_format(folder: &Path) -> BTreeMap<&'static str, Vec<File>> {
    let mut found: BTreeMap<&'static str, Vec<File>> = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Some((name, file)) = file(&path) {
                found.entry(name).or_default().push(file);
            }
        }
    }
    found
}

fn file(path: &Path) -> Option<(&'static str, File)> {
    cut(std::fs::read(path).ok()?)
}

fn cut(bytes: Vec<u8>) -> Option<(&'static str, File)> {
    let stream = Stream::open(bytes.as_slice()).ok()?;
    let (importer, framing) = sniff(&stream.head()).ok()?;
    let cuts = stream.frames(framing, Budget::default()).map_while(Result::ok);
    let frames = cuts.filter_map(|cut| if let Cut::Frame(frame) = cut { Some(frame) } else { None }).collect();
    // Text that reads as YAML by chance is told by the format that was recognised.
    let parsed = bare(&bytes) || YAML.contains(&importer.format().name) && yaml(&bytes);
    parsed.then_some((importer.format().name, File { bytes, frames }))
}

fn measure(name: &str, importer: &dyn Importer, files: &[File]) {
    let (mut ours, mut peer, mut turns) = (Duration::ZERO, Duration::ZERO, 0_u32);
    let mut ratios = Vec::new();
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    // Enough passes that a turn is longer than the clock is coarse.
    let passes = (1 << 20) / bytes.max(1) + 1;
    while ours + peer < ENOUGH || turns < 9 {
        let read = timed(|| {
            for _ in 0..passes {
                for frame in files.iter().flat_map(|file| &file.frames) {
                    black_box(read_record(importer, &frame.content, frame.framing));
                }
            }
        });
        let parsed = timed(|| {
            for _ in 0..passes {
                for file in files {
                    black_box(bare(&file.bytes) || yaml(&file.bytes));
                }
            }
        });
        ratios.push(read.as_secs_f64() / parsed.as_secs_f64());
        (ours, peer, turns) = (ours + read, peer + parsed, turns + 1);
    }
    ratios.sort_by(f64::total_cmp);
    let speed = |time: Duration| (bytes * passes) as f64 * f64::from(turns) / 1e6 / time.as_secs_f64();
    let what = format!("{name}: {:.0} MB/s, a bare parse {:.0}", speed(ours), speed(peer));
    figure(&what, ratios[ratios.len() / 2], "×", Bar::AtMost(3.0));
}

/// Parses bytes into a tree and nothing more. False where no parser of such bytes is at hand.
fn bare(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => {
            let values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>();
            values.map_while(Result::ok).for_each(|value| drop(black_box((nested(&value), value))));
            true
        }
        Some(b'<') => {
            let mut reader = quick_xml::Reader::from_reader(bytes);
            let mut events = Vec::new();
            while let Ok(event) = reader.read_event() {
                if matches!(event, quick_xml::events::Event::Eof) {
                    break;
                }
                events.push(event.into_owned());
            }
            black_box(events);
            true
        }
        _ => false,
    }
}

/// Formats that are written in YAML.
const YAML: [&str; 5] = ["kubernetes", "dvc", "model-catalogue", "mlflow", "huggingface"];

/// The same for documents in YAML; of a card it is what stands above its text.
fn yaml(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let card = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let text = card.filter(|(_, text)| text.trim_start().starts_with('#')).map_or(text, |(front, _)| front);
    let values = serde_saphyr::from_multiple::<serde_json::Value>(text);
    values.map(black_box).is_ok()
}

/// Parses the documents that stand within others as text, or in base64 as the payload of an envelope, as
/// any reader of such a format has to. What git keeps is hashed and parsed, as far as it is YAML.
fn nested(value: &serde_json::Value) -> usize {
    use base64::Engine as _;
    use serde_json::Value;
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str::<Value>(text).map_or(0, |inner| 1 + nested(&inner))
        }
        Value::Array(list) => list.iter().map(nested).sum(),
        Value::Object(members) => {
            let payload = members.get("payload").and_then(Value::as_str);
            let decoded = payload.and_then(|it| base64::engine::general_purpose::STANDARD.decode(it).ok());
            let inner = decoded.and_then(|it| serde_json::from_slice::<Value>(&it).ok());
            let within = inner.map_or(0, |it| 1 + nested(&it)) + members.values().map(nested).sum::<usize>();
            within + if members.contains_key("git") { of_git(members) } else { 0 }
        }
        _ => 0,
    }
}

/// Hashes an object of git, and parses the files at a commit.
fn of_git(members: &serde_json::Map<String, serde_json::Value>) -> usize {
    use serde_json::Value;
    let object = members.get("object").and_then(Value::as_str).unwrap_or_default();
    black_box(lastgood::proof::digest::sha1(object.as_bytes()));
    let files = members.get("files").and_then(Value::as_object).into_iter().flatten();
    let is_yaml = |name: &str| [".yaml", ".yml", ".dvc", ".lock"].iter().any(|end| name.ends_with(end));
    let texts = files.filter(|(name, _)| is_yaml(name)).filter_map(|(_, text)| text.as_str());
    texts.filter(|text| serde_saphyr::from_str::<Value>(text).map(black_box).is_ok()).count()
}
