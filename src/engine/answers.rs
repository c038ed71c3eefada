//! Saved answers: a question's answer kept in a case, and asked again later. What a comparison means is
//! for `investigate` to say.

use crate::engine::view::NEVER;
use crate::engine::{Engine, EngineError, NoteRequest, Scope, View};
use crate::investigate::again::{Keyed, SavedAnswer};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::case::CaseBook;
use crate::investigate::question::Question;
use crate::investigate::rows::Again;
use crate::model::Statement;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;

/// More rows than any answer has; a question may make room for as many as it is asked for.
const ALL: usize = 10_000_000;

impl View<'_> {
    /// What tells the rows of an answer apart, whatever the question's own limit.
    ///
    /// # Errors
    /// As the question itself.
    pub fn answer_keys(&self, question: &Question, cancel: Option<&AtomicBool>) -> Result<Keyed, EngineError> {
        let keyed = match question.clone() {
            Question::Find(mut it) => {
                it.limit = ALL;
                keyed(self.find(&it, cancel)?, |row| row.row.id)
            }
            Question::Show(it) => keyed(self.show(&it)?, |row| row.id),
            Question::Tree(mut it) => {
                it.limit = ALL;
                keyed(self.tree(&it)?, |row| row.row.id)
            }
            Question::Path(it) => keyed(self.path(&it)?, |row| format!("{} {} {}", row.from, row.relation, row.to)),
            Question::Impact(mut it) => {
                it.limit = ALL;
                keyed(self.impact(&it, cancel)?, |row| row.row.id)
            }
            Question::Diff(mut it) => {
                it.limit = ALL;
                keyed(self.diff(&it, cancel)?, |row| format!("{} {}", row.aspect, row.key))
            }
            Question::LastGood(it) => keyed(self.last_good(&it, cancel)?, |row| row.row.id),
            Question::Suspects(mut it) => {
                it.limit = ALL;
                keyed(self.suspects(&it, cancel)?, |row| row.row.id)
            }
            Question::Plan(mut it) => {
                it.limit = ALL;
                keyed(self.plan(&it, None, cancel)?, |row| {
                    format!("{} -> {}", row.deployment, row.target.as_deref().unwrap_or(row.action.as_str()))
                })
            }
            Question::Timeline(mut it) => {
                it.limit = ALL;
                keyed(self.timeline(&it, cancel)?, |row| format!("{} {} {}", row.at, row.what, row.about))
            }
            Question::Marks(it) => keyed(self.marks(&it)?, |row| row.digest),
        };
        Ok(keyed)
    }

    /// Saved answers of a case asked again, or the one of a claim, oldest first.
    ///
    /// # Errors
    /// When there is no such answer, the ledger cannot be read, or it was cancelled.
    pub fn again(
        &self,
        case: Option<&str>,
        claim: Option<&str>,
        cancel: Option<&AtomicBool>,
    ) -> Result<Answer<Again>, EngineError> {
        let cancel = cancel.unwrap_or(&NEVER);
        let sayings = self.engine.sayings(self.scope.known_at)?;
        let book = CaseBook::of(&sayings);
        let saved = match (claim, case) {
            (Some(claim), _) => {
                let no_such =
                    || EngineError::NoSuch { what: format!("saved answer {claim}; lastgood case show lists them") };
                vec![book.answer(claim).ok_or_else(no_such)?]
            }
            (None, Some(case)) => book.answers(case),
            (None, None) => Vec::new(),
        };
        let mut rows = Vec::with_capacity(saved.len());
        for (saying, saved) in saved {
            let Statement::Note(note) = &saying.statement else { continue };
            let root = self.engine.reader().root_at(saved.records)?.map(hex::encode);
            let root = root.as_deref();
            rows.push(match self.engine.asked_as(&saved, cancel) {
                Ok(keyed) => saved.compare(saying, &note.text, root, &keyed),
                Err(EngineError::Cancelled) => return Err(EngineError::Cancelled),
                // one that cannot be asked keeps none of the others from being
                Err(error) => saved.unanswered(saying, &note.text, root, &error.to_string()),
            });
        }
        Ok(Answer { completeness: Completeness::exact(rows.len()), rows, summary: () })
    }

    /// Asks a question and keeps the answer in a case. The result is the claim that holds it.
    ///
    /// # Errors
    /// When the case is closed or not named, the question has no answer, or the ledger cannot be written.
    pub fn save_answer(
        &self,
        question: Question,
        title: &str,
        by: &str,
        case: Option<&str>,
        cancel: Option<&AtomicBool>,
    ) -> Result<String, EngineError> {
        let Some(case) = case else {
            let advice = "an answer is saved in a case: open one with lastgood case new NAME, or name one with --case";
            return Err(EngineError::Case(advice.to_owned()));
        };
        if title.trim().is_empty() {
            return Err(EngineError::Case("a saved answer needs a title".to_owned()));
        }
        let keyed = self.answer_keys(&question, cancel)?;
        let saved = SavedAnswer::new(question, (self.scope.as_of, self.scope.known_at), self.head(), keyed);
        let request =
            NoteRequest { text: title.to_owned(), about: None, by: by.to_owned(), case: Some(case.to_owned()) };
        self.engine.keep_answer(request, saved.attributes())
    }
}

impl Engine {
    /// The same question asked of the ledger as it is, of the moment it was asked about.
    fn asked_as(&self, saved: &SavedAnswer, cancel: &AtomicBool) -> Result<Keyed, EngineError> {
        let view = self.view(&Scope { as_of: saved.as_of, known_at: saved.known_at })?;
        view.answer_keys(&saved.question, Some(cancel))
    }
}

fn keyed<R, S>(answer: Answer<R, S>, key: impl Fn(R) -> String) -> Keyed {
    let mut seen = HashSet::new();
    let mut keys: Vec<String> = answer.rows.into_iter().map(key).collect();
    keys.retain(|key| seen.insert(key.clone()));
    Keyed { keys, completeness: answer.completeness }
}
