//! Two verifiers of bundles, ours and the one in Python, made from the published texts: both refuse what must be
//! refused, and they agree on everything.

use crate::ledger_fixture::keys;
use crate::support::bundles::{Asked, Log, can_ask_python, key_called, ours, python, sealed};
use crate::support::skipped;
use lastgood::proof::keys::SigningKey;
use lastgood::store::Verdict;
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    name: String,
    base: Option<String>,
    on: Option<String>,
    find: Option<String>,
    with: Option<String>,
    line: Option<String>,
    after: Option<String>,
    note: Option<String>,
    seal: Option<String>,
    key: Option<String>,
    origin: Option<String>,
    anchor: Option<String>,
    verdict: Option<String>,
}

fn right() -> SigningKey {
    keys().signing
}

/// The lines of a good bundle, without its seal.
fn base(name: &str) -> Vec<Vec<u8>> {
    match name {
        "part" => Log::new(13, &[]).lines(Some(&[1, 2, 5, 7, 10]), &[4, 8]),
        "whole" => Log::new(13, &[]).lines(None, &[4, 8]),
        "erased" => Log::new(13, &[(3, 9)]).lines(Some(&Vec::from_iter(1..=13)), &[]),
        other => panic!("no bundle is called {other}"),
    }
}

fn anchors(name: &str) -> Vec<Vec<u8>> {
    let (log, forked) = (Log::new(13, &[]), Log::new(13, &[(3, 9)]));
    let note = |log: &Log, size: u64| log.note(size, &right()).into_bytes();
    match name {
        "longer" => vec![note(&Log::new(20, &[]), 20)],
        "forked" => vec![note(&forked, 13)],
        "between" => vec![note(&log, 6)],
        "other-key" => vec![log.note(8, &key_called("other").unwrap()).into_bytes()],
        "crlf" => vec![log.note(8, &right()).replace('\n', "\r\n").into_bytes()],
        "bytes" => vec![vec![0, 255, 254, 10]],
        "empty" => vec![Vec::new()],
        "fits-and-forked" => vec![note(&log, 8), note(&forked, 13)],
        "fits" => vec![note(&log, 8)],
        other => panic!("no checkpoint is called {other}"),
    }
}

fn replaced(case: &Case, text: &[u8]) -> Vec<u8> {
    let (Some(find), Some(with)) = (&case.find, &case.with) else { return text.to_vec() };
    let more = ",\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"".repeat(63);
    let with = with.replace("{63 more}", &more);
    let text = std::str::from_utf8(text).unwrap();
    let find = Regex::new(find).unwrap();
    assert!(find.is_match(text), "{}: nothing fits {find}", case.name);
    let many = if case.name.contains("every") || case.name.contains("alone") { 0 } else { 1 };
    find.replacen(text, many, with.as_str()).into_owned().into_bytes()
}

/// The note of a line signed anew, whatever it says.
fn signed_anew(line: &[u8], key: &SigningKey) -> Vec<u8> {
    let note: serde_json::Value = serde_json::from_slice(line).unwrap();
    let note = note["checkpoint"].as_str().unwrap();
    let body = note.rsplit_once("\n\n").unwrap().0.to_owned() + "\n";
    let line = serde_json::to_string(&serde_json::json!({ "checkpoint": key.sign_note(&body) })).unwrap();
    format!("{line}\n").into_bytes()
}

fn place(lines: &[Vec<u8>], on: &str) -> usize {
    let (kind, nth) = on.split_once(':').map_or((on, 1), |(kind, nth)| (kind, nth.parse().unwrap()));
    let word = format!("{{\"{}\":", if kind == "head" { "bundle" } else { kind });
    let of_kind = lines.iter().enumerate().filter(|(_, line)| line.starts_with(word.as_bytes()));
    of_kind.map(|(at, _)| at).nth(nth - 1).unwrap()
}

fn edit(case: &Case, lines: &mut Vec<Vec<u8>>, at: usize) {
    lines[at] = replaced(case, &lines[at]);
    if let Some(after) = &case.after {
        lines.insert(at + 1, format!("{after}\n").into_bytes());
    }
    match case.line.as_deref() {
        None => {}
        Some("drop") => drop(lines.remove(at)),
        Some("double") => lines.insert(at, lines[at].clone()),
        Some("up") => lines.swap(at - 1, at),
        Some("first") => {
            let line = lines.remove(at);
            lines.insert(1, line);
        }
        Some("last") => {
            let line = lines.remove(at);
            lines.push(line);
        }
        Some(other) => panic!("{other}"),
    }
}

