//! Names that attack the terminal stay inside their cells, on every screen; huge ones cost nothing.

use crate::support::tui::Tui;
use crate::support::world::World;
use lastgood::investigate::answer::{Answer, Completeness};
use lastgood::tui::ask::{Ask, Told};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[track_caller]
fn is_harmless(tui: &Tui) {
    for cell in &tui.buffer().content {
        let bad = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        assert!(!cell.symbol().chars().any(bad), "{:?} is on the screen", cell.symbol());
    }
}

#[test]
fn a_hostile_name_is_shown_for_what_it_is_on_every_screen() {
    for size in [(80, 24), (140, 45)] {
        let mut tui = Tui::open(size.0, size.1);
        for keys in [
            "/",
            "e v i l",
            "enter",
            "tab",
            "o",
            "esc m",
            "esc p",
            "esc i",
            "esc t",
            "esc w",
            "esc 1",
            "d",
            "tab",
            "b",
            "esc esc S",
            "P",
            "T",
            "esc 1",
            "m enter",
        ] {
            tui.keys(keys);
            is_harmless(&tui);
        }
        tui.keys("esc / e v i l enter").shows("␛]0;owned␇\\u{202e}txt↵line");
    }
}

#[test]
fn the_frame_around_a_hostile_name_stands_where_it_stood() {
    let mut tui = Tui::open(80, 24);
    tui.keys("/").text("evil");
    for line in tui.screen().lines().skip(4).take(17) {
        let cells: Vec<char> = line.chars().collect();
        assert!(matches!(cells[3], '│' | '└') && matches!(cells[76], '│' | '┘'), "{line}");
    }
}

#[test]
fn a_value_of_ten_megabytes_is_cut_before_it_is_laid_out() {
    let world = Arc::new(World::new());
    let huge = "é\u{1b}[2J\u{202e}".repeat(1_000_000);
    let mut tui = Tui::of(World::new(), 120, 40, |setup| {
        setup.answerer = Arc::new(move |ask: Ask, cancel: &AtomicBool| -> Told {
            let mut told = world.answer(ask, cancel);
            match &mut told {
                Told::Overview(answer) => {
                    for row in &mut answer.rows {
                        row.says.clone_from(&huge);
                        row.severity.clone_from(&huge);
                    }
                }
                Told::Show(Some(answer)) => {
                    let Answer { rows, summary, completeness } = answer.as_mut();
                    rows[0].name.clone_from(&huge);
                    rows[0].owner = Some(huge.clone());
                    summary.identifiers = vec![huge.clone(); 3];
                    *completeness = Completeness::exact(1);
                }
                Told::Record(record) => record.content = huge.clone().into_bytes(),
                _ => {}
            }
            told
        });
    });
    for keys in ["enter", "tab", "o", "f", "G", "esc", "m"] {
        tui.keys(keys);
        is_harmless(&tui);
    }
    tui.keys("esc o G").shows("more bytes)");
}
