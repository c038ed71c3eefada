//! Evidence that a requirement asks for: whether there is enough of it that counts, and what is said where there is
//! not. In what state one piece is, is for `piece` to say.

use crate::graph::{EvidenceRef, Node};
use crate::investigate::asking::Unanswered;
use crate::investigate::gaps::judge::{Judge, Lack, Lacking};
use crate::investigate::gaps::subject::Subject;
use crate::investigate::piece::{Piece, State, piece};
use crate::investigate::standing::{Outcome, passed};
use crate::model::{EvidenceRule, fits};
use std::cmp::Reverse;
use std::collections::BTreeSet;

impl<'a> Judge<'a> {
    pub(super) fn evidence(&self, subject: &Subject<'a>, rule: &EvidenceRule) -> Result<Option<Lacking>, Unanswered> {
        let Some(mut lacking) = self.evidence_on(subject.node, rule) else { return Ok(None) };
        if rule.or_deployed {
            let deployed = self.deployed(subject.node);
            let there: Vec<Option<Lacking>> = deployed.iter().map(|node| self.evidence_on(*node, rule)).collect();
            if !there.is_empty() && there.iter().all(Option::is_none) {
                return Ok(None);
            }
            // what nothing is known of itself is told by what it deploys
            let more = deployed.iter().zip(there).filter_map(|(node, it)| it.map(|it| (*node, it)));
            if let Some((node, worst)) = more.min_by_key(|(_, it)| it.lack).filter(|_| lacking.lack == Lack::Missing) {
                let id = self.asking.lineage.id(node);
                let says = format!("{}; of {id}, which it deploys: {}", lacking.says, worst.says);
                lacking = Lacking { says, ..worst };
            }
        }
        if let Some(sort) = &rule.or_step
            && self.has_step_before(subject.node, sort)?
        {
            return Ok(None);
        }
        match self.absent(subject, &[&rule.kind]) {
            Some(Ok(())) if lacking.lack == Lack::Missing => Ok(None),
            Some(Err(told)) if lacking.lack == Lack::Missing => Ok(Some(told)),
            _ => Ok(Some(lacking)),
        }
    }

    /// What lacks of evidence on one artefact.
    fn evidence_on(&self, node: Node, rule: &EvidenceRule) -> Option<Lacking> {
        let asking = &self.asking;
        let moment = asking.moment();
        let of_scope = |it: &EvidenceRef<'_>| {
            rule.scopes.is_empty() || it.scope.is_some_and(|scope| rule.scopes.iter().any(|wanted| fits(wanted, scope)))
        };
        let known = asking.lineage.evidence(node).filter(|it| it.kind == rule.kind && it.at <= moment && of_scope(it));
        let mut pieces: Vec<(EvidenceRef<'_>, Piece)> = known.map(|it| (it, self.piece(rule, &it))).collect();
        pieces.sort_by_key(|(it, _)| (Reverse(it.at), it.claim));
        // the last word of each scope: who refused it since took back what was given
        let mut scopes = BTreeSet::new();
        let says_no = |(it, piece): &&(EvidenceRef<'_>, Piece)| {
            piece.state == State::Failed
                && passed(it.verdict) == Outcome::Failed
                && it.expires.is_none_or(|expires| expires > moment)
        };
        let last = pieces.iter().filter(|(it, piece)| piece.state != State::Void && scopes.insert(it.scope));
        if let Some((it, no)) = last.into_iter().find(says_no) {
            return Some(self.told(rule, it, no, Lack::Failed));
        }
        let mut givers: BTreeSet<String> = BTreeSet::new();
        for (it, _) in pieces.iter().filter(|(_, piece)| piece.state == State::Recorded) {
            givers.insert(it.by.unwrap_or_default().to_ascii_lowercase());
        }
        if givers.len() >= rule.count as usize {
            return None;
        }
        let rest = pieces.iter().find(|(_, piece)| piece.state != State::Recorded);
        match rest {
            Some((it, piece)) => {
                let lack = match piece.state {
                    State::Failed => Lack::Failed,
                    State::Void => Lack::Void,
                    _ => Lack::Stale,
                };
                Some(self.told(rule, it, piece, lack))
            }
            None => Some(Lacking::missing(lack_of(rule, givers.len()))),
        }
    }

    /// One piece; what was told twice, differently, does not count.
    fn piece(&self, rule: &EvidenceRule, it: &EvidenceRef<'_>) -> Piece {
        match self.repeats.of_statement(&self.asking, it.about, it.claim) {
            Some(repeat) => Piece::new(State::Void, repeat.says(), Some(it.at)),
            None => piece(&self.asking, self.policy, Some(rule), it),
        }
    }

    fn told(&self, rule: &EvidenceRule, it: &EvidenceRef<'_>, piece: &Piece, lack: Lack) -> Lacking {
        let scope = it.scope.map_or_else(String::new, |scope| format!(" ({scope})"));
        let by = it.by.map_or_else(String::new, |by| format!(" by {by}"));
        let says = format!("its {}{scope}{by} {}", rule.kind, piece.why);
        Lacking { lack, says, since: piece.since, claim: Some(it.claim), certain: true }
    }

    /// Whether a step of a sort stands right before a step.
    fn has_step_before(&self, node: Node, sort: &str) -> Result<bool, Unanswered> {
        let before = self.asking.lineage.upstream(node).filter(|link| link.relation == "caused-by");
        for link in before.take(64) {
            let attributes = self.attributes(link.to)?;
            if attributes.iter().any(|(key, value)| key == "step" && value.as_str() == Some(sort)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What lacks where there is nothing that does not count.
fn lack_of(rule: &EvidenceRule, given: usize) -> String {
    let what = &rule.kind;
    let of = match rule.scopes.as_slice() {
        [] => String::new(),
        scopes => format!(" of {}", scopes.join(" or ")),
    };
    match given {
        0 if rule.count > 1 => format!("has no {what}{of}; {} people have to give one", rule.count),
        0 => format!("has no {what}{of}"),
        some => format!("has {what}s{of} by {some} of the {} people who have to give one", rule.count),
    }
}
