//! JUnit XML: the tests of a document counted, with the names of those that failed. What tests print
//! stays in the record. Documents with a DTD are refused, and no entity is expanded.

use super::Outcome;
use crate::import::telling::{self, Fault, Telling, clip};
use crate::import::{Format, Framing, Head, Importer, Reading};
use crate::model::{Attributes, Time};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::Value;

/// Reads JUnit XML.
pub struct JUnit;

static FORMAT: Format = Format {
    name: "junit",
    version: 1,
    media_type: "application/vnd.junit+xml",
    about: "JUnit XML: tests run, failed and skipped, as an evaluation",
    extensions: &["xml"],
};

/// Elements within elements that are followed.
const DEEPEST: usize = 128;
/// Failed tests that are named; the rest is in the record.
const MOST_NAMED: usize = 50;

impl Importer for JUnit {
    fn format(&self) -> &Format {
        &FORMAT
    }

    fn recognises(&self, head: &Head<'_>) -> Option<Framing> {
        let bytes = head.bytes.trim_ascii_start();
        bytes.starts_with(b"<").then_some(())?;
        let root = root(bytes)?;
        let is_junit = root == b"testsuites" || root == b"testsuite";
        is_junit.then_some(Framing::Whole)
    }

    fn read(&self, content: &[u8], out: &mut Reading) {
        telling::each_text(content, out, &tell);
    }
}

/// The name of the first element.
fn root(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let open = memchr::memchr(b'<', rest)?;
        rest = rest.get(open + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = comment.get(memchr::memmem::find(comment, b"-->")? + 3..)?;
        } else if matches!(rest.first(), Some(b'?' | b'!')) {
            rest = rest.get(memchr::memchr(b'>', rest)? + 1..)?;
        } else {
            let end = rest.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))?;
            return rest.get(..end);
        }
    }
}

/// What is counted.
#[derive(Default)]
struct Count {
    tests: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
    suites: u64,
    named: Vec<Value>,
    name: Option<String>,
    seconds: Option<f64>,
    at: Option<Time>,
    commit: Option<String>,
    /// The test that is being read, and whether it was counted as something else than passed.
    test: Option<(String, bool)>,
}

fn tell(document: &str, telling: &mut Telling<'_>) -> Result<(), Fault> {
    let mut reader = Reader::from_str(document);
    let mut count = Count::default();
    let mut depth = 0_usize;
    loop {
        let wrong = |reader: &Reader<&[u8]>, what: &str| format!("byte {}: {what}", reader.buffer_position());
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(wrong(&reader, "elements are nested more than 128 deep"));
                }
                count.begin(&element, telling);
            }
            Ok(Event::Empty(element)) => {
                count.begin(&element, telling);
                count.end(element.name().as_ref());
            }
            Ok(Event::End(element)) => {
                depth = depth.saturating_sub(1);
                count.end(element.name().as_ref());
            }
            Ok(Event::DocType(_)) => return Err(wrong(&reader, "a DTD: no test tool writes one; it is not read")),
            Ok(Event::Eof) if depth > 0 => {
                return Err(wrong(&reader, "the document ends inside an element (truncated?)"));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => return Err(wrong(&reader, &error.to_string())),
        }
    }
    let mut attributes = Attributes::new();
    let figures =
        [("tests", count.tests), ("failures", count.failed), ("errors", count.errors), ("skipped", count.skipped)];
    for (key, number) in figures {
        attributes.insert(format!("metric.{key}"), Value::from(number));
    }
    attributes.insert("suites".to_owned(), Value::from(count.suites));
    if let Some(seconds) = count.seconds.filter(|seconds| seconds.is_finite()) {
        attributes.insert("metric.seconds".to_owned(), Value::from(seconds));
    }
    if !count.named.is_empty() {
        attributes.insert("failed".to_owned(), Value::from(std::mem::take(&mut count.named)));
    }
    if count.tests == 0 {
        telling.doubt("no test was run: nothing was shown by it");
    }
    if let Some(at) = count.at {
        telling.observe(at);
    }
    let outcome = Outcome {
        kind: "evaluation",
        format: "junit",
        uid: None,
        name: count.name.as_deref().unwrap_or("tests"),
        by: "JUnit report".to_owned(),
        at: count.at,
        passed: count.failed + count.errors == 0 && count.tests > 0,
        attributes,
        commits: count.commit.map(|commit| (None, commit)).into_iter().collect(),
    };
    outcome.tell(document, telling);
    Ok(())
}

/// An attribute's text. Entities that a DTD would define stay as they are written.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().with_checks(false).flatten().find(|it| it.key.as_ref() == name)?;
    let written = found.value.into_owned();
    let text = quick_xml::escape::unescape(&written).map_or_else(|_| written.clone(), |text| text.into_owned());
    Some(clip(text.trim())).filter(|text| !text.is_empty())
}

impl Count {
    fn begin(&mut self, element: &BytesStart<'_>, telling: &mut Telling<'_>) {
        match element.name().as_ref() {
            "testsuites" | "testsuite" => {
                self.suites += u64::from(element.name().as_ref() == "testsuite");
                if self.name.is_none() {
                    self.name = attribute(element, "name");
                }
                if self.seconds.is_none() {
                    self.seconds = attribute(element, "time").and_then(|text| text.replace(',', "").parse().ok());
                }
                if let Some(time) = attribute(element, "timestamp").and_then(|text| telling.time_of(&text, "timestamp"))
                {
                    self.at = Some(self.at.map_or(time, |known| known.max(time)));
                }
            }
            "testcase" => {
                self.tests += 1;
                let name = attribute(element, "name").unwrap_or_else(|| "unnamed".to_owned());
                let class = attribute(element, "classname");
                self.test = Some((class.map_or_else(|| name.clone(), |class| format!("{class}.{name}")), false));
            }
            "failure" => self.mark(|count| &mut count.failed, true),
            "error" => self.mark(|count| &mut count.errors, true),
            "skipped" => self.mark(|count| &mut count.skipped, false),
            "property" => {
                let says = attribute(element, "name").map(|name| name.to_ascii_lowercase().replace(['.', '-'], "_"));
                let commit = says.is_some_and(|name| {
                    matches!(
                        name.as_str(),
                        "commit" | "git_commit" | "git_sha" | "commit_sha" | "ci_commit_sha" | "github_sha"
                    )
                });
                if commit && self.commit.is_none() {
                    self.commit = attribute(element, "value");
                }
            }
            _ => {}
        }
    }

    /// A test counts once, however many failures it tells.
    fn mark(&mut self, of: fn(&mut Count) -> &mut u64, named: bool) {
        let Some((name, marked)) = self.test.take() else { return };
        if !marked {
            *of(self) += 1;
            if named && self.named.len() < MOST_NAMED {
                self.named.push(Value::from(name.as_str()));
            }
        }
        self.test = Some((name, true));
    }

    fn end(&mut self, name: &str) {
        if name == "testcase" {
            self.test = None;
        }
    }
}
