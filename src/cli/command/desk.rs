//! Answers the console by asking the engine: the same functions the commands ask. It decides nothing.

use crate::engine::{
    Engine, EngineError, ExceptRequest, MarkRequest, NoteRequest, RecordOf, Scope, Signing, UnmarkRequest, View,
    write_beside,
};
use crate::investigate::question::Show;
use crate::investigate::rows::About;
use crate::report::dossier::{self, Form};
use crate::tui::ask::{Answerer, Ask, Children, Heading, NewException, NewMark, RecordView, Sooner, Told};
use crate::tui::console::Setup;
use crate::tui::keymap::Keymap;
use crate::tui::theme::Look;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The folder beside the ledger that reports go to.
const REPORTS: &str = "reports";

/// All that a console over this ledger needs, with the default keys and looks; marks made in it are
/// `investigator`'s and belong to `case`.
///
/// # Errors
/// When the ledger's head cannot be read.
pub fn setup(engine: Engine, scope: Scope, investigator: String, case: Option<String>) -> Result<Setup, EngineError> {
    let clock = engine.clock().clone();
    let mut engine = engine;
    // A question for a passphrase would be drawn over the console and never be answered.
    let signing = engine.signing().map(|it| Signing { may_ask: false, ..it.clone() });
    engine.sign_with(signing);
    let desk = Desk { engine, scope, investigator, case: RwLock::new(case), marks: Mutex::default() };
    Ok(Setup {
        heading: desk.heading()?,
        answerer: Arc::new(desk),
        clock: Arc::new(move || clock.now()),
        keymap: Arc::new(Keymap::default()),
        look: Look::default(),
        open: None,
        notice: None,
    })
}

/// An engine, and in whose name it is asked.
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) scope: Scope,
    investigator: String,
    /// `--case`, until another is taken up.
    case: RwLock<Option<String>>,
    /// Of how many records how many marks.
    marks: Mutex<Option<(u64, u64)>>,
}

impl Desk {
    /// The case in which things are said.
    fn case(&self) -> Option<String> {
        let named = self.case.read().unwrap_or_else(PoisonError::into_inner).clone();
        named.or_else(|| self.engine.used_case())
    }

    fn take_up(&self, name: &str, title: Option<String>) -> Result<Told, EngineError> {
        let known = self.engine.view(&Scope::default())?.cases(None)?.rows;
        let claim = match known.iter().any(|it| it.name == name && it.state == "open") {
            true => {
                self.engine.use_case(Some(name))?;
                String::new()
            }
            false => self.engine.open_case(name, title, &self.investigator)?,
        };
        *self.case.write().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
        Ok(Told::Written { claim, heading: self.heading()? })
    }

    fn no_case() -> EngineError {
        EngineError::Case("no case is in use: open one, or take one up".to_owned())
    }

    /// What stands in the console's first line.
    fn heading(&self) -> Result<Heading, EngineError> {
        let head = self.engine.head()?;
        let path = self.engine.path();
        let clock = self.engine.clock();
        Ok(Heading {
            ledger: path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            records: head.records,
            root: head.root,
            anchored_to: head.anchored_to,
            erased: head.erased,
            marks: self.marks_told(head.records)?,
            as_of: self.scope.as_of,
            known_at: self.scope.known_at,
            clock: clock.stands_still().then(|| clock.now()),
            case: self.case(),
        })
    }

    /// How many marks so many records make, counted again only where there are more.
    fn marks_told(&self, records: u64) -> Result<u64, EngineError> {
        let mut counted = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_none_or(|(of, _)| of != records) {
            *counted = Some((records, self.engine.marks_told()?));
        }
        Ok(counted.map_or(0, |(_, marks)| marks))
    }

