//! Every Unicode scalar through every place where foreign text is drawn or printed: nothing that
//! acts on a terminal, turns its direction or hides leaves the program.

use crate::support::tui::Tui;
use crate::support::world::World;
use lastgood::cli::{Exit, Failure};
use lastgood::investigate::answer::{Answer, Completeness, LedgerHead, Row, State};
use lastgood::investigate::rows::Found;
use lastgood::report::table::{Layout, Table};
use lastgood::report::{json, text};
use lastgood::tui::ask::{Ask, Told};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Scalars of one row.
const ROW: usize = 24;
/// Rows of one screen.
const ROWS: usize = 40;

/// Whether a character may leave the program: neither acts, nor turns, nor hides.
fn may_leave(c: char) -> bool {
    let acts = c.is_control();
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let hides = matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{e0000}'..='\u{e007f}');
    !(acts || turns || hides)
}

fn check(place: &str, out: &str) {
    if let Some(c) = out.chars().find(|c| *c != '\n' && !may_leave(*c)) {
        panic!("{place} lets {c:?} out");
    }
}

/// All 1,112,064 scalars, a screenful at a time, each row a text of its own.
fn screenfuls() -> Vec<Vec<String>> {
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    assert_eq!(all.len(), 1_112_064);
    all.chunks(ROW * ROWS).map(|page| page.chunks(ROW).map(|row| row.iter().collect()).collect()).collect()
}

fn row(id: &str) -> Row {
    Row {
        id: id.to_owned(),
        kind: id.to_owned(),
        name: id.to_owned(),
        version: Some(id.to_owned()),
        owner: Some(id.to_owned()),
        environment: Some(id.to_owned()),
        risk: Some(id.to_owned()),
        at: None,
        state: State::Described,
        marks: Vec::new(),
        derived: None,
    }
}

#[test]
fn no_scalar_acts_through_tables_json_or_errors() {
    let layout = Layout { width: Some(200), colour: false };
    let head = LedgerHead { records: 0, root: String::new(), anchored_to: 0, erased: 0 };
    for page in screenfuls() {
        let mut table = Table::new(&["text"]);
        page.iter().for_each(|text| table.row([text.as_str()]));
        check("a table", &table.text(layout));
        let found = |text: &String| Found { row: row(text), score: 1, matched: Some(text.clone()) };
        let completeness = Completeness::between(1, 2, page.clone());
        let answer = Answer { rows: page.iter().map(found).collect(), completeness, summary: () };
        check("an answer in words", &text::find(&answer, Layout { width: None, colour: false }));
        check("an answer in JSON", &json::answer("find", &head, &answer));
        let whole = page.concat();
        check("an error", &Failure::new(Exit::No, &*whole).hint(whole).to_string());
    }
}

/// The console, told foreign text wherever text can be told.
fn console(pages: Arc<Vec<Vec<String>>>, at: Arc<AtomicUsize>) -> Tui {
    let world = World::new();
    Tui::of(World::new(), 320, 60, move |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &std::sync::atomic::AtomicBool| {
            let page = &pages[at.load(Ordering::Relaxed)];
            poisoned(world.answer(ask, cancel), page)
        });
    })
}

/// The same answer with foreign text in its rows.
fn poisoned(mut told: Told, page: &[String]) -> Told {
    /// As many rows as there are texts, made of the first one there is.
    fn spread<T: Clone>(rows: &mut Vec<T>, page: &[String], put: impl Fn(&mut T, &str)) {
        let Some(first) = rows.first().cloned() else { return };
        *rows = page
            .iter()
            .map(|text| {
                let mut row = first.clone();
                put(&mut row, text);
                row
            })
            .collect();
    }
    match &mut told {
        Told::Overview(answer) => spread(&mut answer.rows, page, |row, text| text.clone_into(&mut row.says)),
        Told::Children { rows, total } => {
            spread(rows, page, |it, text| {
                it.row = row(text);
                it.relation = Some(text.to_owned());
            });
            *total = rows.len() as u64;
        }
        Told::Found(answer) => spread(&mut answer.rows, page, |it, text| it.row = row(text)),
        Told::Impact(answer) => {
            spread(&mut answer.rows, page, |it, text| it.row.owner = Some(text.to_owned()));
            answer.completeness.because = page.to_vec();
        }
        Told::Show(Some(answer)) => {
            answer.summary.identifiers = page.to_vec();
            answer.summary.attributes = page.iter().map(|text| (text.clone(), text.clone().into())).collect();
        }
        Told::Sources(sources) => spread(sources, page, |it, text| {
            text.clone_into(&mut it.name);
            text.clone_into(&mut it.state);
        }),
        Told::Record(record) => {
            record.content = page.join("\n").into_bytes();
            record.file = page.concat();
        }
        _ => {}
    }
    told
}

/// Every `step`th screenful through every screen.
fn through_the_console(step: usize) {
    let pages = Arc::new(screenfuls());
    let at = Arc::new(AtomicUsize::new(0));
    let mut frames = 0;
    for page in (0..pages.len()).step_by(step) {
        at.store(page, Ordering::Relaxed);
        let mut tui = console(Arc::clone(&pages), Arc::clone(&at));
        for keys in ["1", "enter", "l", "tab", "o", "esc m", "esc i", "esc 4", "/ a", "down enter"] {
            tui.keys(keys);
            frames += 1;
            for cell in &tui.buffer().content {
                check(keys, cell.symbol());
            }
        }
    }
    println!("{} scalars in {frames} frames", pages.len().div_ceil(step) * ROW * ROWS);
}

#[test]
fn a_sixteenth_of_all_scalars_is_harmless_on_every_screen() {
    through_the_console(16);
}

#[test]
#[ignore = "slow: run by .ci/run in the release build"]
fn every_scalar_is_harmless_on_every_screen() {
    through_the_console(1);
}
