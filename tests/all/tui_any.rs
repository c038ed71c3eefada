//! Whatever anybody presses, at whatever size: nothing panics, and Esc leads home.

use crate::support::tui::{Tui, key_event};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

const NAMED: [&str; 24] = [
    "enter",
    "enter",
    "esc",
    "tab",
    "backtab",
    "backspace",
    "up",
    "down",
    "down",
    "left",
    "right",
    "right",
    "home",
    "end",
    "pgup",
    "pgdn",
    "delete",
    "f1",
    "ctrl-l",
    "ctrl-c",
    "ctrl-z",
    "ctrl-u",
    "ctrl-w",
    "ctrl-b",
];

fn event() -> impl Strategy<Value = Event> {
    let kinds = prop_oneof![
        Just(MouseEventKind::Down(MouseButton::Left)),
        Just(MouseEventKind::ScrollUp),
        Just(MouseEventKind::ScrollDown),
        Just(MouseEventKind::Moved),
    ];
    prop_oneof![
        6 => (0..NAMED.len()).prop_map(|at| Event::Key(key_event(NAMED[at]))),
        6 => prop::char::range('!', '~').prop_map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))),
        1 => any::<char>().prop_map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))),
        1 => "\\PC{0,12}".prop_map(Event::Paste),
        2 => (kinds, 0..200u16, 0..60u16).prop_map(|(kind, column, row)| {
            Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }),
        1 => (0..200u16, 0..70u16).prop_map(|(width, height)| Event::Resize(width, height)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_panics_and_esc_leads_home(events in prop::collection::vec((event(), any::<bool>()), 1..80)) {
        let mut tui = Tui::open(80, 24);
        for (event, wait) in events {
            tui.event(event);
            if wait {
                tui.settle();
            }
        }
        tui.settle();
        for _ in 0..200 {
            tui.press("esc");
        }
        tui.settle();
        prop_assert!(tui.console.state().is_home());
    }
}

#[test]
fn every_screen_draws_at_every_size() {
    let places = [
        "",
        "enter",
        "tab",
        "i",
        "9",
        "1 d",
        "tab",
        "b",
        "esc S",
        "P",
        "M",
        "esc 1 T",
        "8",
        "c",
        "esc 1 /",
        "esc :",
        "esc ?",
        "esc o",
        "esc m",
        "esc w",
        "esc enter p",
    ];
    let mut tui = Tui::open(80, 24);
    for keys in places {
        tui.event(Event::Resize(80, 24));
        tui.keys(keys);
        for width in (1..=500u16).step_by(if keys.is_empty() { 7 } else { 61 }) {
            for height in [1, 2, 3, 5, 9, 10, 11, 12, 13, 17, 24, 50, 200] {
                tui.event(Event::Resize(width, height));
                tui.draw();
            }
        }
        for (width, height) in (38..60).flat_map(|width| (8..16).map(move |height| (width, height))) {
            tui.event(Event::Resize(width, height));
            tui.draw();
        }
    }
}
