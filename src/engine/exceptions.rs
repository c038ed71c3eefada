//! Accepting a finding for a time: recorded as evidence in the log, taken back by another statement like a mark. It
//! deletes nothing.

use crate::engine::{Engine, EngineError, Scope, View};
use crate::investigate::asking::Unanswered;
use crate::investigate::exceptions::EXCEPTION;
use crate::model::{Evidence, Statement, Time};

/// A finding to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptRequest {
    /// The artefact's id.
    pub about: String,
    /// The requirement, as the policy names it.
    pub requirement: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Who accepts it.
    pub by: String,
    /// Until when.
    pub until: Time,
    /// The investigation it belongs to.
    pub case: Option<String>,
}

impl Engine {
    /// Accepts a finding. The result is the claim that says so.
    ///
    /// # Errors
    /// When the policy has no such requirement, the end is past, something is left empty, its case is closed, or
    /// the ledger cannot be written.
    pub fn except(&self, request: ExceptRequest) -> Result<String, EngineError> {
        let policy = self
            .policy
            .as_ref()
            .map_err(|why| EngineError::Senseless(Unanswered::NoPolicy(why.clone()).to_string()))?;
        if policy.requirement(&request.requirement).is_none() {
            let known: Vec<&str> = policy.requirements.iter().map(|it| it.id.as_str()).collect();
            return Err(EngineError::Senseless(format!(
                "policy {} requires nothing called \"{}\"; it requires {}",
                policy.id(),
                request.requirement,
                known.join(", ")
            )));
        }
        if request.reason.trim().is_empty() || request.owner.trim().is_empty() {
            return Err(EngineError::Senseless("an exception needs a reason and an owner".to_owned()));
        }
        if request.until <= self.clock().now() {
            return Err(EngineError::Senseless(format!(
                "an exception until {} would waive nothing: that is past",
                request.until
            )));
        }
        self.must_be_open(request.case.as_deref())?;
        let mut attributes = crate::model::Attributes::new();
        attributes.insert("owner".to_owned(), request.owner.into());
        attributes.insert("reason".to_owned(), request.reason.into());
        attributes.extend(request.case.map(|case| ("case".to_owned(), case.into())));
        let said = Evidence {
            about: request.about,
            kind: EXCEPTION.to_owned(),
            scope: Some(request.requirement),
            by: Some(request.by),
            at: self.clock().now(),
            verdict: Some("accepted".to_owned()),
            expires: Some(request.until),
            covers: Vec::new(),
            refs: Vec::new(),
            attributes,
        };
        self.state(|at| vec![Statement::Evidence(Evidence { at, ..said.clone() })])
    }

    /// The exception of a claim that was not taken back, with its digest.
    pub(super) fn exception_of(&self, claim: &str) -> Result<Option<(String, String)>, EngineError> {
        let view = self.view(&Scope::default())?;
        Ok(view.exception(claim).map(|digest| (claim.to_owned(), digest)))
    }
}

impl View<'_> {
    /// The digest of an exception that was not taken back, by its claim.
    pub(super) fn exception(&self, claim: &str) -> Option<String> {
        let all = self.snapshot.exceptions.all(self.engine.clock().now());
        all.into_iter().find(|it| it.claim == claim && it.retracted.is_none()).map(|it| it.digest)
    }
}
