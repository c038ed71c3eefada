//! Documents that are too large to be one record: cut into slices that say together what the whole says,
//! in memory that does not grow with the file. The sizes of the issue are in the slow part.

use crate::import_streams::{Imported, import, import_within};
use lastgood::import::frame::{Budget, Cut, Stream};
use lastgood::import::{Framing, native, sniff};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;

const MIB: usize = 1 << 20;

fn component(number: usize) -> String {
    format!(
        r#"{{"bom-ref":"c{number}","type":"library","name":"lib-{number}","version":"1.{number}","purl":"pkg:pypi/lib-{number}@1.{number}","description":"{}"}}"#,
        "x, ] } \\\" ".repeat(30)
    )
}

/// A bill of materials of so many components, its time before them and its signature behind.
fn bom(components: usize) -> String {
    let mut text = String::from(
        "{\n \"bomFormat\": \"CycloneDX\",\n \"specVersion\": \"1.6\",\n \"serialNumber\": \"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79\",\n \"version\": 1,\n \"metadata\": {\"timestamp\": \"2026-11-18T09:00:00Z\", \"component\": {\"bom-ref\": \"root\", \"type\": \"application\", \"name\": \"scorer\", \"version\": \"2\"}},\n \"components\": [\n",
    );
    for number in 0..components {
        writeln!(text, "  {}{}", component(number), if number + 1 < components { "," } else { "" }).unwrap();
    }
    text.push_str(" ],\n \"dependencies\": [\n  {\"ref\": \"root\", \"dependsOn\": [\"c0\"]}");
    for number in 1..components {
        write!(text, ",\n  {{\"ref\": \"c{}\", \"dependsOn\": [\"c{number}\"]}}", number - 1).unwrap();
    }
    text.push_str("\n ],\n \"compositions\": [{\"aggregate\": \"incomplete\", \"assemblies\": [\"c1\"]}]\n}\n");
    text
}

fn framings(imported: &Imported) -> Vec<Framing> {
    imported.records.iter().map(|(frame, _)| frame.framing).collect()
}

fn statements(imported: &Imported) -> BTreeSet<String> {
    imported.claims().map(native::write).collect()
}

#[test]
fn a_large_document_says_in_slices_what_it_says_at_once() {
    let text = bom(22_000);
    assert!(text.len() > 9 * MIB);
    let sliced = import(text.as_bytes()).unwrap();
    assert!(framings(&sliced).iter().all(|it| matches!(it, Framing::Slice | Framing::Rest)));
    assert_eq!(framings(&sliced).iter().filter(|it| **it == Framing::Rest).count(), 1);
    assert!(sliced.records.len() > 30, "{} records", sliced.records.len());
    assert_eq!((sliced.reasons(), sliced.warnings()), (vec![], vec![]));

    // The same document under one record, as one that is not too large would be.
    let (importer, _) = sniff(&Stream::open(text.as_bytes()).unwrap().head()).unwrap();
    let whole = lastgood::import::read_record(importer, text.as_bytes(), Framing::Whole);
    let whole: BTreeSet<String> = whole.claims.iter().map(|claim| native::write(&claim.statement)).collect();
    let sliced = statements(&sliced);
    // A reference to a part that another slice describes is by its BOM-Link, which the part is said to be too.
    let linked = |number: usize| {
        let link = format!("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#c{number}");
        let purl = format!("pkg:pypi/lib-{number}@1.{number}");
        sliced.iter().any(|it| it.contains("same-as") && it.contains(&link) && it.contains(&purl))
    };
    assert!((0..22_000).step_by(997).all(linked));
    let described = |said: &BTreeSet<String>| said.iter().filter(|it| it.contains("\"type\":\"artefact\"")).count();
    let links = |said: &BTreeSet<String>| said.iter().filter(|it| it.contains("\"type\":\"link\"")).count();
    let lost: Vec<&String> = whole.difference(&sliced).filter(|it| it.contains("\"artefact\"")).take(5).collect();
    assert_eq!(described(&sliced), described(&whole), "{lost:?}");
    assert_eq!(links(&sliced), links(&whole));
    let once = |said: &BTreeSet<String>, part: &str| said.iter().filter(|it| it.contains(part)).count();
    for part in ["\"type\":\"absence\"", "bill-of-materials", "\"type\":\"evidence\""] {
        assert_eq!(once(&sliced, part), once(&whole, part), "{part}");
    }
}