    fn tell(&self, ask: Ask, halt: &Arc<AtomicBool>, early: Sooner<'_>) -> Result<Told, EngineError> {
        let (view, cancel): (_, &AtomicBool) = (self.engine.view(&self.scope)?, halt);
        Ok(match ask {
            Ask::Overview => Told::Overview(view.overview(Some(cancel))?),
            Ask::Show(id) => Told::Show(match view.lineage().node(&id) {
                Some(_) => Some(Box::new(view.show(&Show { id })?)),
                None => None,
            }),
            Ask::Children(Children { id, direction, window, offset, limit }) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let to = from.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX));
                let (rows, total) = view.children(&id, direction, &window, from..to)?;
                Told::Children { rows, total: total as u64 }
            }
            Ask::Find(find) => Told::Found(view.find_as_typed(&find, cancel, &mut |page| early(Told::Found(page)))?),
            Ask::Impact(impact) => Told::Impact(view.impact(&impact, Some(cancel))?),
            Ask::Path(path) => Told::Path(view.path(&path)?),
            Ask::Diff(diff) => Told::Diff(view.diff(&diff, Some(cancel))?),
            Ask::LastGood(last_good) => Told::LastGood(view.last_good(&last_good, Some(cancel))?),
            Ask::Suspects(suspects) => Told::Suspects(view.suspects(&suspects, Some(cancel))?),
            Ask::Plan(plan) => Told::Plan(Box::new(view.plan(&plan, self.case().as_deref(), Some(cancel))?)),
            Ask::Gaps(gaps) => Told::Gaps(Box::new(view.gaps(&gaps, Some(cancel))?)),
            Ask::Gate(gate) => Told::Gate(Box::new(view.gate(&gate, Some(cancel))?)),
            Ask::Drift(drift) => Told::Drift(view.drift(&drift, Some(cancel))?),
            Ask::Controls(controls) => Told::Controls(view.controls(&controls, Some(cancel))?),
            Ask::Report(about) => Told::Reported { file: self.report(&view, &about, cancel)? },
            Ask::Except(it) => self.except(it)?,
            Ask::Chain(chain) => Told::Chain(Box::new(view.chain(&chain, Some(cancel))?)),
            Ask::Timeline(timeline) => Told::Timeline(view.timeline(&timeline, Some(cancel))?),
            Ask::Sources => self.sources()?,
            Ask::Pause { source, paused } => self.pause(&source, paused)?,
            Ask::Look { around, unasked } => self.look(around, unasked, halt, early)?,
            Ask::Sync { source } => self.sync(&source, halt, early)?,
            Ask::Record { claim } => Told::Record(Box::new(self.record(claim)?)),
            Ask::Mark(mark) => self.mark(mark)?,
            Ask::MarkAll(marks) => self.mark_all(marks)?,
            Ask::Case(name) => {
                let used = self.case();
                let name = name.or_else(|| used.clone()).ok_or_else(Desk::no_case)?;
                Told::Case(Box::new(view.case(&name, used.as_deref())?))
            }
            Ask::Note { text, about } => {
                let case = Some(self.case().ok_or_else(Desk::no_case)?);
                let claim = self.engine.note(NoteRequest { text, about, by: self.investigator.clone(), case })?;
                Told::Written { claim, heading: self.heading()? }
            }
            Ask::Save(question, title) => {
                let case = self.case();
                let claim = view.save_answer(question, &title, &self.investigator, case.as_deref(), Some(cancel))?;
                Told::Written { claim, heading: self.heading()? }
            }
            Ask::AskAgain { claim } => {
                let again = view.again(None, Some(&claim), Some(cancel))?.rows.into_iter().next();
                Told::Again(again.ok_or_else(|| EngineError::NoSuch { what: format!("saved answer {claim}") })?)
            }
            Ask::UseCase { name, title } => self.take_up(&name, title)?,
            Ask::Unmark { claim, reason } => {
                let request = UnmarkRequest { of: claim.clone(), mark: None, reason, by: self.investigator.clone() };
                let unmarked = self.engine.unmark(&request)?;
                if unmarked.taken.is_empty() {
                    return Err(EngineError::NoSuch { what: format!("mark {claim} that still holds") });
                }
                Told::Written { claim: unmarked.written, heading: self.heading()? }
            }
        })
    }

    fn mark(&self, NewMark { about, mark, reason, window }: NewMark) -> Result<Told, EngineError> {
        let (by, case) = (self.investigator.clone(), self.case());
        let claim = self.engine.mark(MarkRequest { about, mark, reason, by, window, case })?;
        Ok(Told::Written { claim, heading: self.heading()? })
    }

    fn except(&self, it: NewException) -> Result<Told, EngineError> {
        let NewException { about, requirement, owner, reason, until } = it;
        let (by, case) = (self.investigator.clone(), self.case());
        let claim = self.engine.except(ExceptRequest { about, requirement, owner, reason, by, until, case })?;
        Ok(Told::Written { claim, heading: self.heading()? })
    }

    /// Writes a report beside the ledger, under a name that is free.
    fn report(&self, view: &View<'_>, about: &About, cancel: &AtomicBool) -> Result<String, EngineError> {
        let folder = self.engine.path().parent().map_or_else(|| REPORTS.into(), |beside| beside.join(REPORTS));
        let text = dossier::write(&view.dossier(about, Some(cancel))?, Form::Html);
        let file = write_beside(&folder, &dossier::file_name(about, Form::Html), text.as_bytes())?;
        Ok(file.display().to_string())
    }

    fn mark_all(&self, marks: Vec<NewMark>) -> Result<Told, EngineError> {
        let (by, case) = (self.investigator.clone(), self.case());
        let request = |NewMark { about, mark, reason, window }| {
            let (by, case) = (by.clone(), case.clone());
            MarkRequest { about, mark, reason, by, window, case }
        };
        let written = self.engine.mark_all(marks.into_iter().map(request).collect())?;
        let claim = match (written.first(), written.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (first, _) => first.cloned().unwrap_or_default(),
        };
        Ok(Told::Written { claim, heading: self.heading()? })
    }

    fn record(&self, claim: String) -> Result<RecordView, EngineError> {
        let of = RecordOf::parse(&claim).ok_or_else(|| EngineError::NoSuch { what: format!("claim {claim}") })?;
        let record = self.engine.record(&of)?;
        Ok(RecordView {
            claim,
            record: record.record,
            source: record.source,
            file: record.file,
            position: format!("line {}, byte {}", record.line, record.offset),
            received_at: record.received_at,
            observed_at: record.observed_at,
            format: record.format,
            digest: record.sha256.unwrap_or_else(|| "erased".to_owned()),
            content: record.unit.into_bytes(),
            redacted: record.redacted.then(|| {
                let told = record.erased.map(|told| format!(" {told}")).unwrap_or_default();
                format!("its content was erased{told}; the log still proves that it was there")
            }),
        })
    }
}

impl Answerer for Desk {
    fn answer(&self, ask: Ask, cancel: &Arc<AtomicBool>, early: Sooner<'_>) -> Told {
        match self.tell(ask, cancel, early) {
            Ok(told) => told,
            Err(EngineError::Cancelled) => Told::Cancelled,
            Err(error) => Told::Failed(error.to_string()),
        }
    }

    fn heading(&self) -> Option<Heading> {
        Desk::heading(self).ok()
    }
}
