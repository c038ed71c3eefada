//! Dialogs: marking one or all of a plan, taking a mark back, the exposure window. Fields are checked where they stand;
//! nothing leaves until all of them are right.

use crate::investigate::question::Question;
use crate::model::{ArtefactId, MarkKind, Time, Window};
use crate::tui::ask::{Ask, NewException, NewMark, Told};
use crate::tui::message::{Effect, SlotId, Ticket};
use crate::tui::motion::{Motion, moved};
use crate::tui::overlay::Overlay;
use crate::tui::pane::{details, explore, impact, plan, timeline};
use crate::tui::places;
use crate::tui::state::{Pane as Panes, State};
use crate::tui::theme::Meaning;
use crate::tui::widget::text_box::{Edit, TextBox};

/// The layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// What for.
    pub purpose: Purpose,
    /// From top to bottom.
    pub fields: Vec<Field>,
    /// The one that has the keys.
    pub focus: usize,
    /// What is wrong with the whole.
    pub error: Option<String>,
    waiting: Option<Ticket>,
}

/// What a dialog is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Mark this artefact.
    Mark(ArtefactId),
    /// Take back one of this artefact's marks; the claims of the choices in their order.
    Unmark(ArtefactId, Vec<String>),
    /// Mark these as what to roll back to.
    MarkPlan(Vec<ArtefactId>),
    /// Accept a finding: the artefact and the requirement.
    Except(ArtefactId, String),
    /// Note something, about this artefact if there is one.
    Note(Option<ArtefactId>),
    /// Keep the answer to this question.
    Save(Question),
    /// Open a case or take one up.
    Case,
    /// Set the exposure window.
    Window,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub label: &'static str,
    /// What to write.
    pub hint: &'static str,
    /// What is in it.
    pub input: Input,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One of these.
    Choice {
        /// The choices in words.
        options: Vec<String>,
        /// Which.
        at: usize,
    },
    /// Free text.
    Text(TextBox),
}

impl Field {
    fn text(label: &'static str, hint: &'static str, value: &str) -> Field {
        Field { label, hint, input: Input::Text(TextBox::new(value)), error: None }
    }

    /// Free text to go on from.
    fn proposing(label: &'static str, hint: &'static str, value: &str) -> Field {
        Field { input: Input::Text(TextBox::proposing(value)), ..Field::text(label, hint, "") }
    }

    fn choice(label: &'static str, hint: &'static str, options: Vec<String>) -> Field {
        Field { label, hint, input: Input::Choice { options, at: 0 }, error: None }
    }

    fn value(&self) -> &str {
        match &self.input {
            Input::Text(field) => field.text().trim(),
            Input::Choice { options, at } => options.get(*at).map_or("", String::as_str),
        }
    }
}

const WHEN: &str = "2026-11-16, 2026-11-16T08:00Z, 3d ago; empty: open";

fn open(state: &mut State, purpose: Purpose, fields: Vec<Field>) {
    state.overlays.push(Overlay::Form(Form { purpose, fields, focus: 0, error: None, waiting: None }));
}

/// Opens the mark dialog.
pub(crate) fn open_mark(state: &mut State, about: &str) {
    let reason = match state.pane {
        Panes::Diff => state.diff.reason(),
        Panes::Suspects => state.suspects.reason(),
        // there is no plan yet: it is still about the row of the diff
        Panes::Plan if state.diff.subject() == Some(about) => state.diff.reason(),
        _ => None,
    };
    open_mark_as(state, about, MarkKind::Compromised, &reason.unwrap_or_default());
}

/// Opens the mark dialog with a mark chosen, and a reason to edit.
pub(crate) fn open_mark_as(state: &mut State, about: &str, mark: MarkKind, reason: &str) {
    let words = MarkKind::ALL.iter().map(|mark| mark.as_str().to_owned()).collect();
    let mut choice = Field::choice("mark", "left and right choose", words);
    if let Input::Choice { at, .. } = &mut choice.input {
        *at = MarkKind::ALL.iter().position(|&other| other == mark).unwrap_or(0);
    }
    let fields = vec![
        choice,
        Field::proposing("reason", "required: why, in a sentence", reason),
        Field::text("since", WHEN, ""),
        Field::text("until", WHEN, ""),
    ];
    open(state, Purpose::Mark(about.to_owned()), fields);
}

/// Opens the dialog that marks what the plan goes back to.
pub(crate) fn open_mark_plan(state: &mut State) {
    let targets = state.plan.targets();
    let reason = format!("target of the plan against {}", state.plan.against());
    let fields = vec![Field::proposing("reason", "required: why; each mark can be taken back with u", &reason)];
    open(state, Purpose::MarkPlan(targets), fields);
}