#[test]
fn positions_in_slices_are_those_of_the_file() {
    let text = bom(22_000);
    let stream = Stream::open(text.as_bytes()).unwrap();
    let (_, framing) = sniff(&stream.head()).unwrap();
    let (lines, mut looked): (Vec<&str>, usize) = (text.lines().collect(), 0);
    for cut in stream.frames(framing, Budget::default()) {
        let Cut::Frame(frame) = cut.unwrap() else { panic!("something was skipped") };
        serde_json::from_slice::<serde_json::Value>(&frame.content).unwrap();
        let slice = std::str::from_utf8(&frame.content).unwrap();
        for (at, _) in slice.match_indices("\"bom-ref\":\"c").step_by(50) {
            let name = slice[at..].split(',').next().unwrap();
            let line = lines[usize::try_from(frame.line_of(u32::try_from(at).unwrap())).unwrap() - 1];
            assert!(line.contains(name), "{name} is not on {line}");
            let offset = usize::try_from(frame.offset).unwrap() + at;
            assert!(text[offset..].starts_with(name), "{name} is not at byte {offset}");
            looked += 1;
        }
    }
    assert!(looked > 300);
}

#[test]
fn a_document_of_less_is_one_record_and_lines_stay_lines() {
    let small = import(bom(100).as_bytes()).unwrap();
    assert_eq!(framings(&small), [Framing::Whole]);
    let line = |number: usize| {
        let spans = format!(
            r#"{{"traceId":"{:032x}","spanId":"{:016x}","name":"chat m","startTimeUnixNano":"1763456400000000000","endTimeUnixNano":"1763456400000000001","attributes":[{{"key":"gen_ai.operation.name","value":{{"stringValue":"chat"}}}},{{"key":"note","value":{{"stringValue":"{}"}}}}]}}"#,
            number + 1,
            number + 1,
            "n".repeat(70_000)
        );
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
    };
    let lines: String = (0..4).map(|number| line(number) + "\n").collect();
    let read = import(lines.as_bytes()).unwrap();
    assert!(framings(&read).iter().all(|it| *it == Framing::Lines));
    let steps = |read: &Imported| read.claims().filter(|it| native::write(it).contains("\"kind\":\"step\"")).count();
    assert_eq!(steps(&read), steps(&import(line(0).as_bytes()).unwrap()) * 4);
    // More than fits one record: every line gives what it gives alone.
    let many: String = (0..150).map(|number| line(number) + "\n").collect();
    assert!(many.len() > 9 * MIB);
    let read = import(many.as_bytes()).unwrap();
    assert_eq!(steps(&read), steps(&import(line(0).as_bytes()).unwrap()) * 150);
    assert_eq!(read.reasons(), Vec::<String>::new());
}

#[test]
fn damage_in_a_large_document_costs_what_is_damaged() {
    let text = bom(22_000);
    let cut = &text[..text.len() / 20 * 19];
    let read = import(cut.as_bytes()).unwrap();
    assert!(read.reasons().iter().any(|why| why.contains("truncated")), "{:?}", read.reasons());
    assert!(read.claims().count() > 10_000);
    let broken = text.replacen("\"bom-ref\":\"c15000\",", "\"bom-ref\":\"c15000\" oops,", 1);
    let read = import(broken.as_bytes()).unwrap();
    assert_eq!(read.reasons().len(), 1, "{:?}", read.reasons());
    assert!(read.claims().count() > 60_000);
    let after = import(format!("{text} and more").as_bytes()).unwrap();
    assert!(after.reasons()[0].contains("text follows where the document ends"), "{:?}", after.reasons());
    let budget = Budget { unit: 200, ..Budget::default() };
    let read = import_within(text.as_bytes(), budget).unwrap();
    assert!(read.reasons()[0].contains("more than 200 bytes"), "{:?}", read.reasons().first());
}

/// So many bytes of a document without an end, made as they are read.
struct Endless {
    made: Vec<u8>,
    at: usize,
    left: usize,
    next: usize,
    unit: fn(usize) -> String,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.made.len() {
            if self.left == 0 {
                return Ok(0);
            }
            (self.made, self.at) = ((self.unit)(self.next).into_bytes(), 0);
            self.next += 1;
            self.left = self.left.saturating_sub(self.made.len());
        }
        let given = buffer.len().min(self.made.len() - self.at);
        buffer[..given].copy_from_slice(&self.made[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}

#[test]
fn no_record_grows_with_the_document() {
    let head = bom(0);
    let head = &head[..head.find("[\n").unwrap() + 1];
    let body = Endless { made: Vec::new(), at: 0, left: 40 * MIB, next: 0, unit: |number| component(number) + ",\n" };
    let stream = Stream::open(head.as_bytes().chain(body)).unwrap();
    let (_, framing) = sniff(&stream.head()).unwrap();
    let (mut records, mut longest) = (0, 0);
    for cut in stream.frames(framing, Budget::default()) {
        if let Cut::Frame(frame) = cut.unwrap() {
            records += 1;
            longest = longest.max(frame.content.len());
        }
    }
    assert!(records > 100 && longest < MIB, "{records} records, the longest of {longest} bytes");
}
