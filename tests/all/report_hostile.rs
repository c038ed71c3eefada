//! Strings that mean harm through every form of report and export: what comes out is read back, and holds nothing but
//! what this program wrote itself. Names that mean harm as the names of files: none leaves its folder.

use crate::support::Workspace;
use crate::support::hostile::{dossier, extract, impact, strings};
use lastgood::engine::write_beside;
use lastgood::investigate::rows::About;
use lastgood::report::dossier::{Form, file_name, write};
use lastgood::report::export;
use serde_json::Value;
use std::collections::BTreeSet;

const COUNT: usize = 3_000;
const ADDRESS: &str = "http://127.0.0.1:9/x";

/// Nothing that acts on a terminal, hides or turns text around.
#[track_caller]
fn is_plain_to_see(text: &str) {
    let hides = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(u32::from(*c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069 | 0xfeff)
    };
    assert_eq!(text.chars().find(hides), None);
}

/// Every tag of a page as it is written: its name and the names of its attributes. What is between `<` and `>` must be
/// a tag of this shape, so that nothing else could have begun one.
pub(crate) fn tags(page: &str) -> Vec<(String, Vec<String>)> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("every tag ends");
        let inner = &rest[start + 1..end];
        assert!(!inner.contains('<'), "a tag within a tag: {inner}");
        rest = &rest[end + 1..];
        let name = inner.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        if inner.starts_with('/') || inner.starts_with('!') {
            continue;
        }
        // name="value" pairs, in which no value holds a quote
        let pairs = inner[name.len()..].split('"').step_by(2).map(|part| part.trim().trim_end_matches(['=', '/']));
        tags.push((name, pairs.filter(|part| !part.is_empty()).map(|part| part.trim().to_owned()).collect()));
    }
    tags
}

#[test]
fn a_page_of_hostile_strings_holds_no_tag_and_no_attribute_but_its_own() {
    let strings = strings(COUNT, ADDRESS);
    let page = write(&dossier(&strings), Form::Html);
    is_plain_to_see(&page);
    let own: BTreeSet<&str> =
        "html head meta title style body main header nav ol li a section h1 h2 h3 p ul dl dt dd div \
        span code pre table thead tbody tr th td svg g rect text polyline"
            .split_whitespace()
            .collect();
    let attributes: BTreeSet<&str> = "lang charset http-equiv content name class id href data-head role viewBox width \
        height points x y rx"
        .split_whitespace()
        .collect();
    let tags = tags(&page);
    assert!(tags.len() > COUNT, "each has a row");
    for (name, given) in &tags {
        assert!(own.contains(name.as_str()), "<{name}>");
        given.iter().for_each(|it| assert!(attributes.contains(it.as_str()), "<{name} {it}>"));
    }
    let links: Vec<&str> = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!links.is_empty() && links.iter().all(|it| it.starts_with('#')), "{links:?}");
    for text in ["<script", "<img", "<iframe", "&lt;script&gt;document"] {
        assert_eq!(page.contains(text), text.starts_with('&'), "{text}");
    }
}

#[test]
fn markdown_of_hostile_strings_formats_links_and_mentions_nothing() {
    let page = write(&dossier(&strings(COUNT, ADDRESS)), Form::Markdown);
    is_plain_to_see(&page);
    let mut fenced = false;
    for line in page.lines() {
        if line == "```text" || line == "```" {
            assert_eq!(line == "```", fenced, "a block opens and closes in turn");
            fenced = !fenced;
            continue;
        }
        if fenced {
            assert!(!line.contains('`'), "{line}");
            continue;
        }
        assert_eq!(line.matches('`').count() % 2, 0, "{line}");
        let free: String = line.split('`').step_by(2).collect();
        // this program's own: headings, items, bold, the table of records
        let free = free.trim_start_matches(['#', ' ', '-']).replace("**", "");
        let free = if line.starts_with('|') { free.replace('|', "") } else { free };
        assert!(!free.contains(|c: char| "@<>*[]#!_~\\|".contains(c)), "{line}");
        assert!(!free.contains("://"), "{line}");
    }
    assert!(!fenced);
}

#[test]
fn json_of_hostile_strings_is_ascii_and_gives_them_back() {
    let strings = strings(COUNT, ADDRESS);
    let extract = extract(&strings);
    let report = write(&dossier(&strings), Form::Json);
    let (prov, cyclonedx) = (export::prov(&extract).text, export::cyclonedx(&extract).text);
    let openlineage = export::openlineage(&extract).text;
    for text in [&report, &prov, &cyclonedx, &openlineage] {
        assert!(text.bytes().all(|byte| byte == b'\n' || (0x20..0x7f).contains(&byte)));
    }
    let parsed = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let report = parsed(&report);
    let rows = report["case"]["rows"].as_array().unwrap();
    assert!(rows.iter().zip(&strings).all(|(row, text)| row["says"] == text.as_str()));
    let components = parsed(&cyclonedx);
    assert_eq!(components["metadata"]["component"]["bom-ref"], strings[0].as_str());
    let held = components["components"].as_array().unwrap();
    assert!(held.iter().zip(&strings[1..]).all(|(it, text)| it["name"] == text.as_str()));
    let entities = parsed(&prov);
    let ids: BTreeSet<&str> =
        entities["entity"].as_object().unwrap().values().filter_map(|it| it["lg:id"].as_str()).collect();
    assert_eq!(ids, strings.iter().map(String::as_str).collect());
    assert_eq!(openlineage.lines().count(), COUNT, "one event each, whatever is in a name");
    openlineage.lines().for_each(|line| assert!(parsed(line)["dataset"]["name"].is_string()));
}