/// Opens the dialog that accepts the selected finding.
pub(crate) fn open_except(state: &mut State) {
    let Some(row) = state.gaps.row() else { return };
    let (about, requirement) = (row.about.clone(), row.requirement.clone());
    let fields = vec![
        Field::proposing("owner", "required: who answers for it meanwhile", row.owner.as_deref().unwrap_or("")),
        Field::text("reason", "required: why it is accepted", ""),
        Field::text("until", "required: 30d, 2027-01-31; the finding is back then by itself", ""),
    ];
    open(state, Purpose::Except(about, requirement), fields);
}

/// Opens the dialog of a note.
pub(crate) fn open_note(state: &mut State) {
    let about = state.subject().map(str::to_owned);
    open(state, Purpose::Note(about), vec![Field::text("note", "required: what to remember", "")]);
}

/// Opens the dialog that keeps what is shown.
pub(crate) fn open_save(state: &mut State) {
    if let Some((question, title)) = crate::tui::answer_text::question(state) {
        open(state, Purpose::Save(question), vec![Field::text("title", "required: under which title", &title)]);
    }
}

/// Opens the dialog that takes a case up.
pub(crate) fn open_case(state: &mut State) {
    let fields = vec![
        Field::text("name", "required: such as INC-2412; a case of that name is taken up", ""),
        Field::text("title", "what it is about, for a new one", ""),
    ];
    open(state, Purpose::Case, fields);
}

/// Opens the dialog that takes a mark back, and asks which there are.
pub(crate) fn open_unmark(state: &mut State, about: &str, out: &mut Vec<Effect>) {
    let ticket = state.ask(SlotId::Unmark, Ask::Show(about.to_owned()), out);
    let fields = vec![
        Field::choice("mark", "left and right choose", Vec::new()),
        Field::text("reason", "required: why it is taken back", ""),
    ];
    open(state, Purpose::Unmark(about.to_owned(), Vec::new()), fields);
    if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.waiting = Some(ticket);
    }
}

/// Opens the window dialog.
pub(crate) fn open_window(state: &mut State) {
    let text = |time: Option<Time>| time.map(|time| time.to_string()).unwrap_or_default();
    let fields = vec![
        Field::text("since", WHEN, &text(state.window.since)),
        Field::text("until", WHEN, &text(state.window.until)),
    ];
    open(state, Purpose::Window, fields);
}

impl Form {
    pub(crate) fn is_unmark(&self) -> bool {
        matches!(self.purpose, Purpose::Unmark(..))
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    pub(crate) fn waits_for(&self, ticket: Ticket) -> bool {
        self.waiting == Some(ticket)
    }

    /// Takes in which marks there are to take back.
    pub(crate) fn told_marks(&mut self, told: Told, now: Time) {
        self.waiting = None;
        let marks = match told {
            Told::Show(Some(answer)) => answer.summary.marks,
            Told::Failed(why) => {
                self.error = Some(why);
                return;
            }
            _ => Vec::new(),
        };
        if marks.is_empty() {
            self.error = Some("no mark holds on it".to_owned());
        }
        let words = marks
            .iter()
            .map(|mark| format!("{} by {} {} ago: {}", mark.mark.as_str(), mark.by, mark.at.age(now), mark.reason));
        let words: Vec<String> = words.collect();
        if let Some(field) = self.fields.first_mut() {
            field.input = Input::Choice { options: words, at: 0 };
        }
        if let Purpose::Unmark(_, claims) = &mut self.purpose {
            *claims = marks.into_iter().map(|mark| mark.claim).collect();
        }
    }

    pub(crate) fn go(&mut self, motion: Motion) {
        let len = self.fields.len();
        self.focus = match motion {
            // From the last field, Tab leads back to the first.
            Motion::By(1) if self.focus + 1 == len => 0,
            Motion::By(-1) if self.focus == 0 => len.saturating_sub(1),
            motion => moved(self.focus, motion, len, |_| true),
        };
    }

    pub(crate) fn edit(&mut self, edit: &Edit) {
        self.error = None;
        // Who types a reason before going to its field means the reason, not another choice.
        if matches!(edit, Edit::Insert(_) | Edit::Paste(_)) && self.chooses() {
            let text = self.fields.iter().position(|field| matches!(field.input, Input::Text(_)));
            self.focus = text.unwrap_or(self.focus);
        }
        let Some(field) = self.fields.get_mut(self.focus) else { return };
        field.error = None;
        match &mut field.input {
            Input::Text(text) => {
                text.edit(edit);
            }
            Input::Choice { options, at } if !options.is_empty() => match edit {
                Edit::Left => *at = at.checked_sub(1).unwrap_or(options.len() - 1),
                Edit::Right => *at = (*at + 1) % options.len(),
                _ => {}
            },
            Input::Choice { .. } => {}
        }
    }

    fn chooses(&self) -> bool {
        self.fields.get(self.focus).is_some_and(|field| matches!(field.input, Input::Choice { .. }))
    }

    /// The window two fields state; an error stays on its field.
    fn window(&mut self, since: usize, until: usize, now: Time) -> Option<Window> {
        let since = self.time(since, now);
        let until_field = until;
        let until = self.time(until, now);
        let (since, until) = (since?, until?);
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            self.fields[until_field].error = Some("before the since above".to_owned());
            self.focus = until_field;
            return None;
        }
        Some(Window { since, until })
    }

