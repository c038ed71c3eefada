//! Cases: opened, closed, taken up, noted in, listed and shown. What is said goes into the log like any
//! mark; only which case is in use is kept beside it. It compares no answers.

use crate::engine::snapshot::{erased, records_of, sayings};
use crate::engine::{Engine, EngineError, View, keyring};
use crate::investigate::answer::{Answer, Completeness};
use crate::investigate::case::{ANSWER, CLOSED, CaseBook, OPENED, check_name};
use crate::investigate::rows::{CaseRow, CaseSummary};
use crate::investigate::said::Saying;
use crate::model::{Attributes, Note, Statement, Time, shell_word};

/// Something to write down.
#[derive(Debug, Clone, PartialEq)]
pub struct NoteRequest {
    /// The text.
    pub text: String,
    /// The artefact it is about, if it is about one.
    pub about: Option<String>,
    /// Who.
    pub by: String,
    /// The case it belongs to.
    pub case: Option<String>,
}

impl Engine {
    /// All that investigators said, as far as the ledger knew it at a moment.
    pub(super) fn sayings(&self, known_at: Option<Time>) -> Result<Vec<Saying>, EngineError> {
        let ledger = self.reader();
        sayings(&ledger, ledger.sayings()?, records_of(&ledger, known_at)?, &self.vouchers)
    }

    /// The case in which things are said here unless another is named.
    pub fn used_case(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.used_case_file()).ok()?;
        let name = text.strip_suffix('\n').unwrap_or(&text);
        check_name(name).is_ok().then(|| name.to_owned())
    }

    fn used_case_file(&self) -> std::path::PathBuf {
        let origin = self.reader().origin().replace('/', "-");
        self.home.cases().join(origin)
    }

    /// Takes up a case, or none.
    ///
    /// # Errors
    /// When there is no such case, it is closed, or it cannot be written down.
    pub fn use_case(&self, name: Option<&str>) -> Result<(), EngineError> {
        let file = self.used_case_file();
        let Some(name) = name else {
            return match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(EngineError::io(&file, error)),
                _ => Ok(()),
            };
        };
        match self.case_summary(name)? {
            None => {
                return Err(EngineError::NoSuch { what: format!("case \"{name}\"; lastgood case list lists them") });
            }
            Some(it) if it.state == "closed" => return Err(closed(name)),
            Some(_) => {}
        }
        keyring::keep_choice(&file, name)
    }

    fn case_summary(&self, name: &str) -> Result<Option<CaseSummary>, EngineError> {
        let sayings = self.sayings(None)?;
        Ok(CaseBook::of(&sayings).summary(name))
    }

    /// Refuses a case that is closed, or whose name is none.
    pub(super) fn must_be_open(&self, case: Option<&str>) -> Result<(), EngineError> {
        let Some(name) = case else { return Ok(()) };
        check_name(name).map_err(EngineError::Case)?;
        self.must_not_be_closed(Some(name))
    }

    /// Refuses a case that is closed.
    pub(super) fn must_not_be_closed(&self, case: Option<&str>) -> Result<(), EngineError> {
        let Some(name) = case else { return Ok(()) };
        match self.case_summary(name)? {
            Some(it) if it.state == "closed" => Err(closed(name)),
            _ => Ok(()),
        }
    }

    /// Opens a case, or opens a closed one again, and takes it up. The result is the claim that says so.
    ///
    /// # Errors
    /// When its name is none, it is open already, or the ledger cannot be written.
    pub fn open_case(&self, name: &str, title: Option<String>, by: &str) -> Result<String, EngineError> {
        check_name(name).map_err(EngineError::Case)?;
        if self.case_summary(name)?.is_some_and(|it| it.opened.is_some() && it.state == "open") {
            let advice =
                format!("case \"{name}\" is open already; take it up with: lastgood case use {}", shell_word(name));
            return Err(EngineError::Case(advice));
        }
        // A note has a text: without a title, the name.
        let text = title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| name.to_owned());
        let claim = self.say(OPENED, text, by, name)?;
        self.use_case(Some(name))?;
        Ok(claim)
    }

    /// Closes a case; it is then in use no more.
    ///
    /// # Errors
    /// When there is none of that name, it is closed already, or the ledger cannot be written.
    pub fn close_case(&self, name: &str, reason: Option<String>, by: &str) -> Result<String, EngineError> {
        match self.case_summary(name)? {
            None => {
                return Err(EngineError::NoSuch { what: format!("case \"{name}\"; lastgood case list lists them") });
            }
            Some(it) if it.state == "closed" => {
                return Err(EngineError::Case(format!("case \"{name}\" is closed already")));
            }
            Some(_) => {}
        }
        let text = reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| "closed".to_owned());
        let claim = self.say(CLOSED, text, by, name)?;
        if self.used_case().as_deref() == Some(name) {
            self.use_case(None)?;
        }
        Ok(claim)
    }

    fn say(&self, what: &str, text: String, by: &str, case: &str) -> Result<String, EngineError> {
        let request = NoteRequest { text, about: None, by: by.to_owned(), case: Some(case.to_owned()) };
        self.record_note(Some(what), request, Attributes::new())
    }

    /// Writes a note down. The result is its claim.
    ///
    /// # Errors
    /// When its case is closed, or the ledger cannot be written.
    pub fn note(&self, request: NoteRequest) -> Result<String, EngineError> {
        self.must_be_open(request.case.as_deref())?;
        if request.text.trim().is_empty() {
            return Err(EngineError::Case("a note needs a text".to_owned()));
        }
        self.record_note(None, request, Attributes::new())
    }

    /// Keeps an answer under a title.
    pub(super) fn keep_answer(&self, request: NoteRequest, attributes: Attributes) -> Result<String, EngineError> {
        self.must_be_open(request.case.as_deref())?;
        self.record_note(Some(ANSWER), request, attributes)
    }

    fn record_note(
        &self,
        what: Option<&str>,
        request: NoteRequest,
        attributes: Attributes,
    ) -> Result<String, EngineError> {
        let NoteRequest { text, about, by, case } = request;
        let what = what.map(str::to_owned);
        let at = self.clock().now();
        let said = Note { about, what, text, by, at, case, attributes, signature: None };
        self.state(|at| vec![Statement::Note(Note { at, ..said.clone() })])
    }
}