/// A line without its quoted texts, whose quotes and strokes must be escaped.
fn without_quoted(line: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for c in line.chars() {
        match (inside, escaped, c) {
            (true, true, _) => escaped = false,
            (true, false, '\\') => escaped = true,
            (_, _, '"') => inside = !inside,
            (true, ..) => assert!(!matches!(c, '<' | '>'), "{line}"),
            (false, ..) => out.push(c),
        }
    }
    assert!(!inside, "{line}");
    out
}

#[test]
fn dot_of_hostile_strings_has_one_statement_a_line() {
    let text = export::dot(&extract(&strings(COUNT, ADDRESS))).text;
    is_plain_to_see(&text);
    let (mut nodes, mut links) = (0, 0);
    for line in text.lines().skip(3).take_while(|line| *line != "}") {
        let bare: String = without_quoted(line).chars().filter(|c| !c.is_ascii_digit()).collect();
        match bare.as_str() {
            "  n [label=, tooltip=, color=red];" => nodes += 1,
            "  n -> n [label=];" => links += 1,
            other => panic!("{other} of {line}"),
        }
    }
    assert_eq!((nodes, links), (COUNT, COUNT));
}

#[test]
fn mermaid_of_hostile_strings_has_one_statement_a_line() {
    let text = export::mermaid(&extract(&strings(COUNT, ADDRESS))).text;
    is_plain_to_see(&text);
    let (mut nodes, mut links) = (0, 0);
    for line in text.lines().skip(1).take(2 * COUNT) {
        let quoted: Vec<&str> = line.split('"').collect();
        assert_eq!(quoted.len(), 3, "{line}");
        let (outside, inside) = (format!("{}{}", quoted[0], quoted[2]), quoted[1].replacen("<br/>", "", 1));
        let safe = |c: char| c.is_alphanumeric() || " -_./@:,…␛#;".contains(c);
        assert!(inside.chars().all(safe) && !inside.contains("://"), "{line}");
        let outside: String = outside.chars().filter(|c| !c.is_ascii_digit()).collect();
        match outside.as_str() {
            "  n[]" => nodes += 1,
            "  n -->|| n" => links += 1,
            other => panic!("{other} of {line}"),
        }
    }
    assert_eq!((nodes, links), (COUNT, COUNT));
}

#[test]
fn a_spreadsheet_computes_nothing_of_hostile_strings() {
    let text = lastgood::report::impact::csv(&impact(&strings(COUNT, ADDRESS)));
    is_plain_to_see(&text.replace('\r', ""));
    let (mut cells, mut rows) = (vec![String::new()], 0);
    let mut inside = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // within quotes, two of them are one
            '"' if inside && rest.peek() == Some(&'"') => cells.last_mut().unwrap().extend(rest.next()),
            '"' => inside = !inside,
            ',' if !inside => cells.push(String::new()),
            '\n' if !inside => {
                assert_eq!(cells.len(), 12, "{cells:?}");
                assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{cells:?}");
                (cells, rows) = (vec![String::new()], rows + 1);
            }
            c => cells.last_mut().unwrap().push(c),
        }
    }
    assert_eq!((rows, inside), (COUNT + 1, false));
}

/// Names that would lead elsewhere.
fn names(count: usize) -> Vec<String> {
    let steps = [
        "../",
        "..\\",
        "/",
        "./",
        "~/",
        "%2e%2e/",
        "....//",
        "\0",
        "C:\\",
        "\\\\host\\",
        "file:///",
        "$(id)/",
        ";rm -rf ",
        "\n",
        "CON",
    ];
    let ends = ["etc/passwd", ".bashrc", "x.html", "", ".", "..", "-rf", "a\0b", "\u{202e}lmth.x", "*", "|cat"];
    let repeats = 1..=13;
    let all = repeats.flat_map(|times| steps.iter().map(move |step| step.repeat(times)));
    let all = all.flat_map(|before| ends.map(|end| format!("{before}{end}")));
    let names: Vec<String> = all.take(count).collect();
    assert_eq!(names.len(), count);
    names
}

#[test]
fn no_name_of_a_case_or_artefact_leads_out_of_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("reports");
    for (at, name) in names(2_000).into_iter().enumerate() {
        let about = if at % 2 == 0 { About::Case(name.clone()) } else { About::Artefact(name.clone()) };
        let file = file_name(&about, Form::Html);
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        assert!(file.chars().all(plain) && file.starts_with("report") && file.ends_with(".html"), "{name:?}: {file}");
        let to = folder.join(&file);
        assert_eq!(to.parent(), Some(folder.as_path()), "{name:?}");
        if at % 40 == 0 {
            let written = write_beside(&folder, &file, b"x").unwrap();
            assert_eq!(written.canonicalize().unwrap().parent(), folder.canonicalize().ok().as_deref(), "{name:?}");
        }
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 50, "one file each, and nothing half written");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing beside the folder");
}

#[test]
fn a_report_on_a_case_with_a_hostile_name_lands_in_the_folder_that_was_named() {
    let place = Workspace::new();
    place.import("{\"type\":\"artefact\",\"id\":\"dataset:x\",\"kind\":\"dataset\"}\n");
    let folder = place.path().join("reports");
    std::fs::create_dir(&folder).unwrap();
    let hostile = ["../../evil", "/etc/passwd", "..", "<script>alert(1)</script>", "a/../../b", "$(touch owned)"];
    for name in hostile {
        place.run(&["case", "new", name]).answered();
        place.run(&["report", "--case", name, "--to", "reports"]).answered();
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), hostile.len());
    let outside: Vec<String> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("test.lastgood"))
        .collect();
    assert_eq!(outside.iter().collect::<BTreeSet<_>>(), ["home".to_owned(), "reports".to_owned()].iter().collect());
}
