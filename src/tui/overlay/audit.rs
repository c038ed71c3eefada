//! What drifted, and which controls the evidence held answers: two answers, of the whole ledger or one artefact, as lines above any
//! pane, each with the record behind it. It judges nothing.

use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::question::{Controls, Drift, Question};
use crate::investigate::rows::{ControlRow, ControlsSummary, DriftRow, DriftSummary};
use crate::report::controls::{held, sign};
use crate::report::drift::heading;
use crate::report::markdown::Markdown;
use crate::report::table::wrapped;
use crate::tui::action::Action;
use crate::tui::ask::{Ask, Told};
use crate::tui::draw::FrameCache;
use crate::tui::message::{Effect, ListId, Slot, SlotId};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::{Overlay, record};
use crate::tui::pane::aside::{hint, sure, unsure};
use crate::tui::pane::explore;
use crate::tui::state::State;
use crate::tui::theme::{Look, Meaning};
use crate::tui::widget::frame::{first_row, panel};
use crate::tui::widget::line::Strip;
use crate::tui::widget::list::{self, Place, Selection};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Rows asked for; the completeness says how many there are.
const LIMIT: usize = 2_000;
/// Columns of a sentence, such that the smallest usual screen holds it.
const COLUMNS: usize = 68;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// What is no longer what was said of it.
    Drift,
    /// Which evidence answers which control.
    Controls,
}

/// The answer to one of them.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is documented on the answer it holds")]
pub enum Answered {
    Drift(Answer<DriftRow, DriftSummary>),
    Controls(Answer<ControlRow, ControlsSummary>),
}

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditView {
    /// Which.
    pub of: Audited,
    /// The artefact it is about alone; the whole ledger when absent.
    pub about: Option<String>,
    /// The answer.
    pub slot: Slot<Box<Answered>>,
    /// Its lines.
    pub lines: Vec<Said>,
    /// The selected one.
    pub selected: usize,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    text: String,
    meaning: Meaning,
    indent: usize,
    subject: Option<String>,
    claim: Option<String>,
}

/// Asks of the whole ledger, or of one artefact alone, and opens.
pub(crate) fn open(state: &mut State, of: Audited, about: Option<String>, out: &mut Vec<Effect>) {
    let mut view = AuditView { of, about, slot: Slot::default(), lines: Vec::new(), selected: 0 };
    let ask = match view.question().0 {
        Question::Drift(drift) => Ask::Drift(drift),
        Question::Controls(controls) => Ask::Controls(controls),
        _ => return,
    };
    let ticket = state.ask(SlotId::Audit, ask, out);
    view.slot.wait(ticket);
    state.overlays.push(Overlay::Audit(view));
}

/// The artefact of the selected row, where the layer lies on top.
pub(crate) fn subject(state: &State) -> Option<&str> {
    match state.overlays.last() {
        Some(Overlay::Audit(view)) => view.subject(),
        _ => None,
    }
}

/// What the layer does itself.
pub(crate) fn act(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    let Some(Overlay::Audit(view)) = state.overlays.last() else { return };
    match action {
        Action::Open => {
            if let Some(claim) = view.claim().map(str::to_owned) {
                record::open(state, &claim, out);
            }
        }
        Action::Explore => {
            if let Some(id) = view.subject().map(str::to_owned) {
                super::close(state, out);
                explore::root_at(state, &id, out);
            }
        }
        Action::All => {
            let (of, was) = (view.of, view.about.is_some());
            super::close(state, out);
            let about = state.subject().filter(|_| !was).map(str::to_owned);
            open(state, of, about, out);
        }
        _ => {}
    }
}

impl AuditView {
    pub(crate) fn go(&mut self, motion: Motion) {
        self.selected = moved(self.selected, motion, self.lines.len(), |_| true);
    }

    pub(crate) fn told(&mut self, told: Told, last: bool) {
        let answered = match told {
            Told::Drift(answer) => Answered::Drift(answer),
            Told::Controls(answer) => Answered::Controls(answer),
            told => return self.slot.fail(told),
        };
        self.lines = match &answered {
            Answered::Drift(answer) => of_drift(answer),
            Answered::Controls(answer) => of_controls(answer),
        };
        self.slot.fill(Box::new(answered), last);
        self.go(Motion::By(0));
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        self.lines.get(self.selected)?.subject.as_deref()
    }

    pub(crate) fn claim(&self) -> Option<&str> {
        self.lines.get(self.selected)?.claim.as_deref()
    }

    /// The answer as the incident channel gets it.
    pub(crate) fn shown(&self) -> Option<&dyn Markdown> {
        Some(match self.slot.value.as_deref()? {
            Answered::Drift(answer) => answer,
            Answered::Controls(answer) => answer,
        })
    }

    /// The question behind it, and a title for it.
    pub(crate) fn question(&self) -> (Question, String) {
        match self.of {
            Audited::Drift => {
                (Question::Drift(Drift { of: self.about.clone(), limit: LIMIT }), "what drifted".to_owned())
            }
            Audited::Controls => {
                let controls = Controls { of: None, about: self.about.clone() };
                (Question::Controls(controls), "evidence held by control".to_owned())
            }
        }
    }

    fn completeness(&self) -> Option<&Completeness> {
        Some(match self.slot.value.as_deref()? {
            Answered::Drift(answer) => &answer.completeness,
            Answered::Controls(answer) => &answer.completeness,
        })
    }
}