fn closed(name: &str) -> EngineError {
    EngineError::Case(format!(
        "case \"{name}\" is closed: open it again with: lastgood case new {}, or name another with --case",
        shell_word(name)
    ))
}

impl View<'_> {
    /// Every case, the one something was last said in first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn cases(&self, used: Option<&str>) -> Result<Answer<CaseSummary>, EngineError> {
        let sayings = self.engine.sayings_and_exceptions(self.scope.known_at)?;
        let mut rows = CaseBook::of(&sayings).list();
        rows.iter_mut().for_each(|row| row.used = used == Some(row.name.as_str()));
        Ok(Answer { completeness: Completeness::exact(rows.len()), rows, summary: () })
    }

    /// One case from its opening on; `used` is the one in use.
    ///
    /// # Errors
    /// When there is none of that name, or the ledger cannot be read.
    pub fn case(&self, name: &str, used: Option<&str>) -> Result<Answer<CaseRow, CaseSummary>, EngineError> {
        let sayings = self.engine.sayings_and_exceptions(self.scope.known_at)?;
        let book = CaseBook::of(&sayings);
        let no_such = || EngineError::NoSuch { what: format!("case \"{name}\"; lastgood case list lists them") };
        let mut summary = book.summary(name).ok_or_else(no_such)?;
        summary.used = used == Some(name);
        summary.head = Some(self.head().clone());
        let rows = book.rows(name);
        let mut completeness = Completeness::exact(rows.len());
        completeness.because = self.engine.vouchers.remarks(&sayings);
        completeness.because.extend(erased(&self.engine.reader())?);
        if summary.of_files > 0 {
            let says = match summary.of_files {
                1 => {
                    "1 statement in its name came in a plain file: it is listed, and makes the case nothing".to_owned()
                }
                some => format!(
                    "{some} statements in its name came in plain files: they are listed, and make the case nothing"
                ),
            };
            completeness.because.push(says);
        }
        Ok(Answer { rows, completeness, summary })
    }
}