    #[expect(clippy::option_option, reason = "an open end is a valid value, an unreadable one is not")]
    fn time(&mut self, field: usize, now: Time) -> Option<Option<Time>> {
        let text = self.fields.get(field)?.value().to_owned();
        if text.is_empty() {
            return Some(None);
        }
        match Time::parse_typed(&text, now) {
            Ok(time) => Some(Some(time)),
            Err(_) => {
                self.fields[field].error = Some(format!("not a time: {WHEN}"));
                self.focus = field;
                None
            }
        }
    }

    /// A moment to come.
    fn moment_to_come(&mut self, field: usize, now: Time) -> Option<Time> {
        let text = self.filled(field, "say until when: no exception is for ever")?;
        let found = Time::parse_to_come(&text, now).ok().filter(|at| *at > now);
        if found.is_none() {
            self.fields[field].error = Some("not a moment to come: 30d, 2027-01-31".to_owned());
            self.focus = field;
        }
        found
    }

    fn reason(&mut self, field: usize) -> Option<String> {
        self.filled(field, "say why: it stays in the log with the mark")
    }

    fn filled(&mut self, field: usize, lacking: &str) -> Option<String> {
        let text = self.fields.get(field)?.value().to_owned();
        if text.is_empty() {
            self.fields[field].error = Some(lacking.to_owned());
            self.focus = field;
            return None;
        }
        Some(text)
    }
}

/// Sends the dialog off when everything in it is right.
pub(crate) fn submit(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let Some(Overlay::Form(form)) = state.overlays.last_mut() else { return };
    let ask = match form.purpose.clone() {
        Purpose::Window => {
            let Some(window) = form.window(0, 1, now) else { return };
            super::close(state, out);
            state.window = window;
            explore::replant(state, out);
            impact::refresh(state, out);
            timeline::refresh(state, out);
            if plan::was_asked(state) {
                plan::refresh(state, out);
            }
            let text = details::window(window.since, window.until);
            let text = if text.is_empty() {
                "links of any time count".to_owned()
            } else {
                format!("counting links that held {text}")
            };
            return state.say(text, Meaning::Key);
        }
        Purpose::Mark(about) => {
            let mark = MarkKind::parse(form.fields[0].value()).unwrap_or(MarkKind::Suspect);
            let (Some(reason), Some(window)) = (form.reason(1), form.window(2, 3, now)) else { return };
            Ask::Mark(NewMark { about, mark, reason, window })
        }
        Purpose::Except(about, requirement) => {
            let owner = form.filled(0, "somebody has to answer for it");
            let (Some(owner), Some(reason)) = (owner, form.reason(1)) else { return };
            let Some(until) = form.moment_to_come(2, now) else { return };
            Ask::Except(NewException { about, requirement, owner, reason, until })
        }
        Purpose::Note(about) => {
            let Some(text) = form.filled(0, "say what to remember") else { return };
            Ask::Note { text, about }
        }
        Purpose::Save(question) => {
            let Some(title) = form.filled(0, "give it a title to find it by") else { return };
            Ask::Save(question, title)
        }
        Purpose::Case => {
            let Some(name) = form.filled(0, "a case goes by its name") else { return };
            let title = form.fields[1].value();
            let title = (!title.is_empty()).then(|| title.to_owned());
            Ask::UseCase { name, title }
        }
        Purpose::MarkPlan(targets) => {
            let Some(reason) = form.reason(0) else { return };
            let mark =
                |about| NewMark { about, mark: MarkKind::Rollback, reason: reason.clone(), window: Window::default() };
            Ask::MarkAll(targets.into_iter().map(mark).collect())
        }
        Purpose::Unmark(_, claims) => {
            let at = match &form.fields[0].input {
                Input::Choice { at, .. } => *at,
                Input::Text(_) => 0,
            };
            let Some(claim) = claims.get(at).cloned() else { return };
            let Some(reason) = form.reason(1) else { return };
            Ask::Unmark { claim, reason }
        }
    };
    super::close(state, out);
    places::write(state, ask, out);
}