fn of_drift(answer: &Answer<DriftRow, DriftSummary>) -> Vec<Said> {
    let mut lines = Vec::new();
    let mut before = None;
    for row in &answer.rows {
        let said = |text: String, meaning: Meaning, indent: usize| Said {
            text,
            meaning,
            indent,
            subject: Some(row.about.clone()),
            claim: row.claim.clone(),
        };
        if before != Some(&row.what) {
            before = Some(&row.what);
            let meaning = if row.drifted { Meaning::Bad } else { Meaning::Dim };
            lines.push(said(heading(&row.what).to_owned(), meaning, 0));
        }
        let sign = if row.drifted { "! " } else { "= " };
        for (at, text) in wrapped(&row.says, COLUMNS - 2).into_iter().enumerate() {
            let text = if at == 0 { format!("{sign}{text}") } else { format!("  {text}") };
            lines.push(said(text, Meaning::Text, 2));
        }
        if let Some(seen) = row.seen {
            lines.push(said(format!("seen {}", seen.short()), Meaning::Dim, 4));
        }
    }
    lines
}

fn of_controls(answer: &Answer<ControlRow, ControlsSummary>) -> Vec<Said> {
    let mut lines: Vec<Said> = Vec::new();
    let mut before = None;
    for row in &answer.rows {
        let examples = || row.evidence.iter().flat_map(|it| &it.examples);
        let first = examples().next();
        let said = |text: String, meaning: Meaning, indent: usize| Said {
            text,
            meaning,
            indent,
            subject: first.map(|it| it.id.clone()),
            claim: first.and_then(|it| it.claim.clone()),
        };
        let framework = (&row.framework, &row.framework_version);
        if before != Some(framework) {
            before = Some(framework);
            lines.push(said(format!("{} {}", row.framework, row.framework_version), Meaning::Title, 0));
        }
        let meaning = match row.state.as_str() {
            "held" => Meaning::Good,
            "in part" => Meaning::Warning,
            "lacking" => Meaning::Gap,
            _ => Meaning::Text,
        };
        lines.push(said(format!("{} {} {} ({})", sign(&row.state), row.id, row.title, row.state), meaning, 2));
        lines.extend(wrapped(&row.text, COLUMNS - 4).into_iter().map(|text| said(text, Meaning::Dim, 6)));
        for it in &row.evidence {
            lines.extend(wrapped(&held(it), COLUMNS - 4).into_iter().map(|text| said(text, Meaning::Text, 6)));
            for example in &it.examples {
                let at = example.at.map(|at| format!(", {}", at.short())).unwrap_or_default();
                lines.push(Said {
                    subject: Some(example.id.clone()),
                    claim: example.claim.clone(),
                    ..said(format!("{}{at}", example.id), Meaning::Dim, 8)
                });
            }
        }
        if !row.lacking.is_empty() {
            let lacking = format!("lacking: {}", row.lacking.join("; "));
            lines.extend(wrapped(&lacking, COLUMNS - 4).into_iter().map(|text| said(text, Meaning::Gap, 6)));
        }
    }
    lines
}

pub(crate) fn draw(state: &State, view: &AuditView, cache: &mut FrameCache, frame: &mut Frame, area: Rect) {
    let look = &state.look;
    let size = (area.width.saturating_sub(4).min(130), area.height.saturating_sub(2).min(50));
    let title = match view.of {
        Audited::Drift => "What is no longer what was said of it",
        Audited::Controls => "Which evidence is held, by control",
    };
    let of = view.about.as_ref().map_or_else(|| "the whole ledger".to_owned(), |id| format!("around {id}"));
    let body = panel(frame, look, area, size, &format!("{title}: {of}"));
    let (Some(answered), Some(completeness)) = (view.slot.value.as_deref(), view.completeness()) else {
        crate::tui::pane::draw_waiting(state, frame, body, &view.slot);
        return;
    };
    let (head, body) = first_row(body);
    let (says, meaning) = match answered {
        Answered::Drift(answer) => match answer.summary.drifted {
            0 => ("nothing drifted, as far as is on record".to_owned(), Meaning::Good),
            1 => ("1 thing drifted".to_owned(), Meaning::Bad),
            many => (format!("{many} things drifted"), Meaning::Bad),
        },
        Answered::Controls(answer) => match answer.summary.lacking {
            0 => ("evidence is held for every control".to_owned(), Meaning::Good),
            lacking => (format!("{lacking} of {} controls lack evidence", answer.rows.len()), Meaning::Warning),
        },
    };
    let strip = Strip::new(look, usize::from(head.width)).text(&says, meaning).gap(2);
    frame.render_widget(strip.text(&sure(completeness), Meaning::Dim).finish(), head);
    let body = unsure(frame, look, body, &completeness.because);
    if view.lines.is_empty() {
        return hint(look, frame, body, "Nothing is on record that could have drifted.");
    }
    let place = Place {
        id: ListId::Overlay,
        area: body,
        len: view.lines.len(),
        selection: Some(Selection { at: view.selected, focused: true }),
    };
    list::draw(frame, cache, look, &place, |at, width| line(look, view.lines.get(at), width));
}

fn line(look: &Look, said: Option<&Said>, width: usize) -> Line<'static> {
    said.map_or_else(Line::default, |it| Strip::new(look, width).gap(it.indent).text(&it.text, it.meaning).finish())
}
