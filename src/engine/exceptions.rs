//! Accepting a finding for a time: recorded as evidence in the log, taken back by another statement like a mark. It
//! deletes nothing.

use crate::engine::snapshot::{records_of, sayings};
use crate::engine::{Engine, EngineError, Scope, View};
use crate::graph::Lineage;
use crate::investigate::asking::Unanswered;
use crate::investigate::exceptions::Terms;
use crate::investigate::said::Saying;
use crate::model::{EXCEPTION, Evidence, Statement, Time};
use crate::store::Ledger;

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
        let now = self.clock().now();
        if let Some(why) = policy.refuses(Some(&request.owner), Some(&request.by), now, request.until) {
            let rule = &policy.exceptions;
            let longest = rule.longest_days.map(|days| format!("it may run {days} days at most; "));
            let names = |of: &[String]| if of.is_empty() { "anybody".to_owned() } else { of.join(", ") };
            return Err(EngineError::Senseless(format!(
                "that would waive nothing, being {why}. By [exceptions] of policy {} {}its owner is one of {}, and one of {} accepts it",
                policy.id(),
                longest.unwrap_or_default(),
                names(&rule.owners),
                names(&rule.by)
            )));
        }
        if request.until <= now {
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

    /// All that investigators said, and what they accepted.
    pub(super) fn sayings_and_exceptions(&self, known_at: Option<Time>) -> Result<Vec<Saying>, EngineError> {
        let view = self.view(&Scope { as_of: None, known_at })?;
        let ledger = self.reader();
        let mut said = ledger.sayings()?;
        said.extend(stated(view.lineage(), &ledger)?);
        said.sort_by_key(|(claim, ..)| *claim);
        sayings(&ledger, said, records_of(&ledger, known_at)?, &self.vouchers)
    }

    /// The exception of a claim that was not taken back, with its digest.
    pub(super) fn exception_of(&self, claim: &str) -> Result<Option<(String, String)>, EngineError> {
        let view = self.view(&Scope::default())?;
        Ok(view.exception(claim).map(|digest| (claim.to_owned(), digest)))
    }
}

/// The claims by which findings are accepted.
pub(super) fn stated(lineage: &Lineage, ledger: &Ledger) -> Result<Vec<(u64, u64, Statement)>, EngineError> {
    let claims: Vec<u64> = lineage.all_evidence().filter(|it| it.kind == EXCEPTION).map(|it| it.claim).collect();
    Ok(ledger.claims(&claims)?.into_iter().map(|(claim, record, it)| (claim, record, it.statement)).collect())
}

impl View<'_> {
    /// The digest of an exception that was not taken back, by its claim.
    pub(super) fn exception(&self, claim: &str) -> Option<String> {
        let all = self.snapshot.exceptions.all(Terms { moment: self.engine.clock().now(), policy: None });
        all.into_iter().find(|it| it.claim == claim && it.retracted.is_none()).map(|it| it.digest)
    }
}