fn made(case: &Case) -> Asked {
    let mut lines = base(case.base.as_deref().unwrap_or("part"));
    let good = sealed(&lines, &right());
    let on = case.on.as_deref().unwrap_or("nothing");
    match on {
        "nothing" | "seal" | "all" => {}
        "body" => lines = vec![replaced(case, &lines.concat())],
        _ => {
            let at = place(&lines, on);
            edit(case, &mut lines, at);
        }
    }
    if let Some(key) = &case.note {
        let at = place(&lines, "checkpoint");
        lines[at] = signed_anew(&lines[at], &key_called(key).unwrap());
    }
    let mut bundle = match case.seal.as_deref().unwrap_or("true") {
        "none" => lines.concat(),
        "other" => sealed(&lines, &key_called("other").unwrap()),
        "false" => {
            let seal = good.split_inclusive(|byte| *byte == b'\n').next_back().unwrap();
            [&lines.concat(), seal].concat()
        }
        _ => sealed(&lines, &right()),
    };
    match on {
        "seal" => {
            let mut lines: Vec<Vec<u8>> = bundle.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            let at = lines.len() - 1;
            edit(case, &mut lines, at);
            bundle = lines.concat();
        }
        "all" => bundle = replaced(case, &bundle),
        _ => {}
    }
    assert!(bundle != good || case.key.is_some() || case.origin.is_some() || case.anchor.is_some(), "{}", case.name);
    Asked {
        bundle,
        key: key_called(case.key.as_deref().unwrap_or("right")).map(|key| key.verifier().to_string()),
        origin: case.origin.clone(),
        anchors: case.anchor.as_deref().map(anchors).unwrap_or_default(),
    }
}

#[test]
fn what_must_be_refused_is_refused_by_both() {
    let file: File = toml::from_str(include_str!("../verify/must_reject.toml")).unwrap();
    assert!(file.case.len() >= 120, "{}", file.case.len());
    let names: std::collections::BTreeSet<&str> = file.case.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), file.case.len(), "two cases have one name");
    let asked: Vec<Asked> = file.case.iter().map(made).collect();
    let mut wrong = Vec::new();
    for (case, asked) in file.case.iter().zip(&asked) {
        let (verdict, why) = ours(asked);
        let expected = case.verdict.as_deref().unwrap_or("failed");
        if verdict.as_str() != expected || matches!(verdict, Verdict::Anchored | Verdict::Unanchored) {
            wrong.push(format!("{}: {} {why}", case.name, verdict.as_str()));
        }
    }
    assert!(wrong.is_empty(), "ours: {}", wrong.join("\n"));
    if !can_ask_python() {
        skipped("the verifier in Python", "there is no python3 or no openssl");
        return;
    }
    for (case, (verdict, why)) in file.case.iter().zip(python(&asked)) {
        if verdict != case.verdict.as_deref().unwrap_or("failed") {
            wrong.push(format!("{}: {verdict} {why}", case.name));
        }
    }
    assert!(wrong.is_empty(), "Python: {}", wrong.join("\n"));
}

#[test]
fn what_is_as_it_should_be_is_accepted_by_both() {
    let mut asked = Vec::new();
    for name in ["part", "whole", "erased"] {
        let bundle = sealed(&base(name), &right());
        let key = Some(right().verifier().to_string());
        asked.push((Asked { bundle: bundle.clone(), key: key.clone(), ..Asked::default() }, "unanchored"));
        let origin = Some(right().name().to_owned());
        asked.push((Asked { bundle: bundle.clone(), key: key.clone(), origin, anchors: Vec::new() }, "unanchored"));
        if name != "erased" {
            asked.push((Asked { bundle, key, origin: None, anchors: anchors("fits") }, "anchored"));
        }
    }
    let empty = sealed(&Log::new(0, &[]).lines(None, &[]), &right());
    let key = Some(right().verifier().to_string());
    asked.push((Asked { bundle: empty, key, ..Asked::default() }, "unanchored"));
    for (asked, expected) in &asked {
        let said = ours(asked);
        assert_eq!(said.0.as_str(), *expected, "{said:?}");
    }
    if can_ask_python() {
        let all: Vec<Asked> = asked.iter().map(|(asked, _)| asked.clone()).collect();
        for ((_, expected), said) in asked.iter().zip(python(&all)) {
            assert_eq!(said.0, *expected, "{said:?}");
        }
    }
}

