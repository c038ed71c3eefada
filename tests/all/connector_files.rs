//! Files and directories as they lie about: what is read, in which order, and what is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use crate::import_streams::import;
use lastgood::connector::{Item, Limits, Refused, walk};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const LINE: &str = "{\"type\":\"artefact\",\"id\":\"dataset:a\",\"kind\":\"dataset\"}\n";

fn all(paths: &[&Path], limits: &Limits) -> (Vec<Item>, Vec<Refused>) {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let (mut items, mut refusals) = (Vec::new(), Vec::new());
    for found in walk(&paths, limits) {
        match found {
            Ok(item) => items.push(item),
            Err(refused) => refusals.push(refused),
        }
    }
    (items, refusals)
}

fn names(items: &[Item], root: &Path) -> Vec<String> {
    items.iter().map(|item| item.name.strip_prefix(&root.display().to_string()).unwrap().to_owned()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_tree_is_read_in_order_and_what_is_passed_over_is_told() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    for name in ["b/2.jsonl", "b/10.jsonl", "a.jsonl", "b.jsonl", ".hidden", "c/.git/config"] {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), LINE).unwrap();
    }
    symlink(root, root.join("loop")).unwrap();
    symlink(root.join("a.jsonl"), root.join("link")).unwrap();
    let (items, refusals) = all(&[root], &Limits::default());
    assert_eq!(names(&items, root), ["/a.jsonl", "/b/10.jsonl", "/b/2.jsonl", "/b.jsonl"]);
    assert!(refusals.iter().all(|refused| refused.passed_over), "{refusals:?}");
    let told: Vec<String> =
        refusals.iter().map(|refused| refused.name.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(told, [".hidden", ".git", "link", "loop"]);
    assert!(refusals[2].why.contains("symlink"));
    // A symlink that a person names is followed.
    assert_eq!(all(&[&root.join("link")], &Limits::default()).0.len(), 1);
}

#[test]
fn pipes_sockets_devices_and_loops_are_refused_without_waiting() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    symlink(root.join("loop"), root.join("loop")).unwrap();
    let (pipe, socket, round) = (root.join("pipe"), root.join("socket"), root.join("loop"));
    let paths = [pipe.as_path(), &socket, &round, Path::new("/dev/zero"), Path::new("/no/such")];
    let (items, refusals) = all(&paths, &Limits::default());
    assert!(items.is_empty());
    let why: Vec<&str> = refusals.iter().map(|refused| refused.why.as_str()).collect();
    assert_eq!(why[0], "is a pipe, and not a file: pipe it into `-`");
    assert_eq!(why[1], "is a socket, and not a file");
    assert!(why[2].contains("symbolic links") || why[2].contains("symlink"), "{}", why[2]);
    assert_eq!(why[3], "is a device, and not a file");
    assert_eq!(why[4], "there is no such file");
    assert!(refusals.iter().all(|refused| !refused.passed_over));
    let (items, refusals) = all(&[root], &Limits::default());
    assert_eq!((items.len(), refusals.len()), (0, 3));
}

#[test]
fn compressed_files_read_as_what_they_hold() {
    let dir = TempDir::new().unwrap();
    let twice = [gzip(LINE.as_bytes()), gzip(LINE.as_bytes())].concat();
    let files = [("g", twice, 2), ("z", zstd::encode_all(LINE.as_bytes(), 3).unwrap(), 1)];
    for (name, bytes, lines) in files {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let (items, _) = all(&[&path], &Limits::default());
        let item = items.into_iter().next().unwrap();
        assert_eq!(import(item.reader).unwrap().claims().count(), lines);
    }
}

#[test]
fn what_grows_too_much_is_stopped_and_what_came_before_is_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("bomb.gz");
    let many = LINE.repeat(200_000);
    fs::write(&path, gzip(many.as_bytes())).unwrap();
    let limits = Limits { ratio_from: 1 << 20, ..Limits::default() };
    let read = |limits: &Limits| import(all(&[&path], limits).0.remove(0).reader).unwrap();
    let imported = read(&limits);
    assert!(imported.stopped.unwrap().contains("a decompression bomb?"));
    assert!(!imported.records.is_empty());
    let imported = read(&Limits { decompressed: 100_000, ..Limits::default() });
    assert!(imported.stopped.unwrap().contains("decompresses to more than 100000 bytes"));
    for (decompressed, stops) in [(many.len() - 1, true), (many.len(), false), (many.len() + 1, false)] {
        let limits = Limits { decompressed: decompressed as u64, ratio: u64::MAX, ..Limits::default() };
        assert_eq!(read(&limits).stopped.is_some(), stops, "{decompressed}");
    }
}

#[test]
fn a_broken_gzip_says_where_and_keeps_the_lines_before() {
    let dir = TempDir::new().unwrap();
    let mut text = String::new();
    for n in 0..20_000 {
        text.push_str(&LINE.replace("dataset:a", &format!("dataset:{}", n * 7919 % 10_007)));
    }
    let mut bytes = gzip(text.as_bytes());
    bytes.truncate(bytes.len() / 2);
    let path = dir.path().join("cut.gz");
    fs::write(&path, &bytes).unwrap();
    let imported = import(all(&[&path], &Limits::default()).0.remove(0).reader).unwrap();
    assert!(imported.claims().count() > 1000);
    let stopped = imported.stopped.unwrap();
    assert!(stopped.starts_with("reading stopped at byte "), "{stopped}");
}

#[test]
fn limits_on_files_and_directories_hold_at_their_edge() {
    let dir = TempDir::new().unwrap();
    for n in 0..4 {
        fs::write(dir.path().join(n.to_string()), LINE).unwrap();
    }
    for (entries, items) in [(3, 0), (4, 4), (5, 4)] {
        let limits = Limits { entries, ..Limits::default() };
        assert_eq!(all(&[dir.path()], &limits).0.len(), items, "{entries}");
    }
    for (file, items) in [(LINE.len() - 1, 0), (LINE.len(), 4), (LINE.len() + 1, 4)] {
        let limits = Limits { file: file as u64, ..Limits::default() };
        assert_eq!(all(&[dir.path()], &limits).0.len(), items, "{file}");
    }
}

#[test]
fn our_own_files_are_passed_over() {
    let dir = TempDir::new().unwrap();
    let mut ledger = b"SQLite format 3\0".to_vec();
    ledger.resize(68, 0);
    ledger.extend_from_slice(&0x6c67_6f64_u32.to_be_bytes());
    ledger.resize(4096, 0);
    fs::write(dir.path().join("ledger"), &ledger).unwrap();
    fs::write(dir.path().join("index"), b"lastgood\x01\0\0\0").unwrap();
    fs::write(dir.path().join("notes.txt"), b"lastgood is a console").unwrap();
    let (items, refusals) = all(&[dir.path()], &Limits::default());
    assert_eq!(names(&items, dir.path()), ["/notes.txt"]);
    assert!(refusals.iter().all(|refused| refused.passed_over));
    let (_, refusals) = all(&[&dir.path().join("ledger")], &Limits::default());
    assert!(!refusals[0].passed_over && refusals[0].why.contains("--ledger"));
}

#[test]
fn an_item_reads_to_its_end() {
    let dir = TempDir::new().unwrap();
    for text in ["", "x", "xyz", "wxyz!"] {
        let path = dir.path().join("f");
        fs::write(&path, text).unwrap();
        let mut read = String::new();
        all(&[&path], &Limits::default()).0.remove(0).reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }
}
