//! How a dialog is drawn: its fields from top to bottom, each with its hint or what is wrong with it. It
//! decides nothing.

use crate::model::MarkKind;
use crate::tui::draw::FrameCache;
use crate::tui::message::{ListId, Target};
use crate::tui::overlay::form::{Field, Form, Input, Purpose};
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning, mark_meaning};
use crate::tui::widget::frame::panel;
use crate::tui::widget::line::Strip;
use ratatui::Frame;
use ratatui::layout::Rect;

pub(crate) fn draw(state: &State, form: &Form, cache: &mut FrameCache, frame: &mut Frame, area: Rect, focused: bool) {
    let look = &state.look;
    let title = match &form.purpose {
        Purpose::Mark(about) => format!("Mark {about}"),
        Purpose::Unmark(about, _) => format!("Take back a mark on {about}"),
        Purpose::Except(about, requirement) => format!("Accept that {about} lacks {requirement}"),
        Purpose::Note(about) => match about {
            Some(about) => format!("Note about {about}"),
            None => "Note in the case".to_owned(),
        },
        Purpose::Save(_) => "Keep this answer in the case".to_owned(),
        Purpose::Case => "Case to use".to_owned(),
        Purpose::MarkPlan(targets) => {
            let many = if targets.len() == 1 { "" } else { "s" };
            format!("Mark {} target{many} of the plan as rollback", targets.len())
        }
        Purpose::Window => "Exposure window: count only links that held within it".to_owned(),
    };
    let height = u16::try_from(form.fields.len() * 2 + 4).unwrap_or(12);
    let body = panel(frame, look, area, (area.width.saturating_sub(6).min(90), height), &title);
    cache.region(body, ListId::Overlay);
    let mut y = 0;
    for (at, field) in form.fields.iter().enumerate() {
        if y + 1 >= body.height {
            break;
        }
        let row = Rect { y: body.y + y, height: 1, ..body };
        draw_field(look, frame, row, field, at == form.focus && focused);
        cache.target(row, Target::Row(ListId::Overlay, at));
        let below = Rect { y: row.y + 1, ..row };
        let strip = Strip::new(look, usize::from(below.width)).gap(12);
        let strip = match &field.error {
            Some(error) => strip.text("! ", Meaning::Bad).text(error, Meaning::Bad),
            None => strip.text(field.hint, Meaning::Dim),
        };
        frame.render_widget(strip.finish(), below);
        y += 2;
    }
    if y < body.height {
        let row = Rect { y: body.bottom() - 1, height: 1, ..body };
        let strip = Strip::new(look, usize::from(row.width));
        let strip = match (&form.error, form.is_waiting()) {
            (Some(error), _) => strip.text("! ", Meaning::Bad).text(error, Meaning::Bad),
            (None, true) => strip.text(look.glyphs.busy, Meaning::Key).text(" asking which marks hold", Meaning::Dim),
            (None, false) => strip
                .text("Enter", Meaning::Key)
                .text(" saves  ", Meaning::Dim)
                .text("Tab", Meaning::Key)
                .text(" next field  ", Meaning::Dim)
                .text("Esc", Meaning::Key)
                .text(" leaves without", Meaning::Dim),
        };
        frame.render_widget(strip.finish(), row);
    }
}

fn draw_field(look: &Look, frame: &mut Frame, row: Rect, field: &Field, focused: bool) {
    let sign = if focused { look.glyphs.caret } else { " " };
    let meaning = if focused { Meaning::Title } else { Meaning::Dim };
    let strip = Strip::new(look, usize::from(row.width)).cell(sign, 2, Meaning::Key).cell(field.label, 10, meaning);
    match &field.input {
        Input::Text(text) => {
            frame.render_widget(strip.finish(), row);
            let skip = 12.min(row.width);
            text.draw(frame, look, Rect { x: row.x + skip, width: row.width - skip, ..row }, focused);
        }
        Input::Choice { options, at } => {
            let mut strip = strip;
            let short = options.iter().map(|option| option.len() + 4).sum::<usize>() < usize::from(row.width);
            for (number, option) in options.iter().enumerate() {
                let chosen = number == *at;
                if !short && !chosen {
                    continue;
                }
                let mark = MarkKind::parse(option);
                let text = match mark {
                    Some(mark) if chosen => format!("[{} {option}]", look.mark(mark)),
                    _ if chosen && !short => format!("{} of {}: {option}", number + 1, options.len()),
                    _ => format!(" {option} "),
                };
                let meaning = if chosen { mark.map_or(Meaning::Text, mark_meaning) } else { Meaning::Dim };
                strip = strip.text(&text, meaning).gap(1);
            }
            frame.render_widget(strip.finish(), row);
        }
    }
}
