//! The console's screens as people see them, at three sizes. Key handling in detail is elsewhere.

use crate::support::svg::svg;
use crate::support::tui::Tui;
use crate::support::world::World;
use lastgood::tui::theme::{ASCII, Look, Theme};

#[test]
fn overview_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (160, 50)] {
        let mut tui = Tui::open(width, height);
        tui.shows("Deserves attention").shows("2,034").shows("only mentioned").shows("? help").shows("q quit");
        tui.is_screen(&format!("overview-{width}x{height}"));
    }
}

#[test]
fn explore_at_three_sizes() {
    for (width, height) in [(80, 24), (120, 40), (160, 50)] {
        let mut tui = Tui::open(width, height);
        tui.keys("enter down enter").shows("fraud-scorer@42").shows("vendor-labels@2026-11-17");
        tui.is_screen(&format!("explore-{width}x{height}"));
    }
}

#[test]
fn impact_at_two_sizes() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut tui = Tui::open(width, height);
        tui.keys("/").text("vendor-labels").keys("enter i");
        tui.shows("at least 7, at most 9").shows("A shortest way to it");
        tui.is_screen(&format!("impact-{width}x{height}"));
    }
}

#[test]
fn what_lies_above() {
    let mut tui = Tui::open(80, 24);
    tui.keys("/").text("fraud").is_screen("finder-80x24").keys("esc");
    tui.keys(":").text("mark").is_screen("palette-80x24").keys("esc");
    tui.keys("?").is_screen("help-80x24").keys("esc");
    tui.keys("o").is_screen("record-80x24").keys("esc");
    tui.keys("m").is_screen("mark-80x24").keys("esc");
    tui.keys("p").text("raw-feed").keys("enter").is_screen("path-80x24").keys("esc");
    tui.keys("9 down").is_screen("sources-80x24");
}

#[test]
fn an_empty_ledger_says_how_to_begin() {
    let mut tui = Tui::of(World::empty(), 80, 24, |_| {});
    tui.shows("lastgood demo").shows("lastgood import").shows("lastgood import -").is_screen("empty-80x24");
}

#[test]
fn without_unicode_or_colour_everything_is_said_in_ascii() {
    let mut tui = Tui::of(World::new(), 80, 24, |setup| setup.look = Look { theme: Theme::Mono, glyphs: &ASCII });
    for keys in ["enter down enter", "i", "m", "esc ? esc o"] {
        tui.keys(keys);
        assert!(tui.screen().is_ascii(), "{}", tui.screen());
        let cells = &tui.buffer().content;
        assert!(
            cells.iter().all(|cell| cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset)
        );
    }
    tui.keys("esc").is_screen("ascii-80x24");
}

#[test]
fn a_frame_becomes_a_picture() {
    let mut tui = Tui::open(80, 24);
    tui.keys("enter");
    let picture = svg(tui.buffer(), "a \"title\"");
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n") && picture.contains("fraud-scorer@42"));
}