/// Numbers that are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end.max(1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

const PIECES: [&str; 22] = [
    "0",
    "1",
    "9",
    "-",
    "\"",
    "\\",
    ",",
    "{}",
    "[]",
    "null",
    "true",
    "=",
    "A",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{e9}",
    " ",
    "\\u0061",
    "1e3",
    "18446744073709551616",
    "\u{2028}",
];

/// One thing changed somewhere, as bytes or as whole lines or values.
fn mutate(lines: &mut Vec<Vec<u8>>, chance: &mut Chance) {
    let at = chance.below(lines.len());
    let put = |line: &mut Vec<u8>, from: usize, to: usize, piece: &[u8]| {
        line.splice(from..to, piece.iter().copied());
    };
    match chance.below(9) {
        0 => {
            let byte = chance.below(lines[at].len());
            lines[at][byte] ^= 1 << chance.below(8);
        }
        1 => drop(lines.remove(at)),
        2 => lines.insert(at, lines[at].clone()),
        3 => {
            let other = chance.below(lines.len());
            lines.swap(at, other);
        }
        4 => {
            let (from, piece) = (chance.below(lines[at].len()), PIECES[chance.below(PIECES.len())]);
            put(&mut lines[at], from, from, piece.as_bytes());
        }
        5 => {
            let from = chance.below(lines[at].len());
            let to = (from + 1 + chance.below(4)).min(lines[at].len());
            put(&mut lines[at], from, to, b"");
        }
        6 => {
            // one value in place of another of the same kind of field
            let text = String::from_utf8_lossy(&lines[at]).into_owned();
            let values: Vec<_> =
                Regex::new(r#"":("[^"]*"|\d+)"#).unwrap().find_iter(&text).map(|it| it.range()).collect();
            if values.len() > 1 {
                let (to, from) =
                    (values[chance.below(values.len())].clone(), values[chance.below(values.len())].clone());
                put(&mut lines[at], to.start, to.end, text[from].as_bytes());
            }
        }
        7 => {
            let text = String::from_utf8_lossy(&lines[at]).into_owned();
            let numbers: Vec<_> = Regex::new(r"\d+").unwrap().find_iter(&text).map(|it| it.range()).collect();
            if !numbers.is_empty() {
                let number = numbers[chance.below(numbers.len())].clone();
                let value = text[number.clone()].parse::<u128>().unwrap_or(7);
                let value = [value + 1, value.saturating_sub(1), value * 2, 0][chance.below(4)];
                put(&mut lines[at], number.start, number.end, value.to_string().as_bytes());
            }
        }
        _ => {
            // a hash of a proof more, less, or in another place
            let text = String::from_utf8_lossy(&lines[at]).into_owned();
            let hashes: Vec<_> =
                Regex::new(r#"[\[,]"[A-Za-z0-9+/]{43}=""#).unwrap().find_iter(&text).map(|it| it.range()).collect();
            if !hashes.is_empty() {
                let (to, from) =
                    (hashes[chance.below(hashes.len())].clone(), hashes[chance.below(hashes.len())].clone());
                let hash = [b",", &text.as_bytes()[from.start + 1..from.end]].concat();
                if chance.one_in(2) {
                    put(&mut lines[at], to.end, to.end, &hash);
                } else {
                    put(&mut lines[at], to.start + 1, to.end, &hash[1..]);
                }
            }
        }
    }
}

fn made_up(number: u64) -> Asked {
    let mut chance = Chance(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    for _ in 0..4 {
        chance.below(2);
    }
    let size = 1 + chance.below(24) as u64;
    let erased: Vec<(u64, u64)> = if size > 4 && chance.one_in(3) { vec![(2, size - 1)] } else { Vec::new() };
    let log = Log::new(size, &erased);
    let mut earlier: Vec<u64> = (1..size).filter(|_| chance.one_in(3)).collect();
    earlier.truncate(4);
    let mut chosen: Vec<u64> = (1..=size).filter(|_| chance.one_in(2)).collect();
    chosen.extend(erased.iter().flat_map(|(record, told_in)| [*record, *told_in]));
    chosen.sort_unstable();
    chosen.dedup();
    let mut lines = log.lines((!chance.one_in(3)).then_some(&chosen), &earlier);
    let good = sealed(&lines, &right());
    let changes = [0, 0, 0, 0, 1, 1, 1, 2][chance.below(8)];
    for _ in 0..changes {
        if !lines.is_empty() {
            mutate(&mut lines, &mut chance);
        }
    }
    let seal = good.split_inclusive(|byte| *byte == b'\n').next_back().unwrap().to_vec();
    let mut bundle = match chance.below(12) {
        0..=7 => sealed(&lines, &right()),
        8 => sealed(&lines, &key_called("other").unwrap()),
        9 => lines.concat(),
        _ => [lines.concat(), seal].concat(),
    };
    if chance.one_in(12) {
        let mut lines = vec![bundle];
        mutate(&mut lines, &mut chance);
        bundle = lines.concat();
    }
    let key =
        ["right", "right", "right", "right", "right", "right", "other", "of-another-log", "none"][chance.below(9)];
    let origin =
        [None, None, None, Some(right().name().to_owned()), Some("lastgood/x".to_owned())][chance.below(5)].clone();
    let mut kept = Vec::new();
    while chance.one_in(2) && kept.len() < 3 {
        kept.push(match chance.below(8) {
            0..=2 => log.note(earlier.get(chance.below(earlier.len())).copied().unwrap_or(size), &right()).into_bytes(),
            3 => log.note(size, &right()).into_bytes(),
            4 => log.note(chance.below(size as usize + 1) as u64, &right()).into_bytes(),
            5 => Log::new(size + 3, &[]).note(size + 1, &right()).into_bytes(),
            6 => Log::new(30, &[(1, 2)]).note(size, &right()).into_bytes(),
            _ => {
                let mut lines = vec![log.note(size, &right()).into_bytes()];
                mutate(&mut lines, &mut chance);
                lines.concat()
            }
        });
    }
    Asked { bundle, key: key_called(key).map(|key| key.verifier().to_string()), origin, anchors: kept }
}

fn agree_on(numbers: std::ops::Range<u64>) -> BTreeMap<String, u64> {
    let asked: Vec<Asked> = numbers.clone().map(made_up).collect();
    let mut counts = BTreeMap::new();
    for ((number, asked), theirs) in numbers.zip(&asked).zip(python(&asked)) {
        let ours = ours(asked);
        if ours.0.as_str() != theirs.0 {
            let file = std::env::temp_dir().join(format!("disagree-{number}.bundle"));
            std::fs::write(&file, &asked.bundle).unwrap();
            panic!("on number {number} ({}): ours {ours:?}, Python {theirs:?}", file.display());
        }
        *counts.entry(theirs.0).or_insert(0) += 1;
    }
    counts
}

#[test]
fn both_agree_on_a_few_hundred_good_and_changed_bundles() {
    if !can_ask_python() {
        skipped("agreement of two verifiers", "there is no python3 or no openssl");
        return;
    }
    let counts = agree_on(0..400);
    assert!(counts.len() == 6, "{counts:?}");
}

#[test]
#[ignore = "slow"]
fn sizes_and_changes_both_verifiers_agree_on_ten_thousand_bundles() {
    if !can_ask_python() {
        skipped("agreement of two verifiers", "there is no python3 or no openssl");
        return;
    }
    let counts = agree_on(0..10_000);
    println!("{counts:?}");
    assert!(counts.len() == 6 && counts.values().all(|count| *count > 100), "{counts:?}");
}

/// Turns over one bit in so many of a bundle; none may be accepted.
fn turn_bits(one_in: usize) -> u64 {
    let mut bundle = sealed(&Log::new(5, &[(2, 4)]).lines(Some(&[1, 2, 4]), &[3]), &right());
    let asked = |bundle: &[u8]| Asked {
        bundle: bundle.to_vec(),
        key: Some(right().verifier().to_string()),
        ..Asked::default()
    };
    assert_eq!(ours(&asked(&bundle)).0, Verdict::Unanchored);
    let mut turned = 0;
    for bit in (0..bundle.len() * 8).step_by(one_in) {
        bundle[bit / 8] ^= 1 << (bit % 8);
        let said = ours(&asked(&bundle));
        assert_eq!(said.0, Verdict::Failed, "bit {bit}: {said:?}");
        bundle[bit / 8] ^= 1 << (bit % 8);
        turned += 1;
    }
    turned
}

#[test]
fn one_bit_in_many_of_a_bundle_turned_over_is_refused() {
    assert!(turn_bits(13) > 500);
}

#[test]
#[ignore = "slow"]
fn every_bit_of_a_bundle_turned_over_is_refused() {
    let turned = turn_bits(1);
    println!("{turned} bits of a bundle turned over, none accepted");
    assert!(turned > 10_000);
}
