//! What the terminal sends, as messages. It changes nothing.

use crate::tui::draw::FrameCache;
use crate::tui::key::Key;
use crate::tui::message::{Clicks, Msg};
use crate::tui::state::State;
use crate::tui::widget::text_box::Edit;
use crossterm::event::{Event, MouseButton, MouseEvent, MouseEventKind};
use std::time::{Duration, Instant};

/// Two presses at one place within this time are a double click.
const DOUBLE: Duration = Duration::from_millis(400);

/// Rows the wheel moves by.
const WHEEL: i64 = 3;

/// Remembers the last press, to tell double clicks.
#[derive(Debug, Default)]
pub(crate) struct Mouse {
    last: Option<(u16, u16, Instant)>,
}

/// The message an event stands for, if it stands for one.
pub(crate) fn translate(event: Event, state: &State, cache: &FrameCache, mouse: &mut Mouse) -> Option<Msg> {
    match event {
        Event::Key(event) => key(Key::of(event)?, state),
        Event::Paste(text) if state.is_typing() => Some(Msg::Edit(Edit::Paste(text))),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        Event::Mouse(event) => mouse.translate(event, cache),
        Event::Paste(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

fn key(key: Key, state: &State) -> Option<Msg> {
    if let Some(edit) = edit(key).filter(|_| state.is_typing()) {
        return Some(Msg::Edit(edit));
    }
    state.keymap.action(key, &state.contexts()).map(Msg::Do)
}

/// What a key does to a text field.
fn edit(key: Key) -> Option<Edit> {
    if let Some(c) = key.typed() {
        return Some(Edit::Insert(c));
    }
    let named = [
        ("backspace", Edit::Backspace),
        ("delete", Edit::Delete),
        ("left", Edit::Left),
        ("right", Edit::Right),
        ("home", Edit::Home),
        ("end", Edit::End),
    ];
    if let Some((_, edit)) = named.into_iter().find(|(name, _)| key.is(name)) {
        return Some(edit);
    }
    let held =
        [('w', Edit::DeleteWord), ('u', Edit::Clear), ('a', Edit::Home), ('e', Edit::End), ('h', Edit::Backspace)];
    held.into_iter().find(|(c, _)| key.is_ctrl(*c)).map(|(_, edit)| edit)
}

impl Mouse {
    fn translate(&mut self, event: MouseEvent, cache: &FrameCache) -> Option<Msg> {
        let (column, row) = (event.column, event.row);
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                let now = Instant::now();
                let again = self.last.is_some_and(|(x, y, at)| (x, y) == (column, row) && now - at < DOUBLE);
                self.last = if again { None } else { Some((column, row, now)) };
                let clicks = if again { Clicks::Twice } else { Clicks::Once };
                Some(Msg::Click(cache.hit(column, row)?, clicks))
            }
            MouseEventKind::ScrollUp => Some(Msg::Wheel(cache.list_at(column, row)?, -WHEEL)),
            MouseEventKind::ScrollDown => Some(Msg::Wheel(cache.list_at(column, row)?, WHEEL)),
            _ => None,
        }
    }
}
